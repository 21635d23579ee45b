"""What real songs do: probabilities of melodic steps, from the CC0 table in `data`.

Conventions
    A step counts diatonic notes, clipped to -7..7 and stored at `step + 7`. The context of a step is the metrical
    strength of the note it leads to (0, 1, 2) and the step before (index 0..14, 15 = none). Orders are interpolated
    with lambda = T / (T + 4U), T tokens and U types of the context (Witten-Bell with a factor).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

MAX_STEP = 7
STEPS = 2 * MAX_STEP + 1
NO_HISTORY = STEPS


@lru_cache(maxsize=1)
def _counts() -> dict[str, dict[str, int]]:
    return json.loads(files("songwright.engine.score").joinpath("data/melody_ngrams.json").read_text("utf-8"))


def _interpolated(counts: Counter[int], lower: NDArray[np.float64]) -> NDArray[np.float64]:
    tokens, types = sum(counts.values()), len(counts)
    if not tokens:
        return lower
    share = tokens / (tokens + 4 * types)
    own = np.array([counts.get(step - MAX_STEP, 0) for step in range(STEPS)], dtype=np.float64) / tokens
    return share * own + (1 - share) * lower


@lru_cache(maxsize=1)
def step_surprise() -> NDArray[np.float64]:
    """-ln P(step | strength, step before), shape [3, 16, 15]."""
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for key, count in _counts()["ng"].items():
        context, step = key.rsplit(">", 1)
        counts[context][int(step)] += count
    table = np.zeros((3, STEPS + 1, STEPS))
    for strength in range(3):
        base = _interpolated(counts[f"{strength}|"], np.full(STEPS, 1 / STEPS))
        table[strength, NO_HISTORY] = base
        for before in range(STEPS):
            table[strength, before] = _interpolated(counts[f"{strength}|{before - MAX_STEP}"], base)
    return -np.log(table + 1e-4)
