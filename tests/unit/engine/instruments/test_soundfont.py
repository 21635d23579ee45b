"""Presets cut out of sound fonts: what they hold, that they sound the same, and what becomes of damaged files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from songwright.engine.instruments import font as player
from songwright.engine.instruments import fonts_in_use, instrument_notes, play_part, played
from songwright.engine.instruments.catalogue import UnknownInstrument
from songwright.engine.instruments.soundfont import BadSoundFont, SoundFont, cut_preset, read_sound_font
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Note, Part, Score, Section

tinysoundfont = pytest.importorskip("tinysoundfont")

SCORE = Score(
    title="Small", bpm=120, beats_per_bar=4, tonic_pc=0, mode="major",
    sections=(Section("verse", "Verse", 0.0, 2.0, 0.5),), chords=(), lines=(),
)  # fmt: skip
FLUTE = (0, 73)
MELODY = tuple((key, 50 + 12 * k) for k, key in enumerate((48, 55, 60, 64, 67, 72)))
DRUM_HITS = tuple((key, 60 + 8 * k) for k, key in enumerate((35, 38, 42, 46, 49, 51, 45, 56)))
TABLES = (b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen", b"shdr")


@pytest.fixture(scope="module", params=[0, 1], ids=["musescore", "fluid"])
def path(request: pytest.FixtureRequest, assets: Assets) -> Path:
    path = assets.sound_fonts[request.param]
    if not path.is_file():
        pytest.skip("no sound font in the assets")
    return path


@pytest.fixture(scope="module")
def whole(path: Path) -> Iterator[Any]:
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE_HZ)
    synth.sfload(str(path))
    yield synth
    synth.sfunload(0)


def loaded(data: bytes) -> Any:
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE_HZ)
    synth.sfload(data)
    return synth


def performance(synth: Any, bank: int, program: int, notes: tuple[tuple[int, int], ...]) -> np.ndarray:
    """A note each tenth of a second, and one second more; melodic notes end with the next."""
    drums = bank == 128
    channel = 9 if drums else 0
    synth.program_select(channel, 0, bank, program, drums)
    pieces = []
    for key, velocity in notes:
        synth.noteon(channel, key, velocity)
        pieces.append(np.frombuffer(synth.generate_simple(4410), np.float32))
        if not drums:
            synth.noteoff(channel, key)
    pieces.append(np.frombuffer(synth.generate_simple(SAMPLE_RATE_HZ), np.float32))
    synth.sounds_off(channel)
    synth.generate_simple(8192)
    return np.concatenate(pieces).reshape(-1, 2)


@pytest.mark.parametrize("program", [73, 0, 4, 48, 61], ids=["flute", "piano", "e-piano", "strings", "brass"])
def test_a_preset_sounds_as_in_the_whole_font(path: Path, whole: Any, program: int) -> None:
    alone = loaded(cut_preset(read_sound_font(path), 0, program))
    expected, heard = (performance(synth, 0, program, MELODY) for synth in (whole, alone))
    assert np.abs(expected).max() > 0.01
    assert np.abs(expected - heard).max() < 1e-6


@pytest.mark.parametrize("kit", [0, 25, 48])
def test_a_drum_kit_sounds_as_in_the_whole_font_but_for_the_clicks_after_hits(path: Path, whole: Any, kit: int) -> None:
    alone = loaded(cut_preset(read_sound_font(path), 128, kit))
    expected, heard = (performance(synth, 128, kit, DRUM_HITS) for synth in (whole, alone))
    frames = np.flatnonzero(np.abs(expected - heard).max(axis=1) > 1e-5)
    assert np.abs(expected).max() > 0.1
    assert 0 < len(frames) <= 2 * len(DRUM_HITS)


@pytest.mark.parametrize("kit", [0, 25, 48])
def test_a_cowbell_ends_in_silence_and_not_in_the_first_frame_of_its_neighbour(
    path: Path, whole: Any, kit: int
) -> None:
    alone = loaded(cut_preset(read_sound_font(path), 128, kit))
    clicking, clean = (np.abs(performance(synth, 128, kit, ((56, 100),))).max(axis=1) for synth in (whole, alone))
    click = int(np.argmax(np.abs(clicking - clean)))
    assert clicking[click] > 0.005
    assert clean[click] < 1e-4


def test_a_cut_holds_one_preset_and_what_it_needs(path: Path, tmp_path: Path) -> None:
    big = read_sound_font(path)
    for bank, program in (FLUTE, (0, 48), (128, 0)):
        small = reread(cut_preset(big, bank, program), tmp_path)
        assert small.has_preset(bank, program)
        assert len(small.presets.owners) == 2
        assert small.info[: len(big.info)] == big.info  # whose work it is
        instruments, samples = pointers(small.presets.generators, 41), pointers(small.instruments.generators, 53)
        assert set(instruments) == set(range(len(small.instruments.owners) - 1))
        assert set(samples) == set(range(0, len(small.samples) - 1, 2))
        assert sum(map(len, (small.samples, small.presets.bags))) < len(big.samples) / 2
        assert not small.presets.generators[-1:].view("u1").any()
        assert not small.instruments.modulators[-1:].view("u1").any()


def reread(data: bytes, folder: Path) -> SoundFont:
    (folder / "cut.sf3").write_bytes(data)
    return read_sound_font(folder / "cut.sf3")


def pointers(generators: np.ndarray, operator: int) -> list[int]:
    return generators["amount"][generators["operator"] == operator].tolist()


def test_cutting_twice_changes_nothing(path: Path, tmp_path: Path) -> None:
    once = cut_preset(read_sound_font(path), *FLUTE)
    assert cut_preset(reread(once, tmp_path), *FLUTE) == once


def test_stereo_partners_stay_together_and_a_lonely_one_becomes_mono(path: Path, tmp_path: Path) -> None:
    font = reread(cut_preset(read_sound_font(path), *FLUTE), tmp_path)
    samples = font.samples.copy()
    guard = 1  # not part of any zone
    samples["type"][[0, 2, 4]] = 0x14, 0x12, 0x14
    samples["link"][[0, 2, 4]] = 2, 0, guard
    small = reread(cut_preset(replace(font, samples=samples), *FLUTE), tmp_path)
    assert small.samples["link"][[0, 2, 4]].tolist() == [2, 0, 0]
    assert small.samples["type"][[0, 2, 4]].tolist() == [0x14, 0x12, 0x11]


@pytest.mark.parametrize("kind", [0x0001, 0x8001], ids=["16-bit", "ROM"])
def test_samples_that_are_not_vorbis_are_refused(path: Path, kind: int) -> None:
    font = read_sound_font(path)
    samples = font.samples.copy()
    samples["type"] = kind
    with pytest.raises(BadSoundFont, match="Vorbis"):
        cut_preset(replace(font, samples=samples), *FLUTE)


def test_a_preset_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(BadSoundFont, match="preset 5 in bank 99"):
        cut_preset(read_sound_font(path), 99, 5)


def read_and_cut(data: bytes, folder: Path) -> None:
    cut_preset(reread(data, folder), *FLUTE)


def repaired(data: bytes) -> bytes:
    """With the outermost length made true."""
    return data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]


def test_truncated_files_are_bad_sound_fonts_wherever_they_end(path: Path, tmp_path: Path) -> None:
    data = cut_preset(read_sound_font(path), *FLUTE)
    places = [0, 3, 11, 12, 40, len(data) // 2, *(data.rindex(name) + d for name in TABLES for d in (0, 6, 20))]
    for end in [*places, len(data) - 1]:
        with pytest.raises(BadSoundFont):
            read_and_cut(data[:end], tmp_path)
        if end >= 12:
            with pytest.raises(BadSoundFont):
                read_and_cut(repaired(data[:end]), tmp_path)


@pytest.mark.parametrize("name", [b"RIFF", b"LIST", b"smpl", *TABLES])
@pytest.mark.parametrize("length", [0, 5, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_lying_lengths_are_bad_sound_fonts(path: Path, tmp_path: Path, name: bytes, length: int) -> None:
    data = bytearray(cut_preset(read_sound_font(path), *FLUTE))
    at = data.index(name) if name == b"RIFF" else data.rindex(name)
    data[at + 4 : at + 8] = length.to_bytes(4, "little")
    with pytest.raises(BadSoundFont):
        read_and_cut(bytes(data), tmp_path)


def test_whatever_bytes_are_wrong_no_other_error_is_raised(path: Path, tmp_path: Path) -> None:
    data = cut_preset(read_sound_font(path), *FLUTE)
    tables, rng, refused = data.rindex(b"pdta"), np.random.default_rng(1), 0
    for _ in range(300):
        wrong = np.frombuffer(data, np.uint8).copy()
        wrong[rng.integers(tables, len(data), 3)] = rng.integers(0, 256, 3)
        try:
            read_and_cut(wrong.tobytes(), tmp_path)
        except BadSoundFont:
            refused += 1
    assert refused > 30


def test_a_file_that_cannot_be_read_is_a_bad_sound_font(tmp_path: Path) -> None:
    with pytest.raises(BadSoundFont, match="cannot be read"):
        read_sound_font(tmp_path / "missing.sf3")


# The player


def part(program: int = 73, **fields: Any) -> Part:
    return Part(
        **{"name": "Part", "role": "harmony", "program": program, "notes": (Note(0.0, 1.0, 60, 100),), **fields}
    )


@pytest.fixture
def damaged(assets: Assets, tmp_path: Path) -> Assets:
    """Assets with the lesser font whole; the best is for the test to write."""
    best, lesser = assets.sound_fonts
    if not (best.is_file() and lesser.is_file()):
        pytest.skip("no sound fonts in the assets")
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / lesser.name).symlink_to(lesser)
    return Assets(tmp_path)


def lesser_alone(folder: Path, assets: Assets) -> Assets:
    (folder / "alone" / "instruments").mkdir(parents=True)
    (folder / "alone" / "instruments" / assets.sound_fonts[1].name).symlink_to(assets.sound_fonts[1])
    return Assets(folder / "alone")


def test_with_both_fonts_there_is_nothing_to_note(assets: Assets) -> None:
    if not all(path.is_file() for path in assets.sound_fonts):
        pytest.skip("no sound fonts in the assets")
    assert fonts_in_use(assets) == ("MuseScore_General_Lite", "FluidR3Mono_GM")  # the band, the pianos
    assert instrument_notes(assets) == ()


def test_a_truncated_font_is_noted_and_the_next_one_plays(assets: Assets, damaged: Assets, tmp_path: Path) -> None:
    damaged.sound_fonts[0].write_bytes(assets.sound_fonts[0].read_bytes()[:1_000_000])
    assert fonts_in_use(damaged) == ("FluidR3Mono_GM",)
    assert "FluidR3Mono_GM plays" in instrument_notes(damaged)[0]
    expected = play_part(part(), SCORE, lesser_alone(tmp_path, assets)).audio
    assert np.array_equal(play_part(part(), SCORE, damaged).audio, expected)


def test_a_preset_with_a_damaged_sample_is_played_by_the_next_font(
    assets: Assets, damaged: Assets, tmp_path: Path
) -> None:
    flute = cut_preset(read_sound_font(assets.sound_fonts[0]), *FLUTE)
    damaged.sound_fonts[0].write_bytes(flute.replace(b"vorbis", b"morbid"))
    expected = play_part(part(), SCORE, lesser_alone(tmp_path, assets)).audio
    assert np.array_equal(play_part(part(), SCORE, damaged).audio, expected)


def test_kit_0_plays_for_a_kit_that_is_missing(path: Path, assets: Assets) -> None:
    drums = part(role="drums", drum_kit=0)
    missing = replace(drums, drum_kit=111)
    assert np.array_equal(play_part(missing, SCORE, assets).audio, play_part(drums, SCORE, assets).audio)


def test_without_the_player_all_is_synthesised_and_said(assets: Assets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "tinysoundfont", None)
    assert fonts_in_use(assets) == ()
    assert "tinysoundfont" in instrument_notes(assets)[0]
    assert play_part(part(), SCORE, assets).audio.any()


def test_presets_in_memory_are_bounded_and_played_again_after_they_left(
    path: Path, assets: Assets, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = play_part(part(), SCORE, assets).audio
    monkeypatch.setattr(player, "_SHELF_BYTES", 200_000)
    font, shelf = read_sound_font(path), player._Shelf()
    monkeypatch.setattr(player, "_shelf", shelf)
    for program in range(60, 76):
        assert shelf.font(font, 0, program) is not None
        assert len(shelf._fonts) == 1 or sum(size for _, size in shelf._fonts.values()) <= 200_000
    assert np.array_equal(play_part(part(), SCORE, assets).audio, first)


def test_parts_are_played_when_they_are_asked_for(assets: Assets) -> None:
    stems = played(Arrangement(parts=(part(name="One"), part(name="Two", synth="theremin"))), SCORE, assets)
    assert next(stems).name == "One"
    with pytest.raises(UnknownInstrument):
        next(stems)
