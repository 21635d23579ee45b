"""24 kHz voice -> 44.1 kHz with the octave it lacks: noise and overtones that follow the level of the band below.

Conventions
    The band 5.5-10.5 kHz is the model; nothing below `_SPLIT_HZ` changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from songwright.engine.material import SAMPLE_RATE_HZ
from songwright.engine.voice.model import MODEL_RATE_HZ, Floats

_SPLIT_HZ: Final = 10_500
_MODEL_BAND_HZ: Final = (5_500, _SPLIT_HZ)
_ENVELOPE_S: Final = 0.004
_OVERTONES: Final = 0.7
_NOISE: Final = 0.8
_AMOUNT: Final = 0.55


def with_air(sound: NDArray[np.float32], rng: np.random.Generator) -> Floats:
    """`sound` at the song's rate, its top octave restored."""
    if not len(sound):
        return np.zeros(0)
    wide = np.asarray(soxr.resample(sound.astype(np.float64), MODEL_RATE_HZ, SAMPLE_RATE_HZ), np.float64)
    band = _filtered(wide, 4, _MODEL_BAND_HZ, "bandpass")
    width = int(_ENVELOPE_S * SAMPLE_RATE_HZ)
    level = np.sqrt(np.maximum(uniform_filter1d(band * band, width, mode="constant"), 0.0))
    rectified = np.abs(band)  # its partials lie at sums of the band's, with the same period
    rectified -= uniform_filter1d(rectified, width, mode="constant")
    excited = _OVERTONES * rectified + _NOISE * level * rng.standard_normal(len(wide))
    high = _filtered(_filtered(excited, 6, _SPLIT_HZ, "highpass"), 2, 13_500, "lowpass")
    return wide + _AMOUNT * high


def _filtered(sound: Floats, order: int, edges_hz: float | tuple[float, float], kind: str) -> Floats:
    sections = butter(order, edges_hz, kind, fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(sections, sound))
