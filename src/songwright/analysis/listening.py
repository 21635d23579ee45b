"""The list of steps: separate -> harmony and beat of the band -> tune of the voice -> form.

Conventions: `song` is a FLAC or WAV of 44.1 kHz, stereo, at most some minutes long (what `media.decode_upload` writes).
Whole-song arrays are kept only at 22 and 16 kHz, mono: an 8-minute song needs about 40 MB for each.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
import soxr
from numpy.typing import NDArray

from songwright.analysis.beats import heard_beats, onsets
from songwright.analysis.form import section_starts_s
from songwright.analysis.harmony import RATE_HZ as HARMONY_RATE_HZ
from songwright.analysis.harmony import chromas, heard_chords, heard_key, settled_key
from songwright.analysis.heard import Heard
from songwright.analysis.melody import RATE_HZ as MELODY_RATE_HZ
from songwright.analysis.melody import PitchTrack, heard_notes, pitch_track
from songwright.analysis.models import ListeningModels
from songwright.analysis.separation import load_networks, separate_file

BLOCK_S = 10
VOICE_SHARE = 0.08  #: of the time; less is a leak of instruments into the separated voice
VOICE_LEVEL_DB = -17.0  #: of the separated voice against the band
Report = Callable[[float, str], None]


def listen(song: Path, folder: Path, models: ListeningModels, report: Report = lambda _share, _stage: None) -> Heard:
    """Hear what is in `song`; its two parts stay in `folder` as `vocals.flac` and `accompaniment.flac`.

    Raises ModelsMissing.
    """
    vocals, band = folder / "vocals.flac", folder / "accompaniment.flac"
    separate_file(song, vocals, band, load_networks(models), lambda share: report(0.4 * share, "separate"))
    report(0.4, "harmony")
    band_samples = mono(band, HARMONY_RATE_HZ)
    sound = chromas(band_samples, lambda share: report(0.4 + 0.4 * share, "harmony"))
    level_db = _level_db(vocals) - _level_db(band)
    del band_samples
    song_samples = mono(song, HARMONY_RATE_HZ)
    duration_s = len(song_samples) / HARMONY_RATE_HZ
    report(0.8, "beats")
    beats = heard_beats(onsets(song_samples), sound, duration_s)
    loudness_db = _loudness_by_second_db(song_samples)
    key = heard_key(sound.all)
    report(0.87, "melody")
    track = pitch_track(mono(vocals, MELODY_RATE_HZ))
    share = float(track.voiced.mean()) if len(track.voiced) else 0.0
    has_voice = share >= VOICE_SHARE and level_db >= VOICE_LEVEL_DB
    melody = heard_notes(track if has_voice else _of_the_mix(song))
    chords = heard_chords(sound, beats.times_s, key, duration_s)
    return Heard(
        duration_s=duration_s,
        loudness_lufs=_loudness_lufs(song),
        has_voice=has_voice,
        voice_share=share if has_voice else 0.0,
        beats=beats,
        key=settled_key(key, chords),
        chords=chords,
        melody=melody,
        melody_from="voice" if has_voice else "mix",
        sections_s=section_starts_s(beats, sound, loudness_db, melody),
    )


def _of_the_mix(song: Path) -> PitchTrack:
    return pitch_track(mono(song, MELODY_RATE_HZ))


def mono(path: Path, rate_hz: int) -> NDArray[np.float32]:
    """A whole file, mixed to one channel, at `rate_hz`; read and resampled piece by piece."""
    with soundfile.SoundFile(path) as sound:
        resampler = soxr.ResampleStream(sound.samplerate, rate_hz, 1, dtype="float32")
        pieces = [resampler.resample_chunk(block.mean(axis=1)) for block in _blocks(sound)]
        pieces.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(pieces)


def _blocks(sound: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    for block in sound.blocks(BLOCK_S * sound.samplerate, dtype="float32", always_2d=True):
        yield np.asarray(block, np.float32)


def _level_db(path: Path) -> float:
    with soundfile.SoundFile(path) as sound:
        power = sum(float(np.square(block, dtype=np.float64).sum()) for block in _blocks(sound))
        return 10 * float(np.log10(power / max(sound.frames, 1) + 1e-12))


def _loudness_by_second_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    seconds = max(len(samples) // HARMONY_RATE_HZ, 1)
    power = [np.square(part, dtype=np.float64).mean() for part in np.array_split(samples, seconds)]
    return 10 * np.log10(np.array(power) + 1e-9)


def _loudness_lufs(song: Path) -> float:
    """Integrated loudness (ITU-R BS.1770); -70 for what is too short or too quiet to have one."""
    sound, rate_hz = soundfile.read(song, dtype="float32", always_2d=True)
    with contextlib.suppress(ValueError):  # shorter than one gating block
        measured = float(pyloudnorm.Meter(rate_hz).integrated_loudness(sound))
        return max(measured, -70.0)
    return -70.0
