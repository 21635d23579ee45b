"""What every dialect shows of a task in the same way: addresses of files, reasons of failure, metadata. Pure."""

from __future__ import annotations

from typing import Any

from songwright.core.song import Clip, ClipStatus, FileKind, Reading, SongRequest
from songwright.core.task import Task, TaskStatus


def media_url(public_url: str, clip: Clip, kind: FileKind) -> str:
    """The address of a file, absolute and not to be guessed; an empty text while the file is not ready.

    Audio that is still growing has the address of the file it will be.
    """
    growing = kind is FileKind.AUDIO_MP3 and clip.status is ClipStatus.FIRST
    if not growing and kind.value not in clip.files:
        return ""
    return f"{public_url}/media/{clip.id}/{clip.media_token}/{kind.value}"


def failure_message(task: Task) -> str:
    """Why there is no song, in words; never empty for a task that ended without one."""
    if task.error_message:
        return task.error_message
    return "The task was cancelled." if task.status is TaskStatus.CANCELLED else "The song could not be made."


def song_of(task: Task) -> SongRequest:
    """The task's wishes as those of a song, whatever was ordered; to be shown in another dialect's words."""
    request = task.request
    if isinstance(request, SongRequest):
        return request
    reading = Reading.DESCRIPTION
    return SongRequest(model=request.model, reading=reading, description=request.description, title=request.title)


def task_metadata(task: Task) -> dict[str, Any]:
    """How the text was read, what was ignored, and what the maker noted."""
    reading = {"reading": task.request.reading.value} if isinstance(task.request, SongRequest) else {}
    return {
        **reading,
        "ignored_fields": list(task.ignored_fields),
        **task.metadata,
    }
