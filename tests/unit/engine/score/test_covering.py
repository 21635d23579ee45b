"""A cover keeps tempo, chords, form and tune, and sets other words on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from sung_words import line

from songwright.engine.material import Brief, LyricLine, Lyrics, LyricSection, Score, VocalNote
from songwright.engine.score import compose
from songwright.engine.score.covering import Outline, cover_score, in_time_of, outline_of
from songwright.engine.score.phrasing import GRID_BEATS, Tone, fitted, on_grid, phrases_of, split_to
from songwright.engine.styles import understand_style

RANGE = (53, 74)


def words(*texts: str, kind: str = "verse") -> Lyrics:
    sections = (LyricSection(kind, kind.capitalize(), tuple(line(text) for text in texts)),)  # pyright: ignore
    return Lyrics(title="New", language="en", sections=sections, origin="given", text="\n".join(texts))


OLD_WORDS = words("la la la la la la", "la la la la la", "la la la la la la la", "la la la la")
NEW_WORDS = words("do do do do do", "do do do do do do do", "do do do", "do do do do do do")
BRIEF = Brief(style="pop", seed=4, duration_s=40)


@pytest.fixture(scope="module")
def old() -> Score:
    return compose(OLD_WORDS, understand_style(BRIEF), BRIEF, RANGE)


def covered(old: Score, weight: float = 1.0, lyrics: Lyrics = NEW_WORDS, style: str = "jazz") -> Score:
    wish = Brief(style=style, seed=9, audio_weight=weight)
    return cover_score(outline_of(old), lyrics, understand_style(wish), wish, RANGE)


def at_sixteenths(notes: Sequence[VocalNote]) -> dict[int, int]:
    cells: dict[int, int] = {}
    for note in notes:
        for cell in range(
            round(note.start_beats / GRID_BEATS), round((note.start_beats + note.length_beats) / GRID_BEATS)
        ):
            cells[cell] = note.midi % 12
    return cells


def likeness(old: Score, new: Score) -> float:
    """Share of sixteenths with the old tune's pitch class, and of beats with the old chord, multiplied."""
    tune = at_sixteenths([n for v in old.lines for n in v.notes])
    now = at_sixteenths([*(n for v in new.lines for n in v.notes), *new.themes])
    chords = [(a.root_pc, a.pcs) == (b.root_pc, b.pcs) for a, b in zip(old.chords, new.chords, strict=True)]
    return sum(now.get(cell) == pc for cell, pc in tune.items()) / len(tune) * sum(chords) / len(chords)


def test_at_full_weight_tempo_chords_and_tune_are_those_of_the_original(old: Score) -> None:
    new = covered(old)
    assert (new.bpm, new.tonic_pc, new.mode, new.length_beats) == (old.bpm, old.tonic_pc, old.mode, old.length_beats)
    assert new.chords == old.chords
    assert likeness(old, new) >= 0.97


def test_the_less_the_audio_weighs_the_less_alike_the_cover_is(old: Score) -> None:
    near, middle, far = (likeness(old, covered(old, weight)) for weight in (1.0, 0.5, 0.0))
    assert near > middle + 0.1 > far + 0.2


def test_every_word_is_sung_once_in_its_order_with_all_its_syllables(old: Score) -> None:
    new = covered(old)
    assert [v.line.text for v in new.lines] == [each.text for each in NEW_WORDS.sections[0].lines]
    for sung in new.lines:
        places = list(dict.fromkeys((n.word, n.syllable) for n in sung.notes))
        assert places == [(w, s) for w, word in enumerate(sung.line.words) for s in range(len(word.syllables))]
        assert all(a.start_beats + a.length_beats <= b.start_beats + 1e-6 for a, b in pairwise(sung.notes))


def test_fewer_words_than_phrases_leave_the_rest_of_the_tune_to_an_instrument(old: Score) -> None:
    new = covered(old, lyrics=words("do do do do do"))
    assert len(new.lines) == 1 and len(new.themes) >= 8
    assert likeness(old, new) >= 0.9


