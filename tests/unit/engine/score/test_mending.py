"""Mending: single lines are set anew until the song passes its gates."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sung_words import RIVER

from songwright.engine.material import Brief
from songwright.engine.score.composing import lay_ground
from songwright.engine.score.gates import checks_of, facts_of, failed
from songwright.engine.score.mending import mended
from songwright.engine.score.setting import Setting, make_setting, voice_reach
from songwright.engine.score.sketch import Tune
from songwright.engine.score.tunes import compose_tunes
from songwright.engine.styles import load_style

VOICE = (55, 74)


@pytest.fixture(scope="module")
def draft() -> tuple[Setting, list[Tune]]:
    style, brief = load_style("pop"), Brief(seed=4, key="C major")
    ground = lay_ground(RIVER, style, brief, VOICE, brief.rng("ground"))
    reach = voice_reach(ground.harmony.scale, VOICE, style.melody.span_semitones, 0)
    setting = make_setting(
        style, ground.harmony, ground.form.bpm, reach, weirdness=0.5, style_weight=0.5, take=0, lifts=True, press=0,
        rng=brief.rng("setting"),
    )  # fmt: skip
    return setting, compose_tunes(setting, ground.slots, brief.rng("tunes"))


def trilled(setting: Setting, tune: Tune) -> Tune:
    """The line between two neighbouring notes."""
    low = setting.window[2]
    indices = tuple(low + i % 2 for i in range(len(tune.midis)))
    return replace(tune, indices=indices, midis=tuple(setting.scale.midi(i) for i in indices))


def names(setting: Setting, tunes: list[Tune]) -> set[str]:
    return {c.name for c in failed(checks_of(setting, [facts_of(setting, t) for t in tunes]))}


def test_a_monotonous_section_becomes_varied_and_keeps_its_rhythm(draft: tuple[Setting, list[Tune]]) -> None:
    setting, tunes = draft
    poor = [trilled(setting, t) if t.slot.kind == "verse" else t for t in tunes]
    assert {"section entropy", "lines of few pitches"} <= names(setting, poor)
    better, still, changed = mended(setting, poor, Brief(seed=4).rng("mending"))
    assert not still
    assert changed >= 2
    assert [t.onsets for t in better] == [t.onsets for t in tunes]


def test_only_what_is_at_fault_is_set_anew(draft: tuple[Setting, list[Tune]]) -> None:
    setting, tunes = draft
    second = max(t.slot.section for t in tunes if t.slot.kind == "verse")
    poor = [trilled(setting, t) if t.slot.section == second else t for t in tunes]
    better, still, _ = mended(setting, poor, Brief(seed=4).rng("mending"))
    assert not still
    assert [t.midis for t in better if t.slot.section != second] == [t.midis for t in tunes if t.slot.section != second]


def test_a_line_and_its_returns_change_together(draft: tuple[Setting, list[Tune]]) -> None:
    setting, tunes = draft
    poor = [trilled(setting, t) if t.slot.kind == "chorus" else t for t in tunes]
    better, still, _ = mended(setting, poor, Brief(seed=4).rng("mending"))
    assert not still
    by_text: dict[str, set[tuple[int, ...]]] = {}
    for t in better:
        if t.slot.kind == "chorus":
            by_text.setdefault(t.slot.text, set()).add(t.midis)
    assert all(len(ways) == 1 for ways in by_text.values())


def test_words_whose_stress_lies_wrong_get_another_rhythm(draft: tuple[Setting, list[Tune]]) -> None:
    setting, tunes = draft
    verse = [t for t in tunes if t.slot.kind == "verse"]
    wrong = {t.slot.number + 100 * t.slot.section: tuple(o + 0.5 for o in t.onsets) for t in verse}
    poor = [
        replace(t, onsets=wrong.get(t.slot.number + 100 * t.slot.section, t.onsets), lengths=(0.25,) * len(t.onsets))
        for t in tunes
    ]
    assert names(setting, poor)
    better, still, _ = mended(setting, poor, Brief(seed=4).rng("mending"))
    assert len(still) < len(names(setting, poor))
    assert all(b.first_beats > a.last_beats for a, b in pairwise(better))


def test_a_song_that_passes_is_left_alone(draft: tuple[Setting, list[Tune]]) -> None:
    setting, tunes = draft
    better, still, _ = mended(setting, tunes, Brief(seed=4).rng("mending"))
    assert not still
    again, _, changed = mended(setting, better, Brief(seed=4).rng("mending"))
    assert not changed
    assert [t.midis for t in again] == [t.midis for t in better]
