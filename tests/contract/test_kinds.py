"""Every kind of order over HTTP in both dialects, with the fake provider: results, prices, refusals, callbacks."""

from __future__ import annotations

import base64
import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import soundfile
from pytest_httpserver import HTTPServer
from serving import Customer, Running, wait_until_final

A = "/api/v1/audio/music"
B = "/api/suno/v1"
LYRICS = "[Verse]\nLeaves whisper low\nTrees sway\n\n[Chorus]\nBlowin' in the breeze"


def wav(seconds: float = 3.0, rate_hz: int = 8000) -> bytes:
    """A ramp: every sample differs from its neighbours, so that a seam can be looked for."""
    content = io.BytesIO()
    frames = [((i * 37) % 20_000) / 32768 for i in range(round(seconds * rate_hz))]
    soundfile.write(content, frames, rate_hz, "PCM_16", format="WAV")
    return content.getvalue()


@pytest.fixture(scope="module")
def song(server: Running, ada: Customer) -> Iterator[dict[str, Any]]:
    """A finished task of two songs."""
    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False, timeout=30) as client:
        body = {"model": "chirp-v4-5", "prompt": LYRICS, "title": "Breeze", "style": "folk"}
        yield wait_until_final(client, client.post(A, json=body).json()["task_id"])


@pytest.fixture
def other(server: Running, bob: Customer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=bob.bearer, trust_env=False, timeout=30) as opened:
        yield opened


