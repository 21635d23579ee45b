"""The vocal chain: clean, tame sibilants, even out, then brighten - in this order.

Some voices are bright by themselves: their sibilants rival their vowels. They are recognised by measuring, de-essed
harder and given no air, because a shelf at 10 kHz would only lift the hiss.
"""

from __future__ import annotations

from songwright.engine.dsp import (
    OCTAVE_BANDS_HZ,
    compress_in_place,
    de_ess_in_place,
    filter_in_place,
    gain_of_db,
    high_pass,
    high_shelf,
    octave_powers,
    peak,
)
from songwright.engine.dsp.biquad import Filter
from songwright.engine.dsp.levels import db_of_power
from songwright.engine.material import Audio, Role

_BRIGHT_DB = -7.0  #: 8 kHz octave against 2 kHz octave; a balanced voice lies 12-18 dB down
_SIBILANTS = high_pass(5200.0)


def brightness_db(audio: Audio) -> float:
    """Level of the octave around 8 kHz relative to the one around 2 kHz."""
    octaves = octave_powers(audio)
    bands = {round(hz): float(power) for hz, power in zip(OCTAVE_BANDS_HZ, octaves, strict=True)}
    return db_of_power(bands[8000]) - db_of_power(bands[2000])


def sing_through_in_place(audio: Audio, role: Role) -> None:
    """Treat one voice, which comes at working loudness."""
    is_bright = brightness_db(audio) > _BRIGHT_DB
    is_lead = role in ("vocal", "adlib")
    low_cut_hz = 95.0 if is_lead else 150.0
    filter_in_place(audio, high_pass(low_cut_hz), high_pass(low_cut_hz))
    share, deepest_db = (0.40, -10.0) if is_bright or not is_lead else (0.55, -7.0)
    de_ess_in_place(audio, _SIBILANTS, share, gain_of_db(deepest_db))
    # Two compressors share the work: a slow one levels phrases, a fast one catches what sticks out.
    compress_in_place(audio, threshold_db=-25, ratio=2.2, attack_s=0.03, release_s=0.35)
    compress_in_place(audio, threshold_db=-21, ratio=3.5 if is_lead else 5.0, attack_s=0.004, release_s=0.09)
    filter_in_place(audio, *_tone(is_bright=is_bright, is_lead=is_lead))


def _tone(*, is_bright: bool, is_lead: bool) -> tuple[Filter, ...]:
    if not is_lead:  # behind the lead: softer consonants, so that they do not double the lead's
        return (peak(300, -2.5, 0.8), peak(3000, -2.0, 0.8))
    air = high_shelf(10_000, -1.0 if is_bright else 2.0)
    return (peak(280, -2.0, 0.9), peak(2800, 2.5, 0.7), air)
