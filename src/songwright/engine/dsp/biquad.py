"""Second-order filters after the Audio EQ Cookbook. A filter is float64 [sections, 5]: b0 b1 b2 a1 a2 (a0 = 1)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

Filter = NDArray[np.float64]

BUTTERWORTH_Q = math.sqrt(0.5)


def _angle(frequency_hz: float, quality: float, rate_hz: float) -> tuple[float, float]:
    """The cookbook's cos(w0) and alpha. Frequencies are held below 0.49 of the rate."""
    w0 = 2.0 * math.pi * min(frequency_hz, 0.49 * rate_hz) / rate_hz
    return math.cos(w0), math.sin(w0) / (2.0 * quality)


def _section(b: tuple[float, float, float], a: tuple[float, float, float]) -> Filter:
    return np.array([[b[0], b[1], b[2], a[1], a[2]]]) / a[0]


def high_pass(frequency_hz: float, quality: float = BUTTERWORTH_Q, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """12 dB an octave below `frequency_hz`."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    return _section(((1 + c) / 2, -(1 + c), (1 + c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def low_pass(frequency_hz: float, quality: float = BUTTERWORTH_Q, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """12 dB an octave above `frequency_hz`."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    return _section(((1 - c) / 2, 1 - c, (1 - c) / 2), (1 + alpha, -2 * c, 1 - alpha))


def band_pass(frequency_hz: float, quality: float, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """0 dB and no phase shift at `frequency_hz`."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    return _section((alpha, 0.0, -alpha), (1 + alpha, -2 * c, 1 - alpha))


def all_pass(frequency_hz: float, quality: float = BUTTERWORTH_Q, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """0 dB everywhere; the phase turns by half a circle up to `frequency_hz` and by another above it."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    return _section((1 - alpha, -2 * c, 1 + alpha), (1 + alpha, -2 * c, 1 - alpha))


def peak(frequency_hz: float, gain_db: float, quality: float = 1.0, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """A bell of `gain_db`."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    a = 10.0 ** (gain_db / 40.0)
    return _section((1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a))


def low_shelf(frequency_hz: float, gain_db: float, quality: float = 0.6, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """`gain_db` below `frequency_hz`."""
    return _shelf(frequency_hz, gain_db, quality, rate_hz, side=-1.0)


def high_shelf(frequency_hz: float, gain_db: float, quality: float = 0.6, *, rate_hz: float = SAMPLE_RATE_HZ) -> Filter:
    """`gain_db` above `frequency_hz`."""
    return _shelf(frequency_hz, gain_db, quality, rate_hz, side=1.0)


def _shelf(frequency_hz: float, gain_db: float, quality: float, rate_hz: float, *, side: float) -> Filter:
    """Both shelves of the cookbook: they differ by the sign of the cosine terms."""
    c, alpha = _angle(frequency_hz, quality, rate_hz)
    a = 10.0 ** (gain_db / 40.0)
    root = 2.0 * math.sqrt(a) * alpha
    b0 = a * ((a + 1) + side * (a - 1) * c + root)
    b1 = -side * 2 * a * ((a - 1) + side * (a + 1) * c)
    b2 = a * ((a + 1) + side * (a - 1) * c - root)
    a0 = (a + 1) - side * (a - 1) * c + root
    a1 = side * 2 * ((a - 1) - side * (a + 1) * c)
    a2 = (a + 1) - side * (a - 1) * c - root
    return _section((b0, b1, b2), (a0, a1, a2))


def filter_in_place(audio: Audio, *filters: Filter) -> None:
    """Run stereo `audio` [2, samples] through `filters`, one after the other, in one pass."""
    if filters and audio.shape[1]:
        _run_stereo(audio, np.ascontiguousarray(np.concatenate(filters)))


@compiled
def _run_stereo(audio: Audio, sections: Filter) -> None:
    """Transposed direct form II. All sections in one pass: the processor overlaps them across samples."""
    count = sections.shape[0]
    z = np.zeros((count, 4))
    for i in range(audio.shape[1]):
        left = audio[0, i] + 1e-18
        right = audio[1, i] + 1e-18
        for k in range(count):
            b0, b1, b2 = sections[k, 0], sections[k, 1], sections[k, 2]
            a1, a2 = sections[k, 3], sections[k, 4]
            y = b0 * left + z[k, 0]
            z[k, 0] = b1 * left - a1 * y + z[k, 1]
            z[k, 1] = b2 * left - a2 * y
            left = y
            y = b0 * right + z[k, 2]
            z[k, 2] = b1 * right - a1 * y + z[k, 3]
            z[k, 3] = b2 * right - a2 * y
            right = y
        audio[0, i] = left
        audio[1, i] = right


def response_db(filters: Filter, frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitude response of a cascade at `frequencies_hz`."""
    z = np.exp(-2j * np.pi * frequencies_hz / SAMPLE_RATE_HZ)
    total = np.zeros(len(frequencies_hz))
    for b0, b1, b2, a1, a2 in filters:
        total += 20.0 * np.log10(np.abs((b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)) + 1e-12)
    return total
