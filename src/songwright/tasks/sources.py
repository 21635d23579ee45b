"""What a job starts from: the caller's finished clips, and audio that was sent or is fetched.

Conventions: a source is looked up twice. When it is ordered, a wrong one is the caller's mistake (NotFound, Conflict).
When it is made, a missing one is gone since: the task fails and costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from songwright.core.errors import NotFound, ProviderError
from songwright.core.requests import NO_AUDIO, AudioSource, UploadCoverRequest, UploadRequest
from songwright.core.song import Clip, Request
from songwright.core.task import Task
from songwright.db import Database
from songwright.providers.base import Job, SourceClip
from songwright.storage import Storage, clip_file_key
from songwright.tasks import store

FetchAudio = Callable[[str, Path], Awaitable[None]]
"""(address, file to write): fetch audio from outside, bounded in time and size.

Raises ProviderError: `permanent` with code `download_failed` for what can never be had, not permanent for the rest.
"""


@dataclass(frozen=True, slots=True)
class OwnedClip:
    """A clip with the task it belongs to."""

    task: Task
    clip: Clip


def find_owned(db: Database, account_id: str, clip_id: str) -> OwnedClip:
    """An account's own clip. Raises NotFound for unknown ones and for those of others."""
    task = store.of_clip(db, clip_id)
    for clip in task.clips:
        if clip.id == clip_id and task.account_id == account_id:
            return OwnedClip(task, clip)
    raise NotFound("No such clip.")


def audio_of(request: Request) -> AudioSource:
    """The audio from outside that a request names."""
    return request.audio if isinstance(request, UploadRequest | UploadCoverRequest) else NO_AUDIO


def upload_key(task_id: str) -> str:
    """Where a file that was sent with an order waits in storage: in a folder of its own, which goes with it."""
    return f"uploads/{task_id}/audio"


@dataclass(slots=True)
class Attachment:
    """A file that was sent with an order."""

    wanted: bool = False  #: its task was accepted


@dataclass(frozen=True, slots=True)
class Sources:
    """Gathers what a job needs."""

    db: Database
    storage: Storage
    fetch: FetchAudio | None

    @asynccontextmanager
    async def keeping(self, task_id: str, sent: Path | None) -> AsyncGenerator[Attachment]:
        """Move a file that was sent into storage, before its task exists; unless it is `wanted` then, it is removed."""
        attachment = Attachment()
        if sent is not None:
            await asyncio.to_thread(self.storage.put_file, upload_key(task_id), sent)
        try:
            yield attachment
        finally:
            if sent is not None and not attachment.wanted:
                await self.forget(task_id)

    async def forget(self, task_id: str) -> None:
        """Remove the file that was sent with a task, if there was one."""
        await asyncio.to_thread(self.storage.delete, upload_key(task_id))

    async def job(self, task: Task, attempt: int, folder: Path) -> Job:
        """The task as a job, with its sources at hand. Raises ProviderError when one is gone or cannot be had."""
        clips = {clip_id: self._clip(task, clip_id) for clip_id in task.request.source_clip_ids}
        return Job(
            task_id=task.id,
            attempt=attempt,
            kind=task.kind,
            request=task.request,
            clip_ids=tuple(clip.id for clip in task.clips),
            seed=task.seed,
            folder=folder,
            sources={clip_id: await asyncio.to_thread(self._source, owned) for clip_id, owned in clips.items()},
            audio=await self._audio(audio_of(task.request), folder),
        )

    def _clip(self, task: Task, clip_id: str) -> OwnedClip:
        try:
            return find_owned(self.db, task.account_id, clip_id)
        except NotFound as error:
            raise _gone() from error

    def _source(self, owned: OwnedClip) -> SourceClip:
        task, clip = owned.task, owned.clip
        try:
            files = {name: self.storage.path(clip_file_key(clip.id, name)) for name in sorted(clip.files)}
        except NotFound as error:
            raise _gone() from error
        return SourceClip(
            clip_id=clip.id,
            index=next(i for i, each in enumerate(task.clips) if each.id == clip.id),
            kind=task.kind,
            request=task.request,
            seed=task.seed,
            title=clip.title,
            lyrics=clip.lyrics,
            style=clip.style,
            duration_s=clip.duration_s,
            files=files,
            metadata=clip.metadata,
        )

    async def _audio(self, audio: AudioSource, folder: Path) -> Path | None:
        if audio.key:
            try:
                return await asyncio.to_thread(self.storage.path, audio.key)
            except NotFound as error:
                raise _gone() from error
        if not audio.url:
            return None
        if self.fetch is None:
            raise ProviderError("This server fetches no audio.", code="not_supported")
        path = folder / "incoming"
        await self.fetch(audio.url, path)
        return path


def _gone() -> ProviderError:
    return ProviderError("What this was to be made from is no longer there.", code="source_gone")
