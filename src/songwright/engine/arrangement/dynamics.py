"""How hard each passage is played: by its energy, and not so softly that a verse drowns between two choruses.

Conventions
    A gain multiplies force; 20 dB per factor of 10 in force is about 40 dB in sound, for fonts play velocity squared.
    The power of a passage is estimated from forces, lengths and the style's bus levels; passages of some energy are
    lifted until they lie at most `WIDEST_DB` under the strongest one, the peak until it is the strongest. A chorus of
    energy 0.9 is struck about 3.6 dB harder than a verse of 0.5; density and octaves do the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from songwright.engine.arrangement.drafts import Track
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.material import MixTraits

QUIETEST_GAIN, ENERGY_GAIN = 0.61, 0.49  #: gain of a section = QUIETEST_GAIN + ENERGY_GAIN * energy
WIDEST_DB = 7.5
PEAK_DB = 0.5
LARGEST_LIFT = 1.3
LIFTED_ENERGY = 0.42  #: breaks and other thin places may stay thin
_DRUM_BEATS = 0.3  #: how long a stroke counts
_SUSTAINED_BEATS = 1.0
_FULL_FORCE = 127.0


def passage_gains(tracks: Sequence[Track], ground: Ground) -> tuple[float, ...]:
    """The gain of each passage."""
    gains = [QUIETEST_GAIN + ENERGY_GAIN * passage.energy for passage in ground.passages]
    powers = _powers_db(tracks, ground, gains)
    strongest = max(powers)
    return tuple(
        gain * _lift(strongest + (PEAK_DB if passage.is_peak else -WIDEST_DB) - power_db, passage)
        for gain, power_db, passage in zip(gains, powers, ground.passages, strict=True)
    )


def _lift(missing_db: float, passage: Passage) -> float:
    if missing_db <= 0 or passage.energy < LIFTED_ENERGY or passage.kind in ("intro", "outro"):
        return 1.0
    return min(LARGEST_LIFT, 10 ** (missing_db / 40))


def _powers_db(tracks: Sequence[Track], ground: Ground, gains: Sequence[float]) -> list[float]:
    """Estimated power of each passage, in dB."""
    powers = [1e-9] * len(ground.passages)
    ends = list(accumulate(passage.length_beats for passage in ground.passages))
    for track in tracks:
        if track.role == "effects":
            continue
        bus = 10 ** (_bus_db(track, ground.style.mix) / 10)
        at = 0
        for draft in sorted(track.drafts, key=lambda d: d.start_beats):
            while at < len(ends) - 1 and draft.start_beats >= ends[at] - 0.01:
                at += 1
            heard = _DRUM_BEATS if track.role == "drums" else min(draft.length_beats, _SUSTAINED_BEATS)
            powers[at] += bus * (draft.force * gains[at] / _FULL_FORCE) ** 4 * heard
    lengths = [passage.length_beats for passage in ground.passages]
    return [10 * math.log10(power / length) for power, length in zip(powers, lengths, strict=True)]


def _bus_db(track: Track, mix: MixTraits) -> float:
    levels = {"drums": mix.drums_db, "bass": mix.bass_db, "harmony": mix.harmony_db, "pads": mix.pads_db}
    return levels.get(track.role, mix.lead_db)
