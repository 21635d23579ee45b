"""Who makes room for whom: the band for the voice, bass and chords for the kick. All as gain curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from songwright.engine.dsp import level_curve, low_pass
from songwright.engine.dsp.curves import Curve
from songwright.engine.material import Audio, Role

#: how much of the style's side-chain depth a role takes
_KICK_SHARE: Mapping[Role, float] = {"bass": 1.0, "pads": 1.0, "harmony": 0.7, "lead": 0.35, "effects": 0.5}
#: dB by which a role bows under the voice
_VOICE_BOW_DB: Mapping[Role, float] = {"harmony": 1.5, "pads": 2.0, "lead": 3.0, "effects": 1.0}
_DRUMS_PRESENCE_SHARE = 0.4  #: of the dip at 2 kHz: snares and hats carry the groove
_KICK = np.concatenate([low_pass(100.0), low_pass(100.0)])  #: what of the drums is kick


@dataclass(slots=True)
class Pressure:
    """How strongly kick and voice press, 0..1 at curve rate; None where there is none, or not yet."""

    kick: Curve | None = None
    voice: Curve | None = None


def kick_pressure(drums: Audio, beat_s: float) -> Curve | None:
    """Listen to the kick. It lets go within about half a beat, so that the band is back before the next one."""
    return _pressing(level_curve(drums, 0.003, 0.14 * beat_s, _KICK), 0.98)


def voice_pressure(lead: Audio) -> Curve | None:
    """Listen to the lead vocal."""
    return _pressing(level_curve(lead, 0.015, 0.12), 0.8)


def _pressing(level: Curve, quantile: float) -> Curve | None:
    """The level relative to a strong moment of itself; None for silence."""
    heard = level[level > 1e-4]
    if not len(heard):
        return None
    return np.minimum(level / np.quantile(heard, quantile), 1.0).astype(np.float32)


def duck_curve(role: Role, pressure: Pressure, side_chain_db: float) -> Curve | None:
    """The gain over time that `role` gets; None where nothing presses on it."""
    depth_db = None
    if pressure.kick is not None and role in _KICK_SHARE and side_chain_db > 0:
        depth_db = side_chain_db * _KICK_SHARE[role] * pressure.kick
    if pressure.voice is not None and role in _VOICE_BOW_DB:
        bow_db = _VOICE_BOW_DB[role] * np.sqrt(pressure.voice)
        depth_db = bow_db if depth_db is None else depth_db + bow_db
    return None if depth_db is None else (10.0 ** (-depth_db / 20.0)).astype(np.float32)


def presence_curve(pressure: Pressure, dip_db: float, *, is_drums: bool) -> Curve | None:
    """The gain over time of the band's 2 kHz, or of the drums'; None where nothing need bow."""
    if pressure.voice is None or dip_db <= 0.1:
        return None
    share = _DRUMS_PRESENCE_SHARE if is_drums else 1.0
    return (10.0 ** (-dip_db * share * np.sqrt(pressure.voice) / 20.0)).astype(np.float32)
