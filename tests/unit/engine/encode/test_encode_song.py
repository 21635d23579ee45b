import json
from dataclasses import replace
from pathlib import Path

import mido
import msgspec
import pytest

from songwright.engine.encode import LEAD_TRACK, score_from_json, score_json, write_midi
from songwright.engine.material import (
    Arrangement,
    Chord,
    LyricLine,
    Note,
    Part,
    Score,
    Section,
    Syllable,
    VocalLine,
    VocalNote,
    Word,
)

SYLLABLE = Syllable("hel", "h", "ɛ", "", 1)
LINE = LyricLine(
    "Hello, wörld",
    (Word("Hello,", (SYLLABLE, replace(SYLLABLE, text="lo,"))), Word("wörld", (replace(SYLLABLE, text="wörld"),))),
)
NOTES = (
    VocalNote(4.0, 0.5, 60, 0, 0),
    VocalNote(4.5, 0.5, 62, 0, 1),
    VocalNote(5.0, 1.9, 64, 1, 0),
)
SCORE = Score(
    title="Grüße", bpm=93.7, beats_per_bar=4, tonic_pc=9, mode="minor",
    sections=(Section("verse", "Verse 1", 0.0, 400.0, 0.5), Section("chorus", "", 400.0, 200.0, 0.9)),
    chords=(Chord(0.0, 600.0, "Am", "i", 9, 9, (9, 0, 4)),),
    lines=(
        VocalLine(0, LINE, NOTES),
        VocalLine(1, replace(LINE, backing=True), (VocalNote(8.0, 1.0, 67, 0, 0),), role="backing"),
        VocalLine(1, LINE, tuple(replace(n, start_beats=n.start_beats + 580.0) for n in NOTES)),
    ),
    key_changes=((400.0, 2),),
)  # fmt: skip
ARRANGEMENT = Arrangement(
    parts=(
        Part(name="Drums", role="drums", drum_kit=0, notes=(Note(0.0, 0.1, 36, 110), Note(1 / 3, 0.1, 42, 60))),
        Part(name="Bass", role="bass", program=33, pan=-1.0, notes=(Note(0.0, 2.0, 40, 90), Note(1.0, 1.0, 40, 80))),
    )
)


def written(tmp_path: Path, score: Score = SCORE, arrangement: Arrangement = ARRANGEMENT) -> mido.MidiFile:
    write_midi(tmp_path / "song.mid", score, arrangement)
    return mido.MidiFile(tmp_path / "song.mid", charset="utf-8")


def sounding(file: mido.MidiFile, name: str) -> list[tuple[float, float, int]]:
    """(start_s, end_s, key) of a track, through the file's own tempo."""
    tempo = next(m.tempo for m in file.tracks[0] if m.type == "set_tempo")
    now, open_notes, notes = 0, dict[int, int](), list[tuple[int, int, int]]()
    for message in next(t for t in file.tracks if t.name == name):
        now += message.time
        if message.type == "note_on":
            assert message.note not in open_notes
            open_notes[message.note] = now
        elif message.type == "note_off":
            notes.append((open_notes.pop(message.note), now, message.note))
    assert not open_notes
    return [(mido.tick2second(a, 960, tempo), mido.tick2second(b, 960, tempo), key) for a, b, key in sorted(notes)]


def test_the_midi_file_has_a_named_track_per_part_and_the_sung_lines(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert file.type == 1
    assert file.ticks_per_beat == 960
    assert [track.name for track in file.tracks] == ["Grüße", LEAD_TRACK, "Backing vocals", "Drums", "Bass"]
    conductor = {m.type: m for m in file.tracks[0]}
    assert (conductor["time_signature"].numerator, conductor["time_signature"].denominator) == (4, 4)
    assert [m.key for m in file.tracks[0] if m.type == "key_signature"] == ["Am", "Bm"]
    assert [m.text for m in file.tracks[0] if m.type == "marker"] == ["Verse 1", "chorus"]


@pytest.mark.parametrize("bpm", [62.0, 93.7, 174.0])
def test_sung_notes_stand_where_the_score_has_them_within_a_millisecond(tmp_path: Path, bpm: float) -> None:
    score = replace(SCORE, bpm=bpm)
    notes = [n for line in score.lines if line.role == "lead" for n in line.notes]
    heard = sounding(written(tmp_path, score), LEAD_TRACK)
    assert len(heard) == len(notes)
    for (start_s, end_s, key), note in zip(heard, notes, strict=True):
        assert abs(start_s - score.seconds(note.start_beats)) < 0.001
        assert abs(end_s - score.seconds(note.start_beats + note.length_beats)) < 0.001
        assert key == note.midi


def test_swing_moves_sung_notes_as_it_moves_the_band(tmp_path: Path) -> None:
    score = replace(SCORE, bpm=120.0, swing=0.66, swing_unit=8)
    starts = [start for start, _, _ in sounding(written(tmp_path, score), LEAD_TRACK)][:3]
    assert starts == pytest.approx([2.0, 2.0 + 0.66 * 0.5, 2.5], abs=0.001)


def test_two_beats_a_bar_are_dotted_quarters(tmp_path: Path) -> None:
    score = replace(SCORE, beats_per_bar=2, bpm=60.0)
    file = written(tmp_path, score)
    signature = next(m for m in file.tracks[0] if m.type == "time_signature")
    assert (signature.numerator, signature.denominator) == (6, 8)
    assert sounding(file, LEAD_TRACK)[0][0] == pytest.approx(4.0, abs=0.001)


def test_each_sung_syllable_has_its_letters_at_its_note(tmp_path: Path) -> None:
    track = next(t for t in written(tmp_path).tracks if t.name == LEAD_TRACK)
    assert "".join(m.text for m in track if m.type == "lyrics") == "hello, wörld " * 2


def test_played_notes_keep_their_keys_and_the_same_key_never_overlaps(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert [key for _, _, key in sounding(file, "Drums")] == [36, 42]
    bass = sounding(file, "Bass")
    assert bass[0][1] == pytest.approx(bass[1][0], abs=1e-6)
    drums = next(t for t in file.tracks if t.name == "Drums")
    assert {m.channel for m in drums if not m.is_meta} == {9}


def test_an_instrumental_has_no_vocal_track(tmp_path: Path) -> None:
    names = [track.name for track in written(tmp_path, replace(SCORE, lines=())).tracks]
    assert names == ["Grüße", "Drums", "Bass"]


def test_twenty_parts_find_their_channels(tmp_path: Path) -> None:
    parts = tuple(replace(ARRANGEMENT.parts[1], name=f"Part {k}") for k in range(20))
    file = written(tmp_path, SCORE, Arrangement(parts=parts))
    channels = {m.channel for track in file.tracks for m in track if not m.is_meta}
    assert 9 not in channels
    assert len(channels) == 15


def test_the_score_survives_json() -> None:
    text = json.dumps(score_json(SCORE, ARRANGEMENT), ensure_ascii=False)
    score, arrangement = score_from_json(json.loads(text))
    assert score == SCORE
    assert arrangement == ARRANGEMENT
    assert score_from_json(score_json(SCORE)) == (SCORE, None)
    with pytest.raises(msgspec.ValidationError):
        score_from_json({"score": {"title": 3}})
