"""Place and width of a stem: equal-power pan, mid-side width, and width made for sounds that have none."""

from __future__ import annotations

import math

import numpy as np

from songwright.engine.dsp.biquad import Filter, all_pass, high_pass
from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

_CROSSOVER_HZ = 140.0  #: at 120 Hz and below the side is 9 dB down and falls by 24 an octave
_SIDE = np.concatenate([high_pass(_CROSSOVER_HZ), high_pass(_CROSSOVER_HZ)])
# Two Butterworth high-passes turn the phase exactly as this all-pass does (Linkwitz, Riley, 1976). The mid takes it,
# so that above the crossover mid and side still add and cancel as they should: a hard pan stays hard.
_MID = all_pass(_CROSSOVER_HZ)


def spread_in_place(
    audio: Audio, *, pan: float = 0.0, side_gain: float = 1.0, made_side: float = 0.0, delay_s: float = 0.011
) -> None:
    """Turn the stereo image of `audio`.

    pan: -1 left .. 1 right, equal power, 0 dB in the middle. side_gain: 0 = mono, 1 = as it is.
    made_side: level, relative to the mid, of a side signal made of the delayed mid; it vanishes in mono.
    Whatever the settings, the side loses what is below 140 Hz: bass stays in the middle.
    """
    angle = (min(max(pan, -1.0), 1.0) + 1.0) * math.pi / 4.0
    gains = (math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle))
    _spread(audio, gains[0], gains[1], side_gain, made_side, max(round(delay_s * SAMPLE_RATE_HZ), 1), _SIDE, _MID)


@compiled
def _spread(
    audio: Audio,
    left_gain: float,
    right_gain: float,
    side_gain: float,
    made_side: float,
    delay: int,
    side_sections: Filter,
    mid_section: Filter,
) -> None:
    memory = np.zeros(delay)
    z = np.zeros((side_sections.shape[0], 2))
    b0, b1, b2, a1, a2 = mid_section[0, 0], mid_section[0, 1], mid_section[0, 2], mid_section[0, 3], mid_section[0, 4]
    p1 = p2 = 0.0
    slot = 0
    for i in range(audio.shape[1]):
        mid = 0.5 * (audio[0, i] + audio[1, i])
        side = 0.5 * (audio[0, i] - audio[1, i]) * side_gain + made_side * memory[slot]
        memory[slot] = mid
        slot = slot + 1 if slot + 1 < delay else 0
        left = (mid + side) * left_gain
        right = (mid - side) * right_gain
        mid = 0.5 * (left + right) + 1e-18
        y = b0 * mid + p1
        p1 = b1 * mid - a1 * y + p2
        p2 = b2 * mid - a2 * y
        mid = y
        side = 0.5 * (left - right) + 1e-18
        for k in range(side_sections.shape[0]):
            y = side_sections[k, 0] * side + z[k, 0]
            z[k, 0] = side_sections[k, 1] * side - side_sections[k, 3] * y + z[k, 1]
            z[k, 1] = side_sections[k, 2] * side - side_sections[k, 4] * y
            side = y
        audio[0, i] = mid + side
        audio[1, i] = mid - side
