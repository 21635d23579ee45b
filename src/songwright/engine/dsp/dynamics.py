"""Compressor and de-esser. Both are stereo-linked: one gain for both channels, so that the image stands still."""

from __future__ import annotations

import numpy as np

from songwright.engine.dsp.biquad import Filter
from songwright.engine.dsp.compiled import compiled
from songwright.engine.dsp.curves import CURVE_HOP, Curve, apply_curve_in_place, level_curve
from songwright.engine.dsp.levels import gain_of_db
from songwright.engine.material import Audio


def compressor_curve(
    audio: Audio, *, threshold_db: float, ratio: float, attack_s: float, release_s: float, knee_db: float = 6.0
) -> Curve:
    """The gain of a feed-forward RMS compressor with a soft knee, without make-up."""
    level = level_curve(audio, attack_s, release_s)
    level_db = 20.0 * np.log10(np.maximum(level, 1e-6))
    over_db = level_db - threshold_db
    # Quadratic inside the knee, straight above it (Giannoulis et al., eq. 4).
    bent_db = np.where(
        over_db > knee_db / 2, over_db, np.square(np.maximum(over_db + knee_db / 2, 0)) / (2 * max(knee_db, 1e-6))
    )
    return (10.0 ** (-(1.0 - 1.0 / ratio) * bent_db / 20.0)).astype(np.float32)


def compress_in_place(
    audio: Audio,
    *,
    threshold_db: float,
    ratio: float,
    attack_s: float,
    release_s: float,
    makeup_db: float = 0.0,
) -> None:
    """Compress `audio`; `makeup_db` is added afterwards."""
    curve = compressor_curve(audio, threshold_db=threshold_db, ratio=ratio, attack_s=attack_s, release_s=release_s)
    apply_curve_in_place(audio, curve, gain_of_db(makeup_db))


@compiled
def de_ess_in_place(audio: Audio, split: Filter, share: float, floor_gain: float) -> None:
    """Turn down what `split` (a one-section high-pass) lets through while it exceeds `share` of the whole level.

    Sibilants are recognised by their proportion, not by their level, so soft and loud words are treated alike.
    `floor_gain` is the deepest reduction. Levels rise within 1 ms and fall within 40 ms.
    """
    b0, b1, b2, a1, a2 = split[0, 0], split[0, 1], split[0, 2], split[0, 3], split[0, 4]
    p1 = p2 = q1 = q2 = 0.0
    samples = audio.shape[1]
    high = whole = 0.0
    gain = 1.0
    rise, fall, slow = 0.5, 0.018, 0.018
    buffer = np.zeros((2, CURVE_HOP))
    for k in range(-(-samples // CURVE_HOP)):
        first = k * CURVE_HOP
        last = min(first + CURVE_HOP, samples)
        high_power = whole_power = 0.0
        for i in range(first, last):
            x = audio[0, i] + 1e-18
            y = b0 * x + p1
            p1 = b1 * x - a1 * y + p2
            p2 = b2 * x - a2 * y
            v = audio[1, i] + 1e-18
            w = b0 * v + q1
            q1 = b1 * v - a1 * w + q2
            q2 = b2 * v - a2 * w
            buffer[0, i - first] = y
            buffer[1, i - first] = w
            high_power += y * y + w * w
            whole_power += x * x + v * v
        count = last - first
        high_power /= count
        whole_power /= count
        high += (high_power - high) * (rise if high_power > high else fall)
        whole += (whole_power - whole) * (rise if whole_power > whole else slow)
        limit = share * share * whole
        target = 1.0
        if high > limit and high > 1e-10:
            target = max(np.sqrt(limit / high), floor_gain)
        step = (target - gain) / count
        for i in range(first, last):
            gain += step
            audio[0, i] += (gain - 1.0) * buffer[0, i - first]
            audio[1, i] += (gain - 1.0) * buffer[1, i - first]
