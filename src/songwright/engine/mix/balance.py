"""Levels: how loud every channel is, from measured loudness and the style's wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import gain_of_db, loudness_of_powers
from songwright.engine.material import MixTraits, Role
from songwright.engine.mix.channel import PROPORTIONED, VOICES, Channel

VOCAL_LUFS = -18.0
_SILENT_LUFS = -90.0
_CLEAR_VOICE_DB = 2.5  #: how far the voice stands above the band in 1-4 kHz while it sings
_DEEPEST_DIP_DB = 5.0
_DIP_YIELD = 0.6  #: what a dip of 1 dB at 2 kHz takes from the whole band's 1-4 kHz, drums being spared
_MOST_VOCAL_LIFT_DB = 3.5


@dataclass(frozen=True, slots=True)
class Balance:
    """Gains by channel, in the channels' order, and how deep the band bows at 2 kHz under the voice."""

    gains: tuple[float, ...]
    presence_dip_db: float


def role_levels_db(traits: MixTraits, *, has_vocal: bool) -> dict[Role, float]:
    """Loudness of each role relative to the lead vocal. Without a singer the leading instrument takes the front."""
    forward_db = 0.0 if has_vocal else 1.0
    return {
        "vocal": 0.0,
        "double": -11.0,
        "adlib": -6.0,
        "backing": traits.backing_db,
        "drums": traits.drums_db,
        "bass": traits.bass_db,
        "harmony": traits.harmony_db + forward_db,
        "pads": traits.pads_db + forward_db,
        "lead": traits.lead_db + 4.0 * forward_db,
        "effects": -11.0,
    }


def balanced(channels: Sequence[Channel], traits: MixTraits) -> Balance:
    """Bring each role to its level, then make room for the voice where it would be covered."""
    has_vocal = any(c.role == "vocal" and loudness_of_powers(c.powers) > _SILENT_LUFS for c in channels)
    levels_db = role_levels_db(traits, has_vocal=has_vocal)
    gains = np.array([_own_gain(channel) for channel in channels])
    roles: set[Role] = {channel.role for channel in channels}
    for role in sorted(roles):
        members = [index for index, channel in enumerate(channels) if channel.role == role]
        together = _summed([channels[i].powers for i in members], gains[members])
        loudness = loudness_of_powers(together)
        if loudness > _SILENT_LUFS:
            gains[members] *= gain_of_db(VOCAL_LUFS + levels_db[role] - loudness)
    if not has_vocal:
        return Balance(tuple(gains.tolist()), 0.0)
    lack_db = _CLEAR_VOICE_DB - _presence_advantage_db(channels, gains)
    dip_db = min(max(lack_db, 0.0) / _DIP_YIELD, _DEEPEST_DIP_DB)
    lift_db = min(max(lack_db - _DIP_YIELD * dip_db, 0.0), _MOST_VOCAL_LIFT_DB)
    for index, channel in enumerate(channels):
        if channel.role in VOICES:
            gains[index] *= gain_of_db(lift_db)
    return Balance(tuple(gains.tolist()), dip_db)


def _own_gain(channel: Channel) -> float:
    """Parts of a role start equally loud, except where their proportion was played on purpose."""
    if channel.role in PROPORTIONED:
        return gain_of_db(-channel.trim_db)
    loudness = loudness_of_powers(channel.powers)
    return gain_of_db(VOCAL_LUFS - loudness) if loudness > _SILENT_LUFS else 1.0


def _summed(tracks: Sequence[NDArray[np.float64]], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power track of a sum, its parts taken as independent."""
    return np.einsum("i,ij->j", gains**2, np.stack(tracks))


def _presence_advantage_db(channels: Sequence[Channel], gains: NDArray[np.float64]) -> float:
    """Voice minus band in 1-4 kHz, over the blocks in which the lead sings."""
    is_lead = [index for index, channel in enumerate(channels) if channel.role == "vocal"]
    band = [index for index, channel in enumerate(channels) if channel.role not in VOICES]
    if not band:
        return _CLEAR_VOICE_DB
    sung = _summed([channels[i].powers for i in is_lead], gains[is_lead])
    active = sung > 0.1 * sung[sung > 0].mean()
    voice = _summed([channels[i].presence for i in is_lead], gains[is_lead])[active].mean()
    others = _summed([channels[i].presence for i in band], gains[band])[active].mean()
    return float(10.0 * np.log10((voice + 1e-12) / (others + 1e-12)))
