"""Dialect B: from its bodies to an order, and from a task to its bodies. Pure.

Conventions: `clips` is an object by clip id, `input` is JSON inside a text; times are ISO 8601 in UTC, lengths seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from songwright.catalog import Catalog
from songwright.core.clock import iso_utc
from songwright.core.requests import ExtendRequest
from songwright.core.song import Clip, ClipStatus, FileKind, Reading
from songwright.core.task import Order, Task, TaskKind, TaskStatus
from songwright.dialects.base import (
    Fields,
    Problems,
    Words,
    check_callback,
    check_texts,
    clean,
    failure_message,
    find_model,
    media_url,
    read,
    shown_chain,
    song_of,
    song_request,
    task_metadata,
)
from songwright.dialects.goapi.types import (
    DEFAULT_MODEL,
    INPUT_ALIASES,
    ORDER_ALIASES,
    ClipMetadata,
    SunoAccepted,
    SunoClip,
    SunoInput,
    SunoOrder,
    SunoTask,
    SunoTaskAnswer,
    TaskId,
)

NAME = "goapi"
STATUS: dict[TaskStatus, str] = {
    TaskStatus.PENDING: "pending",
    TaskStatus.PROCESSING: "processing",
    TaskStatus.COMPLETED: "completed",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "failed",
}
CLIP_STATUS: dict[ClipStatus, str] = {
    ClipStatus.QUEUED: "submitted",
    ClipStatus.TEXT: "queued",
    ClipStatus.FIRST: "streaming",
    ClipStatus.COMPLETE: "complete",
    ClipStatus.FAILED: "error",
}
CLIP_TYPE: dict[TaskKind, str] = {TaskKind.CONCAT: "concat", TaskKind.UPLOAD: "upload"}  #: "gen" for all others
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Wishes:
    """An order of music as it was read, and the clip it is to continue, if any."""

    order: Order
    fields: Fields
    continue_clip_id: str
    continue_at: float

    def continuing(self, request: ExtendRequest) -> Order:
        """The order as one of a continuation."""
        return replace(self.order, kind=TaskKind.EXTEND, request=request)


def read_music(body: Mapping[str, Any], catalog: Catalog, idempotency_key: str | None = None) -> Order:
    """A create request. Raises InvalidRequest that names every bad field."""
    return read_wishes(body, catalog, idempotency_key).order


def read_wishes(body: Mapping[str, Any], catalog: Catalog, idempotency_key: str | None = None) -> Wishes:
    """A create request with what it continues. Raises InvalidRequest that names every bad field."""
    problems = Problems()
    outer, outer_fields = read({k: v for k, v in body.items() if k != "input"}, SunoOrder, ORDER_ALIASES, problems)
    given: Any = body.get("input")
    if not isinstance(given, dict):
        problems.add("input", "is required" if given is None else "must be object")
    inner_body: dict[str, Any] = given if isinstance(given, dict) else {}
    inner, fields = read(inner_body, SunoInput, INPUT_ALIASES, problems, "input.")
    model = find_model(outer.mv, DEFAULT_MODEL, catalog, outer_fields.name("mv"), problems)
    check_texts(
        {
            "prompt": (inner.prompt, model.prompt_limit),
            "gpt_description_prompt": (inner.gpt_description_prompt, model.description_limit),
            "tags": (inner.tags, model.style_limit),
            "negative_tags": (inner.negative_tags, model.style_limit),
            "title": (inner.title, model.title_limit),
        },
        fields,
        problems,
    )
    hook, hook_fields = (outer.notify_hook, outer_fields) if outer.notify_hook else (inner.notify_hook, fields)
    callback_url = check_callback(hook, hook_fields.name("notify_hook"), problems)
    if inner.continue_at and not inner.continue_clip_id:
        problems.add(fields.name("continue_at"), "needs continue_clip_id")
    words = _words(outer, inner, problems) if isinstance(given, dict) else Words(reading=Reading.DESCRIPTION)
    order = Order(
        dialect=NAME,
        kind=TaskKind.MUSIC,
        request=song_request(inner, words, model, fields, problems),
        body=_shown(outer, inner),
        ignored_fields=outer_fields.ignored + fields.ignored,
        callback_url=callback_url,
        idempotency_key=idempotency_key,
    )
    return Wishes(order, fields, inner.continue_clip_id, inner.continue_at)


def _words(outer: SunoOrder, inner: SunoInput, problems: Problems) -> Words:
    prompt, description = clean(inner.prompt), clean(inner.gpt_description_prompt)
    style, negative_style = clean(inner.tags), clean(inner.negative_tags)
    if inner.make_instrumental:
        reading, lyrics, description = Reading.INSTRUMENTAL, "", description or prompt
        enough = description or style or clean(inner.title)
    elif outer.custom_mode:
        reading, lyrics, description, enough = Reading.LYRICS, prompt, "", prompt
    else:
        reading, lyrics, description = Reading.DESCRIPTION, "", description or prompt
        enough = description
    if not enough:
        needed = "input.prompt" if outer.custom_mode else "input.gpt_description_prompt"
        problems.add(needed, f"is required when custom_mode is {'true' if outer.custom_mode else 'false'}")
    return Words(reading=reading, lyrics=lyrics, description=description, style=style, negative_style=negative_style)


def _shown(outer: SunoOrder, inner: SunoInput) -> dict[str, Any]:
    """The order as `input` shows it later: the document's keys in the document's order, then our extensions if used."""
    shown = {
        "custom_mode": outer.custom_mode,
        "gpt_description_prompt": inner.gpt_description_prompt,
        "make_instrumental": inner.make_instrumental,
        "prompt": inner.prompt,
        "title": inner.title,
        "continue_at": _whole(inner.continue_at),
        "continue_clip_id": inner.continue_clip_id,
        "mv": outer.mv,
        "tags": inner.tags,
    }
    extensions = {
        name: value
        for name, value in msgspec.structs.asdict(inner).items()
        if name not in shown and name != "notify_hook" and value not in (None, "")
    }
    return shown | extensions


def _whole(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def render_accepted(task: Task) -> bytes:
    """The answer to a create; the same for a repeated one."""
    return _encode(SunoAccepted(200, TaskId(task.id), "success"))


def render_task(task: Task, catalog: Catalog, public_url: str) -> bytes:
    """`GET /api/suno/v1/music/{task_id}`."""
    ended_badly = task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED)
    model = catalog.find(task.request.model)
    version = model.major_version if model else ""
    shown = task.body if task.dialect == NAME else _input_of_request(task)
    data = SunoTask(
        task_id=task.id,
        status=STATUS[task.status],
        input=_encode(shown).decode("utf-8"),
        clips={
            clip.id: _clip(clip, task, version, public_url)
            for clip in task.clips
            if clip.status is not ClipStatus.QUEUED or ended_badly
        },
        progress=task.progress_percent,
        error_message=failure_message(task) if ended_badly else "",
        metadata=task_metadata(task),
    )
    return _encode(SunoTaskAnswer(200, data, "success"))


def _input_of_request(task: Task) -> dict[str, Any]:
    """The order of another dialect, in this one's words."""
    request = song_of(task)
    return {
        "custom_mode": request.reading is Reading.LYRICS,
        "gpt_description_prompt": request.description,
        "make_instrumental": request.instrumental,
        "prompt": request.lyrics,
        "title": request.title,
        "continue_at": 0,
        "continue_clip_id": "",
        "mv": request.model,
        "tags": request.style,
    }


