from __future__ import annotations

import errno
from pathlib import Path

import pytest

from songwright.core.errors import NotFound, Unavailable
from songwright.core.song import FileKind
from songwright.storage import LocalStorage, clip_file_key


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "media")


def source(tmp_path: Path, content: bytes = b"song") -> Path:
    path = tmp_path / "made.tmp"
    path.write_bytes(content)
    return path


def test_a_file_is_moved_under_its_key_and_read_back(storage, tmp_path) -> None:
    key = clip_file_key("0d6c4ab2", FileKind.AUDIO_MP3.value)
    assert key == "clips/0d6c4ab2/song.mp3"
    made = source(tmp_path)
    storage.put_file(key, made)
    assert not made.exists()
    assert storage.size(key) == 4
    assert storage.path(key).read_bytes() == b"song"
    with storage.open(key) as file:
        assert file.read() == b"song"


def test_a_second_file_replaces_the_first(storage, tmp_path) -> None:
    for content in (b"first", b"second"):
        storage.put_file("clips/a/song.mp3", source(tmp_path, content))
    assert storage.path("clips/a/song.mp3").read_bytes() == b"second"


def test_a_file_of_another_disk_is_copied_beside_its_place_first(storage, tmp_path, monkeypatch) -> None:
    real, refused = Path.replace, []

    def replace(self: Path, target: Path) -> Path:
        if self.name == "made.tmp":
            refused.append(self)
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    storage.put_file("clips/a/song.mp3", source(tmp_path))
    assert refused
    assert [path.name for path in (storage.root / "clips/a").iterdir()] == ["song.mp3"]


def test_a_full_disk_is_unavailable_and_keeps_the_source(storage, tmp_path, monkeypatch) -> None:
    def replace(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    made = source(tmp_path)
    with pytest.raises(Unavailable, match="No space"):
        storage.put_file("clips/a/song.mp3", made)
    assert made.exists()


@pytest.mark.parametrize(
    "key",
    ["", "song.mp3", "/etc/passwd", "clips/../x", "clips/a/../../x", "clips/a/..", "clips//x", "clips/a/.hidden",
     "clips/a/b\0", "clips/ä/x", "clips/a/b/c/d", "clips/a/b\n"],
)  # fmt: skip
def test_no_key_leads_out_of_the_storage(storage, tmp_path, key) -> None:
    for call in (storage.path, storage.size, storage.open, storage.delete):
        with pytest.raises(ValueError, match="storage key"):
            call(key)
    with pytest.raises(ValueError, match="storage key"):
        storage.put_file(key, source(tmp_path))


def test_what_is_not_there_is_not_found(storage) -> None:
    for call in (storage.path, storage.size, storage.open):
        with pytest.raises(NotFound):
            call("clips/a/song.mp3")


def test_deleting_twice_is_fine_and_leaves_no_folder(storage, tmp_path) -> None:
    storage.put_file("clips/a/song.mp3", source(tmp_path))
    storage.put_file("clips/a/cover.png", source(tmp_path))
    storage.delete("clips/a/song.mp3")
    assert storage.size("clips/a/cover.png") == 4
    storage.delete("clips/a/cover.png")
    storage.delete("clips/a/cover.png")
    assert not (storage.root / "clips/a").exists()
