"""From degrees and chord tones to MIDI numbers that fit chord, scale and range.

Conventions
    Semitones from the chord's root or the tonic; `fold` moves by octaves only; `snap` to a chord tone never moves more
    than three semitones, since chords have at least two tones.
"""

from __future__ import annotations

from collections.abc import Iterable

from songwright.engine.arrangement.ground import Ground
from songwright.engine.material import Chord

SEMITONES = {
    "1": 0, "b2": 1, "2": 2, "b3": 3, "3": 4, "4": 5, "b5": 6, "5": 7, "b6": 8, "6": 9, "b7": 10, "7": 11, "8": 12,
    "5-": -5,
}  # fmt: skip
_THIRDS, _FIFTHS, _SEVENTHS = (4, 3), (7, 6, 8), (10, 11, 9)


def fold(midi: int, low_midi: int, high_midi: int) -> int:
    """`midi` moved by octaves into a range of an octave or more."""
    while midi < low_midi:
        midi += 12
    while midi > high_midi:
        midi -= 12
    return midi if midi >= low_midi else midi + 12


def over_chord(degree: str, chord: Chord) -> int:
    """Semitones above the chord's root: thirds, fifths and sevenths as the chord has them."""
    intervals = {(pc - chord.root_pc) % 12 for pc in chord.pcs}
    if degree == "3":
        return next((step for step in _THIRDS if step in intervals), 7)
    if degree in ("5", "5-"):
        fifth = next((step for step in _FIFTHS if step in intervals), 7)
        return fifth - 12 if degree == "5-" else fifth
    if degree in ("b7", "7"):
        return next((step for step in _SEVENTHS if step in intervals), 12)
    return SEMITONES[degree]


def nearest(midi: int, pcs: Iterable[int]) -> int:
    """The nearest pitch whose class is one of `pcs`, the lower of two."""
    allowed = set(pcs)
    return next(
        candidate
        for distance in range(12)
        for candidate in (midi - distance, midi + distance)
        if candidate % 12 in allowed
    )


def fitted(midi: int, start_beats: float, length_beats: float, ground: Ground) -> int:
    """A melodic note that does not clash: a chord tone on strong or long places, else a tone of chord or scale."""
    chord = ground.chord_for(start_beats, start_beats + length_beats)
    if ground.is_strong(start_beats) or length_beats >= 1.0:
        return nearest(midi, chord.pcs)
    return nearest(midi, {*chord.pcs, *ground.scale_at(start_beats)})
