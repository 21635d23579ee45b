"""`/media/{clip_id}/{media_token}/{file_name}`: a clip's files, to whoever knows the address.

Conventions: one byte range a request as RFC 9110 has it; several at once, or a range that is no range, get the whole
file. Files are read in a thread, a block at a time, so that a slow reader holds up nobody. Audio that is still being
made is `growing`'s work, at the same address.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from litestar.types import HTTPScope, Receive, Send

from songwright.core.errors import NotFound
from songwright.core.exchange import HeaderList
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.storage import Storage, clip_file_key
from songwright.tasks import Lifecycle
from songwright.web.growing import Growing

BLOCK_BYTES = 256 * 1024
MAX_NAME = 80
_TYPES: dict[str, str] = {
    FileKind.AUDIO_MP3.value: "audio/mpeg",
    FileKind.AUDIO_FLAC.value: "audio/flac",
    FileKind.STEMS_ZIP.value: "application/zip",
    FileKind.VOCALS_FLAC.value: "audio/flac",
    FileKind.INSTRUMENTAL_FLAC.value: "audio/flac",
    FileKind.VIDEO_MP4.value: "video/mp4",
    FileKind.IMAGE_PNG.value: "image/png",
    FileKind.IMAGE_LARGE_PNG.value: "image/png",
    FileKind.WORDS_JSON.value: "application/json",
    FileKind.SCORE_JSON.value: "application/json",
    FileKind.RECIPE_JSON.value: "application/json",
    FileKind.MIDI.value: "audio/midi",
    FileKind.ANALYSIS_JSON.value: "application/json",
}
_UNSAFE = frozenset('/\\:*?"<>|;%')
_ALWAYS: HeaderList = (
    (b"accept-ranges", b"bytes"),
    (b"cache-control", b"private, max-age=3600"),
    # Whatever a file may hold, a browser is to play or show it, not to run it.
    (b"content-security-policy", b"default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


class RangeNotSatisfiable(Exception):
    """The range lies behind the end of the file."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


class Media:
    """Serves files of clips."""

    def __init__(self, lifecycle: Lifecycle, storage: Storage) -> None:
        self._lifecycle = lifecycle
        self._storage = storage
        self._growing = Growing(lifecycle)

    async def serve(
        self, scope: HTTPScope, receive: Receive, send: Send, clip_id: str, media_token: str, file_name: str
    ) -> None:
        """Answer GET or HEAD. Raises NotFound for a wrong address, whichever part of it is wrong."""
        clip = self._lifecycle.find_clip(clip_id, media_token)
        if file_name == FileKind.AUDIO_MP3.value and clip.status is ClipStatus.FIRST:
            if await self._growing.serve(scope, receive, send, clip.id):
                return
            clip = self._lifecycle.find_clip(clip_id, media_token)  # it has come to an end in the meantime
        if file_name not in clip.files or file_name not in _TYPES:
            raise NotFound("There is no such file.")
        with await asyncio.to_thread(self._storage.open, clip_file_key(clip.id, file_name)) as file:
            size = await asyncio.to_thread(file.seek, 0, 2)
            await _respond(scope, send, file, size, clip, file_name)


async def _respond(scope: HTTPScope, send: Send, file: BinaryIO, size: int, clip: Clip, file_name: str) -> None:
    request = {name: value.decode("latin-1") for name, value in scope["headers"]}
    # A file is written once under its clip's id, so the id, the name and the length say which bytes these are.
    etag = f'"{clip.id}-{file_name}-{size}"'
    headers: HeaderList = (*_ALWAYS, (b"etag", etag.encode()), (b"content-type", _TYPES[file_name].encode()))
    if _matches(request.get(b"if-none-match", ""), etag):
        await _start(send, 304, headers)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    try:
        part = read_range(request.get(b"range", "") if request.get(b"if-range", etag) == etag else "", size)
    except RangeNotSatisfiable:
        await _start(send, 416, (*headers, (b"content-range", f"bytes */{size}".encode()), (b"content-length", b"0")))
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    span = part or Span(0, size - 1)
    headers += (
        (b"content-disposition", disposition(clip.title, file_name).encode("ascii")),
        (b"content-length", str(span.length).encode()),
    )
    if part is not None:
        headers += ((b"content-range", f"bytes {span.first}-{span.last}/{size}".encode()),)
    await _start(send, 200 if part is None else 206, headers)
    await _stream(send, file, Span(0, -1) if scope["method"] == "HEAD" else span)


async def _start(send: Send, status: int, headers: HeaderList) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _stream(send: Send, file: BinaryIO, span: Span) -> None:
    left = span.length
    await asyncio.to_thread(file.seek, span.first)
    while left > 0:
        block = await asyncio.to_thread(file.read, min(left, BLOCK_BYTES))
        if not block:
            break
        left -= len(block)
        await send({"type": "http.response.body", "body": block, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def read_range(header: str, size: int) -> Span | None:
    """The part a `Range` header asks for, None when it asks for all. Raises RangeNotSatisfiable."""
    unit, _, spec = header.partition("=")
    first, dash, last = (part.strip() for part in spec.partition("-"))
    numbers = all(text.isascii() and text.isdigit() and len(text) < 19 for text in (first, last) if text)
    if unit.strip().lower() != "bytes" or not dash or not numbers or not (first or last):
        return None
    if not first:
        span = Span(max(size - int(last), 0), size - 1)
    elif last and int(last) < int(first):
        return None
    else:
        span = Span(int(first), min(int(last), size - 1) if last else size - 1)
    if span.length <= 0:
        raise RangeNotSatisfiable
    return span


def _matches(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags


def disposition(title: str, file_name: str) -> str:
    """`Content-Disposition` that names the file after the song, for every reader and without any trap for one."""
    stem, _, extension = file_name.rpartition(".")
    safe = "".join(char for char in title if char.isprintable() and char not in _UNSAFE).strip(" .")[:MAX_NAME]
    plain = safe.encode("ascii", "ignore").decode("ascii").strip(" .")
    ending = f"{'' if stem == 'song' else ' ' + stem}.{extension}"
    return (
        f"inline; filename=\"{plain or 'song'}{ending}\"; filename*=UTF-8''{quote((safe or 'song') + ending, safe='')}"
    )
