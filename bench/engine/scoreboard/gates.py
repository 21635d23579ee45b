"""The hard gates a melody must pass, song by song; the rows themselves are measured by `melody.py`."""

from __future__ import annotations

import math
from itertools import pairwise

import melody

from songwright.engine.material import Score

SECTION_ENTROPY = "interval entropy of the poorest section, bits"
OUT_OF_RANGE = "notes outside the voice"
GATES: dict[str, tuple[float, float]] = {
    "repeated notes": (0.08, 0.40),
    "song range, semitones": (9, 19),
    "longest run of one pitch": (1, 4),
    "interval entropy, bits": (2.5, 9),
    SECTION_ENTROPY: (2.3, 9),
    "pitch entropy, bits": (2.15, 9),
    "changes of direction": (0.29, 0.71),
    "leaps": (0.03, 0.31),
    "chord tones on strong or long": (0.85, 1),
    "non-chord tones left by step": (0.85, 1),
    "stressed minus unstressed on a beat": (0.35, 1),
    "length stressed : unstressed": (1.3, 2.6),
    "word stress strongest in its word": (0.9, 1),
    "chorus lift, semitones": (2, 12),
    "peak inside the chorus": (1, 1),
    "choruses end on a chord tone": (1, 1),
    "hook identical at its return": (1, 1),
    "air between lines, beats": (0, 999),
    OUT_OF_RANGE: (0, 0),
}


def measured(score: Score, voice_range: tuple[int, int]) -> dict[str, float]:
    """Every row of `melody.measure` and the two that need more."""
    low, high = voice_range
    lines = melody.lead_lines(score)
    outside = sum(not low <= n.midi <= high for line in lines for n in line.notes)
    return melody.measure(score) | {SECTION_ENTROPY: _poorest_section(score), OUT_OF_RANGE: float(outside)}


def _poorest_section(score: Score) -> float:
    found: list[float] = []
    for index in range(len(score.sections)):
        lines = [line for line in melody.lead_lines(score) if line.section == index]
        if len(lines) >= 4:
            found.append(melody.entropy_bits(b.midi - a.midi for line in lines for a, b in pairwise(line.notes)))
    return min(found, default=math.nan)


def failed_gates(rows: dict[str, float]) -> dict[str, float]:
    """Gates that the song misses, with what was measured; a gate with nothing to measure is passed."""
    out: dict[str, float] = {}
    for name, (low, high) in GATES.items():
        value = rows[name]
        if not math.isnan(value) and not low - 1e-9 <= value <= high + 1e-9:
            out[name] = round(value, 3)
    return out