def done(client: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    task = wait_until_final(client, body.get("task_id") or body["data"]["task_id"])
    assert task["status"] == "completed", task
    return task


# ------------------------------------------------------------------------------------------------------- extend


@pytest.mark.parametrize("name", ["extensionStartTime", "continue_at"])
def test_a_custom_extension_contains_the_old_song_up_to_the_seam(
    client: httpx2.Client, song: dict[str, Any], name: str
) -> None:
    body = {"origin_task_id": song["task_id"], "extend_audio_index": 1, "custom_mode": True, "prompt": "[Verse]\nNew"}
    task = done(client, client.post(f"{A}/extend", json=body | {name: 1.25, "title": "On", "style": "rock"}))
    assert (task["type"], task["model"], task["credits_consumed"]) == ("extend", "chirp-v4-5", 10)
    clip = task["result"][0]
    assert clip["title"] == "On" and clip["prompt"].startswith(LYRICS) and clip["prompt"].endswith("New")
    old, _ = soundfile.read(io.BytesIO(client.get(song["result"][1]["flac_url"]).content), dtype="int16")
    new, rate_hz = soundfile.read(io.BytesIO(client.get(clip["flac_url"]).content), dtype="int16")
    seam = round(1.25 * rate_hz)
    assert (new[:seam] == old[:seam]).all() and len(new) > seam


def test_an_inheriting_extension_needs_no_words_and_chooses_its_seam(
    client: httpx2.Client, song: dict[str, Any]
) -> None:
    task = done(client, client.post(f"{A}/extend", json={"origin_task_id": song["task_id"], "extend_audio_index": 0}))
    assert task["result"][0]["title"] == "Breeze" and task["result"][0]["tags"] == "folk"
    assert 0 < task["result"][0]["metadata"]["continue_at"] < song["result"][0]["duration"]


def test_what_cannot_be_extended_is_refused_and_costs_nothing(
    client: httpx2.Client, other: httpx2.Client, server: Running, ada: Customer, song: dict[str, Any]
) -> None:
    before = server.balance(ada)
    good = {"origin_task_id": song["task_id"], "extend_audio_index": 0}
    for change, status, field in (
        ({"extensionStartTime": 2.5}, 400, "extensionStartTime"),
        ({"extensionStartTime": 0}, 400, "extensionStartTime"),
        ({"continue_at": -1}, 400, "continue_at"),
        ({"extend_audio_index": 2}, 400, "extend_audio_index"),
        ({"extend_audio_index": None}, 400, "extend_audio_index"),
        ({"origin_task_id": ""}, 400, "origin_task_id"),
        ({"custom_mode": True}, 400, "prompt"),
        ({"custom_mode": True, "prompt": "x" * 5001}, 400, "prompt"),
        ({"origin_task_id": "unknown"}, 404, "origin_task_id"),
    ):
        answer = client.post(f"{A}/extend", json=good | change)
        assert (answer.status_code, answer.json()["error"]["param"]) == (status, field), answer.text
    assert other.post(f"{A}/extend", json=good).status_code == 404
    running = client.post(A, json={"prompt": "test:slow:2 for an extension"}).json()["task_id"]
    assert client.post(f"{A}/extend", json=good | {"origin_task_id": running}).status_code == 409
    client.post(f"/api/v1/tasks/{running}/cancel")
    assert server.balance(ada) == before


def test_a_section_is_replaced_between_two_seconds(client: httpx2.Client, song: dict[str, Any]) -> None:
    good = {"task_id": song["task_id"], "audio_id": song["result"][0]["id"], "prompt": "[Verse]\nOther words"}
    task = done(client, client.post(f"{A}/replace-section", json=good | {"infillStartS": 0.5, "infillEndS": 1.75}))
    assert task["type"] == "replace_section" and len(task["result"]) == 2
    for start_s, end_s in ((0.5, 1.0), (1.5, 0.5), (0.5, 2.5)):
        answer = client.post(f"{A}/replace-section", json=good | {"infillStartS": start_s, "infillEndS": end_s})
        assert answer.status_code == 400 and answer.json()["error"]["param"] == "infillEndS"


# ------------------------------------------------------------------------------------- continuations in dialect B


def _b_clip(client: httpx2.Client, task_id: str, clip_id: str) -> dict[str, Any]:
    return client.get(f"{B}/music/{task_id}").json()["data"]["clips"][clip_id]


def test_a_chain_of_continuations_is_joined_into_the_full_song(client: httpx2.Client, song: dict[str, Any]) -> None:
    root = song["result"][0]["id"]
    chain, seams = [root], [1.5, 1.0]
    for seam_s in seams:
        more = {"prompt": "[Verse]\nMore", "continue_at": seam_s, "continue_clip_id": chain[-1]}
        task = done(client, client.post(f"{B}/music", json={"custom_mode": True, "input": more}))
        clip = _b_clip(client, task["task_id"], task["result"][0]["id"])
        assert clip["metadata"]["history"][-1] == {"id": chain[-1], "continue_at": seam_s}
        assert clip["metadata"]["type"] == "gen" and clip["metadata"]["duration"] == 2.0
        chain.append(clip["id"])
    task = done(client, client.post(f"{B}/music/concat", json={"clip_id": chain[-1]}))
    (joined,) = client.get(f"{B}/music/{task['task_id']}").json()["data"]["clips"].values()
    assert joined["metadata"]["type"] == "concat"
    assert joined["metadata"]["concat_history"] == [
        {"id": chain[0], "continue_at": 1.5},
        {"id": chain[1], "continue_at": 1.0},
        {"id": chain[2]},
    ]
    assert joined["metadata"]["duration"] == pytest.approx(1.5 + 1.0 + 2.0)
    assert task["credits_consumed"] == 0


def test_what_cannot_be_continued_or_joined_is_refused(
    client: httpx2.Client, other: httpx2.Client, server: Running, ada: Customer, song: dict[str, Any]
) -> None:
    before, root = server.balance(ada), song["result"][0]["id"]
    for path in (f"{B}/music/concat", f"{A}/concat"):
        never = client.post(path, json={"clip_id": root})
        assert never.status_code == 400 and "never extended" in never.json()["message"]
        assert client.post(path, json={"clip_id": "nothing"}).status_code == 404
        assert other.post(path, json={"clip_id": root}).status_code == 404
        assert client.post(path, json={}).status_code == 400
    more = {"gpt_description_prompt": "more", "continue_at": 99, "continue_clip_id": root}
    beyond = client.post(f"{B}/music", json={"input": more})
    assert beyond.status_code == 400 and "input.continue_at" in beyond.json()["message"]
    assert other.post(f"{B}/music", json={"input": more | {"continue_at": 1}}).status_code == 404
    alone = client.post(f"{B}/music", json={"input": {"gpt_description_prompt": "x", "continue_at": 3}})
    assert alone.status_code == 400 and "input.continue_at" in alone.json()["message"]
    assert server.balance(ada) == before


# ------------------------------------------------------------------------------------------------ pictures, words


def test_two_cover_images_once_a_task(
    client: httpx2.Client, other: httpx2.Client, server: Running, ada: Customer
) -> None:
    song = done(client, client.post(A, json={"prompt": "a song with a cover"}))
    accepted = client.post(f"{A}/cover/generate", json={"taskId": song["task_id"]}).json()
    assert accepted["msg"] == "success" and accepted["data"]["taskId"] == accepted["task_id"]
    task = done(client, httpx2.Response(200, json=accepted))
    status = client.get(f"{A}/cover/status", params={"task_id": task["task_id"]}).json()["data"]
    assert status["status"] == "SUCCESS" and len(set(status["images"])) == len(status["thumbnails"]) == 2
    assert client.get(status["images"][0], headers={"authorization": ""}).headers["content-type"] == "image/png"
    assert (task["type"], task["credits_consumed"]) == ("cover_image", 1)
    before = server.balance(ada)
    again = client.post(f"{A}/cover/generate", json={"task_id": song["task_id"]})
    assert again.status_code == 400 and again.json()["msg"] == "Cover already exists for this task"
    assert server.balance(ada) == before
    for who, wanted in ((client, "nothing"), (other, song["task_id"])):
        missing = who.post(f"{A}/cover/generate", json={"task_id": wanted})
        assert missing.status_code == 404
        assert missing.json()["message"] == "Original music task not found, please check your task id"
    assert client.get(f"{A}/cover/status", params={"task_id": song["task_id"]}).status_code == 404


def test_pictures_may_be_ordered_again_when_the_first_try_was_stopped(client: httpx2.Client) -> None:
    song = done(client, client.post(A, json={"prompt": "test:slow:1 pictures"}))
    first = client.post(f"{A}/cover/generate", json={"task_id": song["task_id"]}).json()["task_id"]
    assert client.post(f"/api/v1/tasks/{first}/cancel").json()["status"] == "cancelled"
    second = client.post(f"{A}/cover/generate", json={"task_id": song["task_id"]}).json()["task_id"]
    assert second != first and wait_until_final(client, second)["status"] == "completed"


def test_timestamped_lyrics_are_answered_at_once_in_every_generations_words(
    client: httpx2.Client, server: Running, ada: Customer, song: dict[str, Any]
) -> None:
    before, clip_id = server.balance(ada), song["result"][0]["id"]
    answer = client.post(f"{A}/timestamped-lyrics", json={"task_id": song["task_id"], "audio_id": clip_id})
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data["text"] == LYRICS
    assert [param["type"] for param in data["lyricParams"]][:2] == ["segment_break", "lyric"]
    assert data["lyricParams"][0] == {"text": "[Verse]\n", "type": "segment_break", "metadata": {"style": "Verse"}}
    words = data["lyricAlignment"]["words"]
    assert words[0]["startTime"] == words[0]["startS"] and words == data["alignedWords"]
    assert data["waveform"] and max(data["waveform"]) == 1.0 and min(data["waveform"]) >= 0
    after = server.balance(ada)
    assert (before.available - after.available, after.used - before.used, after.reserved) == (2, 2, before.reserved)


def test_word_times_of_what_has_none_are_refused_and_cost_nothing(
    client: httpx2.Client, other: httpx2.Client, server: Running, ada: Customer, song: dict[str, Any]
) -> None:
    instrumental = done(client, client.post(A, json={"prompt": "waves", "make_instrumental": True}))
    before, clip_id = server.balance(ada), song["result"][0]["id"]
    path = f"{A}/timestamped-lyrics"
    silent = {"task_id": instrumental["task_id"], "audio_id": instrumental["result"][0]["id"]}
    for body, status, text in (
        (silent, 400, "instrumental"),
        ({"task_id": song["task_id"]}, 400, "Task ID and Audio ID are required"),
        ({"task_id": song["task_id"], "audio_id": silent["audio_id"]}, 400, "Audio ID does not match the Task ID"),
        ({"task_id": "nothing", "audio_id": clip_id}, 404, "Invalid task id"),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code == status and text in answer.text, answer.text
    assert other.post(path, json={"task_id": song["task_id"], "audio_id": clip_id}).status_code == 404
    assert server.balance(ada) == before


def test_lyrics_are_written_in_both_dialects(client: httpx2.Client) -> None:
    task = done(client, client.post(f"{A}/lyrics", json={"prompt": "elon musk in the house"}))
    assert task["type"] == "lyrics" and task["credits_consumed"] == 1 and "[Verse]" in task["result"][0]["prompt"]
    task = done(client, client.post(f"{B}/lyrics", json={"prompt": "elon musk in the house"}))
    data = client.get(f"{B}/lyrics/{task['task_id']}").json()["data"]
    assert list(data)[:5] == ["task_id", "input", "status", "title", "text"]
    assert json.loads(data["input"]) == {"prompt": "elon musk in the house"}
    assert data["status"] == "completed" and data["title"] and "[Verse]" in data["text"]
    assert client.post(f"{B}/lyrics", json={"prompt": " "}).status_code == 400
    assert client.get(f"{B}/upload_audio/{task['task_id']}").status_code == 404


# ------------------------------------------------------------------------------------------------------- uploads


def _uploads(sound: bytes, httpserver: HTTPServer) -> Iterator[dict[str, Any]]:
    httpserver.expect_request("/lib/sample-9s.wav").respond_with_data(sound, content_type="audio/wav")
    yield {"json": {"audio_url": httpserver.url_for("/lib/sample-9s.wav")}}
    yield {"json": {"audio_url": "data:audio/wav;base64," + base64.b64encode(sound).decode()}}
    yield {"files": {"file": ("sample-9s.wav", sound, "audio/wav")}}


@pytest.mark.parametrize("path", [f"{A}/upload", f"{B}/upload_audio"])
def test_audio_is_taken_in_by_address_as_data_and_as_a_form(
    client: httpx2.Client, httpserver: HTTPServer, path: str
) -> None:
    for number, how in enumerate(_uploads(wav(3.0), httpserver)):
        task = done(client, client.post(path, **how))
        clip = task["result"][0]
        assert clip["duration"] == pytest.approx(3.0, abs=0.01) and task["credits_consumed"] == 1
        assert clip["title"] == ("Uploaded audio" if number == 1 else "sample-9s")


def test_an_upload_in_dialect_b_is_shown_as_the_document_does(client: httpx2.Client, httpserver: HTTPServer) -> None:
    url = next(_uploads(wav(), httpserver))["json"]["audio_url"]
    task = done(client, client.post(f"{B}/upload_audio", json={"audio_url": url}))
    data = client.get(f"{B}/upload_audio/{task['task_id']}").json()["data"]
    document = ["task_id", "input", "status", "title", "clip_id", "image_url", "duration", "metadata"]
    assert list(data)[:8] == document and json.loads(data["input"]) == {"audio_url": url}
    assert set(data["metadata"]) == {"created_at", "started_at", "ended_at", "quota_frozen", "quota_usage"}
    assert (data["metadata"]["quota_frozen"], data["metadata"]["quota_usage"]) == (1, 1)
    more = {"gpt_description_prompt": "go on", "continue_clip_id": data["clip_id"], "continue_at": 1}
    assert done(client, client.post(f"{B}/music", json={"input": more}))["type"] == "extend"


def test_what_is_no_audio_fails_and_costs_nothing(
    client: httpx2.Client, httpserver: HTTPServer, server: Running, ada: Customer
) -> None:
    before = server.balance(ada)
    httpserver.expect_request("/dead").respond_with_data("", status=404)
    sent: list[dict[str, Any]] = [
        {"json": {"audio_url": httpserver.url_for("/dead")}},
        {"json": {"audio_url": "http://127.0.0.1:9/closed"}},
        {"files": {"file": ("song.mp3", b"this is no song", "audio/mpeg")}},
        {"files": {"file": ("list.m3u8", b"#EXTM3U\nfile:///etc/passwd\n", "audio/mpeg")}},
        {"files": {"file": ("cut.wav", wav()[:30], "audio/wav")}},
        {"files": {"file": ("long.wav", wav(481.0, 1000), "audio/wav")}},
    ]
    for how in sent:
        task = wait_until_final(client, client.post(f"{A}/upload", **how).json()["task_id"])
        assert task["status"] == "failed" and task["error"]["message"], how
    assert task["error"]["code"] == "audio_too_long"
    assert server.balance(ada) == before
    deadline = time.monotonic() + 10  # The file goes just after the task's end is on disk.
    while _sent_files(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _sent_files(server)


def _sent_files(server: Running) -> list[str]:
    """Files that were sent and are still kept; folders may vanish while they are looked through."""
    return [name for _, _, names in os.walk(server.folder / "media" / "uploads") for name in names]


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y", "data:audio/wav,abc", "data:audio/wav;base64,%%%", "file:///etc/passwd"]
)
def test_what_is_no_address_is_refused_at_once(client: httpx2.Client, url: str) -> None:
    answer = client.post(f"{A}/upload", json={"audio_url": url})
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "audio_url"


def test_a_broken_form_is_refused(client: httpx2.Client) -> None:
    for content, kind in ((b"--x\r\nnot a form", "multipart/form-data; boundary=x"), (b"", "multipart/form-data")):
        answer = client.post(f"{A}/upload", content=content, headers={"content-type": kind})
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("style_weight", "nan"),
        ("seed", "9" * 5000),
        ("seed", "9" * 400),
        ("duration", "inf"),
        ("title", "a\0b"),
        ("make_instrumental", "maybe"),
    ],
)
def test_no_field_of_a_form_breaks_the_server(client: httpx2.Client, name: str, value: str) -> None:
    sent = {"prompt": "a song", name: value}
    answer = client.post(f"{A}/upload-cover/generate", data=sent, files={"file": ("a.wav", wav(0.1))})
    assert answer.status_code == 400, answer.text


