"""The product from outside: a real server is ordered from in both dialects, killed once, and its books are read."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pyloudnorm
import pytest
import soundfile
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from tests.acceptance.serving import Server

from songwright.engine.material import Assets

SONGS_WITHIN_S = 900
SUMMER = {  # the example of the first document, unchanged
    "model": "chirp-v4-5",
    "prompt": "A cheerful pop song about summer days, with catchy melody and upbeat rhythm",
    "style": "pop, upbeat",
    "make_instrumental": False,
    "title": "Summer Days",
}
HARBOUR = """[Verse]
Paper boats are drifting past the harbour
Someone left a lantern by the door
I was only looking for an answer
Now I do not need it anymore

[Chorus]
Carry me over the water
Carry me back to the shore
Everything broken is better
Better than ever before"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, assets: Assets) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("acceptance")
    running = Server(folder, assets=str(assets.root), webhook_schedule_s="0,1,1,1,1,1")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A key made while the server runs; valid within a second."""
    token = server.command("keys", "create", "listener", "--credits", "25", "--data", str(server.data))
    assert re.fullmatch(r"sw_live_[0-9A-Za-z]{36}", token)
    time.sleep(1.0)
    return token


@pytest.fixture(scope="module")
def api(server: Server, key: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        yield client


def wait_for_end(api: httpx2.Client, task_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + SONGS_WITHIN_S
    while time.monotonic() < deadline:
        task = api.get(f"/api/v1/tasks/{task_id}").json()
        if task["status"] in ("completed", "failed", "cancelled"):
            return task
        time.sleep(0.5)
    pytest.fail(f"task {task_id} did not end")


def decode(url: str) -> tuple[np.ndarray, int]:
    answer = httpx2.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/mpeg"
    return soundfile.read(io.BytesIO(answer.content))


def test_first_key_lies_in_a_private_file_when_there_is_no_terminal(server: Server) -> None:
    keys = [
        path for path in server.data.iterdir() if path.is_file() and "sw_live_" in path.read_text(errors="ignore")[:80]
    ]
    assert len(keys) == 1
    assert keys[0].stat().st_mode & 0o777 == 0o600


def test_a_description_becomes_two_sung_songs_about_it(
    server: Server, api: httpx2.Client, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/callback", method="POST").respond_with_data("ok")
    order = api.post("/api/v1/audio/music", json=SUMMER | {"callback_url": httpserver.url_for("/callback")})
    assert order.status_code == 200, order.text
    task = wait_for_end(api, order.json()["task_id"])
    assert task["status"] == "completed", task
    assert task["credits_consumed"] == 10
    clips = task["result"]
    assert len(clips) == 2
    for clip in clips:
        assert clip["title"] == "Summer Days"
        assert "summer" in clip["prompt"].lower()
        sung = [line.strip() for line in clip["prompt"].splitlines() if line.strip() and not line.startswith("[")]
        assert len(sung) >= 8
        assert SUMMER["prompt"] not in sung
    sounds = [decode(clip["audio_url"]) for clip in clips]
    for pcm, rate in sounds:
        assert len(pcm) / rate >= 60
        assert pyloudnorm.Meter(rate).integrated_loudness(pcm) == pytest.approx(-14, abs=1)
    assert different(sounds[0][0], sounds[1][0])
    check_callbacks(server, httpserver, [clip["id"] for clip in clips])
    check_files(clips[0])


def different(one: np.ndarray, two: np.ndarray) -> bool:
    """Their loudness curves and samples are not the same song twice."""
    length = min(len(one), len(two))
    return float(np.abs(np.corrcoef(one[:length, 0], two[:length, 0])[0, 1])) < 0.5


def check_callbacks(server: Server, receiver: HTTPServer, clip_ids: list[str]) -> None:
    secret = server.command("webhooks", "secret", "listener", "--data", str(server.data))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not any(
        b"All generated" in request.get_data() for request, _ in receiver.log
    ):
        time.sleep(0.2)
    bodies = [Webhook(secret).verify(request.get_data(), dict(request.headers)) for request, _ in receiver.log]
    complete = [body for body in bodies if body[0]["extra_message"] == "All generated successfully."]
    assert [clip["id"] for clip in complete[-1]] == clip_ids


def check_files(clip: dict[str, Any]) -> None:
    large = httpx2.get(clip["image_large_url"])
    assert large.headers["content-type"] == "image/png"
    assert large.content.startswith(b"\x89PNG")
    video = httpx2.get(clip["video_url"], headers={"Range": "bytes=4-7"})
    assert (video.status_code, video.content, video.headers["content-type"]) == (206, b"ftyp", "video/mp4")
    head = httpx2.head(clip["audio_url"])
    assert int(head.headers["content-length"]) > 100_000
    unchanged = httpx2.get(clip["audio_url"], headers={"If-None-Match": head.headers["etag"]})
    assert unchanged.status_code == 304


def test_killed_in_the_middle_the_other_dialects_order_is_finished_and_charged_once(
    server: Server, api: httpx2.Client
) -> None:
    order = api.post(
        "/api/suno/v1/music",
        json={
            "custom_mode": True,
            "mv": "chirp-v3-5",
            "input": {"prompt": HARBOUR, "title": "Harbour", "tags": "indie folk", "duration": 40},
        },
    )
    task_id = order.json()["data"]["task_id"]
    time.sleep(4)
    server.kill()
    server.start()
    assert wait_for_end(api, task_id)["status"] == "completed"
    data = api.get(f"/api/suno/v1/music/{task_id}").json()["data"]
    assert data["status"] == "completed"
    assert json.loads(data["input"])["title"] == "Harbour"
    assert len(data["clips"]) == 2
    for clip_id, clip in data["clips"].items():
        assert clip["id"] == clip_id
        assert clip["status"] == "complete"
        assert clip["metadata"]["prompt"] == HARBOUR
        assert clip["metadata"]["duration"] == pytest.approx(40, abs=8)
        pcm, _rate = decode(clip["audio_url"])
        assert np.abs(pcm).max() > 0.3


def test_the_books_agree_with_what_was_delivered(server: Server, api: httpx2.Client) -> None:
    assert api.get("/api/v1/credits").json()["data"] == {"credits": 25 - 10 - 5, "reserved": 0, "used_credits": 15}
    too_dear = api.post("/api/v1/audio/music", json=SUMMER | {"model": "chirp-v5"})
    assert too_dear.status_code == 402
    assert "ok" in server.command("ledger", "verify", "--data", str(server.data)).lower()
    with sqlite3.connect(f"file:{server.data / 'songwright.db'}?mode=ro", uri=True) as books:
        assert books.execute("select sum(amount) from entry").fetchone()[0] == 0
