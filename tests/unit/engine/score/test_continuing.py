"""Going on with a score, and writing a part of it anew: what is kept is kept, what is new fits."""

from itertools import pairwise

import pytest
from sung_words import CHORUS, NOTHING, SECOND_VERSE, VERSE, lead, lyrics, section, song
from test_compose import assert_sound, assert_tiles

from songwright.engine.material import Brief, Lyrics, Score
from songwright.engine.score import continue_score, replace_section
from songwright.engine.styles import load_style, style_names

MORE = lyrics(section("verse", *SECOND_VERSE), section("chorus", *CHORUS))
VOICE = (55, 74)


def gone_on(score: Score, words: Lyrics, style: str, from_beats: float, **order: object) -> Score:
    brief = Brief(**{"seed": 7, **order})  # pyright: ignore[reportArgumentType]
    return continue_score(score, words, load_style(style), brief, VOICE, from_beats)


def anew(score: Score, words: Lyrics, style: str, start: float, end: float) -> Score:
    return replace_section(score, start, end, words, load_style(style), Brief(seed=9), VOICE)


def sounding(score: Score, start: float, end: float) -> list[tuple[float, int, str]]:
    """What is heard between two moments: onsets and pitches of voices and lead, and chords beat by beat."""
    heard = [(n.start_beats, n.midi, "voice") for one in score.lines for n in one.notes]
    heard += [(n.start_beats, n.midi, "lead") for n in score.themes]
    found = sorted(note for note in heard if start <= note[0] < end)
    chords = [
        next(c for c in reversed(score.chords) if c.start_beats <= at + 1e-6) for at in range(int(start), int(end))
    ]
    return [*found, *((float(start + i), c.root_pc, c.symbol) for i, c in enumerate(chords))]


def end_of(score: Score, kind: str) -> float:
    found = next(s for s in score.sections if s.kind == kind)
    return found.start_beats + found.length_beats


@pytest.mark.parametrize("style", style_names())
def test_a_continuation_keeps_what_was_and_goes_on_in_key_and_tempo(style: str) -> None:
    first = song(style=style)
    cut = end_of(first, "chorus")
    longer = gone_on(first, MORE, style, cut)
    assert_sound(longer, VOICE)
    assert sounding(longer, 0, cut) == sounding(first, 0, cut)
    assert (longer.bpm, longer.tonic_pc, longer.mode, longer.swing) == (
        first.bpm,
        first.tonic_pc,
        first.mode,
        first.swing,
    )
    assert longer.sections[-1].kind == "outro"
    assert [one.line.text for one in lead(longer) if one.notes[0].start_beats >= cut][:4] == [
        one.text for one in MORE.sections[0].lines
    ]


def test_the_hook_comes_back_note_for_note_in_a_continuation() -> None:
    first = song()
    longer = gone_on(first, MORE, "pop", end_of(first, "chorus"))
    hooks = [one for one in longer.lines if one.is_hook]
    assert len(hooks) == 4
    assert len({tuple(b.midi - a.midi for a, b in pairwise(one.notes)) for one in hooks}) == 1


@pytest.mark.parametrize("bars", [3, 5, 9])
def test_a_song_may_be_cut_anywhere_between_bars(bars: int) -> None:
    first = song()
    cut = float(bars * first.beats_per_bar)
    longer = gone_on(first, MORE, "pop", cut)
    assert_sound(longer, VOICE)
    assert sounding(longer, 0, cut) == sounding(first, 0, cut)


def test_without_words_the_chorus_returns_and_the_song_ends() -> None:
    first = song()
    cut = first.length_beats
    longer = gone_on(first, NOTHING, "pop", cut)
    assert [s.kind for s in longer.sections[len(first.sections) :]] == ["chorus", "outro"]
    sung = [one.line.text for one in lead(longer) if one.notes[0].start_beats >= cut - 2]
    assert len(sung) == 4
    assert longer.chords[-1].root_pc == (first.tonic_pc + sum(up for _, up in first.key_changes)) % 12


def test_an_instrumental_goes_on_too() -> None:
    first = song(NOTHING, "house")
    longer = gone_on(first, NOTHING, "house", first.length_beats, max_duration_s=400.0)
    assert_sound(longer, VOICE)
    assert not longer.lines
    assert any(n.start_beats >= first.length_beats for n in longer.themes)


@pytest.mark.parametrize("duration_s", [90.0, 150.0])
def test_an_ordered_duration_is_that_of_the_whole_song(duration_s: float) -> None:
    first = song()
    longer = gone_on(first, MORE, "pop", end_of(first, "chorus"), duration_s=duration_s)
    assert abs(longer.duration_s - duration_s) <= longer.seconds(longer.beats_per_bar)


def test_other_words_may_take_the_tune_of_the_chorus() -> None:
    first = song()
    new = lyrics(section("chorus", *SECOND_VERSE))
    assert_sound(gone_on(first, new, "pop", end_of(first, "chorus")), VOICE)


@pytest.mark.parametrize("beats", [-4.0, 1.5, 10_000.0])
def test_a_cut_that_is_no_bar_line_is_an_error(beats: float) -> None:
    with pytest.raises(ValueError, match="bar"):
        gone_on(song(), MORE, "pop", beats)


@pytest.mark.parametrize("style", style_names())
def test_a_part_written_anew_changes_nothing_else(style: str) -> None:
    first = song(style=style)
    part = [s for s in first.sections if s.kind == "verse"][-1]
    start, end = part.start_beats, part.start_beats + part.length_beats
    second = anew(first, lyrics(section("verse", *VERSE)), style, start, end)
    assert_sound(second, VOICE)
    assert second.length_beats == first.length_beats
    assert second.chords == first.chords
    assert_tiles([(s.start_beats, s.length_beats) for s in second.sections], first.length_beats)
    outside = [one for one in first.lines if first.sections[one.section] != part]
    kept = [one for one in second.lines if not start <= second.sections[one.section].start_beats < end]
    assert [one.notes for one in outside] == [one.notes for one in kept]
    texts = [one.line.text for one in second.lines if start <= second.sections[one.section].start_beats < end]
    assert texts == [one.text for one in lyrics(section("verse", *VERSE)).sections[0].lines]


def test_a_part_without_words_is_played() -> None:
    first = song()
    part = next(s for s in first.sections if s.kind == "verse")
    start, end = part.start_beats, part.start_beats + part.length_beats
    second = anew(first, NOTHING, "pop", start, end)
    assert_sound(second, VOICE)
    assert not [one for one in second.lines if start <= one.notes[-1].start_beats < end - 2]
    assert any(start <= n.start_beats < end for n in second.themes)


def test_words_that_do_not_fit_into_the_part_are_left_out_and_noted() -> None:
    first = song()
    bar = first.beats_per_bar
    part = next(s for s in first.sections if s.kind == "verse")
    second = anew(first, lyrics(section("verse", *VERSE * 4)), "pop", part.start_beats, part.start_beats + 4 * bar)
    assert_sound(second, VOICE)
    assert any("did not fit" in note for note in second.notes)
