"""A channel of the mixing desk: one stem on its way, with what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import K_WEIGHTING, octave_powers, power_track
from songwright.engine.material import Audio, Role

VOICES: frozenset[Role] = frozenset({"vocal", "double", "backing", "adlib"})
#: roles whose parts keep their level to each other: the strokes of a kit, the sounds of a transition
PROPORTIONED: frozenset[Role] = frozenset({"drums", "effects"})


@dataclass(slots=True, kw_only=True)
class Channel:
    """Its `audio` is the mixer's own and is changed in place from step to step."""

    name: str
    role: Role
    pan: float
    audio: Audio
    trim_db: float  #: what was added to bring the stem to working level
    powers: NDArray[np.float64]  #: K-weighted power track after the strip
    octaves: NDArray[np.float64]  #: power in octave bands after the strip


def measured(name: str, role: Role, pan: float, audio: Audio, trim_db: float) -> Channel:
    """A channel with its measurements."""
    return Channel(
        name=name,
        role=role,
        pan=pan,
        audio=audio,
        trim_db=trim_db,
        powers=power_track(audio, K_WEIGHTING),
        octaves=octave_powers(audio),
    )


def sum_of(channels: Sequence[Channel], samples: int) -> Audio:
    """The sum of the channels' sound."""
    if not channels:
        return np.zeros((2, samples), np.float32)
    total = channels[0].audio.copy()
    for channel in channels[1:]:
        total += channel.audio
    return total
