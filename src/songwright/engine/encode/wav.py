"""WAV: 16 bit with dither, 24 bit, or 32 bit float for stems that are to add up to the last bit. FLAC: 16 bit.

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
from songwright.engine.material import MACHINE_MARK, SAMPLE_RATE_HZ, Audio

Bits = Literal[16, 24, 32]
_SILENCE = 1e-9  #: filters leave less than this where nothing sounds; it is not worth any dither
_SUBTYPES: dict[int, str] = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_wav(path: Path, pcm: Audio, *, bits: Bits = 16) -> None:
    """Write `pcm` [2, samples] or [samples]."""
    frames = np.atleast_2d(pcm)
    data = quantised(frames) if bits == 16 else frames.T if bits == 32 else np.clip(frames.T, -1.0, 1.0)
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, frames.shape[0], subtype=_SUBTYPES[bits], format="WAV") as file:
        file.comment = MACHINE_MARK  # becomes the RIFF INFO chunk ICMT
        file.write(data)


def write_flac(path: Path, pcm: NDArray[np.int16]) -> None:
    """Write 16-bit numbers [samples, channels] without loss; a reader sees no file or the whole one.

    The quickest of FLAC's levels: the next ones save 2 % of the size for twice the time.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        with soundfile.SoundFile(
            unfinished, "w", SAMPLE_RATE_HZ, pcm.shape[1], "PCM_16", format="FLAC", compression_level=0.0
        ) as file:
            file.comment = MACHINE_MARK  # becomes the Vorbis comment COMMENT
            file.write(pcm)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def quantised(frames: Audio) -> NDArray[np.int16]:
    """float32 [channels, samples] -> dithered 16-bit numbers [samples, channels]; silence stays silence."""
    return _quantise(np.ascontiguousarray(frames, dtype=np.float32))


@compiled
def _quantise(frames: Audio) -> NDArray[np.int16]:
    channels, samples = frames.shape
    result = np.empty((samples, channels), np.int16)
    state = np.uint64(0x9E3779B97F4A7C15)
    for i in range(samples):
        for c in range(channels):
            # xorshift64 (Marsaglia, "Xorshift RNGs", 2003)
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            # Two halves of one random number make the triangle: -1 .. 1 steps.
            first = float(state >> np.uint64(40)) / 16777216.0
            second = float(state & np.uint64(0xFFFFFF)) / 16777216.0
            triangle = first - second
            value = frames[c, i]
            if abs(value) < _SILENCE:
                triangle = 0.0
            result[i, c] = int(min(max(np.floor(value * 32768.0 + triangle + 0.5), -32768.0), 32767.0))
    return result