def test_a_file_beyond_the_bound_is_refused(start_server: Any) -> None:
    small = start_server(max_upload_bytes=100_000)
    with httpx2.Client(base_url=small.url, headers=small.customer("eve").bearer, trust_env=False) as client:
        files = {"file": ("song.wav", b"x" * 300_000, "audio/wav")}
        assert client.post(f"{A}/upload", files=files).status_code == 413
        assert small.tasks() == 0


def test_an_upload_is_covered_by_address_or_by_clip(client: httpx2.Client, httpserver: HTTPServer) -> None:
    ways = [*_uploads(wav(), httpserver)]
    uploaded = done(client, client.post(f"{A}/upload", **ways[0]))["result"][0]["id"]
    cover = {"prompt": LYRICS, "style": "jazz", "title": "Mine"}
    for body in (cover | {"upload_url": ways[0]["json"]["audio_url"]}, cover | {"audio_id": uploaded}):
        task = done(client, client.post(f"{A}/upload-cover/generate", json=body))
        data = client.get(f"{A}/upload-cover/status", params={"task_id": task["task_id"]}).json()["data"]
        assert data["status"] == "SUCCESS" and len(data["response_data"]) == 2 and data["error"] is None
        assert (task["model"], task["credits_consumed"]) == ("chirp-v3-5", 8)
    form = client.post(f"{A}/upload-cover/generate", data=cover | {"make_instrumental": "false"}, **ways[2])
    assert done(client, form)["type"] == "upload_cover"
    dear = done(
        client, client.post(f"{A}/upload-cover/generate", json=cover | {"model": "chirp-v5", "audio_id": uploaded})
    )
    assert dear["credits_consumed"] == 12
    assert client.post(f"{A}/upload-cover/generate", json=cover).json()["error"]["param"] == "upload_url"