def _clip(clip: Clip, task: Task, major_version: str, public_url: str) -> SunoClip:
    failed = clip.status is ClipStatus.FAILED or (task.status.final and clip.status is not ClipStatus.COMPLETE)
    status = ClipStatus.FAILED if failed else clip.status
    joined = task.kind is TaskKind.CONCAT
    return SunoClip(
        id=clip.id,
        video_url=media_url(public_url, clip, FileKind.VIDEO_MP4),
        audio_url=media_url(public_url, clip, FileKind.AUDIO_MP3),
        image_url=media_url(public_url, clip, FileKind.IMAGE_PNG),
        image_large_url=media_url(public_url, clip, FileKind.IMAGE_LARGE_PNG),
        is_video_pending=not failed and FileKind.VIDEO_MP4.value not in clip.files,
        major_model_version=major_version,
        model_name=task.request.model,
        metadata=ClipMetadata(
            tags=clip.style,
            prompt=clip.lyrics,
            gpt_description_prompt=task.request.description,
            audio_prompt_id="",
            history=None if joined else shown_chain(task.request, clip),
            concat_history=shown_chain(task.request, clip) if joined else None,
            type=CLIP_TYPE.get(task.kind, "gen"),
            duration=None if clip.duration_s is None else round(clip.duration_s, 2),
            refund_credits=failed,
            stream=True,
            error_type=(task.error_code or "generation_failed") if failed else None,
            error_message=(clip.error or failure_message(task)) if failed else None,
        ),
        is_liked=False,
        is_handle_updated=False,
        is_trashed=False,
        reaction=None,
        created_at=iso_utc(clip.created_at_s),
        status=CLIP_STATUS[status],
        title=clip.title or task.request.title,
        play_count=0,
        upvote_count=0,
        is_public=False,
    )
