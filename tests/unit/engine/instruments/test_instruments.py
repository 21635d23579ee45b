from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from songwright.engine.instruments import (
    SYNTH_NAMES,
    TAIL_S,
    UnknownInstrument,
    fonts_in_use,
    instrument_notes,
    play_part,
    played,
)
from songwright.engine.instruments.catalogue import DRESSED_NAMES
from songwright.engine.instruments.drums import DRUMS
from songwright.engine.instruments.effects import EFFECTS
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Note, Part, Score, Section

SCORE = Score(
    title="Small", bpm=120, beats_per_bar=4, tonic_pc=0, mode="major",
    sections=(Section("verse", "Verse", 0.0, 8.0, 0.5),), chords=(), lines=(),
)  # fmt: skip
SAMPLES = round((SCORE.duration_s + TAIL_S) * SAMPLE_RATE_HZ)
NO_FONTS = Assets(Path("/nonexistent"))
DRAWN = SYNTH_NAMES - DRESSED_NAMES
TONAL = sorted(DRAWN - set(DRUMS) - set(EFFECTS))
HARMONIC = [name for name in TONAL if name != "bell"]  # a bell has no period


def part(notes: tuple[Note, ...], **fields: object) -> Part:
    return Part(**{"name": "Part", "role": "harmony", "notes": notes, **fields})  # type: ignore[arg-type]


def frequency_hz(audio: np.ndarray, start_s: float, length_s: float, near_hz: float) -> float:
    """The repetition rate nearest to `near_hz`, by autocorrelation with parabolic refinement."""
    piece = audio[0, int(start_s * SAMPLE_RATE_HZ) : int((start_s + length_s) * SAMPLE_RATE_HZ)].astype(np.float64)
    piece = (piece - piece.mean()) * np.hanning(len(piece))
    power = np.abs(np.fft.rfft(piece, 4 * len(piece))) ** 2
    correlation = np.fft.irfft(power)
    middle = SAMPLE_RATE_HZ / near_hz
    low, high = int(middle * 0.92), int(middle * 1.08) + 2
    lag = low + int(np.argmax(correlation[low:high]))
    a, b, c = correlation[lag - 1 : lag + 2]
    return SAMPLE_RATE_HZ / (lag + 0.5 * (a - c) / (a - 2 * b + c))


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_every_drawn_instrument_sounds_on_time_and_ends(name: str) -> None:
    stem = play_part(part((Note(2.0, 1.0, 42 if name in DRUMS else 57, 100),), synth=name), SCORE, NO_FONTS)
    assert stem.audio.shape == (2, SAMPLES)
    assert stem.audio.dtype == np.float32
    assert np.isfinite(stem.audio).all()
    assert not stem.audio[:, : SAMPLE_RATE_HZ - 1].any()
    assert 0.004 < np.abs(stem.audio).max() < 1.0
    assert np.abs(stem.audio[:, -100:]).max() < 0.02


@pytest.mark.parametrize("name", HARMONIC)
@pytest.mark.parametrize("midi", [45, 60])
def test_tonal_instruments_are_in_tune(name: str, midi: int) -> None:
    stem = play_part(part((Note(0.0, 3.0, midi, 100),), synth=name), SCORE, NO_FONTS)
    hz = 440.0 * 2 ** ((midi - 69) / 12)
    measured = frequency_hz(stem.audio, 0.5, 0.5, hz)
    assert abs(1200 * np.log2(measured / hz)) < 12


@pytest.mark.parametrize("name", sorted({*TONAL, *DRUMS}))
def test_velocity_makes_louder(name: str) -> None:
    soft, loud = (
        play_part(part((Note(0.0, 1.0, 48, velocity),), synth=name), SCORE, NO_FONTS).audio for velocity in (50, 110)
    )
    assert 4 < 20 * np.log10(np.sqrt(np.mean(loud**2) / np.mean(soft**2))) < 20


def test_a_gliding_bass_slides_only_when_notes_overlap() -> None:
    slid, struck = (
        play_part(part((Note(0.0, length, 36, 100), Note(2.0, 2.0, 43, 100)), synth="bass_808"), SCORE, NO_FONTS).audio
        for length in (2.5, 1.5)
    )
    hz = 440.0 * 2 ** ((43 - 69) / 12)
    assert frequency_hz(slid, 1.5, 0.4, hz) == pytest.approx(hz, rel=0.01)
    assert np.abs(slid[:, 44_100:48_000] - struck[:, 44_100:48_000]).max() > 0.05


def test_a_closed_hat_chokes_an_open_one() -> None:
    ringing = play_part(part((Note(0.0, 1.0, 46, 100),), synth="kit_909"), SCORE, NO_FONTS).audio
    choked = play_part(part((Note(0.0, 1.0, 46, 100), Note(0.25, 0.1, 42, 1)), synth="kit_909"), SCORE, NO_FONTS).audio
    after = slice(10_000, 30_000)
    assert np.abs(choked[:, after]).max() < 0.1 * np.abs(ringing[:, after]).max()


