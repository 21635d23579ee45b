"""What comes back: capped in size and in time, never unpacked, never followed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from songwright.egress import Egress, Reply, UnreachableError, parse_allowed

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _exchange(handler: Handler, *, timeout_s: float = 5.0, max_reply_bytes: int = 1000) -> Reply:
    answering: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        await handler(reader, writer)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def run() -> Reply:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        egress = Egress(parse_allowed(["127.0.0.1"]))
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=b"
        try:
            return await egress.post(
                url, b"body", {"content-type": "text/x"}, timeout_s=timeout_s, max_reply_bytes=max_reply_bytes
            )
        finally:
            await egress.aclose()
            server.close()
            await asyncio.gather(*(task for task in answering if task), return_exceptions=True)

    return asyncio.run(run())


def _answering(answer: bytes, seen: list[bytes] | None = None) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(4)
        if seen is not None:
            seen.append(request)
        writer.write(answer)
        await writer.drain()

    return handle


def test_the_request_is_what_was_asked_for() -> None:
    seen: list[bytes] = []
    reply = _exchange(_answering(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", seen))
    assert (reply.status, reply.headers["x-a"], reply.body, reply.cut) == (204, "b", b"", False)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /hook?a=b http/1.1" and body == b"body"
    assert {"content-length: 4", "content-type: text/x", "accept-encoding: identity"} <= set(lines)
    assert sum(line.startswith("host:") for line in lines) == 1


def test_a_redirect_is_an_answer() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    assert _exchange(_answering(answer)).status == 302


def test_a_long_answer_is_cut_at_the_cap() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000
    reply = _exchange(_answering(answer), max_reply_bytes=1000)
    assert reply.cut and len(reply.body) == 1000


def test_an_endless_answer_ends_at_the_cap() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.transport.is_closing():
            writer.write(b"64\r\n" + b"x" * 100 + b"\r\n")
            await asyncio.sleep(0)

    assert _exchange(drip, max_reply_bytes=1000).cut


def test_a_packed_answer_is_not_unpacked() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00"
    assert _exchange(_answering(answer)).body == b"\x1f\x8b\x00"


def test_who_never_answers_is_given_up() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    with pytest.raises(UnreachableError, match=r"0\.2 s"):
        _exchange(hang, timeout_s=0.2)


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, b"HTTP/9.9 hello\r\n\r\n", b"\x00" * 64],
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with pytest.raises(UnreachableError):
        _exchange(_answering(answer))
