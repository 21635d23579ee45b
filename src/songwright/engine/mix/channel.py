"""A channel of the mixing desk, and the groups that channels of one role are gathered in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import K_WEIGHTING, gain_of_db, loudness_of_powers, octave_powers, power_track
from songwright.engine.material import Audio, Role

VOICES: frozenset[Role] = frozenset({"vocal", "double", "backing", "adlib"})
#: roles whose parts keep their level to each other: the strokes of a kit, the sounds of a transition
PROPORTIONED: frozenset[Role] = frozenset({"drums", "effects"})
#: the order in which roles reach the desk: whom others make room for comes before them
ROLE_ORDER: tuple[Role, ...] = (
    "vocal", "double", "backing", "adlib", "drums", "bass", "harmony", "pads", "lead", "effects",
)  # fmt: skip
MEMBER_LUFS = -18.0  #: parts of a role enter their group equally loud, at this loudness
SILENT_LUFS = -90.0


@dataclass(slots=True, kw_only=True)
class Channel:
    """One stem after its strip. Its `audio` is the mixer's own and is changed in place from step to step."""

    name: str
    role: Role
    pan: float
    audio: Audio
    trim_db: float  #: what was added to bring the stem to working level
    powers: NDArray[np.float64]  #: K-weighted power track after the strip
    octaves: NDArray[np.float64]  #: power in octave bands after the strip

    def scale(self, gain: float) -> None:
        """Turn the channel up by `gain`, and what was measured of it."""
        self.audio *= np.float32(gain)
        self.powers *= gain**2
        self.octaves *= gain**2

    def own_gain(self) -> float:
        """Parts of a role start equally loud, except where their proportion was played on purpose."""
        if self.role in PROPORTIONED:
            return gain_of_db(-self.trim_db)
        loudness = loudness_of_powers(self.powers)
        return gain_of_db(MEMBER_LUFS - loudness) if loudness > SILENT_LUFS else 1.0


@dataclass(slots=True, kw_only=True)
class Group:
    """All channels of one role as one sound. `members` are kept only where somebody wants the stems."""

    role: Role
    audio: Audio
    powers: NDArray[np.float64]
    octaves: NDArray[np.float64]
    members: list[Channel] = field(default_factory=list[Channel])

    def add(self, channel: Channel, *, keep: bool) -> None:
        """Take in another channel; what is measured of the sum takes its parts as independent."""
        self.audio += channel.audio
        self.powers += channel.powers
        self.octaves += channel.octaves
        if keep:
            self.members.append(channel)

    def scale(self, gain: float) -> None:
        """Turn the group up by `gain`."""
        self.audio *= np.float32(gain)
        self.powers *= gain**2
        self.octaves *= gain**2
        for member in self.members:
            member.scale(gain)


def opened(channel: Channel, *, keep: bool) -> Group:
    """A group that begins with `channel`; it takes the channel's sound over unless that is to be kept."""
    audio = channel.audio.copy() if keep else channel.audio
    members = [channel] if keep else []
    return Group(
        role=channel.role,
        audio=audio,
        powers=channel.powers.copy(),
        octaves=channel.octaves.copy(),
        members=members,
    )


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
