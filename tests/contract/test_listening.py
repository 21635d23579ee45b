"""A clip is heard at its own address while it is made: what has grown, then what grows, to the end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from serving import Customer, Running, wait_until_final

from songwright.core.errors import ProviderError, WorkerDied
from songwright.core.song import FileKind
from songwright.providers.base import STREAM, Job, MadeClip, Outcome, Progress, Report
from songwright.providers.fake import FakeProvider

PIECE = bytes(range(256)) * 4


class Growing(FakeProvider):
    """Lets the first clip grow by a piece whenever the test says so, and ends it as the test says."""

    def __init__(self) -> None:
        self.commands: list[str] = []  #: carried out in order; the test's own thread appends
        self.attempts = 0

    async def make(self, job: Job, report: Report) -> Outcome:
        self.attempts += 1
        folder = job.folder / job.clip_ids[0]
        folder.mkdir(parents=True)
        text = MadeClip(index=0, title="Growing", lyrics="La", style="folk")
        await report(Progress(percent=5, stage="lyrics", clips=(text,)))
        while True:
            command = await self._next()
            if command == "grow":
                with (folder / STREAM).open("ab") as file:
                    file.write(PIECE)
                heard = MadeClip(index=0, title="Growing", lyrics="La", style="folk", audible=True)
                await report(Progress(percent=10, stage="voice", clips=(heard,)))
            elif command == "finish":
                return Outcome(clips=(_finished(folder),), failures={1: "not made"})
            elif command == "fail":
                raise ProviderError("It went wrong.", permanent=True)
            else:
                raise WorkerDied

    async def _next(self) -> str:
        while not self.commands:  # noqa: ASYNC110 - an event of this loop cannot be set from the test's thread
            await asyncio.sleep(0.01)
        return self.commands.pop(0)


def _finished(folder: Path) -> MadeClip:
    path = folder / FileKind.AUDIO_MP3.value
    path.write_bytes(b"ID3 the finished song")
    return MadeClip(index=0, title="Growing", lyrics="La", style="folk", files={FileKind.AUDIO_MP3.value: path})


class Listener(threading.Thread):
    """Reads an address to its end."""

    def __init__(self, url: str, **request: Any) -> None:
        super().__init__(daemon=True)
        self.heard = bytearray()
        self.headers: dict[str, str] = {}
        self.status = 0
        self._url, self._request = url, request
        self.start()

    def run(self) -> None:
        with httpx2.stream("GET", self._url, timeout=30, **self._request) as answer:
            self.status, self.headers = answer.status_code, dict(answer.headers)
            for block in answer.iter_bytes():
                self.heard += block

    def wait_for(self, count: int) -> None:
        until(lambda: len(self.heard) >= count)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def provider() -> Growing:
    return Growing()


@pytest.fixture
def server(start_server: Callable[..., Running], provider: Growing) -> Running:
    return start_server(provider=provider)


@pytest.fixture
def client(server: Running) -> Iterator[httpx2.Client]:
    customer: Customer = server.customer("listener")
    with httpx2.Client(base_url=server.url, headers=customer.bearer, trust_env=False, timeout=30) as opened:
        yield opened


@pytest.fixture
def task_id(client: httpx2.Client) -> str:
    return client.post("/api/v1/audio/music", json={"prompt": "a song that grows"}).json()["task_id"]


@pytest.fixture
def clip(client: httpx2.Client, provider: Growing, task_id: str) -> dict[str, Any]:
    """The first clip, once it can be heard."""
    provider.commands.append("grow")
    until(lambda: any(shown["status"] == "first" for shown in _clips(client, task_id)))
    return next(shown for shown in _clips(client, task_id) if shown["status"] == "first")


def _clips(client: httpx2.Client, task_id: str) -> list[dict[str, Any]]:
    return client.get(f"/api/v1/audio/music/feed?task_id={task_id}").json()["data"]["response_data"]


def test_a_clip_that_can_be_heard_is_shown_with_its_final_address(
    client: httpx2.Client, task_id: str, clip: dict[str, Any]
) -> None:
    assert clip["audio_url"].endswith("/song.mp3") and clip["video_url"] == "" and clip["duration"] == ""
    assert clip["extra_message"] == "First audio generated successfully."
    shown = client.get(f"/api/suno/v1/music/{task_id}").json()["data"]["clips"][clip["id"]]
    assert (shown["audio_url"], shown["status"]) == (clip["audio_url"], "streaming")


def test_listeners_hear_what_was_and_what_comes_to_the_end(
    client: httpx2.Client, provider: Growing, task_id: str, clip: dict[str, Any]
) -> None:
    early = [Listener(clip["audio_url"]) for _ in range(3)]
    for listener in early:
        listener.wait_for(len(PIECE))
    provider.commands += ["grow", "grow"]
    for listener in early:
        listener.wait_for(3 * len(PIECE))
    late = Listener(clip["audio_url"], headers={"range": "bytes=0-"})
    late.wait_for(3 * len(PIECE))
    provider.commands += ["grow", "finish"]
    wait_until_final(client, task_id)
    for listener in (*early, late):
        listener.join(20)
        assert not listener.is_alive() and bytes(listener.heard) == 4 * PIECE
        assert (listener.status, listener.headers["content-type"]) == (200, "audio/mpeg")
        assert "content-length" not in listener.headers and listener.headers["accept-ranges"] == "none"
    finished = httpx2.get(clip["audio_url"])
    assert finished.content == b"ID3 the finished song" and finished.headers["accept-ranges"] == "bytes"


def test_head_answers_at_once(clip: dict[str, Any]) -> None:
    head = httpx2.head(clip["audio_url"])
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "audio/mpeg")


def test_a_listener_who_leaves_disturbs_nobody(
    client: httpx2.Client, provider: Growing, task_id: str, clip: dict[str, Any]
) -> None:
    with httpx2.stream("GET", clip["audio_url"]) as leaving:
        assert next(leaving.iter_raw())
    stays = Listener(clip["audio_url"])
    stays.wait_for(len(PIECE))
    provider.commands += ["grow", "finish"]
    wait_until_final(client, task_id)
    stays.join(20)
    assert bytes(stays.heard) == 2 * PIECE


def test_a_task_that_fails_ends_the_answer_and_the_address(
    client: httpx2.Client, provider: Growing, task_id: str, clip: dict[str, Any]
) -> None:
    listener = Listener(clip["audio_url"])
    listener.wait_for(len(PIECE))
    provider.commands.append("fail")
    listener.join(20)
    assert not listener.is_alive() and bytes(listener.heard) == PIECE
    assert wait_until_final(client, task_id)["credits_consumed"] == 0
    assert httpx2.get(clip["audio_url"]).status_code == 404


def test_after_an_attempt_that_broke_the_address_waits_for_the_next(
    client: httpx2.Client, provider: Growing, task_id: str, clip: dict[str, Any]
) -> None:
    listener = Listener(clip["audio_url"])
    listener.wait_for(len(PIECE))
    provider.commands.append("break")
    listener.join(20)  # what it heard ends where the attempt ended
    assert bytes(listener.heard) == PIECE
    again = Listener(clip["audio_url"])
    until(lambda: provider.attempts == 2)
    provider.commands += ["grow", "grow", "finish"]
    wait_until_final(client, task_id)
    again.join(20)
    assert again.status == 200 and bytes(again.heard) in (2 * PIECE, b"ID3 the finished song")
