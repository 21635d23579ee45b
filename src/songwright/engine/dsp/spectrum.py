"""Long-term spectrum in octave bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.material import SAMPLE_RATE_HZ, Audio

OCTAVE_BANDS_HZ = (31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
_SIZE = 8192
_MOST_FRAMES = 40


def octave_powers(audio: Audio) -> NDArray[np.float64]:
    """Mean power of each octave band, float64 [10], from up to 40 frames of 186 ms spread over the whole."""
    samples = audio.shape[1]
    if samples < _SIZE:
        audio = np.pad(audio, ((0, 0), (0, _SIZE - samples)))
        samples = _SIZE
    starts = np.linspace(0, samples - _SIZE, min(_MOST_FRAMES, max(samples // _SIZE, 1))).astype(int)
    window = np.hanning(_SIZE).astype(np.float32)
    power = np.zeros(_SIZE // 2 + 1)
    for first in starts:
        power += (np.abs(np.fft.rfft(audio[:, first : first + _SIZE] * window, axis=1)) ** 2).sum(axis=0)
    frequencies_hz = np.arange(len(power)) * (SAMPLE_RATE_HZ / _SIZE)
    edges = [centre / np.sqrt(2.0) for centre in OCTAVE_BANDS_HZ] + [SAMPLE_RATE_HZ / 2.0]
    bands = np.searchsorted(edges, frequencies_hz, side="right") - 1
    totals = np.bincount(bands[bands >= 0].clip(max=9), weights=power[bands >= 0], minlength=10)
    return totals / (len(starts) * _SIZE * float((window**2).mean()) * _SIZE / 2.0)
