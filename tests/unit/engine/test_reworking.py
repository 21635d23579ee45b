"""Songs from songs on paper: where seams lie, and that cutting and joining lose nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from songwright.engine.arrangement import arrange
from songwright.engine.cutting import (
    arrangement_between,
    joined_arrangements,
    joined_scores,
    kept_words,
    score_between,
    with_part,
)
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Arrangement, Assets, Brief, Score, WordTime
from songwright.engine.reworking import CannotRework, Original, extension, read_original, replacement, seam_beats
from songwright.engine.score import compose
from songwright.engine.styles import understand_style

LYRICS = "[Verse]\nMorning on the river\nA boat is passing by\n[Chorus]\nCarry me over\nCarry me home"
BRIEF = Brief(lyrics=LYRICS, style="folk", seed=3, bpm=100.0)


@pytest.fixture(scope="module")
def score(assets: Assets) -> Score:
    style = understand_style(BRIEF)
    return compose(write_lyrics(BRIEF, style, assets), style, BRIEF, (55, 74))


@pytest.fixture(scope="module")
def band(score: Score) -> Arrangement:
    return arrange(score, understand_style(BRIEF), BRIEF)


@pytest.fixture(scope="module")
def original(score: Score, band: Arrangement) -> Original:
    return Original(
        master=Path("song.flac"),
        duration_s=score.duration_s + 2.0,
        score=score,
        arrangement=band,
        brief=BRIEF,
        voice="Iris",
        lyrics=LYRICS,
        style="folk",
    )


def test_a_seam_is_the_bar_line_at_or_before_the_wish(original: Original) -> None:
    bar_s = original.bar_s
    assert seam_beats(original, 3.4 * bar_s) == 12.0
    assert seam_beats(original, 3.0 * bar_s) == 12.0
    assert seam_beats(original, original.duration_s) == original.score.length_beats
    assert seam_beats(replace(original, offset_s=0.5), 3.1 * bar_s) == 8.0


def test_without_a_wish_a_song_goes_on_before_its_ending(original: Original) -> None:
    outro = original.score.sections[-1]
    assert outro.kind == "outro"
    assert seam_beats(original, None) == outro.start_beats
    without = replace(original, score=score_between(original.score, 0.0, outro.start_beats))
    assert seam_beats(without, None) == outro.start_beats - 4.0


@pytest.mark.parametrize("at_s", [-1.0, 0.0, 0.5, 4000.0])
def test_no_seam_lies_outside_the_song_or_in_its_first_bar(original: Original, at_s: float) -> None:
    with pytest.raises(CannotRework):
        seam_beats(original, at_s)


def test_a_song_that_is_as_long_as_may_be_cannot_go_on(original: Original, assets: Assets) -> None:
    wish = Brief(lyrics="[Verse]\nOnce more", max_duration_s=original.duration_s)
    with pytest.raises(CannotRework, match="no room"):
        extension(original, wish, original.duration_s, assets, inherit=False, with_origin=True)


def test_the_old_paper_is_kept_note_for_note_and_the_new_begins_at_the_seam(original: Original, assets: Assets) -> None:
    wish = Brief(lyrics="[Verse]\nEvening on the mountain", seed=8)
    plan = extension(original, wish, None, assets, inherit=False, with_origin=True)
    assert plan.splice is not None and plan.singer is not None and plan.singer.name == "Iris"
    seam = plan.splice.seam_beats
    before = [v for v in original.score.lines if v.notes[-1].start_beats + v.notes[-1].length_beats <= seam]
    assert list(plan.score.lines[: len(before)]) == before
    assert all(n.start_beats >= seam for v in plan.score.lines[len(before) :] for n in v.notes)
    old = {p.name: [n for n in p.notes if n.start_beats < seam - 0.2] for p in original.arrangement.parts}  # pyright: ignore
    new = {p.name: [n for n in p.notes if n.start_beats < seam - 0.2] for p in plan.arrangement.parts}
    assert all([n.midi for n in new.get(name, [])] == [n.midi for n in notes] for name, notes in old.items())


def test_inherited_words_are_a_new_verse_and_the_chorus_people_know(original: Original, assets: Assets) -> None:
    wish = Brief(description="a river", seed=8)
    plan = extension(original, wish, None, assets, inherit=True, with_origin=True)
    assert plan.style.name == understand_style(BRIEF).name
    new = [
        v.line.text for v in plan.score.lines if v.role == "lead" and v.notes[0].start_beats >= plan.splice.seam_beats
    ]  # pyright: ignore
    assert new[-2:] == ["Carry me over", "Carry me home"] and len(new) > 2
    assert plan.lyrics.text.startswith(LYRICS) and "\n\n[Verse" in plan.lyrics.text
    assert plan.score.duration_s <= original.duration_s + 80


def test_a_replaced_part_has_its_chords_and_its_length(original: Original, assets: Assets) -> None:
    bar_s = original.bar_s
    verse = original.score.sections[1]
    start_s, end_s = original.time_s(verse.start_beats), original.time_s(verse.start_beats + verse.length_beats)
    wish = Brief(lyrics="[Verse]\nEvening on the mountain\nThe snow is falling down", seed=8)
    plan = replacement(original, wish, start_s + 0.2 * bar_s, end_s - 0.2 * bar_s, assets)
    assert plan.facts["replaced_s"] == pytest.approx([start_s, end_s], abs=1e-5)
    assert plan.score.length_beats == original.score.length_beats and plan.score.chords == original.score.chords
    texts = [v.line.text for v in plan.score.lines if v.role == "lead"]
    assert texts[:2] == ["Evening on the mountain", "The snow is falling down"] and texts[-1] == "Carry me home"


def test_a_song_cut_in_two_and_joined_is_the_same_song(score: Score, band: Arrangement) -> None:
    for bar in (2, 5, 9):
        at, end = 4.0 * bar, score.length_beats
        whole = joined_scores(score_between(score, 0.0, at), score_between(score, at, end))
        crossing = [v for v in score.lines if v.notes[0].start_beats < at <= v.notes[-1].start_beats]
        kept = [v for v in score.lines if v not in crossing]
        found = {(n.start_beats, n.midi) for v in whole.lines for n in v.notes}
        assert {(n.start_beats, n.midi) for v in kept for n in v.notes} <= found
        assert len(whole.lines) == len(score.lines)
        assert whole.length_beats == end
        assert all(a.start_beats + a.length_beats == b.start_beats for a, b in pairwise(whole.chords))
        assert all(a.start_beats + a.length_beats == b.start_beats for a, b in pairwise(whole.sections))
        first, then = arrangement_between(band, 0.0, at), arrangement_between(band, at, end + 1.0)
        again = joined_arrangements(first, then, at)
        assert {p.name: len(p.notes) for p in again.parts} == {p.name: len(p.notes) for p in band.parts}


def test_parts_of_different_tempo_are_not_joined(score: Score) -> None:
    with pytest.raises(ValueError, match="tempo"):
        joined_scores(score, replace(score, bpm=101.0))


def test_a_part_taken_from_another_band_is_heard_only_between_its_bars(band: Arrangement, score: Score) -> None:
    silent = Arrangement(parts=tuple(replace(part, notes=()) for part in band.parts))
    part = with_part(silent, band, 8.0, 16.0)
    starts = [n.start_beats for p in part.parts for n in p.notes]
    assert starts and min(starts) >= 8.0 and max(starts) < 16.0
    assert score.length_beats > 16.0


def test_lines_are_found_again_by_place_and_words(score: Score) -> None:
    words = [WordTime("x", 0.0, 0.1, index, 0) for index in range(len(score.lines))]
    assert kept_words(words, score, score) == {i: i for i in range(len(score.lines))}
    fewer = replace(score, lines=score.lines[1:])
    assert kept_words(words, score, fewer) == {i: i - 1 for i in range(1, len(score.lines))}


def test_a_clip_whose_paper_is_lost_cannot_be_worked_on(tmp_path: Path) -> None:
    (tmp_path / "score.json").write_text("{}")
    with pytest.raises(CannotRework):
        read_original({"score.json": tmp_path / "score.json"}, 10.0, "", "")
