"""Where an order finds what it starts from: the caller's own tasks and clips, as far as one may be made from them.

Raises, everywhere: NotFound for what is unknown or somebody else's, Conflict for what is still being made,
InvalidRequest that names the field for what ended without what is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from songwright.catalog import Catalog
from songwright.core.errors import Conflict, FieldError, InvalidRequest, NotFound
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.core.task import Task
from songwright.tasks import Lifecycle, OwnedClip

T = TypeVar("T")
BUSY = "Your request is being processed. Please wait until it completes."


@dataclass(frozen=True, slots=True)
class Desk:
    """Reads for one account."""

    lifecycle: Lifecycle
    catalog: Catalog
    account_id: str

    def task(self, task_id: str) -> Task:
        """The account's own task."""
        return self.lifecycle.get(self.account_id, task_id)

    def song(self, clip_id: str, field: str) -> OwnedClip:
        """A finished clip that can be heard."""
        owned = self.lifecycle.records.own_clip(self.account_id, clip_id)
        check_song(owned, field)
        return owned

    def song_of(self, task: Task, index: int, field: str) -> OwnedClip:
        """A finished clip of a task, by its place."""
        if not 0 <= index < len(task.clips):
            raise refusal(field, f"this task has {len(task.clips)} clips, counted from 0")
        owned = OwnedClip(task, task.clips[index])
        check_song(owned, field)
        return owned

    def song_in(self, task: Task, clip_id: str, field: str, message: str) -> OwnedClip:
        """A finished clip of a task, by its id; `message` says what is wrong when it is another task's."""
        for index, clip in enumerate(task.clips):
            if clip.id == clip_id:
                return self.song_of(task, index, field)
        raise refusal(field, message)


def check_song(owned: OwnedClip, field: str) -> None:
    """That a clip is finished and can be heard."""
    if owned.clip.status is not ClipStatus.COMPLETE:
        if not owned.task.status.final:
            raise Conflict(BUSY, param=field)
        raise refusal(field, "this clip could not be made; there is nothing to start from")
    if FileKind.AUDIO_MP3.value not in owned.clip.files:
        raise refusal(field, "this is no clip that can be heard")


def finished_songs(task: Task, field: str) -> tuple[Clip, ...]:
    """The complete clips of a task of music."""
    if not task.status.final:
        raise Conflict(BUSY, param=field)
    songs = tuple(clip for clip in task.clips if FileKind.AUDIO_MP3.value in clip.files)
    if not songs:
        raise NotFound("Original music task not found, please check your task id")
    return songs


def refusal(field: str, message: str) -> InvalidRequest:
    """One bad field."""
    return InvalidRequest(fields=[FieldError(field, message)])


def given(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a body that are known, under their documented names; to be shown again."""
    return {documented: body[used] for documented, used in names.items()}
