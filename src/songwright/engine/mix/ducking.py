"""Who makes room for whom: the band for the voice, bass and chords for the kick. All as gain curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from songwright.engine.dsp import level_curve, low_pass
from songwright.engine.dsp.curves import Curve
from songwright.engine.material import Role
from songwright.engine.mix.channel import Channel

#: how much of the style's side-chain depth a role takes
_KICK_SHARE: Mapping[Role, float] = {"bass": 1.0, "pads": 1.0, "harmony": 0.7, "lead": 0.35, "effects": 0.5}
#: dB by which a role bows under the voice
_VOICE_BOW_DB: Mapping[Role, float] = {"harmony": 1.5, "pads": 2.0, "lead": 3.0, "effects": 1.0}
#: how much of the dip at 2 kHz a role takes
_PRESENCE_SHARE: Mapping[Role, float] = {
    "harmony": 1.0, "pads": 1.0, "lead": 1.0, "effects": 1.0, "backing": 0.5, "drums": 0.4, "bass": 0.7,
}  # fmt: skip
_KICK = np.concatenate([low_pass(100.0), low_pass(100.0)])  #: what of the drums is kick


@dataclass(frozen=True, slots=True)
class Pressure:
    """How strongly kick and voice press, 0..1 at curve rate; None where there is none."""

    kick: Curve | None
    voice: Curve | None


def pressure_of(channels: Sequence[Channel], beat_s: float) -> Pressure:
    """Listen to kick and lead vocal. The channels stand at their levels already."""
    # Released within about half a beat, so that the band is back before the next kick.
    kicks = [level_curve(c.audio, 0.003, 0.14 * beat_s, _KICK) for c in channels if c.role == "drums"]
    voices = [level_curve(c.audio, 0.015, 0.12) for c in channels if c.role == "vocal"]
    return Pressure(_pressing(kicks, 0.98), _pressing(voices, 0.8))


def _pressing(levels: Sequence[Curve], quantile: float) -> Curve | None:
    """Their common level relative to a strong moment of itself; None for silence."""
    level = np.sqrt(np.sum([curve**2 for curve in levels], axis=0)) if levels else np.zeros(1, np.float32)
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


def presence_curve(role: Role, pressure: Pressure, dip_db: float) -> Curve | None:
    """The gain over time of the 2 kHz band of `role`; None where it need not bow."""
    if pressure.voice is None or role not in _PRESENCE_SHARE or dip_db <= 0.1:
        return None
    return (10.0 ** (-dip_db * _PRESENCE_SHARE[role] * np.sqrt(pressure.voice) / 20.0)).astype(np.float32)
