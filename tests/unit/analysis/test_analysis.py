"""What is heard in music whose score is known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from songwright.analysis import ListeningModels, ModelsMissing, listen, load_networks, separate_file
from songwright.analysis.beats import heard_beats, onsets
from songwright.analysis.harmony import RATE_HZ, chromas, heard_chords, heard_key, settled_key
from songwright.analysis.heard import Heard
from songwright.analysis.melody import RATE_HZ as MELODY_RATE_HZ
from songwright.analysis.melody import heard_notes, pitch_track
from songwright.engine.material import Assets

BPM = 104.0
BEAT_S = 60 / BPM
PROGRESSION = [(9, "minor"), (5, "major"), (0, "major"), (7, "major")] * 2 + [(9, "minor")]  #: A minor, a bar each
TUNE = [69, 72, 71, 69, 65, 69, 72, 77, 76, 72, 67, 64, 71, 74, 71, 67] * 2 + [69, 69, 69, 69]
Samples = NDArray[np.float32]


def note(midi: float, seconds: float, rate_hz: int, overtones: int = 6) -> Samples:
    times_s = np.arange(int(seconds * rate_hz)) / rate_hz
    hertz = 440 * 2 ** ((midi - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hertz * k * times_s) / k for k in range(1, overtones + 1))
    envelope = np.minimum(1, times_s / 0.008) * np.minimum(1, (seconds - times_s) / 0.03)
    return (0.2 * np.asarray(wave) * envelope).astype(np.float32)


def band(rate_hz: int) -> Samples:
    """Chords on every beat, a bass note each, a kick on every beat and a click between."""
    rng = np.random.default_rng(1)
    out = np.zeros(int((len(PROGRESSION) * 4 * BEAT_S + 1) * rate_hz), np.float32)
    for bar, (root, quality) in enumerate(PROGRESSION):
        third = 4 if quality == "major" else 3
        for beat in range(4):
            at = int((bar * 4 + beat) * BEAT_S * rate_hz)
            for midi in (36 + root, 60 + root, 60 + (root + third), 60 + (root + 7)):
                add(out, note(midi, BEAT_S * 0.9, rate_hz) * 0.5, at)
            fall = np.exp(-np.arange(int(0.05 * rate_hz)) / (0.01 * rate_hz))
            add(out, (0.5 * rng.standard_normal(len(fall)) * fall).astype(np.float32), at)
            add(out, (0.1 * rng.standard_normal(len(fall)) * fall).astype(np.float32), at + int(BEAT_S / 2 * rate_hz))
    return out


def tune(rate_hz: int) -> Samples:
    out = np.zeros(int((len(PROGRESSION) * 4 * BEAT_S + 1) * rate_hz), np.float32)
    for beat, midi in enumerate(TUNE):
        add(out, note(midi, BEAT_S * 0.95, rate_hz, overtones=10), int(beat * BEAT_S * rate_hz))
    return out


def add(out: Samples, sound: Samples, at: int) -> None:
    out[at : at + len(sound)] += sound[: len(out) - at]


def test_tempo_beats_and_bars_are_heard() -> None:
    sound = band(RATE_HZ)
    beats = heard_beats(onsets(sound), chromas(sound), len(sound) / RATE_HZ)
    assert beats.steady and beats.beats_per_bar == 4
    assert beats.bpm == pytest.approx(BPM, rel=0.002)
    phase_s = (np.array(beats.times_s) + BEAT_S / 2) % BEAT_S - BEAT_S / 2
    assert np.abs(phase_s).max() <= 0.03
    assert round(beats.times_s[beats.first_downbeat] / BEAT_S) % 4 == 0


def test_key_and_chords_are_heard() -> None:
    sound = band(RATE_HZ)
    duration_s = len(sound) / RATE_HZ
    heard = chromas(sound)
    key = heard_key(heard.all)
    chords = heard_chords(heard, [beat * BEAT_S for beat in range(4 * len(PROGRESSION))], key, duration_s)
    right = 0
    for bar, wanted in enumerate(PROGRESSION):
        middle_s = (bar + 0.5) * 4 * BEAT_S
        found = next(chord for chord in chords if chord.start_s <= middle_s < chord.end_s)
        right += (found.root_pc, found.quality) == wanted
    assert right >= len(PROGRESSION) - 1
    settled = settled_key(key, chords)
    assert (settled.tonic_pc, settled.mode) == (9, "minor")
    assert chords[0].start_s == 0 and chords[-1].end_s == pytest.approx(duration_s)
    assert all(a.end_s == b.start_s for a, b in pairwise(chords))


def test_the_tune_is_heard_on_its_sixteenths() -> None:
    notes = heard_notes(pitch_track(tune(MELODY_RATE_HZ)))
    grid_s = (np.arange(4 * len(TUNE)) + 0.5) * BEAT_S / 4
    found = [next((n.midi for n in notes if n.start_s <= t < n.end_s), None) for t in grid_s]
    assert np.mean([f == TUNE[i // 4] for i, f in enumerate(found)]) >= 0.9
    assert all(a.end_s <= b.start_s for a, b in pairwise(notes))


@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_silence_and_hiss_are_heard_as_nothing_and_break_nothing(level: float) -> None:
    hiss = (level * np.random.default_rng(3).standard_normal(RATE_HZ * 6)).astype(np.float32)
    heard = chromas(hiss)
    beats = heard_beats(onsets(hiss), heard, 6.0)
    assert len(beats.times_s) >= 2 and beats.bpm > 0
    assert heard_chords(heard, beats.times_s, heard_key(heard.all), 6.0)[-1].end_s == 6.0


def test_without_models_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="make fetch"):
        load_networks(ListeningModels(tmp_path))


@pytest.fixture(scope="module")
def models(assets: Assets) -> ListeningModels:
    found = ListeningModels(assets.root / "listening")
    if not found.available:
        pytest.skip("the separation model is not installed")
    return found


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.flac"
    stereo = np.stack([band(44_100) + tune(44_100), band(44_100) + tune(44_100)], axis=1)
    soundfile.write(path, 0.3 * stereo, 44_100)
    return path


def test_both_parts_add_up_to_the_song(song: Path, models: ListeningModels, tmp_path: Path) -> None:
    separate_file(song, tmp_path / "v.flac", tmp_path / "a.flac", load_networks(models))
    whole, voice, rest = (soundfile.read(path)[0] for path in (song, tmp_path / "v.flac", tmp_path / "a.flac"))
    assert whole.shape == voice.shape == rest.shape
    assert np.abs(voice + rest - whole).max() <= 2 / 32768


def test_a_whole_song_is_listened_to_with_progress(song: Path, models: ListeningModels, tmp_path: Path) -> None:
    said: list[tuple[float, str]] = []
    heard: Heard = listen(song, tmp_path, models, lambda share, stage: said.append((share, stage)))
    assert heard.beats.bpm == pytest.approx(BPM, rel=0.01)
    assert (heard.key.tonic_pc, heard.key.mode) == (9, "minor")
    assert heard.duration_s == pytest.approx(soundfile.info(song).duration, abs=0.01)
    assert -40 < heard.loudness_lufs < 0
    assert [share for share, _ in said] == sorted(share for share, _ in said)
    assert {stage for _, stage in said} == {"separate", "harmony", "beats", "melody"}
