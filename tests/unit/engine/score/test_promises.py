"""Promises over all styles: gates, surprise, the style's rhythm, returns in a new light, bounds."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sung_words import CHORUS, RIVER, VERSE, lead, lyrics, section, song

from songwright.engine.material import Brief, Score, Section
from songwright.engine.score import REDRAWS, compose, composing
from songwright.engine.score.cells import cells_on, families_of, gap_prior
from songwright.engine.score.past import read_tunes
from songwright.engine.score.remembrance import contrast, memory
from songwright.engine.score.statistics import MAX_STEP, NO_HISTORY, step_surprise
from songwright.engine.styles import load_style, style_names
from songwright.engine.theory import Metre

DIATONIC = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7)
OTHER_VERSE = tuple(f"{'now' if i % 2 else 'then'} {text}" for i, text in enumerate(VERSE))


def surprise(score: Score) -> list[float]:
    """-log2 P of every melodic step under the table of real songs, off-beat context."""
    out: list[float] = []
    for one in lead(score):
        before = NO_HISTORY
        for a, b in pairwise(one.notes):
            size = min(DIATONIC[min(abs(b.midi - a.midi), 12)], MAX_STEP)
            step = MAX_STEP + (size if b.midi > a.midi else -size)
            out.append(float(step_surprise()[0, before, step]) / np.log(2))
            before = step
    return out


def rhythm_fit(score: Score, style: str) -> list[float]:
    """ln-likelihood of every gap under the cells of the style."""
    families = families_of(load_style(style))
    metre = Metre(score.beats_per_bar, families[0].steps_per_beat)
    out: list[float] = []
    for one in lead(score):
        table = gap_prior(families, score.sections[one.section].kind == "chorus", metre)
        assert table is not None
        for a, b in pairwise(one.notes):
            gap = min(round((b.start_beats - a.start_beats) * metre.steps_per_beat), table.shape[1] - 1)
            out.append(float(table[round(a.start_beats * metre.steps_per_beat) % metre.steps_per_bar, gap]))
    return out


@pytest.mark.parametrize("name", style_names())
def test_weirdness_raises_melodic_surprise_in_every_style(name: str) -> None:
    calm, wild = (surprise(song(style=name, seed=1, weirdness=w)) for w in (0.0, 1.0))
    assert np.mean(calm) < np.mean(wild)


def test_surprise_rises_step_by_step() -> None:
    means = [
        np.mean([s for name in style_names()[::3] for s in surprise(song(style=name, seed=1, weirdness=w))])
        for w in (0.0, 0.5, 1.0)
    ]
    assert means[0] + 0.1 < means[1] < means[2] - 0.1


def test_style_weight_draws_the_rhythm_towards_the_style_step_by_step() -> None:
    names = [n for n in style_names() if load_style(n).vocal.rap < 0.6][::3]
    means = [
        np.mean([f for name in names for f in rhythm_fit(song(style=name, seed=1, style_weight=w), name)])
        for w in (0.0, 0.5, 1.0)
    ]
    assert means[0] + 0.05 < means[1] < means[2] - 0.05


@pytest.mark.parametrize("name", style_names())
def test_every_style_has_twenty_cells_on_its_own_metre(name: str) -> None:
    style = load_style(name)
    families = families_of(style)
    metre = Metre(style.beats_per_bar, families[0].steps_per_beat)
    assert sum(len(cells_on(families, high, metre)) for high in (False, True)) >= 20


def test_syncopation_is_that_of_the_genre() -> None:
    def off_beat(name: str) -> float:
        notes = [n for seed in (1, 2) for one in lead(song(style=name, seed=seed)) for n in one.notes]
        return sum(n.start_beats % 1 > 1e-6 for n in notes) / len(notes)

    straight = np.mean([off_beat(n) for n in ("country_waltz", "orchestral", "ambient")])
    syncopated = np.mean([off_beat(n) for n in ("afrobeats", "funk", "latin_pop")])
    assert syncopated > straight + 0.05


def numerals(score: Score, part: Section) -> list[str]:
    return [c.numeral for c in score.chords if 0 <= c.start_beats - part.start_beats < part.length_beats]


def test_the_last_chorus_is_heard_over_new_chords_while_its_tune_stays() -> None:
    changed = 0
    for seed in range(6):
        score = song(seed=seed, key="C major")
        first, last = (numerals(score, s) for s in score.sections if s.kind == "chorus")
        assert len({tuple(n.midi for n in one.notes) for one in score.lines if one.is_hook}) == 1
        changed += first != last
    assert changed >= 3


def test_without_weirdness_the_last_chorus_keeps_its_chords() -> None:
    score = song(weirdness=0.0, key="C major", seed=2)
    first, last = (numerals(score, s) for s in score.sections if s.kind == "chorus")
    assert first[:-1] == last[: len(first) - 1]


def test_the_new_key_is_prepared_by_a_bar_of_its_dominant() -> None:
    score = next(s for seed in range(30) if (s := song(style="ballad", seed=seed)).key_changes)
    start, up = score.key_changes[0]
    before = next(c for c in score.chords if abs(c.start_beats + c.length_beats - start) < 1e-6)
    assert before.length_beats == score.beats_per_bar
    assert before.root_pc == (score.tonic_pc + up + 7) % 12


def test_contrast_and_memory_are_told() -> None:
    score = song()
    tunes = read_tunes(score)
    verse = [t for t in tunes if t.slot.kind == "verse"]
    chorus = [t for t in tunes if t.slot.section == next(t.slot.section for t in tunes if t.slot.kind == "chorus")]
    told = next(note for note in score.notes if note.startswith("Chorus:"))
    assert f"memory {memory(chorus):.2f}" in told
    assert contrast(verse, chorus) > contrast(chorus, verse)
    assert memory(chorus) > memory(chorus[:1])


@pytest.mark.parametrize(
    ("words", "duration_s"),
    [
        (lyrics(section("verse", "HEL-lo")), 10.0),
        (lyrics(*(section("verse", *OTHER_VERSE, *VERSE) for _ in range(14)), section("chorus", *CHORUS)), 480.0),
        (lyrics(section("verse", *(VERSE * 10))), None),
        (lyrics(section("verse", " ".join(["NE-ver TELL a LONE-ly STO-ry TO the MOON"] * 6))), 480.0),
    ],
    ids=["one word", "five thousand characters", "forty lines", "sixty syllables"],
)
def test_the_work_of_a_song_is_bounded(
    words: object, duration_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    real = composing.compose_tunes

    def counted(*args: object, **kwargs: object) -> object:
        drawn.append(len(args[1]))  # pyright: ignore[reportArgumentType]
        return real(*args, **kwargs)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(composing, "compose_tunes", counted)
    brief = Brief(seed=3, duration_s=duration_s, max_duration_s=480.0)
    score = compose(words, load_style("pop"), brief, (55, 74))  # pyright: ignore[reportArgumentType]
    assert score.lines
    assert len(drawn) <= 1 + REDRAWS
    assert sum(drawn) <= 400


def test_a_style_unknown_to_the_table_sings_too() -> None:
    style = replace(load_style("pop"), name="unheard of")
    assert compose(RIVER, style, Brief(seed=1), (55, 74)).lines
