"""What samples are played through: amplifiers, a rotating speaker, tape, and kits with drawn strokes under them."""

import numpy as np
import pytest

from songwright.engine.dsp import octave_powers
from songwright.engine.instruments import play_part
from songwright.engine.instruments.amplifiers import (
    AMPLIFIER_NAMES,
    amplify_by_name_in_place,
    amplify_in_place,
    rotate_in_place,
    waver_in_place,
)
from songwright.engine.instruments.catalogue import DRESSED_NAMES
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Note, Part, Score, Section

SCORE = Score(
    title="Two bars", bpm=120, beats_per_bar=4, tonic_pc=0, mode="major",
    sections=(Section("verse", "Verse", 0.0, 8.0, 0.5),), chords=(), lines=(),
)  # fmt: skip
TIME_S = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ


def stereo(*frequencies_hz: float) -> np.ndarray:
    mono = sum(0.1 * np.sin(2 * np.pi * hz * TIME_S) for hz in frequencies_hz)
    return np.stack([mono, mono]).astype(np.float32)


def level_db(audio: np.ndarray, hz: float) -> float:
    """Level of one frequency against the whole."""
    tone = np.exp(-2j * np.pi * hz * TIME_S)
    window = np.hanning(len(TIME_S))
    amplitude = 2 * abs((audio[0] * window * tone).sum()) / window.sum()
    return 20 * np.log10(amplitude / np.sqrt(2 * np.mean(audio[0] ** 2)) + 1e-9)


@pytest.mark.parametrize("program", [29, 30])
def test_a_chord_roars_through_a_guitar_amplifier_and_its_cabinet_takes_the_treble(program: int) -> None:
    fourth, treble = stereo(110.0, 147.0), stereo(110.0, 147.0, 9000.0)
    amplify_in_place(fourth, program)
    assert level_db(fourth, 184.0) > -28.0  # what both strings make together, and neither alone
    amplify_in_place(treble, program)
    assert level_db(treble, 9000.0) < -35.0


def test_most_programs_have_no_box_behind_them() -> None:
    piano = stereo(220.0)
    amplify_in_place(piano, 0)
    assert np.array_equal(piano, stereo(220.0))


@pytest.mark.parametrize("name", sorted(AMPLIFIER_NAMES))
def test_silence_and_offsets_do_not_get_through(name: str) -> None:
    silence = np.zeros((2, 4000), np.float32)
    amplify_by_name_in_place(silence, name)
    assert np.abs(silence).max() < 1e-12
    sound = stereo(150.0)
    amplify_by_name_in_place(sound, name)
    assert abs(float(sound[:, 4410:].mean())) < 2e-3  # saturation is one-sided, but no direct current leaves the box


def test_a_rotating_speaker_wanders_and_survives_mono() -> None:
    audio = stereo(440.0, 660.0)
    rotate_in_place(audio, turn_hz=6.2)
    blocks = (audio[:, : 40 * 2205].reshape(2, 40, 2205) ** 2).mean(axis=2)
    difference_db = 10 * np.log10(blocks[0] / blocks[1])
    assert difference_db.max() > 1.5
    assert difference_db.min() < -1.5
    assert np.mean(audio.mean(axis=0) ** 2) > 0.63 * np.mean(audio**2)  # less than 2 dB lost


def test_tape_wavers_by_some_cents() -> None:
    audio = stereo(1000.0)
    waver_in_place(audio)
    phase = np.unwrap(np.angle(np.fft.ifft(np.fft.fft(audio[0]) * (np.arange(len(TIME_S)) < len(TIME_S) // 2))))
    hz = np.diff(phase[2000:-2000:441]) / (2 * np.pi * 441 / SAMPLE_RATE_HZ)
    cents = 1200 * np.log2(hz / 1000.0)
    assert 3.0 < np.percentile(np.abs(cents), 90) < 20.0


@pytest.mark.parametrize("name", sorted(DRESSED_NAMES))
def test_what_is_dressed_plays_with_and_without_a_font(name: str, assets: Assets) -> None:
    is_kit = "kit" in name or name.startswith("layered")
    notes = tuple(Note(k / 2, 0.5, 36 + 2 * (k % 2), 100) for k in range(16))
    part = Part(name="P", role="drums" if is_kit else "bass", synth=name, drum_kit=0 if is_kit else None, notes=notes)
    for where in (assets, Assets(assets.root / "nothing")):
        audio = play_part(part, SCORE, where).audio
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() > 0.02
        assert np.array_equal(audio, play_part(part, SCORE, where).audio)


def test_a_layered_kit_has_more_weight_than_its_samples(assets: Assets) -> None:
    kicks = tuple(Note(float(k), 0.5, 36, 110) for k in range(8))
    plain, layered = (
        octave_powers(play_part(Part(name="K", role="drums", drum_kit=0, synth=s, notes=kicks), SCORE, assets).audio)
        for s in (None, "layered_808")
    )
    assert 10 * np.log10(layered[1] / plain[1]) > 1.0  # around 63 Hz
