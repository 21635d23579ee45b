"""A rough mix: what a listener hears of a song whose voice is still being recorded.

It goes through the song in stretches and remembers between them only what it has measured of each instrument, so that
balance and tone settle within the first seconds and no stretch jumps against the one before. Levels and tone are the
finished mix's own (`balance`); compressors, side-chain and the loudness of the whole, which need all of the song, are
left out, and one room serves everybody.

Conventions: as in the room. A stretch begins with a lead-in that is heard by filters and rooms but not handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import (
    K_WEIGHTING,
    add_from_half_in_place,
    convolve_half,
    filter_in_place,
    gain_of_db,
    half_rate_mid,
    impulse_response_half,
    limit_in_place,
    octave_powers,
    peak,
    power_track,
    silence_non_finite_in_place,
)
from songwright.engine.dsp.biquad import Filter
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, MixTraits, Role, Stem
from songwright.engine.mix.balance import Measure, Room, role_gain, role_levels_db, room_for_the_voice
from songwright.engine.mix.channel import VOICES, Channel
from songwright.engine.mix.fitting import fitted
from songwright.engine.mix.mastering import CEILING_DBTP
from songwright.engine.mix.space import place_in_place
from songwright.engine.mix.tone import band_tone
from songwright.engine.mix.vocals import sing_through_in_place

_MASTER_DB = 1.0  #: what brings an average song from its balance to about the finished loudness
_VOICE_TRIM_DB = -2.0  #: from a stem's natural level to the one the vocal chain works at
_SETTLING = SAMPLE_RATE_HZ  #: samples over which a gain moves to what the newest stretch has taught
_DIP_SHARE = 0.5  #: of the band's bow at 2 kHz, which here is there for the whole of a sung stretch
_SEND_DB: Mapping[Role, float] = {
    "vocal": 0.0, "double": -2.0, "adlib": 3.0, "backing": 3.0, "lead": 0.0, "harmony": -2.0, "pads": 1.0,
    "drums": -10.0, "effects": 2.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What has been measured so far, by the name of the stem. `tenths` is how long that is, in tenths of a second."""

    tenths: int = 0
    powers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict[str, NDArray[np.float64]])
    octaves: Mapping[str, NDArray[np.float64]] = field(default_factory=dict[str, NDArray[np.float64]])
    gains: Mapping[str, float] = field(default_factory=dict[str, float])


def rough_mix(
    stems: Iterable[Stem], traits: MixTraits, samples: int, lead_in: int, before: Heard
) -> tuple[Audio, Heard]:
    """Mix the next stretch: `samples` of every stem, of which all but the first `lead_in` are handed out.

    Returns the sound, float32 [2, samples - lead_in], and what to remember for the stretch after it.
    """
    channels = [_opened(stem, samples, lead_in, before) for stem in stems]
    if not channels:
        return np.zeros((2, samples - lead_in), np.float32), before
    gains = _gains(channels, traits)
    tone, room = _toned(channels, gains, traits)
    band, voices = np.zeros((2, samples), np.float32), np.zeros((2, samples), np.float32)
    send = np.zeros((samples + 1) // 2, np.float32)
    for index, channel in enumerate(channels):
        channel.audio *= _moving(before.gains.get(channel.name), gains[channel.name], samples, lead_in)
        place_in_place(channel, traits, index)
        target = voices if channel.role in VOICES else band
        target += channel.audio
        if (send_db := _SEND_DB.get(channel.role)) is not None:
            send += half_rate_mid(channel.audio) * np.float32(gain_of_db(traits.reverb_send_db + send_db))
    dip_db = _DIP_SHARE * room.presence_dip_db if voices.any() else 0.0
    filter_in_place(band, *tone, peak(2000.0, -dip_db, 0.65))
    band += voices * np.float32(gain_of_db(room.vocal_lift_db))
    if traits.reverb_s > 0:
        add_from_half_in_place(band, convolve_half(send, impulse_response_half(round(traits.reverb_s, 2), 0.02, 0.3)))
    band *= np.float32(gain_of_db(_MASTER_DB))
    limit_in_place(band, ceiling_dbtp=CEILING_DBTP)
    remembered = Heard(
        len(channels[0].powers),
        {**before.powers, **{c.name: c.powers for c in channels}},
        {**before.octaves, **{c.name: c.octaves for c in channels}},
        {**before.gains, **gains},
    )
    return np.ascontiguousarray(band[:, lead_in:]), remembered


def _gains(channels: Sequence[Channel], traits: MixTraits) -> dict[str, float]:
    """What brings every role to its level, by the name of the stem."""
    levels_db = role_levels_db(traits, has_vocal=any(channel.role == "vocal" for channel in channels))
    gains = {channel.name: channel.own_gain() for channel in channels}
    roles: dict[Role, None] = dict.fromkeys(channel.role for channel in channels)
    for role in roles:
        members = [channel for channel in channels if channel.role == role]
        powers = np.sum([member.powers * gains[member.name] ** 2 for member in members], axis=0)
        for member in members:
            gains[member.name] *= role_gain(powers, levels_db[role])
    return gains


def _toned(channels: Sequence[Channel], gains: Mapping[str, float], traits: MixTraits) -> tuple[Sequence[Filter], Room]:
    """The band's tone, and the room it leaves for the voice."""
    measures = [
        Measure(channel.role, channel.powers * gains[channel.name] ** 2, channel.octaves * gains[channel.name] ** 2)
        for channel in channels
    ]
    heard = [measure.octaves for measure in measures if measure.role not in VOICES]
    tone = band_tone(np.sum(heard, axis=0) if heard else np.zeros(10), traits.tone)
    return tone, room_for_the_voice(measures, tone)


def _opened(stem: Stem, samples: int, lead_in: int, before: Heard) -> Channel:
    """A channel whose measurements cover everything heard of its stem up to now."""
    audio = fitted(stem.audio, samples)
    silence_non_finite_in_place(audio)
    if stem.role in VOICES:
        audio *= np.float32(gain_of_db(_VOICE_TRIM_DB))
        sing_through_in_place(audio, stem.role)
    new = np.ascontiguousarray(audio[:, lead_in:])
    known = before.powers.get(stem.name, np.zeros(0))
    known = np.pad(known, (0, before.tenths - len(known)))  # it may have rested in the meantime
    powers = power_track(new, K_WEIGHTING)
    octaves = octave_powers(new)
    if stem.name in before.octaves:
        share = len(powers) / (len(powers) + len(known))
        octaves = share * octaves + (1.0 - share) * before.octaves[stem.name]
    return Channel(
        name=stem.name,
        role=stem.role,
        pan=stem.pan,
        audio=audio,
        trim_db=0.0,
        powers=np.concatenate([known, powers]),
        octaves=octaves,
    )


def _moving(old: float | None, new: float, samples: int, lead_in: int) -> NDArray[np.float32]:
    """A gain over time: where it was until the lead-in is over, then on its way to where it should be."""
    if old is None or old == new:
        return np.full(samples, new, np.float32)
    return np.interp(np.arange(samples), [lead_in, lead_in + _SETTLING], [old, new]).astype(np.float32)
