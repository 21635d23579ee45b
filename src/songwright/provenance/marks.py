"""Reading the mark "made by a machine" out of a file, whichever of our formats it is.

A mark is metadata: it survives copying, not conversion. What it is in each format:
    MP3   ID3v2 TXXX frame `AI-generated` = `Songwright` (UTF-16)
    WAV   RIFF LIST/INFO chunk, ICMT
    FLAC  Vorbis comment COMMENT or DESCRIPTION
    PNG   tEXt chunk `Comment`
    MP4   the comment of the movie's metadata
Only the places where these formats keep metadata are searched; sound and pictures are never taken for a mark.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

MARK = "AI-generated: Songwright"
_MAX_METADATA = 16 * 2**20
_ID3_MARK = "AI-generated".encode("utf-16-le") + b"\0\0\xff\xfe" + "Songwright".encode("utf-16-le")
_TEXT_MARK = MARK.encode()


def find_mark(path: Path) -> bool:
    """True when the file says that Songwright made it. Blocks; reads only metadata."""
    with path.open("rb") as file:
        head = file.read(12)
        reader = _reader(head)
        if reader is None:
            return False
        file.seek(0)
        try:
            return any(_ID3_MARK in block or _TEXT_MARK in block for block in reader(file))
        except (struct.error, ValueError):  # Cut off or forged: no mark can be read.
            return False


def _reader(head: bytes) -> Callable[[BinaryIO], Iterator[bytes]] | None:
    if head.startswith(b"ID3"):
        return _id3
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return _riff
    if head.startswith(b"fLaC"):
        return _flac
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png
    return _mp4 if head[4:8] == b"ftyp" else None


def _id3(file: BinaryIO) -> Iterator[bytes]:
    header = file.read(10)
    size = 0
    for byte in header[6:10]:
        size = size << 7 | byte & 0x7F
    yield file.read(min(size, _MAX_METADATA))


def _riff(file: BinaryIO) -> Iterator[bytes]:
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name in (b"LIST", b"bext"):
            yield file.read(min(size, _MAX_METADATA))
        else:
            file.seek(size, 1)
        file.seek(size & 1, 1)


def _flac(file: BinaryIO) -> Iterator[bytes]:
    file.seek(4)
    while len(head := file.read(4)) == 4:
        size = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == 4:
            yield file.read(min(size, _MAX_METADATA))
        else:
            file.seek(size, 1)
        if head[0] & 0x80:
            return


def _png(file: BinaryIO) -> Iterator[bytes]:
    file.seek(8)
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        if name in (b"tEXt", b"iTXt"):
            yield file.read(min(size, _MAX_METADATA))
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)


def _mp4(file: BinaryIO) -> Iterator[bytes]:
    while len(head := file.read(8)) == 8:
        size, name = struct.unpack(">I4s", head)
        if size == 1:
            size = struct.unpack(">Q", file.read(8))[0] - 8
        if size < 8:
            return
        if name == b"moov":
            yield file.read(min(size - 8, _MAX_METADATA))
        else:
            file.seek(size - 8, 1)
