"""Changing the sample rate: soxr for any ratio; a half-band filter for the half rate in which reverb and echo run.

Half-band: 23 taps, Kaiser window (beta 6), -6 dB at 11.025 kHz. What aliases lies above 10 kHz, where a reverb is
low-passed anyway. soxr (LGPL-2.1) is used as the dynamically loaded library that its wheel ships.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import Audio

_REACH = 11  #: taps on either side; at even distances from the middle all are zero
_BLOCK = 2048  #: samples worked on at a time, so that they stay in the processor's cache


def resample(audio: Audio, from_hz: int, to_hz: int) -> Audio:
    """`audio` [samples] or [channels, samples] at another rate."""
    if from_hz == to_hz:
        return audio
    return np.ascontiguousarray(soxr.resample(audio.T, from_hz, to_hz, quality="HQ").T, dtype=np.float32)


def _half_band() -> NDArray[np.float32]:
    taps = 0.5 * np.sinc(np.arange(-_REACH, _REACH + 1) / 2) * np.kaiser(2 * _REACH + 1, 6.0)
    return (taps / taps.sum()).astype(np.float32)


_HALF_BAND = _half_band()


def half_rate_mid(audio: Audio) -> NDArray[np.float32]:
    """The mean of both channels at half the rate, float32 [ceil(samples / 2)]."""
    return _halve(audio, _HALF_BAND)


@compiled
def _halve(audio: Audio, taps: NDArray[np.float32]) -> NDArray[np.float32]:
    samples = audio.shape[1]
    side = (_REACH + 1) // 2
    length = (samples + 1) // 2
    half = np.empty(length, np.float32)
    odd = np.zeros(length + 2 * side, np.float32)
    middle = np.float32(0.5) * taps[_REACH]
    for k in range(length):
        half[k] = middle * (audio[0, 2 * k] + audio[1, 2 * k])
    for k in range(samples // 2):
        odd[k + side] = np.float32(0.5) * (audio[0, 2 * k + 1] + audio[1, 2 * k + 1])
    for first in range(0, length, _BLOCK):
        last = min(first + _BLOCK, length)
        for j in range(side):
            tap = taps[_REACH + 2 * j + 1]
            for k in range(first, last):
                half[k] += tap * (odd[k + side - 1 - j] + odd[k + side + j])
    return half


def add_from_half_in_place(audio: Audio, half: NDArray[np.float32]) -> None:
    """Add stereo `half` [2, ceil(samples / 2)], brought to the full rate, to `audio`."""
    _add_doubled(audio, half, _HALF_BAND)


@compiled
def _add_doubled(audio: Audio, half: NDArray[np.float32], taps: NDArray[np.float32]) -> None:
    side = (_REACH + 1) // 2
    length = half.shape[1]
    middle = np.float32(2.0) * taps[_REACH]
    between = np.empty(_BLOCK, np.float32)
    padded = np.zeros(length + 2 * side + 1, np.float32)
    for c in range(2):
        padded[side : side + length] = half[c]
        for first in range(0, length, _BLOCK):
            count = min(_BLOCK, length - first)
            between[:count] = np.float32(0.0)
            for j in range(side):
                tap = np.float32(2.0) * taps[_REACH + 2 * j + 1]
                for k in range(count):
                    between[k] += tap * (padded[first + k + side - j] + padded[first + k + side + 1 + j])
            for k in range(count):
                audio[c, 2 * (first + k)] += middle * padded[first + k + side]
            for k in range(min(count, audio.shape[1] // 2 - first)):
                audio[c, 2 * (first + k) + 1] += between[k]
