"""Dialect B's answers beside those about songs: lyrics and uploads; and its callbacks, which say what a read would."""

from __future__ import annotations

import msgspec

from songwright.catalog import Catalog
from songwright.core.clock import iso_utc
from songwright.core.exchange import RenderCallback
from songwright.core.song import ClipStatus, FileKind
from songwright.core.task import Task, TaskKind, TaskStatus
from songwright.dialects.base import failure_message, media_url
from songwright.dialects.goapi.types import (
    LyricsTask,
    LyricsTaskAnswer,
    UploadMetadata,
    UploadTask,
    UploadTaskAnswer,
)
from songwright.dialects.goapi.wire import STATUS, render_task

ENDS = ("complete", "failed", "cancelled")  #: the stages that are called back
_encode = msgspec.json.Encoder().encode


def render_lyrics(task: Task) -> bytes:
    """`GET /api/suno/v1/lyrics/{task_id}`."""
    clip = task.clips[0]
    written = clip.status is ClipStatus.COMPLETE
    data = LyricsTask(
        task_id=task.id,
        input=_encode(task.body).decode("utf-8"),
        status=STATUS[task.status],
        title=clip.title if written else "",
        text=clip.lyrics if written else "",
        error_message=_failure(task),
    )
    return _encode(LyricsTaskAnswer(200, data, "success"))


def render_upload(task: Task, public_url: str) -> bytes:
    """`GET /api/suno/v1/upload_audio/{task_id}`."""
    clip = task.clips[0]
    done = clip.status is ClipStatus.COMPLETE
    data = UploadTask(
        task_id=task.id,
        input=_encode(task.body).decode("utf-8"),
        status=STATUS[task.status],
        title=clip.title or task.request.title,
        clip_id=clip.id if done else "",
        image_url=media_url(public_url, clip, FileKind.IMAGE_PNG),
        duration=clip.duration_s if done and clip.duration_s is not None else 0,
        metadata=UploadMetadata(
            created_at=iso_utc(task.created_at_s),
            started_at=None if task.started_at_s is None else iso_utc(task.started_at_s),
            ended_at=None if task.finished_at_s is None else iso_utc(task.finished_at_s),
            quota_frozen=task.price_credits,
            quota_usage=task.consumed_credits,
        ),
        audio_url=media_url(public_url, clip, FileKind.AUDIO_MP3),
        analysis=dict(clip.metadata) if done else {},
        progress=task.progress_percent,
        error_message=_failure(task),
    )
    return _encode(UploadTaskAnswer(200, data, "success"))


def _failure(task: Task) -> str:
    return failure_message(task) if task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED) else ""


def callback_renderer(catalog: Catalog, public_url: str) -> RenderCallback:
    """Callbacks of dialect B: what a read would answer, once the task has ended."""

    def render(task: Task, stage: str) -> bytes | None:
        if stage not in ENDS:
            return None
        if task.kind is TaskKind.LYRICS:
            return render_lyrics(task)
        if task.kind is TaskKind.UPLOAD:
            return render_upload(task, public_url)
        return render_task(task, catalog, public_url)

    return render
