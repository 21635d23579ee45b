"""Tempo echo: repeats that wander from left to right and lose treble and bass on the way; at half the sample rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ

_RATE_HZ = SAMPLE_RATE_HZ // 2


def echo_half(
    send: NDArray[np.float32], *, delay_s: float, feedback: float = 0.35, treble_hz: float = 3500.0
) -> NDArray[np.float32]:
    """The repeats of `send` [samples] without the sound itself, stereo [2, samples], at 22050 Hz."""
    distance = max(round(delay_s * _RATE_HZ), 1)
    damping = 1.0 - np.exp(-2 * np.pi * treble_hz / _RATE_HZ)
    bass = 1.0 - np.exp(-2 * np.pi * 250.0 / _RATE_HZ)
    return _repeat(send, distance, feedback, float(damping), float(bass))


@compiled
def _repeat(
    send: NDArray[np.float32], distance: int, feedback: float, damping: float, bass: float
) -> NDArray[np.float32]:
    samples = send.shape[0]
    wet = np.zeros((2, samples), np.float32)
    smooth_l = smooth_r = low_l = low_r = 0.0
    for i in range(distance, samples):
        # Left hears the send, right hears left's last repeat, left hears right's: ping-pong.
        smooth_l += ((send[i - distance] + feedback * wet[1, i - distance]) - smooth_l) * damping
        smooth_r += (wet[0, i - distance] - smooth_r) * damping
        low_l += (smooth_l - low_l) * bass + 1e-18
        low_r += (smooth_r - low_r) * bass + 1e-18
        wet[0, i] = smooth_l - low_l
        wet[1, i] = smooth_r - low_r
    return wet
