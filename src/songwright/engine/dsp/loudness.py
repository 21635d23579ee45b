"""Loudness after ITU-R BS.1770-4: K weighting, 400 ms blocks every 100 ms, absolute and relative gate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.biquad import Filter, high_pass
from songwright.engine.dsp.compiled import compiled
from songwright.engine.dsp.levels import SILENCE_DB, db_of_power, db_of_powers
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

POWER_HOP = SAMPLE_RATE_HZ // 10  #: samples of one value of a power track, 100 ms
PowerTrack = NDArray[np.float64]


def _head_shelf() -> Filter:
    """The standard's first stage, the head's effect. Its 48 kHz coefficients turned back into analogue numbers by
    B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (AES 145, 2018)."""
    k = math.tan(math.pi * 1681.974450955533 / SAMPLE_RATE_HZ)
    q, high = 0.7071752369554196, 10.0 ** (3.999843853973347 / 20.0)
    middle = high**0.4996667741545416
    a = np.array([1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k])
    b = np.array([high + middle * k / q + k * k, 2.0 * (k * k - high), high - middle * k / q + k * k])
    return np.concatenate([b, a[1:]])[None] / a[0]


K_WEIGHTING: Filter = np.concatenate([_head_shelf(), high_pass(38.13547087602444, 0.5003270373238773)])
_OFFSET_DB = -0.691
_ABSOLUTE_GATE_LUFS = -70.0


NO_WEIGHTING: Filter = np.zeros((0, 5))


def power_track(audio: Audio, weighting: Filter) -> PowerTrack:
    """Mean square, summed over the channels, of each 100 ms of `audio` heard through `weighting`."""
    return _power_track(audio, weighting)


@compiled
def _power_track(audio: Audio, sections: Filter) -> PowerTrack:
    samples = audio.shape[1]
    count = sections.shape[0]
    powers = np.zeros(-(-samples // POWER_HOP))
    z = np.zeros((count, 4))
    for block in range(powers.shape[0]):
        total = 0.0
        for i in range(block * POWER_HOP, min((block + 1) * POWER_HOP, samples)):
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
            total += left * left + right * right
        powers[block] = total / POWER_HOP
    return powers


def _blocks(powers: PowerTrack) -> PowerTrack:
    """400 ms means, 75 % overlapping; a sound shorter than that is one block."""
    if len(powers) < 4:
        return np.array([powers.mean()]) if len(powers) else np.zeros(1)
    return np.convolve(powers, np.full(4, 0.25), "valid")


def gated_power(powers: PowerTrack) -> float:
    """Mean of the blocks that pass both gates: 0.0 for silence."""
    blocks = _blocks(powers)
    levels = db_of_powers(blocks) + _OFFSET_DB
    loud = levels > _ABSOLUTE_GATE_LUFS
    if not loud.any():
        return 0.0
    relative_gate = db_of_power(float(blocks[loud].mean())) + _OFFSET_DB - 10.0
    return float(blocks[loud & (levels > relative_gate)].mean())


def loudness_of_powers(powers: PowerTrack) -> float:
    """Integrated loudness of a K-weighted power track, in LUFS; silence reads -120.691."""
    power = gated_power(powers)
    return (db_of_power(power) if power > 0 else SILENCE_DB) + _OFFSET_DB


def loudness_lufs(audio: Audio) -> float:
    """Integrated loudness of stereo `audio`."""
    return loudness_of_powers(power_track(audio, K_WEIGHTING))
