"""How strictly a style is followed, and how two clips of one task differ."""

import pytest

from songwright.engine.material import Brief, Style
from songwright.engine.styles import load_style, style_names, understand_style

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)


def choices(style: Style) -> list[str]:
    grooves = [str(style.drums.grooves[kind][0]) for kind in ("verse", "chorus", "bridge")]
    players = [f"{p.name} {p.program} {p.patterns['verse'][0]} {p.patterns['chorus'][0]}" for p in style.players]
    bass = f"{style.bass.program} {style.bass.patterns['verse'][0]} {style.bass.patterns['chorus'][0]}"
    return [*grooves, str(style.drums.fills[0]), bass, *players]


def departures(style: Style) -> float:
    made, usual = choices(style), load_style(style.name)
    return sum(choice not in made for choice in choices(usual)) + abs(style.bpm / usual.bpm - 1)


@pytest.mark.parametrize("take", [0, 1])
def test_departures_from_the_style_only_grow_as_the_weight_falls(take: int) -> None:
    for name in style_names():
        words = name.replace("_", " ")
        distances = [
            departures(understand_style(Brief(style=words, seed=6, take=take, style_weight=weight)))
            for weight in WEIGHTS
        ]
        assert distances == sorted(distances, reverse=True), name
        assert distances[0] > 0


def test_at_full_weight_the_reference_is_played() -> None:
    for name in style_names():
        style = understand_style(Brief(style=name.replace("_", " "), style_weight=1.0))
        assert choices(style) == choices(load_style(name))
        assert style.bpm == load_style(name).bpm


def test_two_takes_differ_in_groove_tempo_and_colours_but_not_in_style() -> None:
    for name in style_names():
        first, second = (understand_style(Brief(style=name.replace("_", " "), seed=9, take=take)) for take in (0, 1))
        assert first.name == second.name
        assert first.drums.grooves["chorus"][0] != second.drums.grooves["chorus"][0]
        assert first.bpm != second.bpm
        assert sum(a != b for a, b in zip(choices(first), choices(second), strict=False)) >= 3


def test_a_tempo_that_was_asked_for_is_the_same_in_both_takes() -> None:
    takes = [understand_style(Brief(style="pop, 117 bpm", take=take)) for take in (0, 1)]
    assert [style.bpm for style in takes] == [117, 117]


def test_seeds_differ() -> None:
    styles = {str(choices(understand_style(Brief(style="funk", seed=seed)))) for seed in range(8)}
    assert len(styles) >= 4
