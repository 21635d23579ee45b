"""Signal processing that every sounding stage shares: filters, dynamics, loudness, peaks, space.

Conventions
    Audio is float32, C-contiguous, shape [2, samples] (stereo), at `SAMPLE_RATE_HZ` = 44100 unless a name says `half`
    (22050 Hz, the rate of reverb and echo). Full scale is 1.0.
    Functions whose name ends in `_in_place` write into the array they are given; all others leave it alone.
    Frequencies are in Hz, gains in dB (`_db`), times in seconds or milliseconds (`_s`, `_ms`).
    A *gain curve* is float32 [ceil(samples / CURVE_HOP) + 1]: linear gains every CURVE_HOP samples, joined by lines.
    A *power track* is float64 [ceil(samples / POWER_HOP)]: mean over 100 ms of the channels' summed squares.
    Recursive filters keep their state in double precision and add 1e-18 to the input, so that silence never
    becomes denormal numbers, which are a hundred times slower.

Sources
    Filters: R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients".
    Loudness and true peak: ITU-R BS.1770-4 (K weighting, gating at -70 LUFS and -10 LU, 4x oversampling).
    Dynamics: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES 60 (2012).
"""

from songwright.engine.dsp.biquad import band_pass, filter_in_place, high_pass, high_shelf, low_pass, low_shelf, peak
from songwright.engine.dsp.curves import (
    CURVE_HOP,
    apply_curve_in_place,
    curve_from_points,
    curve_length,
    dip_band_in_place,
    level_curve,
)
from songwright.engine.dsp.dynamics import compress_in_place, compressor_curve, de_ess_in_place
from songwright.engine.dsp.echo import echo_half
from songwright.engine.dsp.fades import fade_in_place
from songwright.engine.dsp.levels import db_of_power, gain_of_db, silence_non_finite_in_place
from songwright.engine.dsp.limiter import limit_in_place
from songwright.engine.dsp.loudness import (
    K_WEIGHTING,
    NO_WEIGHTING,
    POWER_HOP,
    gated_power,
    loudness_lufs,
    loudness_of_powers,
    power_track,
)
from songwright.engine.dsp.resampling import add_from_half_in_place, half_rate_mid, resample
from songwright.engine.dsp.reverb import convolve_half, impulse_response_half
from songwright.engine.dsp.spectrum import OCTAVE_BANDS_HZ, octave_powers
from songwright.engine.dsp.true_peak import true_peak_dbtp
from songwright.engine.dsp.width import spread_in_place

__all__ = [
    "CURVE_HOP",
    "K_WEIGHTING",
    "NO_WEIGHTING",
    "OCTAVE_BANDS_HZ",
    "POWER_HOP",
    "add_from_half_in_place",
    "apply_curve_in_place",
    "band_pass",
    "compress_in_place",
    "compressor_curve",
    "convolve_half",
    "curve_from_points",
    "curve_length",
    "db_of_power",
    "de_ess_in_place",
    "dip_band_in_place",
    "echo_half",
    "fade_in_place",
    "filter_in_place",
    "gain_of_db",
    "gated_power",
    "half_rate_mid",
    "high_pass",
    "high_shelf",
    "impulse_response_half",
    "level_curve",
    "limit_in_place",
    "loudness_lufs",
    "loudness_of_powers",
    "low_pass",
    "low_shelf",
    "octave_powers",
    "peak",
    "power_track",
    "resample",
    "silence_non_finite_in_place",
    "spread_in_place",
    "true_peak_dbtp",
]
