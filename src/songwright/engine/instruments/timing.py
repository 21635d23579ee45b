"""Notes in samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from songwright.engine.material import SAMPLE_RATE_HZ, Note, Score


@dataclass(frozen=True, slots=True)
class TimedNote:
    """A note in samples; it begins inside the recording and lasts at least one sample."""

    start: int
    length: int
    midi: int
    velocity: int


def timed_notes(notes: Sequence[Note], score: Score, samples: int) -> list[TimedNote]:
    """Notes in order of time; what lies outside the recording is cut off."""
    timed: list[TimedNote] = []
    for note in notes:
        start = max(round(score.seconds(note.start_beats) * SAMPLE_RATE_HZ), 0)
        end = min(round(score.seconds(note.start_beats + note.length_beats) * SAMPLE_RATE_HZ), samples)
        if start < samples and end > start:
            midi = min(max(note.midi, 0), 127)
            timed.append(TimedNote(start, end - start, midi, min(max(note.velocity, 1), 127)))
    return sorted(timed, key=lambda n: (n.start, n.midi, n.length, n.velocity))
