"""Channel strips: what each role of the band needs before anybody sets a level.

A strip works at a known loudness (WORKING_LUFS), so that one threshold fits quiet and loud stems. The corrections are
the usual ones: room below the bass, less treble for what stands behind (samples are recorded close, 3-5 dB brighter
than they are heard in records), attacks kept by slow compressors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from songwright.engine.dsp import (
    NO_WEIGHTING,
    compress_in_place,
    filter_in_place,
    gain_of_db,
    high_pass,
    high_shelf,
    limit_in_place,
    loudness_of_powers,
    low_shelf,
    peak,
    power_track,
    silence_non_finite_in_place,
)
from songwright.engine.dsp.biquad import Filter
from songwright.engine.material import Audio, Role, Stem
from songwright.engine.mix.channel import SILENT_LUFS, VOICES, Channel, measured
from songwright.engine.mix.fitting import fitted
from songwright.engine.mix.vocals import sing_through_in_place

WORKING_LUFS = -20.0


@dataclass(frozen=True, slots=True)
class Strip:
    """Filters, then a compressor, then a limiter (threshold and ceiling in dB at working loudness)."""

    filters: tuple[Filter, ...]
    threshold_db: float
    ratio: float
    attack_s: float
    release_s: float
    ceiling_db: float = 0.0


_STRIPS: Mapping[Role, Strip] = {
    "drums": Strip(
        (high_pass(30), peak(60, -2.5, 0.8), peak(380, -1.5, 0.9), high_shelf(5000, -4.0, 0.5)),
        -20, 2.2, 0.012, 0.11, -9.0,
    ),
    "bass": Strip((high_pass(32), low_shelf(65, -3.0), peak(200, 2.0, 0.8)), -22, 3.5, 0.012, 0.16, -9.0),
    "harmony": Strip((high_pass(80), peak(230, 1.5, 0.8), peak(650, -2.0, 0.8), high_shelf(1500, -4.0, 0.5)),
                     -20, 1.8, 0.02, 0.18),
    "pads": Strip((high_pass(90), peak(230, 1.0, 0.8), peak(600, -2.5, 0.7), high_shelf(1800, -3.0, 0.5)),
                  -18, 1.6, 0.03, 0.25),
    "lead": Strip((high_pass(110), low_shelf(350, 2.0), high_shelf(1300, -5.0, 0.5)), -20, 2.2, 0.012, 0.16),
    "effects": Strip((high_pass(35), high_shelf(3000, -3.0, 0.5)), -14, 1.5, 0.01, 0.2),
}  # fmt: skip


def open_channel(stem: Stem, samples: int) -> Channel:
    """Copy `stem`, clean it, bring it to working loudness and run it through the strip of its role."""
    audio = fitted(stem.audio, samples)
    silence_non_finite_in_place(audio)
    loudness = loudness_of_powers(power_track(audio, NO_WEIGHTING))  # unweighted: near enough to work at
    trim_db = WORKING_LUFS - loudness if loudness > SILENT_LUFS else 0.0
    if loudness > SILENT_LUFS:
        audio *= gain_of_db(trim_db)
        if stem.role in VOICES:
            sing_through_in_place(audio, stem.role)
        else:
            _play_through_in_place(audio, _STRIPS[stem.role])
    return measured(stem.name, stem.role, stem.pan, audio, trim_db)


def _play_through_in_place(audio: Audio, strip: Strip) -> None:
    filter_in_place(audio, *strip.filters)
    compress_in_place(
        audio,
        threshold_db=strip.threshold_db,
        ratio=strip.ratio,
        attack_s=strip.attack_s,
        release_s=strip.release_s,
    )
    # The tips of drum strokes carry no loudness; left standing they would make the limiter pull down the whole song.
    limit_in_place(audio, ceiling_dbtp=strip.ceiling_db, release_s=0.05)
