"""Reverberation by convolution with a made-up room, at half the sample rate.

The impulse response is the usual statistical model (Moorer, "About this reverberation business", 1979): a few early
reflections, then noise that decays exponentially, faster the higher its frequency, different in each channel. It is
normalised to unit energy, so that a send of x dB makes a wet sound x dB below the dry one (for noise).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from songwright.engine.material import SAMPLE_RATE_HZ, stable_rng

_RATE_HZ = SAMPLE_RATE_HZ // 2
_EARLY = (8.3, 13.7, 19.1, 26.9, 33.7, 41.3, 52.1, 63.7)  #: ms: mutually prime-ish, so that no pitch is heard
# (upper edge Hz, decay time relative to the mid band's): air and walls swallow the treble first.
_BANDS = ((250.0, 1.0), (1500.0, 1.0), (4000.0, 0.8), (9500.0, 0.5))
_LOW_CUT_HZ = 200.0  #: a reverb without bass keeps the low end clear


@lru_cache(maxsize=16)
def impulse_response_half(decay_s: float, pre_delay_s: float, early: float = 0.5) -> NDArray[np.float32]:
    """A room whose level falls by 60 dB in `decay_s`; stereo float32 [2, taps] at 22050 Hz, read-only.

    `early` is the share of energy in the first reflections.
    """
    rng = stable_rng("reverb", decay_s, early)
    length = round(min(decay_s * 1.05, 6.0) * _RATE_HZ)
    time_s = np.arange(length) / _RATE_HZ
    late = np.zeros((2, length))
    low_hz = _LOW_CUT_HZ
    for high_hz, share in _BANDS:
        band = butter(2, [low_hz, high_hz], "bandpass", fs=_RATE_HZ, output="sos")
        noise = np.asarray(sosfilt(band, rng.standard_normal((2, length)), axis=1))
        late += noise * np.exp(-6.91 * time_s / (decay_s * share))
        low_hz = high_hz
    late *= 1.0 - np.exp(-time_s / 0.02)  # the density of a room's reflections needs time to build up
    late /= np.sqrt((late**2).sum(axis=1, keepdims=True)) + 1e-12
    response = np.sqrt(1.0 - early) * late + np.sqrt(early) * _early_reflections(length, rng)
    response = np.pad(response, ((0, 0), (round(pre_delay_s * _RATE_HZ), 0)))
    response /= np.sqrt((response**2).sum(axis=1, keepdims=True)) + 1e-12
    result = np.ascontiguousarray(response, dtype=np.float32)
    result.setflags(write=False)
    return result


def _early_reflections(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    taps = np.zeros((2, length))
    for channel in range(2):
        for index, at_ms in enumerate(_EARLY):
            at = round(at_ms * (1.0 + 0.07 * channel + 0.04 * rng.random()) * _RATE_HZ / 1000.0)
            if at < length:
                taps[channel, at] += (-1.0) ** (index * (channel + 1)) * 0.8**index
    band = butter(1, [_LOW_CUT_HZ, 6000.0], "bandpass", fs=_RATE_HZ, output="sos")
    taps = np.asarray(sosfilt(band, taps, axis=1))
    return taps / (np.sqrt((taps**2).sum(axis=1, keepdims=True)) + 1e-12)


def convolve_half(send: NDArray[np.float32], response: NDArray[np.float32]) -> NDArray[np.float32]:
    """`send` [samples] through `response` [2, taps], cut to [2, samples]: overlap-add, silent blocks skipped."""
    taps = response.shape[1]
    size = 1 << max(int(np.ceil(np.log2(4 * taps))), 14)
    block = size - taps + 1
    spectrum = np.fft.rfft(response, size, axis=1)
    wet = np.zeros((2, len(send) + size), np.float32)
    for first in range(0, len(send), block):
        piece = send[first : first + block]
        if np.abs(piece).max() > 1e-6:
            wet[:, first : first + size] += np.fft.irfft(np.fft.rfft(piece, size)[None] * spectrum, size, axis=1)
    return wet[:, : len(send)]
