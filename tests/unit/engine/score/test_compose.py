"""What every score promises, whatever was ordered."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from sung_words import (
    CHORUS,
    NOTHING,
    RIVER,
    SECOND_VERSE,
    VERSE,
    lead,
    lyrics,
    section,
    song,
)

import songwright
from songwright.engine.material import Brief, Score
from songwright.engine.score import compose
from songwright.engine.styles import load_style, style_names

STYLES = style_names()
LONG_LINE = " ".join(["NE-ver TELL a LONE-ly STO-ry TO the MOON"] * 6)
EDGES = {
    "one word": lyrics(section("verse", "HEL-lo")),
    "one line": lyrics(section("verse", "i will WAIT for YOU to-NIGHT")),
    "forty lines": lyrics(section("verse", *(VERSE + SECOND_VERSE) * 5)),
    "a line of sixty syllables": lyrics(section("verse", LONG_LINE, "and THEN we GO"), section("chorus", *CHORUS)),
    "no chorus": lyrics(section("verse", *VERSE), section("verse", *SECOND_VERSE)),
    "only backing": lyrics(section("chorus", "(OOH OOH OOH)", "(AH AH AH AH AH AH AH)")),
    "played tags": lyrics(section("intro"), section("verse", *VERSE), section("solo"), section("chorus", *CHORUS)),
    "rap": lyrics(section("rap", *VERSE), section("chorus", *CHORUS)),
    "instrumental": NOTHING,
}


def assert_sound(score: Score, voice: tuple[int, int]) -> None:
    """The shape of a score: no gaps, no overlaps, every syllable once, everything in the voice and in the song."""
    assert_tiles([(s.start_beats, s.length_beats) for s in score.sections], score.length_beats)
    assert_tiles([(c.start_beats, c.length_beats) for c in score.chords], score.length_beats)
    for one in score.lines:
        indices = [(w, s) for w, word in enumerate(one.line.words) for s in range(len(word.syllables))]
        assert [(n.word, n.syllable) for n in one.notes] == indices
        assert all(voice[0] <= n.midi <= voice[1] for n in one.notes)
        assert all(n.length_beats > 0 and n.start_beats >= 0 for n in one.notes)
        assert all(a.start_beats + a.length_beats <= b.start_beats + 1e-6 for a, b in pairwise(one.notes))
    for a, b in pairwise(lead(score)):
        assert b.notes[0].start_beats - a.notes[-1].start_beats - a.notes[-1].length_beats >= 0.5 - 1e-6
    played = [*score.themes, *(n for one in score.lines for n in one.notes)]
    assert all(n.start_beats >= 0 and n.start_beats + n.length_beats <= score.length_beats + 4 for n in played)
    assert all(a.start_beats + a.length_beats <= b.start_beats + 1e-6 for a, b in pairwise(score.themes))


def assert_tiles(spans: list[tuple[float, float]], end: float) -> None:
    at = 0.0
    for start, length in spans:
        assert start == pytest.approx(at)
        assert length > 0
        at = start + length
    assert at == pytest.approx(end)


@pytest.mark.parametrize("name", STYLES)
def test_every_style_gives_a_sound_score(name: str) -> None:
    assert_sound(song(style=name), (55, 74))


@pytest.mark.parametrize("case", EDGES)
@pytest.mark.parametrize("name", ["pop", "country_waltz", "blues"])
def test_edge_cases_give_a_sound_score_with_all_words(case: str, name: str) -> None:
    words = EDGES[case]
    score = song(words, name)
    assert_sound(score, (55, 74))
    given = [one.text for s in words.sections for one in s.lines]
    assert sorted(one.line.text for one in score.lines) == sorted(given)


@pytest.mark.parametrize("voice", [(48, 60), (60, 72), (45, 69)])
def test_a_narrow_voice_is_never_left(voice: tuple[int, int]) -> None:
    assert_sound(song(voice=voice, key="F# major"), voice)


@pytest.mark.parametrize("name", ["jazz_swing", "bossa_nova", "gospel", "ballad", "metal"])
@pytest.mark.parametrize("voice", [(50, 59), (42, 58), (57, 76)])
def test_no_chord_and_no_change_of_key_bends_a_note_out_of_the_voice(name: str, voice: tuple[int, int]) -> None:
    for seed in range(2):
        score = song(style=name, voice=voice, seed=seed, weirdness=1.0)
        assert all(voice[0] <= n.midi <= voice[1] for one in lead(score) for n in one.notes)


def test_six_eight_and_swing_sit_on_thirds_of_a_beat() -> None:
    for name in ("gospel", "jazz_swing", "blues"):
        starts = {round(n.start_beats * 6) / 6 - n.start_beats for one in song(style=name).lines for n in one.notes}
        assert max(map(abs, starts)) < 1e-6, name


@pytest.mark.parametrize(("metre", "beats", "steps"), [("6/8", 2, 12), ("3/4", 3, 12), ("12/8", 4, 12), ("5/4", 5, 20)])
def test_a_style_can_be_sung_in_another_metre(metre: str, beats: int, steps: int) -> None:
    style = replace(load_style("pop"), metre=metre, beats_per_bar=beats, steps_per_bar=steps)
    score = compose(RIVER, style, Brief(seed=3), (55, 74))
    assert_sound(score, (55, 74))
    assert all(s.start_beats % beats == 0 for s in score.sections)
    changes = [c.start_beats for c in score.chords]
    assert sum(at % beats == 0 for at in changes) >= 0.8 * len(changes)


def test_the_written_words_are_sung_once_in_their_order() -> None:
    texts = [one.line.text for one in lead(song())]
    assert texts == [one.text for s in RIVER.sections for one in s.lines]


def test_the_same_order_gives_the_same_score() -> None:
    assert song.__wrapped__() == song.__wrapped__()


def test_a_score_does_not_depend_on_the_process() -> None:
    code = "from sung_words import song; import hashlib; print(hashlib.sha256(repr(song()).encode()).hexdigest())"
    paths = [str(Path(__file__).parent), str(Path(songwright.__file__).parents[1])]
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_ordered_tempo_and_key_are_kept() -> None:
    score = song(bpm=97.5, key="C#m")
    assert (score.bpm, score.tonic_pc, score.mode) == (97.5, 1, "minor")
    assert not score.key_changes


def test_an_impossible_tempo_is_ignored_and_noted() -> None:
    score = song(bpm=900.0)
    assert 90 <= score.bpm <= 130
    assert any("900" in note for note in score.notes)


def test_the_song_ends_at_home() -> None:
    for name in STYLES:
        score = song(style=name)
        shift = sum(up for _, up in score.key_changes)
        assert score.chords[-1].root_pc == (score.tonic_pc + shift) % 12, name


def test_backing_words_answer_and_are_not_sung_by_the_lead() -> None:
    words = lyrics(section("chorus", CHORUS[0], "(TAKE me HOME)", *CHORUS[1:]))
    score = song(words)
    backing = [one for one in score.lines if one.role == "backing"]
    assert [one.line.text for one in backing] == ["take me home"]
    before = next(one for one in lead(score))
    assert backing[0].notes[0].start_beats > before.notes[-1].start_beats


def test_a_key_change_lifts_chords_and_melody_together() -> None:
    changed = next(s for seed in range(30) if (s := song(style="ballad", seed=seed)).key_changes)
    start, up = changed.key_changes[0]
    choruses = [s for s in changed.sections if s.kind == "chorus"]
    assert choruses[-1].start_beats == start
    index = {id(s): i for i, s in enumerate(changed.sections)}
    first, last = ([one for one in changed.lines if one.section == index[id(s)]] for s in (choruses[0], choruses[-1]))
    assert [n.midi + up for n in first[0].notes] == [n.midi for n in last[0].notes]


def test_energy_is_highest_in_the_last_chorus_and_low_at_the_start() -> None:
    sections = song().sections
    last = [s for s in sections if s.kind == "chorus"][-1]
    assert last.energy == max(s.energy for s in sections) == 1.0
    assert sections[0].energy < 0.5


def test_the_hook_is_heard_before_it_is_sung_and_returns_note_for_note() -> None:
    score = song()
    hooks = [one for one in score.lines if one.is_hook]
    assert len(hooks) == 4
    assert len({tuple(b.midi - a.midi for a, b in pairwise(one.notes)) for one in hooks}) == 1
    assert score.riff
    assert score.themes[0].start_beats < hooks[0].notes[0].start_beats
    riff = [n.midi for n in score.riff]
    sung = [n.midi for n in hooks[0].notes]
    assert any(sung[i : i + len(riff)] == riff for i in range(len(sung)))


def test_the_title_finds_the_hook() -> None:
    words = lyrics(section("verse", *VERSE), section("chorus", *CHORUS[:2], *CHORUS[3:]), title="Over the Water")
    hooks = [one.line.text for one in song(words).lines if one.is_hook]
    assert hooks == ["over the water, over the stone"]


def test_an_instrumental_has_a_lead_melody_and_no_words() -> None:
    score = song(NOTHING, "synthwave")
    assert not score.lines
    covered = {
        i
        for i, s in enumerate(score.sections)
        for n in score.themes
        if 0 <= n.start_beats - s.start_beats < s.length_beats
    }
    assert covered == set(range(len(score.sections)))
    assert max(n.midi for n in score.themes) - min(n.midi for n in score.themes) >= 9
