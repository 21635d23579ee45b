"""Place and room of a channel: pan, width, reverb and tempo echo, added to the channel itself.

The wet sound stays with its stem, so a stem taken alone sounds as it does in the song.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import (
    add_from_half_in_place,
    convolve_half,
    echo_half,
    gain_of_db,
    half_rate_mid,
    impulse_response_half,
    spread_in_place,
)
from songwright.engine.material import Audio, MixTraits, Role
from songwright.engine.mix.channel import Channel

#: reverb send relative to the style's, dB; bass gets none
_REVERB_DB: Mapping[Role, float] = {
    "vocal": 0.0, "double": -2.0, "adlib": 3.0, "backing": 3.0, "lead": 0.0, "harmony": -2.0, "pads": 1.0,
    "drums": -5.0, "effects": 2.0,
}  # fmt: skip
_ECHO_DB: Mapping[Role, float] = {"vocal": 0.0, "adlib": 4.0, "lead": 1.0}
_NO_SEND_DB = -45.0
#: made width of sounds that have none, at full style width
_MADE_SIDE: Mapping[Role, float] = {"pads": 0.55, "backing": 0.6, "double": 0.5, "harmony": 0.3, "lead": 0.12}
_HAS_SIDE_DB = -22.0
_ROOM_OF_DRUMS = 0.5  #: share of the style's decay time
_LONGEST_DRUM_ROOM_S = 0.9
_VOICE_PRE_DELAY_S = 0.03  #: keeps consonants in front of their reverb
_PRE_DELAY_S = 0.012


def place_in_place(channel: Channel, traits: MixTraits, index: int) -> None:
    """Pan and width. Bass stands in the middle, and so does the lead voice."""
    role = channel.role
    if role == "bass":
        spread_in_place(channel.audio, side_gain=0.0)
        return
    made = _MADE_SIDE.get(role, 0.0) * traits.width if _side_db(channel.audio) < _HAS_SIDE_DB else 0.0
    spread_in_place(
        channel.audio,
        pan=0.0 if role == "vocal" else channel.pan * min(0.4 + 0.8 * traits.width, 1.0),
        side_gain=0.6 + 0.6 * traits.width,
        made_side=made,
        # Different delays, so that the made sides of several channels are independent of each other.
        delay_s=0.0091 + 0.0017 * (index % 6),
    )


def _side_db(audio: Audio) -> float:
    """Side relative to mid, from every 16th sample."""
    left, right = audio[0, ::16], audio[1, ::16]
    mid, side = float(np.mean((left + right) ** 2)), float(np.mean((left - right) ** 2))
    return 10.0 * float(np.log10((side + 1e-12) / (mid + 1e-12)))


def add_space_in_place(audio: Audio, role: Role, traits: MixTraits, beat_s: float) -> None:
    """Reverb and echo after the fader, so that what is ducked is ducked in the room, too."""
    reverb_db = traits.reverb_send_db + _REVERB_DB.get(role, -200.0)
    echo_db = traits.delay_send_db + _ECHO_DB.get(role, -200.0)
    has_echo = echo_db > _NO_SEND_DB and traits.delay_beats > 0
    has_reverb = reverb_db > _NO_SEND_DB and traits.reverb_s > 0
    if not (has_echo or has_reverb):
        return
    send = half_rate_mid(audio)
    wet = np.zeros((2, len(send)), np.float32)
    if has_reverb:
        wet += convolve_half(send * np.float32(gain_of_db(reverb_db)), _room(role, traits.reverb_s))
    if has_echo:
        wet += echo_half(send * np.float32(gain_of_db(echo_db)), delay_s=traits.delay_beats * beat_s)
    add_from_half_in_place(audio, wet)


def _room(role: Role, decay_s: float) -> NDArray[np.float32]:
    if role == "drums":
        return impulse_response_half(round(min(_ROOM_OF_DRUMS * decay_s, _LONGEST_DRUM_ROOM_S), 2), 0.0, 0.7)
    pre_delay_s = _VOICE_PRE_DELAY_S if role in ("vocal", "double", "adlib") else _PRE_DELAY_S
    return impulse_response_half(round(decay_s, 2), pre_delay_s, 0.3)
