"""True peak after ITU-R BS.1770-4 annex 2: the highest value of the 4x oversampled signal.

The interpolator has 4 phases of 16 taps (Kaiser-windowed sinc, beta 6); phase 0 is the sample itself. A stretch is only
oversampled when it could matter: the result cannot exceed the largest sample times the phase's sum of |taps|.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import Audio

_HALF = 8  #: taps on either side
Taps = NDArray[np.float32]


def _interpolator() -> Taps:
    offsets = np.arange(-_HALF + 1, _HALF + 1)
    phases: list[NDArray[np.float64]] = []
    for phase in (0.25, 0.5, 0.75):
        distance = phase - offsets
        window = np.i0(6.0 * np.sqrt(np.maximum(1.0 - (distance / _HALF) ** 2, 0.0))) / np.i0(6.0)
        taps = np.sinc(distance) * window
        phases.append(taps / taps.sum())
    return np.array(phases, np.float32)


OVERSAMPLING_TAPS: Taps = _interpolator()


def true_peak_dbtp(audio: Audio) -> float:
    """The true peak of stereo `audio` in dBTP; -inf-like silence reads -120."""
    highest = float(_highest(audio, OVERSAMPLING_TAPS)) if audio.shape[1] else 0.0
    return 20.0 * float(np.log10(max(highest, 1e-6)))


@compiled
def _between(channel: NDArray[np.float32], taps: Taps, i: int) -> float:
    """Highest absolute value at the three points between samples i and i + 1."""
    highest = np.float32(0.0)
    samples = channel.shape[0]
    inside = i >= _HALF - 1 and i + _HALF < samples
    for phase in range(3):
        total = np.float32(0.0)
        if inside:
            for k in range(2 * _HALF):
                total += taps[phase, k] * channel[i - _HALF + 1 + k]
        else:
            for k in range(2 * _HALF):
                j = i - _HALF + 1 + k
                if 0 <= j < samples:
                    total += taps[phase, k] * channel[j]
        highest = max(highest, abs(total))
    return float(highest)


@compiled
def _largest(channel: NDArray[np.float32], first: int, last: int) -> float:
    highest = np.float32(0.0)
    for i in range(max(first, 0), min(last, channel.shape[0])):
        highest = max(highest, abs(channel[i]))
    return float(highest)


@compiled
def _highest(audio: Audio, taps: Taps) -> float:
    bound = np.float32(np.max(np.sum(np.abs(taps), axis=1)))
    highest = np.float32(0.0)
    block = 64
    for c in range(audio.shape[0]):
        highest = max(highest, _largest(audio[c], 0, audio.shape[1]))
    for c in range(audio.shape[0]):
        channel = audio[c]
        for first in range(0, audio.shape[1], block):
            last = min(first + block, audio.shape[1])
            if _largest(channel, first - _HALF, last + _HALF) * bound <= highest:
                continue
            for i in range(first, last):
                highest = max(highest, _between(channel, taps, i))
    return float(highest)


@compiled
def true_peaks_above(audio: Audio, taps: Taps, ceiling: float) -> NDArray[np.float32]:
    """The true peak around each sample where it exceeds `ceiling`, `ceiling` elsewhere; float32 [samples]."""
    samples = audio.shape[1]
    result = np.full(samples, np.float32(ceiling))
    bound = np.float32(np.max(np.sum(np.abs(taps), axis=1)))
    block = 64
    for c in range(audio.shape[0]):
        channel = audio[c]
        for first in range(0, samples, block):
            last = min(first + block, samples)
            if _largest(channel, first - _HALF, last + _HALF) * bound <= ceiling:
                continue
            for i in range(first, last):
                highest = max(abs(channel[i]), _between(channel, taps, i))
                result[i] = max(result[i], highest)
                if i + 1 < samples:
                    result[i + 1] = max(result[i + 1], highest)
    return result
