import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tinytag import TinyTag

from songwright.engine.encode import SongTags, id3_tag, write_mp3, write_wav
from songwright.engine.ffmpeg import EncodingFailed
from songwright.engine.material import SAMPLE_RATE_HZ

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TAGS = SongTags(
    title="Só você 日本 😀", style="dream pop, 92 bpm", lyrics="[Verse]\nErste Zeile\nänd a second", language="pt",
    bpm=91.6, key="F# minor", cover_png=PNG, comment="made by a machine",
)  # fmt: skip


def tone(seconds: float = 1.0) -> np.ndarray:
    time_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.4 * np.stack([np.sin(2 * np.pi * 440 * time_s), np.sin(2 * np.pi * 660 * time_s)])).astype(np.float32)


@pytest.mark.parametrize(
    ("bits", "subtype", "error"), [(16, "PCM_16", 1.51 / 32768), (24, "PCM_24", 2e-7), (32, "FLOAT", 0)]
)
def test_wav_keeps_the_sound_to_its_bits(tmp_path: Path, bits: int, subtype: str, error: float) -> None:
    write_wav(tmp_path / "a.wav", tone(), bits=bits)  # type: ignore[arg-type]
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.samplerate, info.channels, info.subtype) == (SAMPLE_RATE_HZ, 2, subtype)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="float64")
    assert np.abs(read.T - tone()).max() <= error


def test_wav_clips_instead_of_wrapping_and_keeps_silence_silent(tmp_path: Path) -> None:
    pcm = np.array([[0.0, 1.5, -1.5, 1e-18]], np.float32)
    write_wav(tmp_path / "a.wav", pcm)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert read.tolist() == [0, 32767, -32768, 0]


def test_dither_turns_distortion_into_noise(tmp_path: Path) -> None:
    """A tone of one step: rounding alone would make a square wave with strong odd harmonics."""
    time_s = np.arange(4 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    write_wav(tmp_path / "a.wav", (np.sin(2 * np.pi * 500 * time_s) / 32768).astype(np.float32))
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="float64")
    spectrum = np.abs(np.fft.rfft(read * np.hanning(len(read))))
    assert spectrum[2000] > 30 * spectrum[6000]
    assert np.mean(read) == pytest.approx(0.0, abs=2e-7)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, write in (("wav", lambda p: write_wav(p, tone())), ("mp3", lambda p: write_mp3(p, tone(), TAGS))):
        write(tmp_path / f"a.{name}")
        write(tmp_path / f"b.{name}")
        assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


def test_mp3_is_192_kbps_and_keeps_length_pitch_and_sides(tmp_path: Path) -> None:
    write_mp3(tmp_path / "a.mp3", tone(2.0), TAGS)
    tag = TinyTag.get(tmp_path / "a.mp3")
    assert tag.samplerate == SAMPLE_RATE_HZ
    assert tag.bitrate == pytest.approx(192, abs=1)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(tmp_path / "a.mp3"), "-f", "f32le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    decoded = np.frombuffer(raw, np.float32).reshape(-1, 2).T
    assert decoded.shape[1] == 2 * SAMPLE_RATE_HZ
    for channel, hz in enumerate((440, 660)):
        assert np.argmax(np.abs(np.fft.rfft(decoded[channel]))) == 2 * hz
    assert list(tmp_path.iterdir()) == [tmp_path / "a.mp3"]


def test_tags_come_back_through_another_reader(tmp_path: Path) -> None:
    write_mp3(tmp_path / "a.mp3", tone(0.2), TAGS)
    tag = TinyTag.get(tmp_path / "a.mp3", image=True)
    assert (tag.title, tag.artist, tag.genre, tag.comment) == (TAGS.title, "Songwright", TAGS.style, TAGS.comment)
    other = tag.other
    assert (other["bpm"], other["initial_key"], other["lyrics"]) == (["92"], ["F#m"], [TAGS.lyrics])
    assert other["ai-generated"] == ["Songwright"]
    cover = tag.images.front_cover
    assert cover is not None
    assert (cover.data, cover.mime_type) == (PNG, "image/png")


def test_only_the_title_is_needed_and_the_machine_mark_stays() -> None:
    tag = id3_tag(SongTags(title="A"))
    assert tag.startswith(b"ID3\x03")
    assert b"TIT2" in tag
    assert b"TXXX" in tag
    for frame in (b"TCON", b"TBPM", b"TKEY", b"USLT", b"COMM", b"APIC"):
        assert frame not in tag


@given(title=st.text(max_size=300), lyrics=st.text(max_size=5000), key=st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_text_makes_a_well_formed_tag(title: str, lyrics: str, key: str) -> None:
    tag = id3_tag(SongTags(title=title, lyrics=lyrics, key=key))
    size = sum(byte << shift for byte, shift in zip(tag[6:10], (21, 14, 7, 0), strict=True))
    assert max(tag[6:10]) < 128
    assert size == len(tag) - 10
    position = 10
    while position < len(tag):
        assert tag[position : position + 4].isalnum()
        position += 10 + int.from_bytes(tag[position + 4 : position + 8], "big")
    assert position == len(tag)


def test_a_folder_that_does_not_exist_is_an_encoding_failure(tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed):
        write_mp3(tmp_path / "missing" / "a.mp3", tone(0.1), TAGS)
