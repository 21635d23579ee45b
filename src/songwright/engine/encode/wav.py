"""WAV: 16 bit with dither, 24 bit, or 32 bit float for stems that are to add up to the last bit.

Dither is triangular, two steps wide: the quantisation error becomes noise that does not follow the music (Lipshitz,
Wannamaker, Vanderkooy, "Quantization and dither", JAES 40, 1992). Its seed is fixed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

Bits = Literal[16, 24, 32]
_SUBTYPES: dict[int, str] = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_wav(path: Path, pcm: Audio, *, bits: Bits = 16) -> None:
    """Write `pcm` [2, samples] or [samples]."""
    frames = np.atleast_2d(pcm)
    data = quantised(frames) if bits == 16 else frames.T if bits == 32 else np.clip(frames.T, -1.0, 1.0)
    soundfile.write(path, data, SAMPLE_RATE_HZ, subtype=_SUBTYPES[bits], format="WAV")


def quantised(frames: Audio) -> NDArray[np.int16]:
    """float32 [channels, samples] -> dithered 16-bit numbers [samples, channels]; exact silence stays silence."""
    return _quantise(np.ascontiguousarray(frames, dtype=np.float32))


@compiled
def _quantise(frames: Audio) -> NDArray[np.int16]:
    channels, samples = frames.shape
    result = np.empty((samples, channels), np.int16)
    state = np.uint32(2463534242)
    for i in range(samples):
        for c in range(channels):
            state ^= state << np.uint32(13)
            state ^= state >> np.uint32(17)
            state ^= state << np.uint32(5)
            # Two halves of one random number make the triangle: -1 .. 1 steps.
            triangle = (float(state & np.uint32(0xFFFF)) - float(state >> np.uint32(16))) / 65536.0
            value = frames[c, i]
            if value == 0.0:
                triangle = 0.0
            result[i, c] = int(min(max(np.floor(value * 32767.0 + triangle + 0.5), -32768.0), 32767.0))
    return result
