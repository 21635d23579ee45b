"""No body, however hostile, is answered with a 500, is charged, or is answered in another shape than its dialect's."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from serving import Customer, Running

POSTS = ("/api/v1/audio/music", "/api/v1/quote", "/api/suno/v1/music")
OTHER_POSTS = (
    *(
        f"/api/v1/audio/music/{name}"
        for name in ("extend", "replace-section", "concat", "lyrics", "separate", "upload")
    ),
    *(f"/api/v1/audio/music/{name}" for name in ("cover/generate", "upload-cover/generate", "timestamped-lyrics")),
    *(f"/api/suno/v1/{name}" for name in ("music/concat", "lyrics", "upload_audio")),
    *("/api/v1/redeem", "/api/v1/orders"),
)
GOOD: dict[str, dict[str, Any]] = {
    "/api/v1/audio/music": {"prompt": "a song"},
    "/api/v1/quote": {"prompt": "a song"},
    "/api/suno/v1/music": {"input": {"gpt_description_prompt": "a song"}},
}
BROKEN_JSON: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t",
    "word": b"hello",
    "cut": b'{"prompt": "a',
    "trailing comma": b'{"prompt": "a",}',
    "two values": b'{"prompt": "a"} {"prompt": "b"}',
    "single quotes": b"{'prompt': 'a'}",
    "array": b'[{"prompt": "a"}]',
    "string": b'"prompt"',
    "number": b"1",
    "true": b"true",
    "null": b"null",
    "NaN": b'{"prompt": "a", "style_weight": NaN, "input": {"style_weight": NaN}}',
    "Infinity": b'{"prompt": "a", "duration": Infinity, "input": {"duration": Infinity}}',
    "minus Infinity": b'{"prompt": "a", "duration": -Infinity, "input": {"duration": -Infinity}}',
    "1e999": b'{"prompt": "a", "duration": 1e999, "input": {"duration": 1e999}}',
    "5000 digits": b'{"prompt": "a", "x": ' + b"9" * 5000 + b"}",
    "2**64": b'{"prompt": "a", "x": 18446744073709551616}',
    "lone surrogate": b'{"prompt": "a \\ud800 b", "input": {"gpt_description_prompt": "a \\ud800"}}',
    "lone low surrogate": b'{"prompt": "\\udfff", "input": {"gpt_description_prompt": "\\udfff"}}',
    "surrogate in a key": b'{"prompt": "a", "\\ud83d": 1}',
    "NUL escaped": b'{"prompt": "a\\u0000b", "input": {"gpt_description_prompt": "a\\u0000b"}}',
    "NUL raw": b'{"prompt": "a\x00b"}',
    "control raw": b'{"prompt": "a\x01b"}',
    "UTF-8 cut": b'{"prompt": "\xc3"}',
    "UTF-8 surrogate": b'{"prompt": "\xed\xa0\x80"}',
    "UTF-8 overlong": b'{"prompt": "\xc0\xaf"}',
    "latin-1": '{"prompt": "café"}'.encode("latin-1"),
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "nested arrays": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "nested well": b'{"x":' + b"[" * 40 + b"]" * 40 + b"}",
    "duplicate keys": b'{"prompt": "a", "prompt": "b", "input": {}, "input": {}}',
    "form": b"prompt=a&style=b",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n--x--',
}
WRONG_VALUES: tuple[Any, ...] = (True, 1, 1.5, "1", "", [], ["a"], {}, {"a": 1}, -1, 2**62, "x" * 6000, "\u202e\u0007")
FIELDS = (
    *("model", "mv", "prompt", "gpt_description_prompt", "style", "tags", "title", "make_instrumental", "gender"),
    *("style_weight", "weirdness_constraint", "audio_weight", "callback_url", "notify_hook", "custom_mode", "seed"),
    *("duration", "bpm", "key", "continue_at", "continue_clip_id", "negative_tags", "input", "endpoint", "quote_id"),
)


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Running]) -> Running:
    """One that performs nothing, so that what is reserved stays so."""
    return start_server(perform=False)


def _check_refusal(path: str, answer: httpx2.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    body = answer.json()
    assert body["code"] == answer.status_code and body["message"]
    assert ("error" in body) == (not path.startswith("/api/suno/"))


@pytest.mark.parametrize("path", POSTS + OTHER_POSTS)
@pytest.mark.parametrize("name", BROKEN_JSON)
def test_what_is_no_proper_json_is_refused(
    client: httpx2.Client, server: Running, ada: Customer, path: str, name: str
) -> None:
    before = server.balance(ada), server.tasks()
    every = ("application/json", "text/plain", "application/x-www-form-urlencoded", "")
    for content_type in every if path in POSTS else every[:1]:
        answer = client.post(path, content=BROKEN_JSON[name], headers={"content-type": content_type})
        _check_refusal(path, answer)
    assert (server.balance(ada), server.tasks()) == before


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", FIELDS)
def test_no_value_of_any_field_breaks_the_server(client: httpx2.Client, path: str, name: str) -> None:
    for value in WRONG_VALUES:
        nested = path.startswith("/api/suno/") and name not in ("input", "custom_mode", "mv")
        body = GOOD[path] | ({"input": GOOD[path]["input"] | {name: value}} if nested else {name: value})
        answer = client.post(path, json=body)
        # A clip that nobody has is not found; every other wrong value is a bad request.
        assert answer.status_code in ((200, 400, 404) if name == "continue_clip_id" else (200, 400)), (
            value,
            answer.text,
        )
        if answer.status_code == 400:
            assert name in answer.text, (value, answer.text)


@pytest.mark.parametrize("path", OTHER_POSTS)
def test_no_value_of_any_field_breaks_the_other_orders(client: httpx2.Client, path: str) -> None:
    names = (*FIELDS, "origin_task_id", "extend_audio_index", "extensionStartTime", "task_id", "audio_id", "clip_id")
    for name in (*names, "infillStartS", "infillEndS", "audio_url", "upload_url"):
        for value in WRONG_VALUES:
            answer = client.post(path, json={name: value})
            assert answer.status_code in (200, 400, 404, 501), (name, value, answer.text)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/json; charset=latin-1"])
@pytest.mark.parametrize("path", POSTS)
def test_json_is_json_whatever_the_content_type_says(client: httpx2.Client, path: str, content_type: str) -> None:
    content = json.dumps(GOOD[path]).encode()
    assert client.post(path, content=content, headers={"content-type": content_type}).status_code == 200
    with_mark = b"\xef\xbb\xbf" + content
    assert client.post(path, content=with_mark, headers={"content-type": content_type}).status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_every_bad_field_is_named_in_one_answer(client: httpx2.Client, path: str) -> None:
    bad = {
        "title": "x" * 101,
        "style_weight": 1.01,
        "seed": -1,
        "gender": "robot",
        "make_instrumental": "no",
        "bpm": "90",
    }
    nested = path.startswith("/api/suno/")
    body = {"mv": "chirp-v99", "input": bad} if nested else {"model": "chirp-v99", "prompt": "x", **bad}
    answer = client.post(path, json=body)
    named = ("mv", "input.title", "input.seed") if nested else ("model", "title", "seed")
    for name in (*named, "style_weight", "gender", "make_instrumental", "bpm"):
        assert name in answer.text
    if path == "/api/v1/audio/music":
        fields = {problem["field"] for problem in answer.json()["error"]["fields"]}
        assert fields == {"model", *bad}


@pytest.mark.parametrize("path", POSTS)
def test_a_body_one_byte_too_long_is_413(client: httpx2.Client, path: str) -> None:
    limit = 1024 * 1024
    filler = b" " * (limit - len(json.dumps(GOOD[path])))
    assert client.post(path, content=json.dumps(GOOD[path]).encode() + filler).status_code == 200
    answer = client.post(path, content=json.dumps(GOOD[path]).encode() + filler + b" ")
    assert answer.status_code == 413
    _check_refusal(path, answer)


@pytest.mark.parametrize("path", POSTS)
def test_fifty_megabytes_are_refused_before_they_are_read(server: Running, ada: Customer, path: str) -> None:
    """Only the head and the first bytes are sent; the answer comes all the same."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {ada.token}\r\nContent-Length: 52428800\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + b'{"prompt": "')
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_an_endless_chunked_body_is_refused_when_it_passes_the_cap(server: Running, ada: Customer) -> None:
    head = (
        f"POST /api/v1/audio/music HTTP/1.1\r\nHost: x\r\nX-API-Key: {ada.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    block = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + block * 17)
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_whole_fifty_megabyte_body_gets_its_answer(client: httpx2.Client, server: Running, ada: Customer) -> None:
    before = server.balance(ada)
    answer = client.post("/api/v1/audio/music", content=b'{"prompt": "' + b"a" * 50_000_000 + b'"}')
    assert answer.status_code == 413 and answer.json()["error"]["type"] == "payload_too_large"
    assert client.get("/api/v1/credits").status_code == 200
    assert server.balance(ada) == before


def test_a_client_that_hangs_up_in_the_middle_leaves_nothing_behind(server: Running, ada: Customer) -> None:
    before = server.tasks()
    head = f"POST /api/v1/audio/music HTTP/1.1\r\nHost: x\r\nX-API-Key: {ada.token}\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + b'{"prompt": "half')
    with httpx2.Client(base_url=server.url, headers=ada.bearer) as client:
        assert client.get("/api/v1/credits").status_code == 200
    assert server.tasks() == before


@pytest.mark.parametrize(
    "path", ["/api/v1/tasks/", "/api/suno/v1/music/", "/media/a/b/", "/api/v1/audio/music/feed?task_id="]
)
def test_no_id_breaks_the_server(client: httpx2.Client, path: str) -> None:
    for text in ("%00", "%ff%fe", "'%20OR%201=1--", "..%2f..%2fetc%2fpasswd", "x" * 5000, "%F0%9F%8E%B5", "%", "[]"):
        assert client.get(path + text).status_code == 404, text
