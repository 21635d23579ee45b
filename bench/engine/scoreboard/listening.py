"""What is heard in one recording of the band: the rows that need only this song."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import soxr

from songwright.analysis.harmony import RATE_HZ, chromas, heard_chords, heard_key
from songwright.engine.material import SAMPLE_RATE_HZ, Score

from . import beats, harmony, sections, spectrum
from .musicnn import LABELS, Heard, listen
from .rendering import ASSETS
from .tags import recognised_by

TAG_FOLDER = ASSETS.root / "musicnn"


@dataclass(frozen=True)
class Rows:
    """One song, measured."""

    octaves_db: list[float]
    balance_distance_db: float
    raw_distance_db: float
    section_lufs: list[float]
    chorus_minus_verse_db: float
    top_tags: dict[str, list[tuple[str, float]]]
    recognised_by: list[str] | None  #: None: no tag means this style
    chords_readable: float
    beat_f: float
    beat_f_any_level: float
    tapped_bpm: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_band(style: str, pcm: np.ndarray, score: Score) -> tuple[Rows, Heard]:
    """All rows of the finished instrumental `pcm` [2, samples]."""
    octaves = spectrum.octave_levels_db(pcm, SAMPLE_RATE_HZ)
    times_s, lufs = sections.short_term_lufs(pcm, SAMPLE_RATE_HZ)
    loudness = sections.section_loudness(score, times_s, lufs)
    heard = listen(pcm, SAMPLE_RATE_HZ, TAG_FOLDER)
    mono = soxr.resample(pcm.mean(axis=0), SAMPLE_RATE_HZ, RATE_HZ)
    sound = chromas(mono)
    tapped = beats.heard(mono, RATE_HZ, sound)
    chords = heard_chords(sound, tapped.times_s, heard_key(sound.all), len(mono) / RATE_HZ)
    taps_s, written_s = np.array(tapped.times_s), beats.written_beats_s(score)
    rows = Rows(
        octaves_db=octaves.tolist(),
        balance_distance_db=spectrum.balance_distance_db(octaves),
        raw_distance_db=spectrum.raw_distance_db(octaves),
        section_lufs=loudness,
        chorus_minus_verse_db=sections.chorus_minus_verse_db(score, loudness),
        top_tags={model: heard.top(model) for model in LABELS},
        recognised_by=recognised_by(style, heard),
        chords_readable=harmony.agreement(score, chords),
        beat_f=beats.beat_f(written_s, taps_s),
        beat_f_any_level=beats.beat_f_any_level(written_s, taps_s),
        tapped_bpm=tapped.bpm,
    )
    return rows, heard
