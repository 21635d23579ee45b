"""Patterns and progressions in another metre."""

import pytest

from songwright.engine.styles import load_style, style_names
from songwright.engine.styles.book import BEATS_PER_BAR
from songwright.engine.styles.notation import drum_problem, player_problem, progression_problem
from songwright.engine.styles.regrid import at_half_time, in_metre, line_on, progression_in, strikes_on


@pytest.mark.parametrize("metre", list(BEATS_PER_BAR))
@pytest.mark.parametrize("name", style_names())
def test_every_style_is_written_correctly_in_every_metre(name: str, metre: str) -> None:
    style = in_metre(load_style(name), metre)
    steps = style.steps_per_bar
    assert style.beats_per_bar == BEATS_PER_BAR[metre]
    for grooves in style.drums.grooves.values():
        for groove in grooves:
            assert not [problem for pattern in groove.values() if (problem := drum_problem(pattern, steps))]
    for player in (style.bass, *style.players):
        patterns = [pattern for alternatives in player.patterns.values() for pattern in alternatives]
        assert not [problem for p in patterns if (problem := player_problem(p, steps, player.role))]
    for progressions in style.chords.values():
        assert not [problem for p in progressions if (problem := progression_problem(p, style.beats_per_bar))]


@pytest.mark.parametrize("metre", list(BEATS_PER_BAR))
@pytest.mark.parametrize("name", style_names())
def test_no_groove_falls_silent_in_another_metre(name: str, metre: str) -> None:
    groove = in_metre(load_style(name), metre).drums.grooves["chorus"][0]
    assert all(set(pattern) - set(". ") for pattern in groove.values())


def test_a_backbeat_becomes_the_second_and_third_beat_of_a_waltz() -> None:
    assert strikes_on(".... X... .... X...", (4, 4), (3, 4)) == "....X...X..."


def test_two_bars_of_six_eight_are_one_of_four_four() -> None:
    assert strikes_on("X... x... X... x...", (4, 4), (2, 3)) == "X..x..X..x.."


def test_a_line_keeps_its_degrees_and_order() -> None:
    assert line_on("0:1:4:n 4:5:4:n 8:1:4:n 12:sc:4:n", (4, 4), (3, 4)) == "0:1:4:n 4:5:4:n 8:sc:4:n"


def test_changes_within_a_bar_fall_on_beats() -> None:
    assert progression_in("I:2 V:2 IV:4", 4, 3) == "I:2 V:1 IV:3"


def test_half_time_halves_the_backbeat_and_keeps_the_hats() -> None:
    drums = at_half_time(load_style("pop").drums, 2, 16)
    groove = drums.grooves["verse"][0]
    assert groove["s"].index("X") == 8
    assert groove["h"] == load_style("pop").drums.grooves["verse"][0]["h"]


def test_a_dotted_quarter_is_slower_than_a_quarter_but_never_a_crawl() -> None:
    for name in style_names():
        style, compound = load_style(name), in_metre(load_style(name), "6/8")
        assert compound.bpm <= style.bpm
        assert compound.bpm >= min(54, style.bpm)
        low, high = compound.bpm_range or (0, 0)
        assert low <= compound.bpm <= high
