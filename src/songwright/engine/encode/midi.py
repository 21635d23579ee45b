"""The song as a MIDI file: type 1, a named track per part, the lead melody with its words on `Lead vocal`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mido import Message, MetaMessage, MidiFile, MidiTrack

from songwright.engine.material import Arrangement, Note, Part, Score, VocalLine
from songwright.engine.theory import swung

LEAD_TRACK = "Lead vocal"
BACKING_TRACK = "Backing vocals"
TICKS_PER_QUARTER = 960
_DRUM_CHANNEL = 9
_VOICE_PROGRAM = 53  #: Voice Oohs
_VOICE_VELOCITY = 96
_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("Cm", "C#m", "Dm", "D#m", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
_MAJOR_MODES = {"major", "ionian", "lydian", "mixolydian"}

#: (ticks from the start, order among those at one tick, message)
Event = tuple[int, int, Message | MetaMessage]
_OFF, _META, _SET, _ON = range(4)


def write_midi(path: Path, score: Score, arrangement: Arrangement) -> None:
    """Write the song. A part called `Lead vocal` gives way to the sung melody."""
    file = MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    file.tracks.append(_conductor(score))
    singers = ((LEAD_TRACK, "lead"), (BACKING_TRACK, "backing"), ("Ad libs", "adlib"))
    channels = _channels()
    for name, role in singers:
        lines = [line for line in score.lines if line.role == role and line.notes]
        if lines:
            file.tracks.append(_sung(name, lines, score, next(channels)))
    has_lead = any(line.role == "lead" and line.notes for line in score.lines)
    for part in arrangement.parts:
        if not (has_lead and part.name == LEAD_TRACK):
            channel = _DRUM_CHANNEL if _is_drums(part) else next(channels)
            file.tracks.append(_played(part, score, channel))
    file.save(path)


def _channels():
    """Melodic channels in turn: songs with more than fifteen voices share some, on tracks of their own."""
    while True:
        yield from (channel for channel in range(16) if channel != _DRUM_CHANNEL)


def _is_drums(part: Part) -> bool:
    return part.drum_kit is not None or part.role == "drums"


def _ticks_per_beat(score: Score) -> int:
    return TICKS_PER_QUARTER * 3 // 2 if score.beats_per_bar == 2 else TICKS_PER_QUARTER


def _tick(score: Score, beats: float) -> int:
    return max(round(beats * _ticks_per_beat(score)), 0)


def _track(name: str, events: Sequence[Event], end: int) -> MidiTrack:
    """Events in order of time, as differences."""
    track = MidiTrack([MetaMessage("track_name", name=name, time=0)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(MetaMessage("end_of_track", time=max(end - now, 0)))
    return track


def _conductor(score: Score) -> MidiTrack:
    """Title, tempo, metre, keys, and the sections as markers."""
    quarter_us = round(60e6 / score.bpm * TICKS_PER_QUARTER / _ticks_per_beat(score))
    is_compound = score.beats_per_bar == 2
    numerator, denominator = (6, 8) if is_compound else (score.beats_per_bar, 4)
    events: list[Event] = [
        (0, _META, MetaMessage("set_tempo", tempo=quarter_us)),
        (0, _META, MetaMessage("time_signature", numerator=numerator, denominator=denominator)),
        (0, _META, MetaMessage("key_signature", key=_key(score, 0))),
    ]
    shift = 0
    for start_beats, semitones in score.key_changes:
        shift += semitones
        events.append((_tick(score, start_beats), _META, MetaMessage("key_signature", key=_key(score, shift))))
    for section in score.sections:
        label = section.label or section.kind
        events.append((_tick(score, section.start_beats), _META, MetaMessage("marker", text=label)))
    return _track(score.title, events, _tick(score, score.length_beats))


def _key(score: Score, shift: int) -> str:
    keys = _MAJOR_KEYS if score.mode in _MAJOR_MODES else _MINOR_KEYS
    return keys[(score.tonic_pc + shift) % 12]


def _sung(name: str, lines: Sequence[VocalLine], score: Score, channel: int) -> MidiTrack:
    """One note a syllable, each with the letters it is sung to; a space ends a word."""
    notes: list[Note] = []
    events: list[Event] = []
    for line in lines:
        said: set[tuple[int, int]] = set()
        for note in line.notes:
            start = swung(note.start_beats, score.swing, score.swing_unit)
            end = swung(note.start_beats + note.length_beats, score.swing, score.swing_unit)
            notes.append(Note(start, end - start, note.midi, _VOICE_VELOCITY))
            text = _letters(line, note.word, note.syllable)
            if text and (note.word, note.syllable) not in said:
                said.add((note.word, note.syllable))
                events.append((_tick(score, start), _META, MetaMessage("lyrics", text=text)))
    events.append((0, _SET, Message("program_change", channel=channel, program=_VOICE_PROGRAM)))
    return _track(name, [*events, *_note_events(notes, score, channel)], _tick(score, score.length_beats))


def _letters(line: VocalLine, word: int, syllable: int) -> str:
    words = line.line.words
    if not (0 <= word < len(words) and 0 <= syllable < len(words[word].syllables)):
        return ""
    is_last = syllable == len(words[word].syllables) - 1
    return words[word].syllables[syllable].text + (" " if is_last else "")


def _played(part: Part, score: Score, channel: int) -> MidiTrack:
    program = (part.drum_kit or 0) if channel == _DRUM_CHANNEL else part.program
    pan = min(max(round(64 + 63 * part.pan), 0), 127)
    events: list[Event] = [
        (0, _SET, Message("program_change", channel=channel, program=program)),
        (0, _SET, Message("control_change", channel=channel, control=10, value=pan)),
        *_note_events(part.notes, score, channel),
    ]
    return _track(part.name, events, _tick(score, score.length_beats))


def _note_events(notes: Sequence[Note], score: Score, channel: int) -> list[Event]:
    """Ons and offs; a note ends where the next on its key begins, because MIDI cannot tell two of them apart."""
    events: list[Event] = []
    next_start: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: n.start_beats, reverse=True):
        start = _tick(score, note.start_beats)
        end = max(_tick(score, note.start_beats + note.length_beats), start + 1)
        end = min(end, next_start.get(note.midi, end))
        if end <= start:
            continue  # the same key struck twice at one moment
        next_start[note.midi] = start
        velocity = min(max(note.velocity, 1), 127)
        events.append((start, _ON, Message("note_on", channel=channel, note=note.midi, velocity=velocity)))
        events.append((end, _OFF, Message("note_off", channel=channel, note=note.midi, velocity=0)))
    return events
