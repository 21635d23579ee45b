"""How good a candidate for a line is: what a singer would call a tune, in one number.

Conventions
    Lengths are beats, pitches scale indices and MIDI. Higher is better; the terms were tuned on piano rolls against the
    percentiles of real songs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

FEW_PITCHES, FEW_PITCHES_FROM = 4, 6  #: a line of six syllables or more has at least four different pitches
VARIETY_BITS = 2.45  #: entropy of a section's intervals; the gate lies a little lower
FEW_MOVES = 6  #: fewer tell nothing about a section
_VARIETY = 3.0
REPEATED_MOST, REPEATED_LEAST = 0.32, 0.09


def line_merit(
    midis: Sequence[int],
    lengths: Sequence[float],
    *,
    rhythm_gain: float,
    pitch_cost: float,
    hook: bool,
    reserved: int | None = None,
    stray: float = 0.0,
    misplaced: float = 0.0,
    others: Sequence[int] = (),
) -> float:
    """Merit of one line; `reserved` is an interval kept for the chorus, `stray` how far it leaves its height in steps,
    `misplaced` the share of syllables against the beat, `others` the intervals of the section's other lines."""
    moves = [b - a for a, b in pairwise(midis)]
    sizes = [abs(m) for m in moves]
    n = max(len(moves), 1)
    repeated = sizes.count(0) / n
    width = max(midis) - min(midis)
    different = len(set(midis))
    leaps = sum(1 for s in sizes if s >= 5)
    merit = -0.55 * pitch_cost + 0.36 * rhythm_gain / max(len(midis), 1)
    if len(midis) >= FEW_PITCHES_FROM:
        merit -= 3.0 * max(0, FEW_PITCHES - different)
        merit -= 6 * max(0.0, repeated - REPEATED_MOST) + 3 * max(0.0, REPEATED_LEAST - repeated)
    merit -= 0.35 * max(0, 3 - different) + 0.18 * max(0, width - 12) + 0.35 * max(0, min(5, len(midis)) - width)
    merit -= 0.25 * max(0, leaps - 2)
    merit -= 1.5 * max(0.0, sum(1 for s in sizes if 1 <= s <= 2) / n - 0.66)
    if len(midis) > 3:
        merit += 0.6 if 1 <= leaps <= 2 else -0.5 if max(sizes, default=0) < 4 else 0.0
    merit -= 0.9 * stray + 2.5 * misplaced
    if len(others) >= FEW_MOVES:
        merit -= _VARIETY * max(0.0, VARIETY_BITS - entropy_bits([*others, *moves]))
    if reserved is not None:
        merit -= 0.2 * min(2, sizes.count(reserved))
    return merit + (_hook_merit(moves, lengths, different, width) if hook else 0.0)


def _hook_merit(moves: Sequence[int], lengths: Sequence[float], different: int, width: int) -> float:
    """A hook: a clear leap early, long against short, a figure that comes again, few but not too few pitches."""
    merit = 0.0
    if any(3 <= abs(m) <= 8 for m in moves[: max(1, len(moves) // 2)]):
        merit += 0.8
    ticks = [round(x * 4) for x in lengths]
    merit += 0.175 * min(len(set(ticks)), 4)
    if lengths and max(lengths) >= 1.5 and min(lengths) <= 0.5:
        merit += 0.4
    turns = [(m > 0) - (m < 0) for m in moves]
    figures = Counter(zip(ticks, ticks[1:], turns, strict=False))
    merit += 0.3 * min(3, sum(1 for count in figures.values() if count > 1))
    merit += 0.4 if 3 <= different <= 6 else 0.0
    return merit + (0.3 if 5 <= width <= 9 else 0.0)


def entropy_bits(values: Iterable[int]) -> float:
    """Shannon entropy of a histogram."""
    counts = Counter(values)
    total = sum(counts.values())
    return -sum(c / total * math.log2(c / total) for c in counts.values()) if total else 0.0
