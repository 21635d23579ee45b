"""Tone of the whole band: gently towards the spectrum of records, then as the style says.

The reference is finished music in octave bands, as measured on 23 produced clips (the mean of their levels: its powers
add up to a third of the whole, so only its shape counts). TARGET_DB leans from it towards warmth by up to 2 dB: those
clips were made at 24-32 kHz and say little of the treble, and sampled instruments are harsh rather than dull.
Instruments are to have the right sound before they come here (`strips`); what is left is corrected by broad filters,
none beyond _LIMITS_DB, so that a style stays brighter or darker than another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from songwright.engine.dsp import OCTAVE_BANDS_HZ, high_shelf, low_pass, low_shelf, peak
from songwright.engine.dsp.biquad import Filter, response_db
from songwright.engine.dsp.levels import db_of_powers

RECORDS_DB = (-21.0, -14.0, -11.0, -9.0, -12.0, -15.0, -20.0, -23.0, -29.0, -38.0)
_WARMTH_DB = (0.0, -0.8, 1.2, 2.0, 0.6, -0.9, -1.3, -1.3, -1.0, 0.0)
TARGET_DB = tuple(level + warmth for level, warmth in zip(RECORDS_DB, _WARMTH_DB, strict=True))
_LIMITS_DB = (-8.0, 4.0)
_RELUCTANCE = 0.12  #: what a decibel of filtering costs, relative to a decibel beside the target
_SHAPES = 6
_WEIGHTS = np.array([0.2, 1, 1, 1, 1, 1, 1, 1, 0.8, 0.4])

_BELL = re.compile(r"(air|presence)?\s*([+-]\d+(?:\.\d+)?)\s*dB at (\d+(?:\.\d+)?)\s*(k?)Hz", re.IGNORECASE)
_LOW_PASS = re.compile(r"low-pass(?:ed)?\s*(?:at\s*)?(\d+(?:\.\d+)?)\s*(k?)Hz", re.IGNORECASE)
_WORDS: tuple[tuple[str, tuple[Filter, ...]], ...] = (
    ("dark", (high_shelf(4000, -2.0),)),
    ("bright", (high_shelf(6000, 1.5),)),
    ("warm", (peak(220, 1.0, 0.7), high_shelf(6000, -1.0))),
    ("soft", (high_shelf(4500, -1.2),)),
    ("rolled", (high_shelf(7000, -2.0),)),
    ("dusty", (high_shelf(7000, -2.5),)),
    ("sparkl", (high_shelf(9000, 1.5),)),
    ("airy", (high_shelf(10_000, 1.5),)),
    ("crisp", (high_shelf(8000, 1.0),)),
    ("scooped", (peak(500, -2.0, 0.8),)),
)


def _shapes(gains_db: Sequence[float]) -> list[Filter]:
    sub, low, mid, high_mid, high, top = gains_db
    return [
        peak(55, sub, 0.9),
        low_shelf(150, low),
        peak(330, mid, 0.6),
        peak(900, high_mid, 0.6),
        high_shelf(2000, high, 0.5),
        high_shelf(9000, top, 0.6),
    ]


def matching_filters(octaves: NDArray[np.float64]) -> tuple[Filter, ...]:
    """Filters that bring a band with the octave powers `octaves` closer to records; none for silence."""
    if octaves.sum() < 1e-10:
        return ()
    level_db = db_of_powers(octaves / octaves.sum())
    wanted_db = np.array(TARGET_DB) - level_db
    # Where the music has next to nothing (no bass, no cymbals) there is nothing to lift.
    weights = np.where(level_db > -45.0, _WEIGHTS, 0.0)
    if weights.sum() == 0.0:
        return ()
    wanted_db -= np.average(wanted_db, weights=weights)
    frequencies_hz = np.array(OCTAVE_BANDS_HZ)
    unit = np.stack([response_db(shape, frequencies_hz) for shape in _shapes((1.0,) * _SHAPES)], axis=1)
    # A common level costs nothing, the balance has set it; so a constant may be taken out freely.
    columns = np.hstack([unit, np.ones((len(unit), 1))])
    root = np.sqrt(weights)[:, None]
    # Ridge: filters that would only cancel each other stay flat.
    reluctance = np.hstack([np.sqrt(_RELUCTANCE) * np.eye(_SHAPES), np.zeros((_SHAPES, 1))])
    bounds = ([_LIMITS_DB[0]] * _SHAPES + [-20.0], [_LIMITS_DB[1]] * _SHAPES + [20.0])
    fit = lsq_linear(
        np.vstack([columns * root, reluctance]), np.append(wanted_db * root[:, 0], np.zeros(_SHAPES)), bounds=bounds
    )
    return tuple(_shapes(fit.x[:_SHAPES].tolist()))


def band_tone(octaves: NDArray[np.float64], words: str) -> tuple[Filter, ...]:
    """The filters of the whole band: towards records as far as allowed, then as the style's words say."""
    return (*matching_filters(octaves), *style_filters(words))


def style_filters(tone: str) -> tuple[Filter, ...]:
    """What a style's words about tone mean as filters: `air +2 dB at 11 kHz`, `low-pass 9 kHz`, `dark` ..."""
    filters: list[Filter] = []
    for _name, gain, number, kilo in _BELL.findall(tone):
        hz = float(number) * (1000.0 if kilo else 1.0)
        filters.append(high_shelf(hz, float(gain)) if hz >= 7000 else peak(hz, float(gain), 0.8))
    for number, kilo in _LOW_PASS.findall(tone):
        filters.append(low_pass(float(number) * (1000.0 if kilo else 1.0)))
    lowered = tone.lower()
    for word, shapes in _WORDS:
        if word in lowered:
            filters.extend(shapes)
    return tuple(filters)