def test_two_stems_of_an_upload(client: httpx2.Client, httpserver: HTTPServer) -> None:
    uploaded = done(client, client.post(f"{A}/upload", **[*_uploads(wav(), httpserver)][2]))["result"][0]
    task = done(client, client.post(f"{A}/separate", json={"clip_id": uploaded["id"]}))
    assert task["type"] == "separate" and task["credits_consumed"] == 2
    stems = [client.get(task["result"][0][name]).content for name in ("vocals_url", "instrumental_url")]
    voice, rest = (soundfile.read(io.BytesIO(stem), dtype="int16")[0] for stem in stems)
    whole, _ = soundfile.read(io.BytesIO(client.get(uploaded["flac_url"]).content), dtype="int16")
    assert (voice + rest == whole).all()


# ------------------------------------------------------------------------------------------- lists, quotes, usage


def test_tasks_are_listed_with_filters_and_a_cursor(client: httpx2.Client, song: dict[str, Any]) -> None:
    everything = client.get("/api/v1/tasks", params={"limit": 100}).json()
    assert song["task_id"] in {task["task_id"] for task in everything["data"]}
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 1, "type": "music", "status": "completed", "model": "suno"}
    while True:
        page = client.get("/api/v1/tasks", params=query).json()
        seen += [task["task_id"] for task in page["data"]]
        assert all((task["type"], task["status"]) == ("music", "completed") for task in page["data"])
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
    assert song["task_id"] in seen and len(set(seen)) == len(seen)
    for name, value in (
        ("limit", "0"),
        ("limit", "x"),
        ("status", "odd"),
        ("type", "odd"),
        ("from", "x"),
        ("cursor", "x"),
    ):
        answer = client.get("/api/v1/tasks", params={name: value})
        assert answer.status_code == 400 and answer.json()["error"]["param"] == name
    assert client.get("/api/v1/tasks", params={"from": "2100-01-01"}).json()["data"] == []


