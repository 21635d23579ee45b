"""The video file itself, decoded again."""

import re
import subprocess
from io import BytesIO
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from songwright.engine.ffmpeg import EncodingFailed, run_ffmpeg
from songwright.engine.video import VideoLine, write_video

LINES = (VideoLine(1.0, 3.0, (("Hello", 1.0, 2.0), ("world", 2.0, 3.0))),)


@pytest.fixture(scope="module")
def cover_png() -> bytes:
    x = np.linspace(0, 255, 256)
    pixels = np.stack([np.tile(x, (256, 1)), np.tile(x[:, None], (1, 256)), np.full((256, 256), 90.0)], axis=2)
    png = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(png, "PNG")
    return png.getvalue()


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "tone.mp3"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=frequency=330:duration=4:sample_rate=44100", "-ac", "2", str(path)])
    return path


def facts(path: Path) -> str:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    return subprocess.run([program, "-i", str(path)], capture_output=True, text=True, check=False).stderr


def frame(path: Path, at_s: float) -> np.ndarray:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-ss",
        str(at_s),
        "-i",
        str(path),
        "-frames:v",
        "1",
    ]
    done = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, dtype=np.uint8).reshape(720, 1280, 3).astype(int)


def words_area(path: Path, at_s: float) -> np.ndarray:
    return frame(path, at_s)[300:420, 620:1240]


def test_it_is_what_browsers_play(tmp_path, cover_png, audio):
    path = tmp_path / "video.mp4"
    write_video(path, cover_png, audio, LINES, "Title: {x}", 4.0)
    said = facts(path)
    assert re.search(r"Video: h264.*yuv420p.*1280x720", said) and "Audio: aac" in said
    assert "Duration: 00:00:04.0" in said
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_words_appear_and_are_coloured_as_they_are_sung(tmp_path, cover_png, audio):
    path = tmp_path / "video.mp4"
    write_video(path, cover_png, audio, LINES, "T", 4.0)
    unsung, sung = words_area(path, 0.6), words_area(path, 2.9)
    assert (unsung.min(axis=2) > 150).sum() > 500  # white letters
    grey = np.abs(sung.max(axis=2) - sung.min(axis=2)) < 25
    assert ((sung.max(axis=2) > 150) & ~grey).sum() > 500  # coloured letters


def test_an_instrumental_shows_the_cover_in_the_middle(tmp_path, cover_png, audio):
    path = tmp_path / "video.mp4"
    write_video(path, cover_png, audio, (), "T", 3.0)
    middle = frame(path, 1.0)[200:520, 480:800]
    assert middle.std() > 30


def test_the_progress_line_grows(tmp_path, cover_png, audio):
    path = tmp_path / "video.mp4"
    write_video(path, cover_png, audio, (), "T", 4.0)
    lit = [(frame(path, at_s)[716].max(axis=1) > 150).sum() for at_s in (0.5, 2.0, 3.5)]
    assert lit[0] < lit[1] - 200 < lit[2] - 400


def test_paths_and_titles_are_only_paths_and_titles(tmp_path, cover_png, audio, monkeypatch):
    odd = tmp_path / "it's [a];weird:place,100%d"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    moved = odd / "-i sound.mp3"
    moved.write_bytes(audio.read_bytes())
    path = odd / "-out 'video'.mp4"
    write_video(path, cover_png, moved, LINES, "a=b;\x00\n'%{x}\ud800", 2.0)
    assert (words_area(path, 1.5).max(axis=2) > 150).sum() > 500
    assert [p.name for p in odd.iterdir() if p.is_dir()] == []


def test_a_sound_that_cannot_be_read_is_an_encoding_failure(tmp_path, cover_png):
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound")
    with pytest.raises(EncodingFailed):
        write_video(tmp_path / "v.mp4", cover_png, broken, (), "T", 1.0)
