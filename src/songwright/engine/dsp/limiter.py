"""Look-ahead limiter for true peaks.

The gain wanted at each sample is ceiling / true peak around it. A sliding minimum over the look-ahead, a slow release
and a moving average of the same length follow: every value averaged at sample i is at most the gain wanted at i, so
the result is too, and it moves without a click. Whatever the moving gain itself adds between samples (hundredths of a
decibel) is taken away by one more gain over the whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.dsp.levels import gain_of_db
from songwright.engine.dsp.true_peak import OVERSAMPLING_TAPS, true_peak_dbtp, true_peaks_above
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

LOOK_AHEAD = 96  #: samples, 2.2 ms


def limit_in_place(audio: Audio, *, ceiling_dbtp: float, release_s: float = 0.12) -> float:
    """Hold the true peak of `audio` at or below `ceiling_dbtp`; the deepest gain reduction in dB is returned."""
    ceiling = gain_of_db(ceiling_dbtp)
    wanted = true_peaks_above(audio, OVERSAMPLING_TAPS, ceiling)
    np.divide(ceiling, wanted, out=wanted)
    deepest = float(wanted.min(initial=1.0))
    if deepest < 1.0:
        _apply(audio, wanted, 1.0 - np.exp(-1.0 / (release_s * SAMPLE_RATE_HZ)))
        excess_db = true_peak_dbtp(audio) - ceiling_dbtp
        if excess_db > 0.0:
            audio *= np.float32(gain_of_db(-excess_db - 1e-4))
    return -20.0 * float(np.log10(deepest))


@compiled
def _apply(audio: Audio, wanted: NDArray[np.float32], release: float) -> None:
    samples = wanted.shape[0]
    queue = np.empty(LOOK_AHEAD + 1, np.int64)  # a ring: indices whose gains rise from head to tail
    head = tail = 0
    recent = np.ones(LOOK_AHEAD)
    total = float(LOOK_AHEAD)
    held = 1.0
    size = LOOK_AHEAD + 1
    for i in range(-LOOK_AHEAD, samples):
        ahead = i + LOOK_AHEAD
        if ahead < samples:
            while tail > head and wanted[queue[(tail - 1) % size]] >= wanted[ahead]:
                tail -= 1
            queue[tail % size] = ahead
            tail += 1
        while tail > head and queue[head % size] < i:
            head += 1
        least = wanted[queue[head % size]] if tail > head else 1.0
        held = least if least < held else held + (least - held) * release
        slot = (i + LOOK_AHEAD) % LOOK_AHEAD
        total += held - recent[slot]
        recent[slot] = held
        if i >= 0:
            gain = np.float32(total / LOOK_AHEAD)
            audio[0, i] *= gain
            audio[1, i] *= gain