def test_cancelling_gives_back_what_was_not_delivered(client: httpx2.Client, server: Running) -> None:
    eve = server.customer("eve", credits=10)
    with httpx2.Client(base_url=server.url, headers=eve.bearer, trust_env=False) as own:
        task_id = own.post(A, json={"model": "suno", "prompt": "test:timeout"}).json()["task_id"]
        assert server.balance(eve).reserved == 10
        assert client.post(f"/api/v1/tasks/{task_id}/cancel").status_code == 404
        for _ in range(2):
            assert own.post(f"/api/v1/tasks/{task_id}/cancel").json()["status"] == "cancelled"
        assert server.balance(eve).available == 10
    finished = done(client, client.post(A, json={"prompt": "soon done"}))["task_id"]
    assert client.post(f"/api/v1/tasks/{finished}/cancel").status_code == 409


def test_every_order_can_be_quoted_and_costs_what_the_quote_said(client: httpx2.Client, song: dict[str, Any]) -> None:
    clip_id, task_id = song["result"][0]["id"], song["task_id"]
    for endpoint, body, credits in (
        ("audio/music", {"prompt": "x", "model": "chirp-v5"}, 12),
        ("/api/v1/audio/music/extend", {"origin_task_id": task_id, "extend_audio_index": 0}, 10),
        ("audio/music/upload-cover/generate", {"upload_url": "http://x.example/a.mp3", "prompt": "x"}, 8),
        ("audio/music/cover/generate", {"task_id": task_id}, 1),
        ("audio/music/timestamped-lyrics", {"task_id": task_id, "audio_id": clip_id}, 2),
        ("audio/music/lyrics", {"prompt": "x"}, 1),
        ("audio/music/upload", {"audio_url": "http://x.example/a.mp3"}, 1),
        ("audio/music/separate", {"clip_id": clip_id}, 2),
        ("audio/music/concat", {"clip_id": clip_id}, 0),
    ):
        data = client.post("/api/v1/quote", json={"endpoint": endpoint, **body}).json()["data"]
        assert data["credits"] == credits and data["estimated_seconds"] >= 1, endpoint
        assert bool(data["errors"]) == (endpoint == "audio/music/concat"), data
    told = client.post("/api/v1/quote", json={"prompt": "quoted", "model": "suno"}).json()["data"]
    order = {"prompt": "quoted", "model": "suno", "quote_id": told["quote_id"]}
    assert done(client, client.post(A, json=order))["credits_consumed"] == told["credits"]
    for change in ({"quote_id": "made up"}, {"model": "chirp-v5"}):
        answer = client.post(A, json=order | change)
        assert answer.status_code == 400 and answer.json()["error"]["param"] == "quote_id"
    bad = client.post("/api/v1/quote", json={"endpoint": "audio/music/extend", "origin_task_id": "x"}).json()["data"]
    assert {problem["field"] for problem in bad["errors"]} == {"extend_audio_index"}


