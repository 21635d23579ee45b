"""Place and width of a stem: equal-power pan, mid-side width, and width made for sounds that have none."""

from __future__ import annotations

import math

import numpy as np

from songwright.engine.dsp.biquad import Filter, high_pass
from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

_BASS_IS_MONO_BELOW_HZ = 140.0  #: the corner; at 120 Hz and below the side is 5 dB down and falls by 12 an octave


def spread_in_place(
    audio: Audio, *, pan: float = 0.0, side_gain: float = 1.0, made_side: float = 0.0, delay_s: float = 0.011
) -> None:
    """Turn the stereo image of `audio`.

    pan: -1 left .. 1 right, equal power, 0 dB in the middle. side_gain: 0 = mono, 1 = as it is.
    made_side: level, relative to the mid, of a side signal made of the delayed mid; it vanishes in mono.
    Whatever the settings, the side is high-passed twice at 140 Hz: bass stays in the middle.
    """
    angle = (min(max(pan, -1.0), 1.0) + 1.0) * math.pi / 4.0
    gains = (math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle))
    side_filter = np.concatenate([high_pass(_BASS_IS_MONO_BELOW_HZ), high_pass(_BASS_IS_MONO_BELOW_HZ)])
    _spread(audio, gains[0], gains[1], side_gain, made_side, round(delay_s * SAMPLE_RATE_HZ), side_filter)


@compiled
def _spread(
    audio: Audio, left_gain: float, right_gain: float, side_gain: float, made_side: float, delay: int, sections: Filter
) -> None:
    samples = audio.shape[1]
    memory = np.zeros(delay)
    z = np.zeros((sections.shape[0], 2))
    for i in range(samples):
        mid = 0.5 * (audio[0, i] + audio[1, i])
        side = 0.5 * (audio[0, i] - audio[1, i]) * side_gain
        slot = i % delay
        side += made_side * memory[slot]
        memory[slot] = mid
        left = (mid + side) * left_gain
        right = (mid - side) * right_gain
        mid = 0.5 * (left + right)
        side = 0.5 * (left - right) + 1e-18
        for k in range(sections.shape[0]):
            y = sections[k, 0] * side + z[k, 0]
            z[k, 0] = sections[k, 1] * side - sections[k, 3] * y + z[k, 1]
            z[k, 1] = sections[k, 2] * side - sections[k, 4] * y
            side = y
        audio[0, i] = mid + side
        audio[1, i] = mid - side