def test_a_riser_peaks_where_its_note_ends() -> None:
    audio = play_part(part((Note(0.0, 8.0, 60, 112),), synth="riser", role="effects"), SCORE, NO_FONTS).audio
    levels = [audio[:, k * 17_640 : (k + 1) * 17_640].std() for k in range(10)]
    assert levels == sorted(levels)


def test_an_unknown_synth_is_refused_by_name() -> None:
    with pytest.raises(UnknownInstrument, match="theremin"):
        play_part(part((Note(0.0, 1.0, 60, 100),), synth="theremin"), SCORE, NO_FONTS)


def test_without_fonts_every_program_and_kit_still_sounds() -> None:
    note = (Note(0.0, 1.0, 50, 100),)
    short = replace(SCORE, sections=(Section("verse", "Verse", 0.0, 1.0, 0.5),))
    for program in range(128):
        assert np.abs(play_part(part(note, program=program), short, NO_FONTS).audio).max() > 0.004, program
    for kit in (0, 8, 16, 24, 25, 32, 40, 48):
        drums = tuple(Note(key / 64, 0.1, key, 100) for key in range(35, 82))
        assert np.abs(play_part(part(drums, drum_kit=kit, role="drums"), short, NO_FONTS).audio).max() > 0.1
    assert "synthesised" in instrument_notes(NO_FONTS)[0]


def test_a_damaged_font_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "MuseScore_General_Lite.sf3").write_bytes(b"RIFF, but no font")
    assert "synthesised" in instrument_notes(Assets(tmp_path))[0]
    assert fonts_in_use(Assets(tmp_path)) == ()


def font_or_skip(assets: Assets) -> None:
    if not any(path.is_file() for path in assets.sound_fonts):
        pytest.skip("no sound font in the assets")


def test_the_font_plays_in_tune_on_time_and_piano_is_no_whisper(assets: Assets) -> None:
    font_or_skip(assets)
    for program, midi in ((0, 60), (33, 40), (48, 67), (73, 72), (80, 64)):
        audio = play_part(part((Note(2.0, 2.0, midi, 90),), program=program), SCORE, assets).audio
        hz = 440.0 * 2 ** ((midi - 69) / 12)
        assert not audio[:, : SAMPLE_RATE_HZ - 100].any()
        assert np.abs(audio).max() > 0.02, program
        assert abs(1200 * np.log2(frequency_hz(audio, 1.2, 0.6, hz) / hz)) < 25, program


def test_fonts_fold_notes_that_a_preset_does_not_have(assets: Assets) -> None:
    font_or_skip(assets)
    for program in (33, 43, 58):
        audio = play_part(part((Note(0.0, 2.0, 96, 100),), program=program), SCORE, assets).audio
        assert np.abs(audio).max() > 0.01, program


def test_playing_twice_gives_the_same_samples_and_equal_lengths(assets: Assets) -> None:
    notes = tuple(Note(k / 2, 0.6, 60 + k % 3, 60 + 8 * k) for k in range(8))
    arrangement = Arrangement(
        parts=(
            part(notes, name="Font", program=25, pan=-0.4),
            part(tuple(replace(n, midi=36 + 2 * (k % 4)) for k, n in enumerate(notes)), role="drums", drum_kit=0),
            part(notes, name="Pad", synth="supersaw_pad"),
            part(notes, name="Kit", role="drums", synth="kit_808"),
        )
    )
    first, second = (tuple(played(arrangement, SCORE, assets)) for _ in range(2))
    assert all(np.array_equal(a.audio, b.audio) for a, b in zip(first, second, strict=True))
    assert {stem.audio.shape for stem in first} == {(2, SAMPLES)}
    assert {stem.name: stem.pan for stem in first}["Font"] == -0.4
    assert [stem.role for stem in first][:2] == ["drums", "drums"]  # as the mix wants them


def test_parts_do_not_ring_into_each_other(assets: Assets) -> None:
    cymbal = part((Note(7.9, 0.1, 49, 127),), role="drums", drum_kit=0)
    quiet = part((Note(4.0, 1.0, 60, 90),), program=24)
    alone = play_part(quiet, SCORE, assets).audio
    play_part(cymbal, SCORE, assets)
    assert np.array_equal(play_part(quiet, SCORE, assets).audio, alone)


def test_an_empty_part_is_silence_and_notes_outside_are_cut() -> None:
    assert not play_part(part((), synth="pluck"), SCORE, NO_FONTS).audio.any()
    stray = (Note(-1.0, 2.0, 60, 100), Note(500.0, 1.0, 60, 100), Note(11.9, 50.0, 60, 100))
    audio = play_part(part(stray, synth="organ"), SCORE, NO_FONTS).audio
    assert audio.shape == (2, SAMPLES)
    assert audio[:, :1000].any()
