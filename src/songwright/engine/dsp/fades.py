"""Fades: a raised cosine, whose slope is zero at both ends."""

from __future__ import annotations

import numpy as np

from songwright.engine.material import SAMPLE_RATE_HZ, Audio


def fade_in_place(audio: Audio, *, fade_in_s: float = 0.0, fade_out_s: float = 0.0) -> None:
    """Fade the ends of `audio`; the last sample of a fade-out is exactly zero."""
    samples = audio.shape[-1]
    rise = min(round(fade_in_s * SAMPLE_RATE_HZ), samples)
    fall = min(round(fade_out_s * SAMPLE_RATE_HZ), samples)
    if rise:
        audio[..., :rise] *= _slope(rise)
    if fall:
        audio[..., samples - fall :] *= _slope(fall)[::-1]


def _slope(samples: int) -> Audio:
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(samples) / max(samples, 1))).astype(np.float32)
