"""Gain curves: how a level changes over time, at a control rate, joined by straight lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.biquad import Filter
from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

CURVE_HOP = 32  #: samples between two points of a curve, 0.73 ms
Curve = NDArray[np.float32]


def curve_length(samples: int) -> int:
    """Points of a curve over `samples`."""
    return -(-samples // CURVE_HOP) + 1


def curve_from_points(samples: int, points: Sequence[tuple[float, float]]) -> Curve:
    """Straight lines through (time_s, gain) points in order of time; the first and last gain hold outside."""
    times_s = np.arange(curve_length(samples)) * (CURVE_HOP / SAMPLE_RATE_HZ)
    at_s, gains = zip(*points, strict=True)
    return np.interp(times_s, at_s, gains).astype(np.float32)


@compiled
def apply_curve_in_place(audio: Audio, curve: Curve, scale: float) -> None:
    """Multiply stereo `audio` by `curve` and by `scale`."""
    samples = audio.shape[1]
    for k in range(curve.shape[0] - 1):
        first = k * CURVE_HOP
        gain = curve[k] * scale
        step = (curve[k + 1] - curve[k]) * scale / CURVE_HOP
        for i in range(first, min(first + CURVE_HOP, samples)):
            g = np.float32(gain + step * (i - first))
            audio[0, i] *= g
            audio[1, i] *= g


def level_curve(audio: Audio, attack_s: float, release_s: float, heard_through: Filter | None = None) -> Curve:
    """Smoothed root mean square of both channels, one point a hop, with separate rise and fall times.

    `heard_through` filters what is measured; the audio stays as it is.
    """
    powers = _hop_powers(audio, np.zeros((0, 5)) if heard_through is None else heard_through)
    rise = 1.0 - np.exp(-CURVE_HOP / (attack_s * SAMPLE_RATE_HZ))
    fall = 1.0 - np.exp(-CURVE_HOP / (release_s * SAMPLE_RATE_HZ))
    return _smoothed_root(powers, float(rise), float(fall))


@compiled
def _smoothed_root(powers: NDArray[np.float64], rise: float, fall: float) -> Curve:
    curve = np.zeros(len(powers) + 1, np.float32)
    power = 0.0
    for k in range(len(powers)):
        power += (powers[k] - power) * (rise if powers[k] > power else fall)
        curve[k] = np.sqrt(power)
    if len(powers):
        curve[len(powers)] = curve[len(powers) - 1]
    return curve


@compiled
def _hop_powers(audio: Audio, sections: Filter) -> NDArray[np.float64]:
    """Mean square of both channels for each hop."""
    samples = audio.shape[1]
    powers = np.empty(-(-samples // CURVE_HOP))
    count = sections.shape[0]
    z = np.zeros((count, 2))
    for block in range(len(powers)):
        first = block * CURVE_HOP
        last = min(first + CURVE_HOP, samples)
        total = 0.0
        if count == 0:
            for i in range(first, last):
                total += 0.5 * (audio[0, i] * audio[0, i] + audio[1, i] * audio[1, i])
        else:  # what is filtered is bass, which is mono: its middle says enough
            for i in range(first, last):
                x = 0.5 * (audio[0, i] + audio[1, i]) + 1e-18
                for k in range(count):
                    y = sections[k, 0] * x + z[k, 0]
                    z[k, 0] = sections[k, 1] * x - sections[k, 3] * y + z[k, 1]
                    z[k, 1] = sections[k, 2] * x - sections[k, 4] * y
                    x = y
                total += x * x
        powers[block] = total / (last - first)
    return powers


@compiled
def dip_band_in_place(audio: Audio, band: Filter, curve: Curve) -> None:
    """Give the band that the one-section band-pass `band` lets through the gain `curve`; the rest stays as it is."""
    b0, b1, b2, a1, a2 = band[0, 0], band[0, 1], band[0, 2], band[0, 3], band[0, 4]
    samples = audio.shape[1]
    p1 = p2 = q1 = q2 = 0.0
    for k in range(curve.shape[0] - 1):
        first = k * CURVE_HOP
        gain = curve[k] - 1.0
        step = (curve[k + 1] - curve[k]) / CURVE_HOP
        for i in range(first, min(first + CURVE_HOP, samples)):
            g = gain + step * (i - first)
            x = audio[0, i] + 1e-18
            y = b0 * x + p1
            p1 = b1 * x - a1 * y + p2
            p2 = b2 * x - a2 * y
            audio[0, i] = x + g * y
            x = audio[1, i] + 1e-18
            y = b0 * x + q1
            q1 = b1 * x - a1 * y + q2
            q2 = b2 * x - a2 * y
            audio[1, i] = x + g * y