def test_usage_has_a_row_a_task_as_json_and_csv(server: Running) -> None:
    kim = server.customer("kim", credits=50)
    with httpx2.Client(base_url=server.url, headers=kim.bearer, trust_env=False) as own:
        song = done(own, own.post(A, json={"prompt": "used", "model": "suno"}))
        body = {"task_id": song["task_id"], "audio_id": song["result"][0]["id"]}
        assert own.post(f"{A}/timestamped-lyrics", json=body).status_code == 200
        usage = own.get("/api/v1/usage").json()
        assert [(row["type"], row["credits"], row["status"]) for row in usage["data"]] == [
            ("timestamped_lyrics", 2, "completed"),
            ("music", 10, "completed"),
        ]
        row = usage["data"][1]
        assert row["endpoint"] == A and row["model"] == "chirp-v4-5" and row["task_id"] == song["task_id"]
        assert row["key"].endswith(kim.token[-4:]) and row["duration_s"] > 0
        text = own.get("/api/v1/usage", params={"format": "csv", "type": "music"})
        assert text.headers["content-type"].startswith("text/csv")
        head, line, *rest = text.text.splitlines()
        assert text.headers["songwright-next-cursor"] == ""
        assert head.startswith("time,endpoint,type,model,task_id,key") and song["task_id"] in line and not rest
        page = own.get("/api/v1/usage", params={"limit": 1}).json()
        assert page["has_more"] and len(page["data"]) == 1
        assert own.get("/api/v1/usage", params={"format": "xml"}).status_code == 400


