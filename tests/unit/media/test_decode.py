"""Uploads: every common format comes in, and nothing else; what it may cost is bounded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile

from songwright.media import MediaLimits, MediaRefused, audio_format, decode_upload

RATE_HZ = 44_100
ENCODED = {
    "song.wav": ([], "wav"),
    "song24.wav": (["-c:a", "pcm_s24le"], "wav"),
    "song.aiff": ([], "aiff"),
    "song.flac": ([], "flac"),
    "song.mp3": (["-b:a", "128k"], "mp3"),
    "plain.mp3": (["-id3v2_version", "0", "-write_xing", "0"], "mp3"),
    "song.ogg": (["-c:a", "libvorbis"], "ogg"),
    "song.opus": (["-c:a", "libopus"], "ogg"),
    "song.m4a": (["-c:a", "aac"], "mov"),
    "song.aac": (["-c:a", "aac", "-f", "adts"], "aac"),
    "song.webm": (["-c:a", "libopus"], "matroska"),
    "song.mka": (["-c:a", "flac"], "matroska"),
    "song.wma": (["-c:a", "wmav2"], "asf"),
    "song.caf": ([], "caf"),
    "song.au": ([], "au"),
}


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a tone, 22.05 kHz, one channel."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    times_s = np.arange(3 * 22_050) / 22_050
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * times_s), 22_050)
    return path


def encoded(tone: Path, name: str, options: list[str], folder: Path) -> Path:
    ffmpeg(["-i", str(tone), *options, str(folder / name)])
    return folder / name


def ffmpeg(arguments: list[str]) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments], check=True)


@pytest.mark.parametrize("name", ENCODED)
def test_common_formats_become_44100_hz_stereo(tone: Path, tmp_path: Path, name: str) -> None:
    options, wanted = ENCODED[name]
    made = decode_upload(encoded(tone, name, options, tmp_path), tmp_path / "out.flac")
    sound, rate_hz = soundfile.read(tmp_path / "out.flac")
    assert (made.source_format, rate_hz, sound.shape[1]) == (wanted, RATE_HZ, 2)
    assert made.duration_s == pytest.approx(3.0, abs=0.15)
    spectrum = np.abs(np.fft.rfft(sound[RATE_HZ // 2 : RATE_HZ // 2 + RATE_HZ, 0]))
    assert int(spectrum.argmax()) == pytest.approx(440, abs=2)


def test_the_sound_of_a_video_is_taken(tone: Path, tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "color=c=red:s=64x64:d=3", "-shortest"]
    ffmpeg(["-i", str(tone), *picture, str(tmp_path / "film.mp4")])
    assert decode_upload(tmp_path / "film.mp4", tmp_path / "out.flac").duration_s == pytest.approx(3.0, abs=0.15)


def refusal(source: Path, tmp_path: Path, limits: MediaLimits | None = None) -> str:
    target = tmp_path / "refused.flac"
    with pytest.raises(MediaRefused) as caught:
        decode_upload(source, target, limits)
    assert not target.exists() and caught.value.message
    return caught.value.code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"<html>no song here</html>",
        b"%PDF-1.7" + b"x" * 5000,
        b"#EXTM3U\n/etc/passwd\n",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_not_audio_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(content)
    assert refusal(tmp_path / "song.mp3", tmp_path) == "not_audio"


def test_a_playlist_is_never_followed(tone: Path, tmp_path: Path) -> None:
    for text in (f"#EXTM3U\n#EXTINF:3,\n{tone}\n", f"ffconcat version 1.0\nfile '{tone}'\n"):
        (tmp_path / "list.m3u8").write_text(text)
        assert refusal(tmp_path / "list.m3u8", tmp_path) == "not_audio"


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    ffmpeg(["-f", "lavfi", "-i", "color=c=red:s=64x64:d=2", str(tmp_path / "mute.mp4")])
    assert refusal(tmp_path / "mute.mp4", tmp_path) == "not_audio"


def test_silence_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE_HZ * 2, 2)), RATE_HZ)
    assert refusal(tmp_path / "silent.wav", tmp_path) == "silent"


def test_a_truncated_file_is_refused(tone: Path, tmp_path: Path) -> None:
    whole = encoded(tone, "song.flac", ["-af", "aloop=loop=9:size=66150"], tmp_path).read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 3])
    assert refusal(tmp_path / "cut.flac", tmp_path) in ("truncated", "corrupt")


def test_noise_behind_a_right_beginning_is_refused(tone: Path, tmp_path: Path) -> None:
    whole = bytearray(encoded(tone, "song.flac", [], tmp_path).read_bytes())
    whole[1000:] = np.random.default_rng(1).bytes(len(whole) - 1000)
    (tmp_path / "noise.flac").write_bytes(whole)
    assert refusal(tmp_path / "noise.flac", tmp_path) in ("corrupt", "truncated", "silent", "too_short")


def test_a_second_too_long_is_refused_and_the_limit_itself_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    soundfile.write(tmp_path / "long.flac", rng.uniform(-0.1, 0.1, 481 * 8000), 8000)
    soundfile.write(tmp_path / "fits.flac", rng.uniform(-0.1, 0.1, 480 * 8000), 8000)
    assert refusal(tmp_path / "long.flac", tmp_path) == "too_long"
    assert decode_upload(tmp_path / "fits.flac", tmp_path / "out.flac").duration_s == pytest.approx(480, abs=0.1)


def test_a_decompression_bomb_is_cut_off(tmp_path: Path) -> None:
    """Hours of eight channels in a small file: refused, and what was written stays small."""
    ffmpeg(["-f", "lavfi", "-i", "anullsrc=r=8000:cl=7.1:d=9000", str(tmp_path / "bomb.flac")])
    assert (tmp_path / "bomb.flac").stat().st_size < 3 * 2**20
    assert refusal(tmp_path / "bomb.flac", tmp_path) == "too_long"


def test_a_file_over_the_size_is_refused_unread(tone: Path, tmp_path: Path) -> None:
    assert refusal(tone, tmp_path, MediaLimits(file_bytes=1000)) == "too_large"


def test_decoding_stops_at_its_bounds(tone: Path, tmp_path: Path) -> None:
    long = encoded(tone, "long.flac", ["-af", "aloop=loop=80:size=66150"], tmp_path)
    assert refusal(long, tmp_path, MediaLimits(wall_s=0.001)) == "corrupt"
    assert refusal(long, tmp_path, MediaLimits(memory_bytes=8 * 2**20)) == "corrupt"


def test_an_mp3_behind_a_long_tag_is_known_by_its_tag() -> None:
    assert audio_format(b"ID3\x04\0\0\x00\x7f\x7f\x7f" + b"\0" * 4000) == "mp3"
    assert audio_format(b"\xff\xfb\x90\x00") == "mp3"
    assert audio_format(b"\xff\xf1\x50\x80") == "aac"
    assert audio_format(b"\xff\xff\xff\xff") is None
