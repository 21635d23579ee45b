"""The mark is read from every format the engine writes, and from nothing else."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from songwright.core.errors import NotFound
from songwright.engine.cover_art import machine_made
from songwright.engine.encode import SongTags, id3_tag, quantised, write_flac, write_mp3, write_wav
from songwright.engine.material import MACHINE_MARK
from songwright.provenance import MARK, RegisteringStorage, find_clip, find_file, find_mark, sha256_of
from songwright.storage import LocalStorage, clip_file_key

SOUND = np.zeros((2, 4410), np.float32)


def test_the_engine_writes_the_mark_that_is_looked_for() -> None:
    assert MACHINE_MARK == MARK


@pytest.mark.parametrize("name", ["a.mp3", "a16.wav", "a32.wav", "a.flac", "a.png"])
def test_what_the_engine_writes_is_marked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.mp3":
        write_mp3(path, SOUND, SongTags(title="x"))
    elif name.endswith(".wav"):
        write_wav(path, SOUND, bits=16 if "16" in name else 32)
    elif name == "a.flac":
        write_flac(path, quantised(SOUND))
    else:
        Image.new("RGB", (9, 9)).save(path, "PNG", pnginfo=machine_made())
    assert find_mark(path)
    if name.endswith((".wav", ".flac")):
        assert soundfile.info(str(path)).frames == 4410


def test_what_others_made_is_not_marked_even_when_its_content_says_so(tmp_path: Path) -> None:
    path = tmp_path / "other"
    for content in (
        b"",
        b"x",
        MARK.encode(),
        b"\x89PNG\r\n\x1a\n" + MARK.encode() * 9,
        b"RIFF\0\0\0\0WAVE" + b"\xff" * 99,
    ):
        path.write_bytes(content)
        assert not find_mark(path), content
    soundfile.write(path, np.frombuffer(MARK.encode() * 2, np.int16), 44100, format="WAV", subtype="PCM_16")
    assert not find_mark(path)


def test_cut_and_broken_files_are_read_without_an_error(tmp_path: Path) -> None:
    rng = random.Random(3)
    wav, flac, png = tmp_path / "a.wav", tmp_path / "a.flac", BytesIO()
    write_wav(wav, SOUND)
    write_flac(flac, quantised(SOUND))
    Image.new("RGB", (9, 9)).save(png, "PNG", pnginfo=machine_made())
    broken = tmp_path / "broken"
    mp4 = b"\0\0\0\x18ftypisom" + b"\0" * 12 + b"\0\0\0\x01moov" + b"\xff" * 8 + MARK.encode()
    for whole in (wav.read_bytes(), flac.read_bytes(), png.getvalue(), id3_tag(SongTags(title="x")), mp4):
        for _ in range(60):
            content = bytearray(whole[: rng.randrange(len(whole))])
            for _ in range(3):
                if content:
                    content[rng.randrange(min(len(content), 64))] = rng.randrange(256)
            broken.write_bytes(bytes(content))
            assert find_mark(broken) in (True, False)


def test_what_is_published_is_registered_by_its_bytes(db, tmp_path: Path) -> None:
    storage = RegisteringStorage(LocalStorage(tmp_path / "media"), db)
    source = tmp_path / "song.mp3"
    source.write_bytes(b"sound")
    digest = sha256_of(source)
    storage.put_file(clip_file_key("clip-1", "song.mp3"), source)
    assert [(each.clip_id, each.kind) for each in db.reading(lambda c: find_file(c, digest))] == [
        ("clip-1", "song.mp3")
    ]
    assert db.reading(lambda c: find_clip(c, "clip-1")) == {"song.mp3": digest.hex()}
    assert db.reading(lambda c: find_file(c, b"other")) == []
    source.write_bytes(b"an upload")
    storage.put_file("uploads/task-1", source)
    assert len(db.read("SELECT 1 FROM published")) == 1
    assert storage.path("uploads/task-1").read_bytes() == b"an upload"
    storage.delete("uploads/task-1")
    with pytest.raises(NotFound):
        storage.path("uploads/task-1")