def test_more_words_than_phrases_divide_them_or_are_said_to_be_left_out(old: Score) -> None:
    many = words(*["do do do"] * 7)
    assert len(covered(old, lyrics=many).lines) == 7
    endless = words(*["do do"] * 200)
    new = covered(old, lyrics=endless)
    assert 7 < len(new.lines) < 200 and "left out" in new.notes[0]


def test_written_words_come_again_until_the_tune_is_over(old: Score) -> None:
    written = replace(words("do do do do do do"), origin="written")
    assert len(covered(old, lyrics=written).lines) == len(old.lines)


@pytest.mark.parametrize("low", [36, 45, 57])
def test_the_tune_is_brought_into_the_singers_octave(old: Score, low: int) -> None:
    new = cover_score(
        outline_of(old), NEW_WORDS, understand_style(BRIEF), replace(BRIEF, audio_weight=1.0), (low, low + 16)
    )
    midis = [n.midi for v in new.lines for n in v.notes]
    assert sum(low <= m <= low + 16 for m in midis) >= 0.95 * len(midis)


def test_a_fast_song_becomes_half_time_in_a_slow_style_and_sounds_at_the_same_pace(old: Score) -> None:
    fast = Outline(replace(old, bpm=176.0), outline_of(old).phrases)
    ballad = understand_style(Brief(style="slow ballad", seed=1))
    slow = in_time_of(fast, ballad)
    assert slow.score.bpm == 88.0
    assert slow.score.seconds(slow.phrases[0][0].start_beats) == pytest.approx(
        fast.score.seconds(fast.phrases[0][0].start_beats)
    )
    assert sum(c.length_beats for c in slow.score.chords) == slow.score.length_beats
    assert slow.score.length_beats % slow.score.beats_per_bar == 0


def test_sections_tile_the_song_and_are_named_after_what_is_sung(old: Score) -> None:
    new = covered(old, lyrics=words("do do do do", "do do do do do", kind="chorus"))
    assert sum(s.length_beats for s in new.sections) == old.length_beats
    assert {new.sections[v.section].kind for v in new.lines} == {"chorus"}
    assert all(s.start_beats % old.beats_per_bar == 0 for s in new.sections)


# ------------------------------------------------------------------------------------------------------ phrases


def tones(*rows: tuple[float, float, int]) -> tuple[Tone, ...]:
    return tuple(Tone(*row) for row in rows)


def test_tones_are_put_on_sixteenths_one_at_a_time() -> None:
    heard = on_grid(tones((0.05, 0.6, 60), (0.49, 0.3, 62), (0.52, 0.7, 64), (3.9, 9.0, 65)), 8.0)
    assert heard == [Tone(0.0, 0.5, 60), Tone(0.5, 0.75, 64), Tone(4.0, 4.0, 65)]


def test_rests_divide_phrases() -> None:
    found = phrases_of(tones((0, 1, 60), (1, 0.5, 62), (3, 1, 64), (4.25, 1, 65)))
    assert [len(phrase) for phrase in found] == [2, 2]


def test_phrases_are_divided_at_their_longest_wait() -> None:
    first, second = split_to([tones((0, 0.5, 60), (0.5, 0.5, 60), (1, 2, 62), (3, 0.5, 64), (3.5, 0.5, 64))], 2)
    assert (len(first), len(second)) == (3, 2)


@pytest.mark.parametrize("syllables", range(1, 12))
def test_any_number_of_syllables_fits_a_phrase(syllables: int) -> None:
    phrase = tones((0, 0.5, 60), (0.5, 0.5, 62), (1, 1.0, 64), (2, 0.25, 65), (2.25, 0.25, 67))
    text: LyricLine = line(" ".join(["do"] * syllables))
    notes, rest = fitted(text, phrase, 4.0)
    assert len({n.word for n in notes}) == syllables
    assert [n.word for n in notes] == sorted(n.word for n in notes)
    assert len(notes) + len(rest) >= len(phrase)
    assert all(a.start_beats + a.length_beats <= b.start_beats + 1e-6 for a, b in pairwise(notes))
    assert notes[-1].start_beats + notes[-1].length_beats <= 4.0
