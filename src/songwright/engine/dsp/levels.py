"""Decibels and numbers that are none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.material import Audio

SILENCE_DB = -120.0


def gain_of_db(level_db: float) -> float:
    """Decibels -> linear amplitude."""
    return float(10.0 ** (level_db / 20.0))


def db_of_power(power: float) -> float:
    """Mean square -> decibels, never below SILENCE_DB."""
    return float(10.0 * np.log10(power)) if power > 10.0 ** (SILENCE_DB / 10.0) else SILENCE_DB


def db_of_powers(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for each element."""
    return 10.0 * np.log10(np.maximum(powers, 10.0 ** (SILENCE_DB / 10.0)))


def silence_non_finite_in_place(audio: Audio) -> None:
    """Replace NaN and infinities by silence: one of them would stay in every recursive filter for ever."""
    # The sum is not finite if any sample is not; looking at a sum costs a fraction of looking at each sample.
    if not np.isfinite(np.sum(audio, dtype=np.float64)):
        np.nan_to_num(audio, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
