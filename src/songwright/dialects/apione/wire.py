"""Dialect A: from its bodies to an order, and from a task to its bodies. Pure.

Conventions: times are ISO 8601 in UTC, `timestamp` is in milliseconds, durations in seconds; an address or a duration
that is not known yet is an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from songwright.catalog import Catalog, Model
from songwright.core.clock import iso_utc
from songwright.core.song import Clip, ClipStatus, FileKind, Reading
from songwright.core.task import Order, Task, TaskKind, TaskStatus
from songwright.dialects.apione.types import (
    DEFAULT_MODEL,
    MUSIC_ALIASES,
    FeedAnswer,
    FeedData,
    MusicAccepted,
    MusicClip,
    MusicOrder,
    TaskAnswer,
    TaskError,
    TaskId,
)
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
    song_of,
    song_request,
    task_metadata,
)

NAME = "apione"
STATUS: dict[TaskStatus, str] = {
    TaskStatus.PENDING: "pending",
    TaskStatus.PROCESSING: "processing",
    TaskStatus.COMPLETED: "completed",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "cancelled",
}
FEED_TYPE: dict[TaskStatus, str] = {
    TaskStatus.PENDING: "IN_PROGRESS",
    TaskStatus.PROCESSING: "IN_PROGRESS",
    TaskStatus.COMPLETED: "SUCCESS",
    TaskStatus.FAILED: "FAILED",
    TaskStatus.CANCELLED: "FAILED",
}
CLIP_STATUS: dict[ClipStatus, str] = {
    ClipStatus.QUEUED: "queued",
    ClipStatus.TEXT: "text",
    ClipStatus.FIRST: "first",
    ClipStatus.COMPLETE: "complete",
    ClipStatus.FAILED: "failed",
}
# Clients decide by the first and the last of these texts, to the letter.
EXTRA_MESSAGE: dict[ClipStatus, str] = {
    ClipStatus.QUEUED: "",
    ClipStatus.TEXT: "Text generated successfully.",
    ClipStatus.FIRST: "First audio generated successfully.",
    ClipStatus.COMPLETE: "All generated successfully.",
    ClipStatus.FAILED: "",
}
_SECTION = (
    r"intro|verse|pre[- ]?chorus|post[- ]?chorus|chorus|hook|refrain|bridge|outro|interlude|instrumental|solo|break|"
    r"breakdown|drop|build[- ]?up|end|ending|coda|rap|spoken|couplet|strophe|estribillo|estrofa|puente|refrão|verso|"
    r"主歌|副歌|前奏|间奏|尾奏|桥段"
)
_TAG = re.compile(rf"\[\s*(?:{_SECTION})(?![a-z])[^\[\]\n]{{0,60}}\]", re.IGNORECASE)
LINE_BREAKS_OF_LYRICS = 2
_encode = msgspec.json.Encoder().encode


def read_music(body: Mapping[str, Any], catalog: Catalog, idempotency_key: str | None = None) -> Order:
    """A create request. Raises InvalidRequest that names every bad field."""
    problems = Problems()
    wanted, fields = read(body, MusicOrder, MUSIC_ALIASES, problems)
    model = find_model(wanted.model, DEFAULT_MODEL, catalog, fields.name("model"), problems)
    check_music_texts(wanted, model, fields, problems)
    callback_url = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    words = words_of(wanted, problems)
    return Order(
        dialect=NAME,
        kind=TaskKind.MUSIC,
        request=song_request(wanted, words, model, fields, problems),
        body={documented: body[used] for documented, used in fields.names.items()},
        ignored_fields=fields.ignored,
        callback_url=callback_url,
        idempotency_key=idempotency_key,
        quote_id=wanted.quote_id,
    )


def check_music_texts(wanted: MusicOrder, model: Model, fields: Fields, problems: Problems) -> None:
    """That no text of an order is longer than its model takes."""
    check_texts(
        {
            "prompt": (wanted.prompt, model.prompt_limit),
            "gpt_description_prompt": (wanted.gpt_description_prompt, model.description_limit),
            "style": (wanted.style, model.style_limit),
            "tags": (wanted.tags, model.style_limit),
            "title": (wanted.title, model.title_limit),
        },
        fields,
        problems,
    )


def words_of(wanted: MusicOrder, problems: Problems) -> Words:
    """How the texts are read. `gpt_description_prompt` is always a description and wins."""
    prompt, description = clean(wanted.prompt), clean(wanted.gpt_description_prompt)
    style, negative_style = clean(wanted.style), clean(wanted.tags)
    if wanted.make_instrumental:
        reading, lyrics, description = Reading.INSTRUMENTAL, "", description or prompt
        enough = description or style or clean(wanted.title)
    elif not description and (wanted.custom_mode or looks_like_lyrics(prompt)):
        reading, lyrics, enough = Reading.LYRICS, prompt, prompt
    else:
        reading, lyrics, description = Reading.DESCRIPTION, "", description or prompt
        enough = description
    if not enough:
        problems.add("prompt", "is required: lyrics, or a description here or in gpt_description_prompt")
    return Words(reading=reading, lyrics=lyrics, description=description, style=style, negative_style=negative_style)


def looks_like_lyrics(prompt: str) -> bool:
    """True for a text with a section tag, or with two line breaks or more."""
    return prompt.count("\n") >= LINE_BREAKS_OF_LYRICS or _TAG.search(prompt) is not None


def render_accepted(task: Task) -> bytes:
    """The answer to a create; the same for a repeated one, whatever has become of the task since."""
    return _encode(
        MusicAccepted(
            code=200,
            message="success",
            id=task.id,
            task_id=task.id,
            work_id=task.id,
            status=STATUS[TaskStatus.PENDING],
            model=task.request.model,
            created_at=iso_utc(task.created_at_s),
            data=TaskId(task.id),
        )
    )


def render_task(task: Task, public_url: str) -> bytes:
    """`GET /api/v1/tasks/{task_id}`."""
    return _encode(task_answer(task, public_url))


def task_answer(task: Task, public_url: str) -> TaskAnswer:
    """One shape for every kind of task."""
    ended_badly = task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED)
    error = TaskError(task.error_code or task.status.value, "generation_error", failure_message(task))
    return TaskAnswer(
        code=200,
        message="success",
        id=task.id,
        task_id=task.id,
        work_id=task.id,
        type=task.kind.value,
        status=STATUS[task.status],
        progress=task.progress_percent,
        stage=task.stage,
        model=task.request.model,
        created_at=iso_utc(task.created_at_s),
        started_at=None if task.started_at_s is None else iso_utc(task.started_at_s),
        completed_at=None if task.finished_at_s is None else iso_utc(task.finished_at_s),
        credits_reserved=0 if task.status.final else task.price_credits,
        credits_consumed=task.consumed_credits,
        result=render_clips(task, public_url),
        error=error if ended_badly else None,
        metadata=task_metadata(task),
    )


def render_feed(task: Task, public_url: str) -> bytes:
    """`GET /api/v1/audio/music/feed`."""
    return _encode(
        FeedAnswer(
            code=200,
            message="success",
            data=FeedData(
                task_id=task.id,
                type=FEED_TYPE[task.status],
                request_body=dict(task.body) if task.dialect == NAME else _request_body(task),
                response_data=render_clips(task, public_url),
                created_at=iso_utc(task.created_at_s),
            ),
        )
    )


def _request_body(task: Task) -> dict[str, Any]:
    """The order of another dialect, in this one's words."""
    request = song_of(task)
    return {
        "prompt": request.lyrics,
        "gpt_description_prompt": request.description,
        "title": request.title,
        "style": request.style,
        "tags": request.negative_style,
        "make_instrumental": request.instrumental,
        "model": request.model,
    }


