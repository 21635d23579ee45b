"""Bringing a stem to the length of the recording."""

from __future__ import annotations

import numpy as np

from songwright.engine.material import SAMPLE_RATE_HZ, Audio

_CUT_FADE = SAMPLE_RATE_HZ // 50


def fitted(audio: Audio, samples: int) -> Audio:
    """A copy of `audio` with exactly `samples`: padded with silence, or cut with a 20 ms fade."""
    if audio.shape[0] != 2:
        raise ValueError(f"A stem has shape [2, samples], not {audio.shape}.")
    result = np.empty((2, samples), np.float32)
    length = min(samples, audio.shape[1])
    result[:, :length] = audio[:, :length]
    result[:, length:] = 0.0
    if audio.shape[1] > samples:
        fade = min(_CUT_FADE, samples)
        result[:, samples - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return result
