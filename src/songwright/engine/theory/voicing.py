"""Voicings: which notes of which octaves a harmony instrument takes, moving as little as it can.

Conventions
    A voicing is a tuple of MIDI numbers, lowest first, within `low..high` (both included). Closed and drop-two shapes
    are tried in every inversion; the cost of one is the way its voices move from the previous voicing in semitones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from songwright.engine.material import Chord

MAX_VOICES = 4


def essential_pcs(chord: Chord, voices: int = MAX_VOICES) -> tuple[int, ...]:
    """The pitch classes to play: fifth, then root, are left out first where the chord has more notes than voices."""
    pcs = list(dict.fromkeys(chord.pcs))
    fifth = (chord.root_pc + 7) % 12
    for spare in (fifth, chord.root_pc):
        if len(pcs) > voices and spare in pcs:
            pcs.remove(spare)
    return tuple(pcs[:voices])


def _stack(pcs: Sequence[int], bottom: int) -> tuple[int, ...]:
    """Closed position: each pitch class above the one before, the first at or above `bottom`."""
    notes: list[int] = []
    floor = bottom
    for pc in pcs:
        note = floor + (pc - floor) % 12
        notes.append(note)
        floor = note + 1
    return tuple(notes)


def _shapes(pcs: tuple[int, ...], low: int, high: int) -> Iterator[tuple[int, ...]]:
    for turn in range(len(pcs)):
        inversion = pcs[turn:] + pcs[:turn]
        for octave in range(low, high + 1, 12):
            closed = _stack(inversion, octave)
            yield closed
            if len(closed) >= 3:
                yield tuple(sorted((*closed[:-2], closed[-2] - 12, closed[-1])))


def voice_leading(before: Sequence[int], after: Sequence[int]) -> float:
    """How far the voices travel, in semitones: every note goes to its nearest neighbour, both ways, averaged."""
    if not before or not after:
        return 0.0
    forward = sum(min(abs(a - b) for b in before) for a in after)
    backward = sum(min(abs(a - b) for a in after) for b in before)
    return (forward + backward) / 2


def voicing(
    chord: Chord, low: int, high: int, previous: Sequence[int] | None = None, *, voices: int = MAX_VOICES
) -> tuple[int, ...]:
    """The voicing of `chord` in `low..high` nearest to `previous`, or centred where there is none.

    A window narrower than the chord keeps as many of its notes as fit.
    """
    pcs = essential_pcs(chord, voices)
    middle = (low + high) / 2

    def cost(notes: tuple[int, ...]) -> float:
        centre = abs(sum(notes) / len(notes) - middle)
        mud = sum(1.5 for a, b in pairwise(notes) if b - a <= 2 and a < 52)
        return 0.25 * centre + mud + (voice_leading(previous, notes) if previous else centre)

    fitting = [notes for notes in _shapes(pcs, low, high) if low <= notes[0] and notes[-1] <= high]
    if fitting:
        return min(fitting, key=cost)
    return _squeezed(pcs, low, high)


def _squeezed(pcs: Iterable[int], low: int, high: int) -> tuple[int, ...]:
    notes = {low + (pc - low) % 12 for pc in pcs}
    inside = tuple(sorted(n for n in notes if n <= high))
    return inside or (low,)
