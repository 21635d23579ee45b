"""Bodies as they arrive: whole in memory or straight into a file, always within a bound and a time.

Conventions: sizes in bytes. A body that is known to be too large is refused before it is read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from io import RawIOBase

from litestar.types import Receive, ReceiveMessage

from songwright.core.errors import PayloadTooLarge, Unavailable

BODY_TIMEOUT_S = 60.0
DRAIN_BYTES, DRAIN_S = 4 * 2**20, 2.0
Headers = Sequence[tuple[bytes, bytes]]


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def read_body(headers: Headers, receive: Receive, limit: int, timeout_s: float = BODY_TIMEOUT_S) -> bytes:
    """The whole body. Raises PayloadTooLarge as soon as it is known to be too large, Unavailable when it stalls."""
    check_declared(headers, limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body = message.get("body", b"")
        if len(body) > limit:
            raise too_large(limit)
        return body
    return b"".join([block async for block in _within(_blocks(message, receive, limit), timeout_s)])


async def write_body(headers: Headers, receive: Receive, limit: int, file: RawIOBase, timeout_s: float) -> None:
    """The whole body, into a file. Raises as `read_body` does."""
    check_declared(headers, limit)
    async for block in _within(_blocks(await receive(), receive, limit), timeout_s):
        await asyncio.to_thread(file.write, block)


def check_declared(headers: Headers, limit: int) -> None:
    """Raises PayloadTooLarge for a body that says itself that it is too large."""
    declared = next((value for name, value in headers if name == b"content-length"), b"0")
    if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise too_large(limit)


def too_large(limit: int) -> PayloadTooLarge:
    """The error of a body beyond `limit` bytes."""
    return PayloadTooLarge(f"The body may have at most {limit} bytes.")


async def drain(receive: Receive) -> None:
    """Throw away what still arrives of a refused body: at most `DRAIN_BYTES` within `DRAIN_S`."""
    left = DRAIN_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


async def _blocks(message: ReceiveMessage, receive: Receive, limit: int) -> AsyncIterator[bytes]:
    total = 0
    while message["type"] == "http.request":
        block = message.get("body", b"")
        total += len(block)
        if total > limit:
            raise too_large(limit)
        yield block
        if not message.get("more_body", False):
            return
        message = await receive()
    raise ClientGone


async def _within(blocks: AsyncIterator[bytes], timeout_s: float) -> AsyncIterator[bytes]:
    """The blocks, as long as the last has come after `timeout_s`."""
    end_s = asyncio.get_running_loop().time() + timeout_s
    while True:
        try:
            async with asyncio.timeout_at(end_s):
                block = await anext(blocks, None)
        except TimeoutError as error:
            raise Unavailable("The body did not arrive in time.", retry_after_s=1) from error
        if block is None:
            return
        yield block
