"""A second voice to a melody, note by note.

Conventions
    Pitches are MIDI numbers. The scale at a note is what the chords of its section contain, so modes and key changes
    need no table; a harmony note is a chord tone where it can be and a scale tone otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from songwright.engine.material import Chord, Score, VocalNote

_CANDIDATES: Final[dict[str, tuple[int, ...]]] = {
    # In order of liking: the interval itself, then the neighbours that a chord may prefer.
    "third_up": (4, 3, 5),
    "third_down": (-3, -4, -5),
    "fifth_up": (7, 8, 6, 9),
    "octave_up": (12,),
    "octave_down": (-12,),
    "unison": (0,),
}
HARMONIES: Final = frozenset(_CANDIDATES) - {"unison"}


def harmonise(score: Score, notes: Sequence[VocalNote], kind: str, low_midi: int, high_midi: int) -> tuple[int, ...]:
    """The pitches of a parallel voice; the whole voice moves an octave when it leaves the singer's range."""
    midi = [note.midi + _interval(score, note, kind) for note in notes]
    mean = sum(midi) / len(midi)
    if kind != "unison" and mean > high_midi:
        midi = [m - 12 for m in midi]
    elif kind != "unison" and mean < low_midi:
        midi = [m + 12 for m in midi]
    return tuple(midi)


def _interval(score: Score, note: VocalNote, kind: str) -> int:
    candidates = _CANDIDATES[kind]
    chord = _chord_at(score.chords, note.start_beats)
    chord_pcs = set(chord.pcs) if chord else set[int]()
    scale = _scale_at(score, note.start_beats)
    for allowed in (chord_pcs & scale, scale):
        for interval in candidates:
            if (note.midi + interval) % 12 in allowed:
                return interval
    return candidates[0]


def _chord_at(chords: Sequence[Chord], beats: float) -> Chord | None:
    return next((c for c in chords if c.start_beats <= beats + 0.01 < c.start_beats + c.length_beats), None)


def _scale_at(score: Score, beats: float) -> set[int]:
    section = next((s for s in reversed(score.sections) if s.start_beats <= beats + 1e-6), None)
    start = section.start_beats if section else 0.0
    end = start + section.length_beats if section else score.length_beats
    return {pc for c in score.chords if c.start_beats < end and c.start_beats + c.length_beats > start for pc in c.pcs}
