"""A clip's files: right types, byte ranges, validators, and nothing for who does not know the address."""

from __future__ import annotations

import re
import socket
from typing import Any

import httpx2
import pytest
from serving import Customer, Running, wait_until_final


@pytest.fixture(scope="module")
def clip(server: Running, ada: Customer) -> dict[str, Any]:
    with httpx2.Client(base_url=server.url, headers=ada.bearer) as client:
        title = 'Über/"die" Brücke\r\nX: 1 🎵'
        task_id = client.post("/api/v1/audio/music", json={"prompt": "a bridge", "title": title}).json()["task_id"]
        return wait_until_final(client, task_id)["result"][0]


@pytest.fixture
def reader(server: Running) -> Any:
    with httpx2.Client(trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize(
    ("field", "content_type", "first_bytes"),
    [
        ("audio_url", "audio/mpeg", rb"ID3|\xff[\xe2-\xff]"),
        ("video_url", "video/mp4", rb"....ftyp"),
        ("image_url", "image/png", rb"\x89PNG"),
        ("image_large_url", "image/png", rb"\x89PNG"),
        ("words_url", "application/json", rb"\["),
        ("midi_url", "audio/midi", rb"MThd"),
    ],
)
def test_every_file_is_what_it_says(
    reader: httpx2.Client, clip: dict[str, Any], field: str, content_type: str, first_bytes: bytes
) -> None:
    got = reader.get(clip[field])
    assert got.status_code == 200 and got.headers["content-type"] == content_type
    assert re.match(first_bytes, got.content, re.DOTALL)
    assert got.headers["accept-ranges"] == "bytes" and got.headers["x-content-type-options"] == "nosniff"
    head = reader.head(clip[field])
    assert head.content == b"" and head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]


def test_an_unchanged_file_is_304(reader: httpx2.Client, clip: dict[str, Any]) -> None:
    etag = reader.head(clip["audio_url"]).headers["etag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = reader.get(clip["audio_url"], headers={"if-none-match": known})
        assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == etag
    assert reader.get(clip["audio_url"], headers={"if-none-match": '"other"'}).status_code == 200


def test_ranges_are_answered_as_the_standard_says(reader: httpx2.Client, clip: dict[str, Any]) -> None:
    url = clip["audio_url"]
    whole = reader.get(url).content
    size = len(whole)
    rows: list[tuple[str, int, bytes]] = [
        ("bytes=0-0", 206, whole[:1]),
        ("bytes=0-", 206, whole),
        ("bytes=10-19", 206, whole[10:20]),
        (f"bytes={size - 1}-", 206, whole[-1:]),
        (f"bytes=5-{size * 9}", 206, whole[5:]),
        ("bytes=-7", 206, whole[-7:]),
        (f"bytes=-{size * 9}", 206, whole),
        ("BYTES=3-4", 206, whole[3:5]),
        (f"bytes={size}-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=9-3", 200, whole),
        ("bytes=a-b", 200, whole),
        ("bytes=-", 200, whole),
        ("bytes=" + "9" * 5000 + "-", 200, whole),
        ("items=0-1", 200, whole),
        ("bytes=0-1,4-5", 200, whole),
    ]
    for header, status, content in rows:
        got = reader.get(url, headers={"range": header})
        assert (got.status_code, got.content) == (status, content), header
        if status == 206:
            assert re.fullmatch(rf"bytes \d+-\d+/{size}", got.headers["content-range"])
        if status == 416:
            assert got.headers["content-range"] == f"bytes */{size}"


def test_a_range_of_a_file_that_has_changed_gets_the_whole(reader: httpx2.Client, clip: dict[str, Any]) -> None:
    etag = reader.head(clip["audio_url"]).headers["etag"]
    part = {"range": "bytes=0-3"}
    assert reader.get(clip["audio_url"], headers=part | {"if-range": etag}).status_code == 206
    assert reader.get(clip["audio_url"], headers=part | {"if-range": '"old"'}).status_code == 200


def test_the_file_is_named_after_the_song_without_any_trap(reader: httpx2.Client, clip: dict[str, Any]) -> None:
    header = reader.get(clip["audio_url"]).headers["content-disposition"]
    assert header == (
        "inline; filename=\"berdie BrckeX 1.mp3\"; filename*=UTF-8''%C3%9Cberdie%20Br%C3%BCckeX%201%20%F0%9F%8E%B5.mp3"
    )
    assert "\r" not in header and "\n" not in header


def test_a_wrong_address_is_404_whichever_part_is_wrong(
    reader: httpx2.Client, server: Running, clip: dict[str, Any]
) -> None:
    _, _, _, _, clip_id, token, name = clip["audio_url"].split("/")
    other = "A" * len(token)
    for path in (
        f"{clip_id}/{other}/{name}",
        f"{clip_id}/{token[:-1]}/{name}",
        f"{clip_id}/{token}x/{name}",
        f"{clip_id}//{name}",
        f"nothing/{token}/{name}",
        f"{clip_id}/{token}/song.wav",
        f"{clip_id}/{token}/..%2f..%2fsongwright.db",
        f"{clip_id}/{token}/",
        f"{clip_id}/{token}",
        f"{clip_id}/%C3%A9/{name}",
        "",
    ):
        assert reader.get(f"{server.url}/media/{path}").status_code == 404, path
    assert reader.post(clip["audio_url"]).status_code == 405


def test_a_reader_that_takes_its_time_holds_up_nobody(
    server: Running, clip: dict[str, Any], ada: Customer, client: httpx2.Client
) -> None:
    path = clip["video_url"].removeprefix(server.url)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for _ in range(20):
            assert client.get("/api/v1/credits").status_code == 200
        assert slow.recv(16).startswith(b"HTTP/1.1 200")
