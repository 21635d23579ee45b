"""The style book's patterns as strikes and tones in steps (the notation stands in `styles/data/common.yaml`).

Conventions
    Steps count from the start of the pattern; a pattern spans one, two or four bars and repeats. Text has been checked
    where it was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

BARS_A_PATTERN = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Strike:
    """A stroke or chord; `mark` is X, x, o or an arpeggio's digit."""

    step: int
    steps: int
    mark: str


@dataclass(frozen=True, slots=True)
class Tone:
    """A note of a bass line or riff."""

    step: float
    degree: str
    steps: float
    articulation: str


@lru_cache(maxsize=4096)
def strikes(pattern: str) -> tuple[Strike, ...]:
    """Of a pattern with one character a step; dashes lengthen the strike before them."""
    grid = pattern.replace(" ", "")
    out: list[Strike] = []
    for step, mark in enumerate(grid):
        if mark in ".-":
            continue
        end = step + 1
        while end < len(grid) and grid[end] == "-":
            end += 1
        out.append(Strike(step, end - step, mark))
    return tuple(out)


@lru_cache(maxsize=4096)
def tones(pattern: str) -> tuple[Tone, ...]:
    """Of a bass line or riff."""
    parts = (token.split(":") for token in pattern.split())
    return tuple(Tone(float(step), degree, float(steps), how) for step, degree, steps, how in parts)


def bars_of(pattern: str, steps_per_bar: int, *, line: bool) -> int:
    """How many bars the pattern spans."""
    if line:
        last = max((tone.step for tone in tones(pattern)), default=0.0)
        return next((bars for bars in BARS_A_PATTERN if last < bars * steps_per_bar), BARS_A_PATTERN[-1])
    return max(1, len(pattern.replace(" ", "")) // steps_per_bar)
