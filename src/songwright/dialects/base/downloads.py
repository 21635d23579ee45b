"""Files that are sent with the key instead of a secret address: straight from storage, or as WAV while it is decoded.

Conventions: WAV is 16-bit PCM with the rate and channels of the stored FLAC. Files are read in threads, a block at a
time; a reader that goes away closes what was open.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import soundfile

from songwright.core.exchange import Answer, HeaderList
from songwright.provenance import MARK, find_mark

BLOCK_BYTES = 256 * 1024
BLOCK_FRAMES = 65_536


async def file_answer(path: Path, content_type: str, file_name: str) -> Answer:
    """A stored file as it is."""
    size = (await asyncio.to_thread(path.stat)).st_size
    return Answer(b"", headers=_named(file_name, size), content_type=content_type.encode(), stream=_blocks(path))


async def wav_answer(flac: Path, file_name: str) -> Answer:
    """A stored FLAC as WAV."""
    with await asyncio.to_thread(soundfile.SoundFile, str(flac)) as sound:
        data_bytes = sound.frames * sound.channels * 2
        mark = MARK if await asyncio.to_thread(find_mark, flac) else ""
        head = _wav_head(sound.samplerate, sound.channels, data_bytes, mark)
    return Answer(
        b"",
        headers=_named(file_name, len(head) + data_bytes),
        content_type=b"audio/wav",
        stream=_decoded(flac, head),
    )


def text_answer(text: str, content_type: str, file_name: str) -> Answer:
    """A small text file."""
    body = text.encode("utf-8")
    return Answer(body, headers=_named(file_name, None), content_type=f"{content_type}; charset=utf-8".encode())


def _named(file_name: str, size: int | None) -> HeaderList:
    named = ((b"content-disposition", f'attachment; filename="{file_name}"'.encode("ascii")),)
    return named if size is None else (*named, (b"content-length", str(size).encode()))


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK_BYTES):
            yield block


async def _decoded(flac: Path, head: bytes) -> AsyncIterator[bytes]:
    yield head
    with await asyncio.to_thread(soundfile.SoundFile, str(flac)) as sound:
        while len(frames := await asyncio.to_thread(sound.read, BLOCK_FRAMES, "int16")):
            yield frames.astype("<i2", copy=False).tobytes()


def _wav_head(rate_hz: int, channels: int, data_bytes: int, comment: str) -> bytes:
    """Everything before the sound; `comment`, which says who made it, becomes the INFO chunk ICMT."""
    layout = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    info = _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", comment.encode() + b"\0")) if comment else b""
    body = b"WAVE" + _chunk(b"fmt ", layout) + info + b"data" + struct.pack("<I", data_bytes)
    return b"RIFF" + struct.pack("<I", len(body) + data_bytes) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)