# ----------------------------------------------------------------------------------------------------- downloads


def test_a_clip_is_fetched_in_every_format(client: httpx2.Client, other: httpx2.Client, song: dict[str, Any]) -> None:
    base = f"/api/v1/clips/{song['result'][0]['id']}"
    flac, wave = client.get(f"{base}.flac"), client.get(f"{base}.wav")
    assert (flac.headers["content-type"], wave.headers["content-type"]) == ("audio/flac", "audio/wav")
    assert len(wave.content) == int(wave.headers["content-length"])
    one, rate = soundfile.read(io.BytesIO(flac.content), dtype="int16")
    two, rate_of_wav = soundfile.read(io.BytesIO(wave.content), dtype="int16")
    assert rate == rate_of_wav and (one == two).all()
    assert client.get(f"{base}.mid").content[:4] == b"MThd"
    stems = client.get(f"{base}/stems.zip")
    assert zipfile.ZipFile(io.BytesIO(stems.content)).testzip() is None
    assert client.get(f"{base}.lrc").text.splitlines()[3].startswith("[00:00.00]Leaves")
    assert "<00:00.00>" in client.get(f"{base}.lrc", params={"enhanced": "true"}).text
    assert "00:00:00,000 --> " in client.get(f"{base}.srt").text
    assert client.get(f"{base}.vtt").text.startswith("WEBVTT")
    assert client.head(f"{base}.wav").headers["content-length"] == wave.headers["content-length"]
    for ending in (".wav", ".flac", ".mid", ".lrc", ".srt", ".vtt", "/stems.zip"):
        assert other.get(base + ending).status_code == 404
        assert httpx2.get(str(client.base_url).rstrip("/") + base + ending).status_code == 401
    assert client.get("/api/v1/clips/nothing.wav").status_code == 404
    assert client.get(f"{base}.exe").status_code == 404


# ----------------------------------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize(
    ("path", "body", "events"),
    [
        (f"{A}/extend", {"extend_audio_index": 0}, ["text", "first", "complete"]),
        (f"{A}/cover/generate", {}, ["complete"]),
        (f"{A}/lyrics", {"prompt": "called back"}, ["text", "complete"]),
        (f"{A}/separate", {}, ["text", "complete"]),
        (f"{A}/upload-cover/generate", {"prompt": "again"}, ["text", "first", "complete"]),
        (f"{A}/upload", {"audio_url": "http://127.0.0.1:9/closed"}, ["failed"]),
        (f"{B}/lyrics", {"prompt": "called back too"}, ["complete"]),
        (f"{B}/upload_audio", {"audio_url": "http://127.0.0.1:9/closed"}, ["failed"]),
    ],
)
def test_every_kind_is_called_back_in_its_dialects_words(
    client: httpx2.Client, server: Running, httpserver: HTTPServer, path: str, body: dict[str, Any], events: list[str]
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    song = done(client, client.post(A, json={"prompt": f"to be called {time.monotonic_ns()}"}))
    clip_id = song["result"][0]["id"]
    if path.startswith(A):
        body = (
            {"task_id": song["task_id"], "clip_id": clip_id, **body}
            if path.endswith(("separate", "generate"))
            else body
        )
        body = {"origin_task_id": song["task_id"], **body} if path.endswith("extend") else body
    hook = "callback_url" if path.startswith(A) else "notify_hook"
    answer = client.post(path, json={**body, hook: httpserver.url_for("/hook")}).json()
    task_id = answer.get("task_id") or answer["data"]["task_id"]
    wait_until_final(client, task_id)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and len(httpserver.log) < len(events):
        time.sleep(0.03)
    rows = server.db.read("SELECT event FROM webhook_delivery WHERE task_id = ? ORDER BY rowid", (task_id,))
    assert [row[0] for row in rows] == events and len(httpserver.log) == len(events)
    last = json.loads(httpserver.log[-1][0].data)
    if path.startswith(B):
        assert last == client.get(f"{path}/{task_id}").json()
    elif path.endswith("cover/generate") and "upload" not in path:
        assert last == client.get(f"{A}/cover/status", params={"task_id": task_id}).json()
    else:
        assert last == client.get(f"/api/v1/tasks/{task_id}").json()["result"]
