"""A clip that can be heard while it is made: its audio is sent as it grows, without a length, to its end.

The file is the channel: whichever process makes the song, the server follows what it writes into the work folder.
Nobody is woken for it: a listener that has caught up looks again a few times a second, which costs one `fstat`, and
asks the database once a second whether there will be more. A song that fails or is stopped ends the answer where it is.

Conventions: byte ranges are not offered while a file grows; whoever asks for one gets all of it, as RFC 9110 allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import BinaryIO

from litestar.types import HTTPScope, Receive, Send

from songwright.core.errors import NotFound, Unavailable
from songwright.core.exchange import HeaderList
from songwright.tasks import Lifecycle

BLOCK_BYTES = 64 * 1024
LOOK_S = 0.2
ASK_EVERY = 5  #: looks between two questions to the database
PATIENCE_S = 20.0  #: how long a listener is held who comes before the first sound
_HEADERS: HeaderList = (
    (b"content-type", b"audio/mpeg"),
    (b"accept-ranges", b"none"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"content-security-policy", b"default-src 'none'; media-src 'self'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


class Growing:
    """Serves audio that is still being made."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    async def serve(self, scope: HTTPScope, receive: Receive, send: Send, clip_id: str) -> bool:
        """Answer GET or HEAD; False, with nothing sent, when the clip has come to an end meanwhile.

        Raises Unavailable when there is nothing to hear for `PATIENCE_S`.
        """
        if scope["method"] == "HEAD":
            await _start(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return True
        gone = asyncio.create_task(_disconnected(receive))
        try:
            file = await self._opened(clip_id, gone)
            if file is None:
                return gone.done()
            with file:
                await _start(send)
                await self._follow(file, send, clip_id, gone)
            return True
        finally:
            gone.cancel()

    async def _opened(self, clip_id: str, gone: asyncio.Task[None]) -> BinaryIO | None:
        """The file, as soon as there is something in it; None when there will be none, or nobody to hear it."""
        for _ in range(round(PATIENCE_S / LOOK_S)):
            path = self._lifecycle.growing_audio(clip_id)
            if path is None or gone.done():
                return None
            if (file := await asyncio.to_thread(_open_with_sound, path)) is not None:
                return file
            await asyncio.wait([gone], timeout=LOOK_S)
        raise Unavailable("The song is not to be heard yet.", retry_after_s=2)

    async def _follow(self, file: BinaryIO, send: Send, clip_id: str, gone: asyncio.Task[None]) -> None:
        sent, looks, ended = 0, 0, False
        while not gone.done():
            if os.fstat(file.fileno()).st_size > sent:
                block = await asyncio.to_thread(file.read, BLOCK_BYTES)
                sent += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": True})
            elif ended:
                break
            else:
                await asyncio.wait([gone], timeout=LOOK_S)
                looks += 1
                # Asked before the last look at the file: what was written before the end is still sent.
                ended = looks % ASK_EVERY == 0 and not self._grows(file, clip_id)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _grows(self, file: BinaryIO, clip_id: str) -> bool:
        """False once the clip has ended, or the attempt that wrote this file has and its folder is gone."""
        if os.fstat(file.fileno()).st_nlink == 0:
            return False
        with contextlib.suppress(NotFound):
            return self._lifecycle.growing_audio(clip_id) is not None
        return False


def _open_with_sound(path: Path) -> BinaryIO | None:
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return None
    if os.fstat(file.fileno()).st_size > 0:
        return file
    file.close()
    return None


async def _start(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
