"""Changing the sample rate: soxr for any ratio; a half-band filter for the half rate in which reverb and echo run.

Half-band: 31 taps, Kaiser window (beta 7), -6 dB at 11.025 kHz. What aliases lies above 10 kHz, where a reverb is
low-passed anyway. soxr (LGPL-2.1) is used as the dynamically loaded library that its wheel ships.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import Audio

_REACH = 15


def resample(audio: Audio, from_hz: int, to_hz: int) -> Audio:
    """`audio` [samples] or [channels, samples] at another rate."""
    if from_hz == to_hz:
        return audio
    return np.ascontiguousarray(soxr.resample(audio.T, from_hz, to_hz, quality="HQ").T, dtype=np.float32)


def _half_band() -> NDArray[np.float32]:
    taps = 0.5 * np.sinc(np.arange(-_REACH, _REACH + 1) / 2) * np.kaiser(2 * _REACH + 1, 7.0)
    return (taps / taps.sum()).astype(np.float32)


_HALF_BAND = _half_band()


def half_rate_mid(audio: Audio) -> NDArray[np.float32]:
    """The mean of both channels at half the rate, float32 [ceil(samples / 2)]."""
    return _halve(audio, _HALF_BAND)


@compiled
def _halve(audio: Audio, taps: NDArray[np.float32]) -> NDArray[np.float32]:
    samples = audio.shape[1]
    reach = taps.shape[0] // 2
    mid = np.zeros(samples + 2 * reach + 2, np.float32)
    for i in range(samples):
        mid[i + reach] = np.float32(0.5) * (audio[0, i] + audio[1, i])
    half = np.zeros((samples + 1) // 2, np.float32)
    for k in range(half.shape[0]):
        total = taps[reach] * mid[2 * k + reach]
        for j in range(1, reach + 1, 2):  # at even distances from the middle a half-band filter is zero
            total += taps[reach + j] * (mid[2 * k + reach - j] + mid[2 * k + reach + j])
        half[k] = total
    return half


def add_from_half_in_place(audio: Audio, half: NDArray[np.float32]) -> None:
    """Add stereo `half` [2, ceil(samples / 2)], brought to the full rate, to `audio`."""
    _add_doubled(audio, half, _HALF_BAND)


@compiled
def _add_doubled(audio: Audio, half: NDArray[np.float32], taps: NDArray[np.float32]) -> None:
    reach = taps.shape[0] // 2
    side = (reach + 1) // 2
    length = half.shape[1]
    for c in range(2):
        padded = np.zeros(length + 2 * side + 1, np.float32)
        padded[side : side + length] = half[c]
        middle = np.float32(2.0) * taps[reach]
        for k in range(length):
            audio[c, 2 * k] += middle * padded[k + side]
            if 2 * k + 1 < audio.shape[1]:
                total = np.float32(0.0)
                for j in range(side):
                    total += taps[reach + 2 * j + 1] * (padded[k + side - j] + padded[k + side + 1 + j])
                audio[c, 2 * k + 1] += np.float32(2.0) * total
