"""Metre: how heavy each step of a bar is, and swing.

Conventions
    A step is `1 / steps_per_beat` beat: 2 = eighths, 4 = sixteenths, 3 = thirds of a beat (6/8, 12/8, swing),
    6 = their halves.
    Weights are relative: a downbeat is 3, a step between beats under 1.
"""

from __future__ import annotations

from dataclasses import dataclass

_BEATS = {
    2: (3.0, 2.0),
    3: (3.0, 1.2, 1.4),
    4: (3.0, 1.2, 2.2, 1.2),
    5: (3.0, 1.2, 1.2, 2.0, 1.2),
    6: (3.0, 1.2, 1.2, 2.2, 1.2, 1.2),
    7: (3.0, 1.2, 2.0, 1.2, 2.0, 1.2, 1.2),
}
_BETWEEN = {1: (), 2: (0.3,), 3: (0.2, 0.5), 4: (0.1, 0.4, 0.1), 6: (0.05, 0.2, 0.05, 0.5, 0.05)}


@dataclass(frozen=True, slots=True)
class Metre:
    """A bar divided into equal steps."""

    beats_per_bar: int
    steps_per_beat: int

    @property
    def steps_per_bar(self) -> int:
        """Steps in one bar."""
        return self.beats_per_bar * self.steps_per_beat

    def weights(self) -> tuple[float, ...]:
        """Metrical weight of each step of one bar."""
        beats = _BEATS.get(self.beats_per_bar) or (3.0, *(1.2,) * (self.beats_per_bar - 1))
        between = _BETWEEN[self.steps_per_beat]
        return tuple(weight for beat in beats for weight in (beat, *between))

    def strength(self, step: int) -> int:
        """2 = a main beat of the bar, 1 = another beat, 0 = between beats (the classes of the melody table)."""
        weight = self.weights()[step % self.steps_per_bar]
        return 2 if weight >= 2 else 1 if weight >= 1 else 0


def swung(position_beats: float, swing: float, swing_unit: int) -> float:
    """Where a position on the straight grid sounds when the first note of a pair takes the share `swing` of it.

    `swing_unit` is the note value that is swung, 8 (the pair fills one beat) or 16 (half a beat).
    """
    pair = 1.0 if swing_unit == 8 else 0.5
    whole = position_beats // pair * pair
    share = (position_beats - whole) / pair
    warped = share * 2 * swing if share <= 0.5 else swing + (share - 0.5) * 2 * (1 - swing)
    return whole + warped * pair
