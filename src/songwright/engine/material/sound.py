"""The song as sound: stems, word times, the master."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from songwright.engine.material.paper import Role

SAMPLE_RATE_HZ = 44_100
Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """One part as sound, from beat 0 of the song, dry. `audio` has shape [2, samples]."""

    name: str
    role: Role
    audio: Audio
    pan: float = 0.0  #: where the mix is to place it, -1 left .. 1 right; `audio` itself is not panned


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a written word is heard, in seconds from the start of the recording."""

    word: str
    start_s: float
    end_s: float
    line: int  #: index into Score.lines
    section: int
    role: Literal["lead", "backing", "adlib"] = "lead"
    syllables: tuple[tuple[str, float, float], ...] = ()  #: text, start and end of each, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The finished sound: `pcm` limited and at its loudness; `stems` as they went into the sum before the limiter."""

    pcm: Audio
    stems: tuple[Stem, ...]
    loudness_lufs: float
    true_peak_dbtp: float


Report = Callable[[float, str], None]
"""Called with the share done (0..1) and the stage's word: lyrics, score, voice, instruments, mix, encode."""
