"""The outline of a song: how loud it is, bar by bar of a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

POINTS = 200


def waveform(audio: Path, points: int = POINTS) -> list[float]:
    """Peaks of `points` equal parts of the audio, 0..1 relative to the loudest. Decodes a block at a time; blocks."""
    with soundfile.SoundFile(str(audio)) as sound:
        frames = max(1, -(-sound.frames // points))
        peaks = [float(np.abs(block).max(initial=0.0)) for block in sound.blocks(frames, dtype="float32")][:points]
    loudest = max(peaks, default=0.0) or 1.0
    return [round(peak / loudest, 3) for peak in peaks]
