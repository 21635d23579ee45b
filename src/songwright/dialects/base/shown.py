"""What every dialect shows of a task in the same way: addresses of files, reasons of failure, metadata. Pure."""

from __future__ import annotations

from typing import Any

from songwright.core.song import Clip, ClipStatus, FileKind
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


def task_metadata(task: Task) -> dict[str, Any]:
    """How the text was read, what was ignored, and what the maker noted."""
    return {
        "reading": task.request.reading.value,
        "ignored_fields": list(task.ignored_fields),
        **task.metadata,
    }
