"""From the sum to the record: glue, form, loudness, ceiling.

Everything before the limiter is one gain curve over time, so that it can be given to every stem as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp import (
    CURVE_HOP,
    K_WEIGHTING,
    POWER_HOP,
    compressor_curve,
    curve_from_points,
    gain_of_db,
    gated_power,
    limit_in_place,
    loudness_lufs,
    power_track,
    true_peak_dbtp,
)
from songwright.engine.dsp.curves import Curve
from songwright.engine.dsp.levels import db_of_power
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, Score, Section
from songwright.engine.mix.channel import SILENT_LUFS

TARGET_LUFS = -13.9  #: the MP3 encoder takes 0.26 dB away, so that both files lie within 0.3 LU of -14
CEILING_DBTP = -1.8
_TIPS_DB = 2.0
_TOLERANCE_LU = 0.1
_MOST_ROUNDS = 4

_DB_PER_ENERGY = 9.5  #: a chorus of energy 0.9 is to be 3.8 dB louder than a verse of 0.5
_FOLLOWED = 0.9  #: share of the missing difference that the fader makes up
_FADER_DB = (-4.5, 3.5)
_QUIET_KINDS = {"intro", "outro", "break"}
_QUIET_LIFT_DB = 1.5  #: a sparse section is meant to be sparse
_RISE_S, _FALL_S = 0.08, 0.25


def glue_curve(bus: Audio) -> Curve:
    """A gentle compressor over the whole: about 1 dB where it is loudest."""
    level_db = db_of_power(0.5 * gated_power(power_track(bus, K_WEIGHTING)))
    return compressor_curve(bus, threshold_db=level_db + 1.0, ratio=1.6, attack_s=0.025, release_s=0.2, knee_db=8.0)


def form_curve(bus: Audio, score: Score, tail_s: float) -> Curve:
    """The fader that follows the form: sections at the loudness their energy asks for, and the end fading out."""
    samples = bus.shape[1]
    gains_db = section_gains_db(score, power_track(bus, K_WEIGHTING))
    points = [(0.0, gain_of_db(gains_db[0]))]
    for before_db, now_db, section in zip(gains_db, gains_db[1:], score.sections[1:], strict=False):
        at_s = score.seconds(section.start_beats)
        # Up just before the downbeat, so that it arrives at full level; down just after it.
        start_s, end_s = (at_s - _RISE_S, at_s) if now_db > before_db else (at_s, at_s + _FALL_S)
        points += [(start_s, gain_of_db(before_db)), (end_s, gain_of_db(now_db))]
    last_gain = points[-1][1]
    end_s = samples / SAMPLE_RATE_HZ
    curve = curve_from_points(samples, [*sorted(points), (end_s + 1.0, last_gain)])
    return curve * _ending(len(curve), tail_s)


def _ending(points: int, tail_s: float) -> Curve:
    """A raised cosine over the tail: the reverb rings out into silence."""
    fall = min(round(tail_s * SAMPLE_RATE_HZ / CURVE_HOP), points)
    ending = np.ones(points, np.float32)
    ending[points - fall :] = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / fall)
    return ending


def section_gains_db(score: Score, powers: NDArray[np.float64]) -> list[float]:
    """Fader position of each section."""
    measured_db = np.array([_section_level_db(score, section, powers) for section in score.sections])
    wanted_db = np.array([_DB_PER_ENERGY * section.energy for section in score.sections])
    lengths = np.array([section.length_beats for section in score.sections])
    weights = np.where(measured_db > measured_db.max() - 20.0, lengths, 0.0)
    lack_db = wanted_db - measured_db
    lack_db -= np.average(lack_db, weights=weights)
    return [_fader_db(section, float(db)) for section, db in zip(score.sections, _FOLLOWED * lack_db, strict=True)]


def _fader_db(section: Section, wanted_db: float) -> float:
    highest_db = _QUIET_LIFT_DB if section.kind in _QUIET_KINDS else _FADER_DB[1]
    return min(max(wanted_db, _FADER_DB[0]), highest_db)


def _section_level_db(score: Score, section: Section, powers: NDArray[np.float64]) -> float:
    first = int(score.seconds(section.start_beats) * SAMPLE_RATE_HZ / POWER_HOP)
    last = int(score.seconds(section.start_beats + section.length_beats) * SAMPLE_RATE_HZ / POWER_HOP)
    inside = powers[first : max(last, first + 1)]
    return db_of_power(float(inside.mean())) if len(inside) else -120.0


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished recording; `gain` is what the bus was multiplied by before the limiter."""

    pcm: Audio
    gain: float
    loudness_lufs: float
    true_peak_dbtp: float


def finish(bus: Audio) -> Finished:
    """Bring a copy of `bus` to loudness and under the ceiling."""
    loudness = loudness_lufs(bus)
    if loudness < SILENT_LUFS:
        return Finished(bus.copy(), 1.0, loudness, true_peak_dbtp(bus))
    gain_db = TARGET_LUFS - loudness
    pcm = np.empty_like(bus)
    for _ in range(_MOST_ROUNDS):
        np.multiply(bus, np.float32(gain_of_db(gain_db)), out=pcm)
        # Two limiters: the tips of drums are taken off within milliseconds, so that the slow one, which would take
        # the whole music down with them, has little left to do.
        limit_in_place(pcm, ceiling_dbtp=CEILING_DBTP + _TIPS_DB, release_s=0.012)
        limit_in_place(pcm, ceiling_dbtp=CEILING_DBTP)
        loudness = loudness_lufs(pcm)
        if abs(TARGET_LUFS - loudness) <= _TOLERANCE_LU:
            break
        gain_db += TARGET_LUFS - loudness
    else:
        gain_db -= TARGET_LUFS - loudness  # the last correction was not heard any more
    return Finished(pcm, gain_of_db(gain_db), loudness, true_peak_dbtp(pcm))
