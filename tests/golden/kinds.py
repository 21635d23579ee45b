"""The transcripts of every order beside a new song: read from a body, shown at each stage. Built as the others are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from songwright.catalog import load_catalog
from songwright.core.errors import NotFound
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.core.task import CLIPS, Order, Task, TaskKind, TaskStatus
from songwright.dialects import apione, goapi
from songwright.dialects.apione import answers, orders, quotes
from songwright.dialects.apione.wire import render_accepted
from songwright.dialects.base import Desk, check_song, refusal
from songwright.dialects.base.lyric_times import TimedWord, timed_lines
from songwright.dialects.goapi import answers as answers_b
from songwright.dialects.goapi import orders as orders_b
from songwright.dialects.goapi import wire as wire_b
from songwright.tasks import OwnedClip, Page, Quote, UsageRow

URL = "http://127.0.0.1:8080"
CATALOG = load_catalog()
IMAGES = frozenset({FileKind.IMAGE_PNG.value, FileKind.IMAGE_LARGE_PNG.value})
LYRICS = "[Verse]\nLeaves whisper\nTrees sway\n\n[Chorus]\nBlowin' in the breeze"
ORDERS_A: dict[str, dict[str, Any]] = {
    "extend": {"origin_task_id": "T", "extend_audio_index": 0, "callback_url": "https://example.com/hook"},
    "extend-custom": {
        "origin_task_id": "T",
        "extend_audio_index": 1,
        "custom_mode": True,
        "prompt": "[Verse]\nOn we go",
        "style": "rock",
        "title": "On",
        "extensionStartTime": 60.5,
    },
    "replace-section": {
        "task_id": "T",
        "audio_id": "C",
        "infillStartS": 10,
        "infillEndS": 20,
        "prompt": "[Verse]\nNew",
    },
    "upload-cover/generate": {
        "upload_url": "https://example.com/a.mp3",
        "custom_mode": True,
        "prompt": "[Verse]\nMine",
    },
    "upload": {"audio_url": "https://samplelib.com/lib/preview/mp3/sample-9s.mp3"},
    "cover/generate": {"taskId": "T"},
    "lyrics": {"prompt": "elon musk in the house"},
    "separate": {"clip_id": "C"},
}


class Shelf:
    """A desk with one finished song on it, `T` with the clips `C` and another."""

    catalog = CATALOG

    def __init__(self, song: Task) -> None:
        self._song = song

    def task(self, task_id: str) -> Task:
        if task_id != "T":
            raise NotFound("No such task.")
        return self._song

    def song(self, clip_id: str, field: str) -> OwnedClip:
        for clip in self._song.clips:
            if clip.id == clip_id or clip_id == "C":
                owned = OwnedClip(self._song, clip)
                check_song(owned, field)
                return owned
        raise refusal(field, "unknown")


def transcripts(song: Task, clips: Callable[..., tuple[Clip, ...]]) -> dict[str, dict[str, Any]]:
    """All of them; `song` is a finished task of music, `clips` makes clips by their statuses."""
    shelf: Any = Shelf(replace(song, clips=(replace(song.clips[0], id="C"), *song.clips[1:])))
    return {**_dialect_a(shelf, song, clips), **_dialect_b(shelf, song, clips), **_lists(song)}


def _of(kind: TaskKind, order: Order, clips: tuple[Clip, ...], status: TaskStatus, song: Task) -> Task:
    model = CATALOG.find(order.request.model)
    assert model is not None
    price = CATALOG.price(kind, model)
    done = status is TaskStatus.COMPLETED
    return replace(
        song,
        kind=kind,
        dialect=order.dialect,
        request=order.request,
        body=order.body,
        status=status,
        clips=clips[: CLIPS[kind]],
        price_credits=price,
        consumed_credits=price if done else 0,
        progress_percent=100 if done else 40,
        stage="complete" if done else "encode",
        started_at_s=1713450572.0,
        finished_at_s=1713450601.5 if done else None,
    )


def _dialect_a(shelf: Desk, song: Task, clips: Callable[..., tuple[Clip, ...]]) -> dict[str, dict[str, Any]]:
    complete, queued = clips(ClipStatus.COMPLETE, ClipStatus.COMPLETE), clips(ClipStatus.QUEUED, ClipStatus.QUEUED)
    made: dict[str, dict[str, Any]] = {}
    say = apione.callback_renderer(CATALOG, URL)
    for name, body in ORDERS_A.items():
        kind, reader = orders.READERS[f"audio/music/{name.removesuffix('-custom')}"]
        order = reader(body, shelf)
        pending = _of(kind, order, queued, TaskStatus.PENDING, song)
        accepted = answers.render_cover_accepted if kind is TaskKind.COVER_IMAGE else render_accepted
        made[f"apione/{name.replace('/', '-')}"] = {
            "request": body,
            "read_as": msgspec.to_builtins(order.request),
            "answer": json.loads(accepted(pending)),
            "callback": json.loads(
                say(_of(kind, order, _files(complete, kind), TaskStatus.COMPLETED, song), "complete") or b"null"
            ),
        }
    made |= _statuses(shelf, song, complete, queued)
    words = [
        TimedWord(word, float(i), i + 0.8)
        for i, word in enumerate(["Leaves", "whisper", "Trees", "sway", "Blowin'", "in", "the", "breeze"])
    ]
    lines = timed_lines(LYRICS, words)
    made["apione/timestamped-lyrics"] = {
        "request": {"task_id": "T", "audio_id": "C"},
        "answer": json.loads(
            answers.render_lyric_times("T", replace(complete[0], id="C", lyrics=LYRICS), lines, [0.2, 0.4, 1.0])
        ),
    }
    return made


def _files(clips: tuple[Clip, ...], kind: TaskKind) -> tuple[Clip, ...]:
    files = {TaskKind.COVER_IMAGE: IMAGES, TaskKind.LYRICS: frozenset[str]()}
    return tuple(replace(clip, files=files.get(kind, clip.files)) for clip in clips)


def _statuses(
    shelf: Desk, song: Task, complete: tuple[Clip, ...], queued: tuple[Clip, ...]
) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    renders: Mapping[str, tuple[TaskKind, Callable[[Task, str], bytes]]] = {
        "cover/generate": (TaskKind.COVER_IMAGE, answers.render_cover_status),
        "upload-cover/generate": (TaskKind.UPLOAD_COVER, answers.render_upload_cover_status),
    }
    for name, (kind, render) in renders.items():
        order = orders.READERS[f"audio/music/{name}"][1](ORDERS_A[name], shelf)
        for status in (TaskStatus.PROCESSING, TaskStatus.COMPLETED, TaskStatus.FAILED):
            clips = _files(complete, kind) if status is TaskStatus.COMPLETED else queued
            task = replace(
                _of(kind, order, clips, status, song), error_message="" if status is not TaskStatus.FAILED else "No."
            )
            made[f"apione/{name.split('/')[0]}-status-{status.value}"] = {"answer": json.loads(render(task, URL))}
    return made


def _dialect_b(shelf: Desk, song: Task, clips: Callable[..., tuple[Clip, ...]]) -> dict[str, dict[str, Any]]:
    complete, queued = clips(ClipStatus.COMPLETE, ClipStatus.COMPLETE), clips(ClipStatus.QUEUED, ClipStatus.QUEUED)
    more = {"custom_mode": True, "input": {"prompt": "[Verse]\nOn", "continue_at": 60.5, "continue_clip_id": "C"}}
    continued = orders_b.read_music(more, shelf)
    extension = _of(TaskKind.EXTEND, continued, complete, TaskStatus.COMPLETED, song)
    last: Any = Shelf(extension)
    joined = orders_b.read_concat({"clip_id": complete[1].id}, last)
    lyrics = orders_b.read_lyrics({"prompt": "elon musk in the house"}, shelf)
    upload = orders_b.read_upload({"audio_url": "https://samplelib.com/lib/preview/mp3/sample-9s.mp3"}, shelf)
    made: dict[str, dict[str, Any]] = {}
    renders: Mapping[str, tuple[Order, Callable[[Task], bytes]]] = {
        "continue": (continued, lambda task: wire_b.render_task(task, CATALOG, URL)),
        "concat": (joined, lambda task: wire_b.render_task(task, CATALOG, URL)),
        "lyrics": (lyrics, answers_b.render_lyrics),
        "upload": (upload, lambda task: answers_b.render_upload(task, URL)),
    }
    say = goapi.callback_renderer(CATALOG, URL)
    for name, (order, render) in renders.items():
        done = _of(order.kind, order, complete, TaskStatus.COMPLETED, song)
        assert say(done, "complete") == render(done) and say(done, "text") is None
        made[f"goapi/{name}"] = {
            "request": dict(order.body),
            "read_as": msgspec.to_builtins(order.request),
            "accepted": json.loads(wire_b.render_accepted(done)),
            "pending": json.loads(render(_of(order.kind, order, queued, TaskStatus.PENDING, song))),
            "completed": json.loads(render(done)),
        }
    return made


def _lists(song: Task) -> dict[str, dict[str, Any]]:
    row = UsageRow(
        task_id="T",
        kind=TaskKind.MUSIC,
        dialect="apione",
        status=TaskStatus.COMPLETED,
        model="chirp-v4-5",
        key_id="K",
        key_name="=cmd()",
        key_hint="sw_live_ab...wxyz",
        credits=10,
        created_at_s=1713450571.76,
        duration_s=27.5,
    )
    told = Quote(id="Q", account_id="A", kind=TaskKind.MUSIC, model="chirp-v4-5", credits=10)
    return {
        "apione/tasks": {"answer": json.loads(answers.render_task_list(Page((song,), "7"), URL))},
        "apione/usage": {"answer": json.loads(answers.render_usage([row], None))},
        "apione/usage-csv": {"answer": answers.render_usage_csv([row]).splitlines()},
        "apione/quote": {"answer": json.loads(quotes.render_quote(told, 27.5, 4, []))},
    }
