from dataclasses import replace

import pytest

from songwright.engine.material import Section, stable_rng
from songwright.engine.voice import with_adlibs

RANGE = (55, 74)


@pytest.fixture
def song(make_line, make_score):
    """Two choruses of two lines, each line two bars with a bar and more to spare, and an outro of four bars."""
    lines = [replace(make_line(start_beats=s), section=i, is_hook=h) for s, i, h in SUNG]
    score = make_score(*lines, kind="chorus", length_beats=48.0)
    sections = (
        Section("chorus", "Chorus", 0.0, 16.0, 0.8),
        Section("chorus", "Chorus", 16.0, 16.0, 0.9),
        Section("outro", "", 32.0, 16.0, 0.4),
    )
    return replace(score, sections=sections)


SUNG = ((0.0, 0, False), (8.0, 0, True), (16.0, 1, False), (24.0, 1, True))


def adlibs(score, style, manner):
    made = with_adlibs(score, replace(style, vocal=replace(style.vocal, adlibs=manner)), RANGE, stable_rng("adlibs", 1))
    return made, [line for line in made.lines if line not in score.lines]


def test_the_last_chorus_and_the_outro_are_answered_with_the_hooks_last_words(song, make_style):
    made, added = adlibs(song, make_style(), "last_chorus")
    assert {line.section for line in added} == {1, 2}
    assert {line.line.text for line in added} == {"river sang"}
    assert all(line.role == "adlib" for line in added)
    assert made.lines == tuple(sorted(made.lines, key=lambda line: line.notes[0].start_beats))


@pytest.mark.parametrize("manner", ["last_chorus", "line_ends", "everywhere", "scat_outro", "gang_shouts"])
def test_no_adlib_overlaps_a_line_or_leaves_the_range_or_the_chords(song, make_style, manner):
    made, added = adlibs(song, make_style(), manner)
    assert added
    spans = [(n.start_beats, n.start_beats + n.length_beats) for line in made.lines for n in line.notes]
    assert all(end <= start + 1e-9 for (_, end), (start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False))
    for note in (note for line in added for note in line.notes):
        assert RANGE[0] <= note.midi <= RANGE[1]
        assert any(note.midi % 12 in chord.pcs for chord in song.chords)
        assert note.start_beats + note.length_beats <= song.length_beats


def test_busy_styles_throw_in_more_and_cry_out(song, make_style):
    few, many = (adlibs(song, make_style(), manner)[1] for manner in ("last_chorus", "everywhere"))
    assert len(many) >= len(few)
    assert "oh yeah" in {line.line.text for line in many}


def test_a_gang_answers_as_a_choir(song, make_style):
    assert {line.role for line in adlibs(song, make_style(), "gang_shouts")[1]} == {"backing"}


@pytest.mark.parametrize("manner", ["none", "solo", "chops_in_drop"])
def test_styles_without_sung_adlibs_leave_the_score_alone(song, make_style, manner):
    assert adlibs(song, make_style(), manner)[0] is song


def test_written_adlibs_are_not_added_to(song, make_style):
    written = replace(song, lines=(*song.lines, replace(song.lines[0], role="adlib")))
    assert adlibs(written, make_style(), "everywhere")[0] is written
