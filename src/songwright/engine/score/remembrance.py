"""Contrast and memory: how clearly a chorus stands off its verse, and how well it stays in the ear, 0..1 each.

Conventions
    A token is (interval in semitones, length in sixteenths). Compression is that of LZ78 over the tokens of a section.
    Recurrence is the share of runs of two intervals and a length that come again; real songs lie at 0.36 to 0.48
    between their 60th and 75th percentile, and more is not better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from songwright.engine.score.sketch import Tune

RECURRENCE = (0.36, 0.48)
_FULL_LIFT_SEMITONES, _FULL_LENGTH_RATIO = 4.0, 1.25
Token = tuple[int, int]


def contrast(verse: Sequence[Tune], chorus: Sequence[Tune]) -> float:
    """Mean of five: lift, longer notes, another way of starting, a higher top, an interval of the chorus' own."""
    if not verse or not chorus:
        return 0.0
    low, high = ([m for t in tunes for m in t.midis] for tunes in (verse, chorus))
    short, long = (float(np.mean([x for t in tunes for x in t.lengths])) for tunes in (verse, chorus))
    starts = [np.mean([t.onsets[0] == 0 for t in tunes]) for tunes in (verse, chorus)]
    mine, theirs = ({abs(b - a) for t in tunes for a, b in pairwise(t.midis)} for tunes in (chorus, verse))
    parts = (
        (sum(high) / len(high) - sum(low) / len(low)) / _FULL_LIFT_SEMITONES,
        (long / max(short, 1e-6) - 0.9) / (_FULL_LENGTH_RATIO - 0.9),
        float(starts[1] - starts[0] + 1) / 2,
        (max(high) - max(low)) / _FULL_LIFT_SEMITONES,
        float(any(size >= 3 for size in mine - theirs)),
    )
    return float(np.mean([min(max(p, 0.0), 1.0) for p in parts]))


def memory(tunes: Sequence[Tune]) -> float:
    """Compression gain of a section, less what its recurrence lacks or has too much of."""
    tokens = [token for t in tunes for token in _tokens(t)]
    if len(tokens) < 8:
        return 0.0
    gain = 1 - _phrases(tokens) / len(tokens)
    share = recurrence(tunes)
    away = max(RECURRENCE[0] - share, share - RECURRENCE[1], 0.0)
    return min(max(1.3 * gain - away, 0.0), 1.0)


def recurrence(tunes: Sequence[Tune]) -> float:
    """Share of three-note figures (two intervals, one length) that come more than once."""
    figures = [(a, b, length) for t in tunes for (a, length), (b, _) in pairwise(_tokens(t))]
    counts = Counter(figures)
    return sum(c for c in counts.values() if c > 1) / len(figures) if figures else 0.0


def _tokens(tune: Tune) -> list[Token]:
    gaps = [b - a for a, b in pairwise(tune.onsets)]
    return [(b - a, round(gap * 4)) for (a, b), gap in zip(pairwise(tune.midis), gaps, strict=True)]


def _phrases(tokens: Sequence[Token]) -> int:
    """How many phrases LZ78 cuts the tokens into."""
    known: set[tuple[Token, ...]] = set()
    phrase: tuple[Token, ...] = ()
    count = 0
    for token in tokens:
        phrase = (*phrase, token)
        if phrase not in known:
            known.add(phrase)
            phrase, count = (), count + 1
    return count + bool(phrase)
