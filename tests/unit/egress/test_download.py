"""Files somebody named: fetched within bounds, and no hop escapes the guard."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from songwright.egress import Egress, EgressRefused, TooManyBytesError, UnreachableError, parse_allowed


def download(url: str, path: Path, *, max_bytes: int = 10_000, timeout_s: float = 5.0) -> Mapping[str, str]:
    async def run() -> Mapping[str, str]:
        egress = Egress(parse_allowed(["127.0.0.1"]))
        try:
            return await egress.download(url, path, timeout_s=timeout_s, max_bytes=max_bytes)
        finally:
            await egress.aclose()

    return asyncio.run(run())


def test_a_file_arrives_whole_with_its_headers(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/song.mp3").respond_with_data(b"x" * 5000, content_type="audio/mpeg")
    headers = download(httpserver.url_for("/song.mp3"), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"x" * 5000 and headers["content-type"] == "audio/mpeg"


def test_a_redirect_is_followed_three_times_and_no_more(httpserver: HTTPServer, tmp_path: Path) -> None:
    for step in range(5):
        httpserver.expect_request(f"/{step}").respond_with_response(Response("", 302, {"location": f"/{step + 1}"}))
    httpserver.expect_request("/5").respond_with_data(b"here")
    download(httpserver.url_for("/2"), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"here"
    with pytest.raises(UnreachableError, match="redirects"):
        download(httpserver.url_for("/1"), tmp_path / "file")


@pytest.mark.parametrize("location", ["http://127.0.0.2/x", "http://10.0.0.1/", "file:///etc/passwd", "http://[::1]/"])
def test_a_redirect_to_a_forbidden_address_is_refused(httpserver: HTTPServer, tmp_path: Path, location: str) -> None:
    httpserver.expect_request("/go").respond_with_response(Response("", 302, {"location": location}))
    with pytest.raises(EgressRefused):
        download(httpserver.url_for("/go"), tmp_path / "file")


def test_a_file_that_says_it_is_too_large_is_not_read(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/big").respond_with_data(b"x" * 5000)
    with pytest.raises(TooManyBytesError):
        download(httpserver.url_for("/big"), tmp_path / "file", max_bytes=4999)
    assert not (tmp_path / "file").exists()


def test_a_file_that_turns_out_too_large_is_left_off(httpserver: HTTPServer, tmp_path: Path) -> None:
    endless = (b"x" * 1000 for _ in range(100))
    httpserver.expect_request("/endless").respond_with_response(Response(endless, 200))
    with pytest.raises(TooManyBytesError):
        download(httpserver.url_for("/endless"), tmp_path / "file", max_bytes=4999)
    assert (tmp_path / "file").stat().st_size <= 4999


@pytest.mark.parametrize("status", [204, 404, 500])
def test_an_answer_that_is_no_file_is_said(httpserver: HTTPServer, tmp_path: Path, status: int) -> None:
    httpserver.expect_request("/gone").respond_with_response(Response("", status))
    with pytest.raises(UnreachableError, match=str(status)):
        download(httpserver.url_for("/gone"), tmp_path / "file")


def test_a_slow_server_is_given_up(tmp_path: Path) -> None:
    answering: list[asyncio.Task[None] | None] = []

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        await reader.read()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def run() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        egress = Egress(parse_allowed(["127.0.0.1"]))
        port = server.sockets[0].getsockname()[1]
        try:
            await egress.download(f"http://127.0.0.1:{port}/", tmp_path / "f", timeout_s=0.3, max_bytes=1000)
        finally:
            await egress.aclose()
            server.close()
            await asyncio.gather(*(task for task in answering if task), return_exceptions=True)

    with pytest.raises(UnreachableError, match="within"):
        asyncio.run(run())