def render_clips(task: Task, public_url: str) -> list[MusicClip]:
    """The clips anything is known of. A failed task shows each of its clips with the reason."""
    clips = [_with_reason(clip, task) for clip in task.clips]
    return [_clip(clip, task, public_url) for clip in clips if clip.status is not ClipStatus.QUEUED]


def _with_reason(clip: Clip, task: Task) -> Clip:
    if not task.status.final or clip.status is ClipStatus.COMPLETE:
        return clip
    return replace(clip, status=ClipStatus.FAILED, error=clip.error or failure_message(task))


def _clip(clip: Clip, task: Task, public_url: str) -> MusicClip:
    # While its twin is still being made, a finished clip is "first": some readers stop at the first "complete".
    status = ClipStatus.FIRST if clip.status is ClipStatus.COMPLETE and not task.status.final else clip.status
    created_at = iso_utc(clip.created_at_s)
    return MusicClip(
        id=clip.id,
        audio_url=media_url(public_url, clip, FileKind.AUDIO_MP3),
        video_url=media_url(public_url, clip, FileKind.VIDEO_MP4),
        image_url=media_url(public_url, clip, FileKind.IMAGE_PNG),
        image_large_url=media_url(public_url, clip, FileKind.IMAGE_LARGE_PNG),
        words_url=media_url(public_url, clip, FileKind.WORDS_JSON),
        midi_url=media_url(public_url, clip, FileKind.MIDI),
        flac_url=media_url(public_url, clip, FileKind.AUDIO_FLAC),
        stems_url=media_url(public_url, clip, FileKind.STEMS_ZIP),
        vocals_url=media_url(public_url, clip, FileKind.VOCALS_FLAC),
        instrumental_url=media_url(public_url, clip, FileKind.INSTRUMENTAL_FLAC),
        status=CLIP_STATUS[status],
        title=clip.title or task.request.title,
        prompt=clip.lyrics,
        tags=clip.style,
        duration="" if clip.duration_s is None else round(clip.duration_s, 2),
        model_name=task.request.model,
        created_at=created_at,
        create_time=created_at,
        timestamp=int(clip.created_at_s * 1000),
        extra_message=EXTRA_MESSAGE[status],
        fail_message=clip.error if status is ClipStatus.FAILED else "",
        error_message=clip.error if status is ClipStatus.FAILED else "",
        metadata=dict(clip.metadata),
    )
