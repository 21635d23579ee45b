"""Levels of the roles, and the room the band leaves for the voice: from measured loudness and the style's wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import K_WEIGHTING, OCTAVE_BANDS_HZ, gain_of_db, loudness_of_powers
from songwright.engine.dsp.biquad import Filter, response_db
from songwright.engine.material import MixTraits, Role
from songwright.engine.mix.channel import SILENT_LUFS, VOICES

VOCAL_LUFS = -18.0
_CLEAR_VOICE_DB = 4.0  #: how far the voice stands above the band in 1-4 kHz while it sings
_DEEPEST_DIP_DB = 5.0
_DIP_YIELD = 0.6  #: what a dip of 1 dB at 2 kHz takes from the whole band's 1-4 kHz, drums being spared
_MOST_VOCAL_LIFT_DB = 3.5

_BANDS_HZ = np.array(OCTAVE_BANDS_HZ)
_K_OF_BANDS = 10.0 ** (response_db(K_WEIGHTING, _BANDS_HZ) / 10.0)
#: share of each octave band that lies in 1-4 kHz, where consonants and vowels are told apart
_PRESENCE_OF_BANDS = np.array([0, 0, 0, 0, 0, 0.5, 1.0, 0.5, 0, 0])


@dataclass(frozen=True, slots=True)
class Measure:
    """What remains known of a role after its sound has gone into the sum: power track and octave powers."""

    role: Role
    powers: NDArray[np.float64]
    octaves: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Room:
    """How deep the band bows at 2 kHz under the voice, and how far the voices are lifted besides."""

    presence_dip_db: float = 0.0
    vocal_lift_db: float = 0.0


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
        "lead": traits.lead_db + 3.0 * forward_db,
        "effects": -11.0,
    }


def role_gain(powers: NDArray[np.float64], level_db: float) -> float:
    """The gain that brings a role with the power track `powers` to `level_db` relative to the lead vocal."""
    loudness = loudness_of_powers(powers)
    return gain_of_db(VOCAL_LUFS + level_db - loudness) if loudness > SILENT_LUFS else 1.0


def room_for_the_voice(measures: Sequence[Measure], tone: Sequence[Filter]) -> Room:
    """Make room where the band, once it has its `tone`, would cover the voice."""
    lead = [m for m in measures if m.role == "vocal" and loudness_of_powers(m.powers) > SILENT_LUFS]
    band = [_toned(m, tone) for m in measures if m.role not in VOICES]
    if not lead:
        return Room()
    lack_db = _CLEAR_VOICE_DB - _presence_advantage_db(lead, band)
    dip_db = min(max(lack_db, 0.0) / _DIP_YIELD, _DEEPEST_DIP_DB)
    return Room(dip_db, min(max(lack_db - _DIP_YIELD * dip_db, 0.0), _MOST_VOCAL_LIFT_DB))


def _toned(measure: Measure, tone: Sequence[Filter]) -> Measure:
    """What would be measured of a role once it has run through the filters `tone`."""
    if not tone:
        return measure
    response = 10.0 ** (response_db(np.concatenate(list(tone)), _BANDS_HZ) / 10.0)
    before = float((measure.octaves * _K_OF_BANDS).sum())
    change = float((measure.octaves * _K_OF_BANDS * response).sum()) / before if before > 0 else 1.0
    return Measure(measure.role, measure.powers * change, measure.octaves * response)


def _presence_advantage_db(lead: Sequence[Measure], band: Sequence[Measure]) -> float:
    """Voice minus band in 1-4 kHz while the lead sings, from octave powers and the course of loudness."""
    sung = np.sum([m.powers for m in lead], axis=0)
    active = sung > 0.1 * sung[sung > 0].mean()

    def presence(measure: Measure) -> float:
        share = float(measure.powers[active].mean()) / max(float(measure.powers.mean()), 1e-12)
        return share * float((measure.octaves * _PRESENCE_OF_BANDS).sum())

    voice, others = sum(map(presence, lead)), sum(map(presence, band))
    return float(10.0 * np.log10((voice + 1e-12) / (others + 1e-12)))
