"""Levels and tone of the band: from measured loudness, the style's wishes, and the needs of the voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import K_WEIGHTING, OCTAVE_BANDS_HZ, gain_of_db, loudness_of_powers
from songwright.engine.dsp.biquad import Filter, response_db
from songwright.engine.material import MixTraits, Role
from songwright.engine.mix.channel import PROPORTIONED, VOICES, Channel
from songwright.engine.mix.tone import matching_filters, style_filters

VOCAL_LUFS = -18.0
_SILENT_LUFS = -90.0
_ROUNDS = 3
_CLEAR_VOICE_DB = 4.0  #: how far the voice stands above the band in 1-4 kHz while it sings
_DEEPEST_DIP_DB = 5.0
_DIP_YIELD = 0.6  #: what a dip of 1 dB at 2 kHz takes from the whole band's 1-4 kHz, drums being spared
_MOST_VOCAL_LIFT_DB = 3.5

_BANDS_HZ = np.array(OCTAVE_BANDS_HZ)
_K_OF_BANDS = 10.0 ** (response_db(K_WEIGHTING, _BANDS_HZ) / 10.0)
#: share of each octave band that lies in 1-4 kHz, where consonants and vowels are told apart
_PRESENCE_OF_BANDS = np.array([0, 0, 0, 0, 0, 0.5, 1.0, 0.5, 0, 0])


@dataclass(frozen=True, slots=True)
class Balance:
    """Gains in the channels' order, the band's tone, and how deep the band bows at 2 kHz under the voice."""

    gains: tuple[float, ...]
    tone: tuple[Filter, ...]
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
    """Bring each role to its level, shape the band's tone, and make room for the voice where it would be covered."""
    has_vocal = any(_is_heard(channel) for channel in channels if channel.role == "vocal")
    levels_db = role_levels_db(traits, has_vocal=has_vocal)
    band = [index for index, channel in enumerate(channels) if channel.role not in VOICES]
    tone: tuple[Filter, ...] = ()
    tracks, octaves = _toned(channels, band, tone)
    gains = _gains(channels, tracks, levels_db)
    # Levels and tone depend on each other: an instrument that loses by the tone is turned up again.
    for _ in range(_ROUNDS):
        heard = np.sum([channels[i].octaves * gains[i] ** 2 for i in band] or [np.zeros(len(_BANDS_HZ))], axis=0)
        tone = (*matching_filters(heard), *style_filters(traits.tone))
        tracks, octaves = _toned(channels, band, tone)
        gains = _gains(channels, tracks, levels_db)
    if not has_vocal:
        return Balance(tuple(gains.tolist()), tone, 0.0)
    lack_db = _CLEAR_VOICE_DB - _presence_advantage_db(channels, tracks, octaves, gains)
    dip_db = min(max(lack_db, 0.0) / _DIP_YIELD, _DEEPEST_DIP_DB)
    lift_db = min(max(lack_db - _DIP_YIELD * dip_db, 0.0), _MOST_VOCAL_LIFT_DB)
    lifted = [gain_of_db(lift_db) if channel.role in VOICES else 1.0 for channel in channels]
    return Balance(tuple((gains * lifted).tolist()), tone, dip_db)


def _toned(
    channels: Sequence[Channel], band: Sequence[int], tone: Sequence[Filter]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Power tracks and octave powers of all channels as they will be once the band has its tone."""
    tracks, octaves = [channel.powers for channel in channels], [channel.octaves for channel in channels]
    if tone:
        response = 10.0 ** (response_db(np.concatenate(list(tone)), _BANDS_HZ) / 10.0)
        for index in band:
            tracks[index] = tracks[index] * _change(octaves[index], response)
            octaves[index] = octaves[index] * response
    return tracks, octaves


def _is_heard(channel: Channel) -> bool:
    return loudness_of_powers(channel.powers) > _SILENT_LUFS


def _gains(
    channels: Sequence[Channel], tracks: Sequence[NDArray[np.float64]], levels_db: dict[Role, float]
) -> NDArray[np.float64]:
    """Gains at which every role has its loudness."""
    gains = np.array([_own_gain(channel, track) for channel, track in zip(channels, tracks, strict=True)])
    roles: set[Role] = {channel.role for channel in channels}
    for role in sorted(roles):
        members = [index for index, channel in enumerate(channels) if channel.role == role]
        loudness = loudness_of_powers(_summed([tracks[i] for i in members], gains[members]))
        if loudness > _SILENT_LUFS:
            gains[members] *= gain_of_db(VOCAL_LUFS + levels_db[role] - loudness)
    return gains


def _own_gain(channel: Channel, track: NDArray[np.float64]) -> float:
    """Parts of a role start equally loud, except where their proportion was played on purpose."""
    if channel.role in PROPORTIONED:
        return gain_of_db(-channel.trim_db)
    loudness = loudness_of_powers(track)
    return gain_of_db(VOCAL_LUFS - loudness) if loudness > _SILENT_LUFS else 1.0


def _change(octaves: NDArray[np.float64], response: NDArray[np.float64]) -> float:
    """By which factor filters with the power `response` change the K-weighted power of a sound."""
    before = float((octaves * _K_OF_BANDS).sum())
    return float((octaves * _K_OF_BANDS * response).sum()) / before if before > 0 else 1.0


def _summed(tracks: Sequence[NDArray[np.float64]], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power track of a sum, its parts taken as independent."""
    return np.einsum("i,ij->j", gains**2, np.stack(tracks))


def _presence_advantage_db(
    channels: Sequence[Channel],
    tracks: Sequence[NDArray[np.float64]],
    octaves: Sequence[NDArray[np.float64]],
    gains: NDArray[np.float64],
) -> float:
    """Voice minus band in 1-4 kHz while the lead sings, from octave powers and the course of loudness."""
    lead = [index for index, channel in enumerate(channels) if channel.role == "vocal"]
    band = [index for index, channel in enumerate(channels) if channel.role not in VOICES]
    sung = _summed([tracks[i] for i in lead], gains[lead])
    active = sung > 0.1 * sung[sung > 0].mean()

    def presence(index: int) -> float:
        share = float(tracks[index][active].mean()) / max(float(tracks[index].mean()), 1e-12)
        return share * float((octaves[index] * _PRESENCE_OF_BANDS).sum()) * float(gains[index]) ** 2

    voice, others = sum(map(presence, lead)), sum(map(presence, band))
    return float(10.0 * np.log10((voice + 1e-12) / (others + 1e-12)))
