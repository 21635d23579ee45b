"""The face every provider shows. A provider makes what a job asks for; it knows no database, credits or wire format.

`make` runs as one coroutine from order to outcome. It reports progress as often as it likes; it raises `ProviderError`
(`permanent` or not) when nothing can be delivered, and stops its work when it is cancelled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from songwright.core.song import Request
from songwright.core.task import TaskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClip:
    """A finished clip that a job starts from. Its files are read in place, never written."""

    clip_id: str
    index: int  #: its place in its own task: the clip was made from (seed, index)
    kind: TaskKind  #: of its own task
    request: Request  #: of its own task
    seed: int
    title: str
    lyrics: str
    style: str
    duration_s: float | None
    files: Mapping[str, Path]  #: FileKind value -> path; lossless audio where there is any
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


STREAM = "stream.mp3"
"""In a clip's folder: an MP3 that a provider may let grow while it makes the clip, for those who listen already. It is
whole, and stays as it is, before the clip is reported with its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One task as a provider sees it."""

    task_id: str
    attempt: int
    request: Request  #: of the kind's type in `core.task.REQUEST_TYPES`
    clip_ids: tuple[str, ...]
    seed: int  #: the task's seed; clip i is made from (seed, i)
    folder: Path  #: an empty folder of this attempt's own; one sub-folder a clip id is written into it
    kind: TaskKind = TaskKind.MUSIC
    sources: Mapping[str, SourceClip] = field(default_factory=dict[str, SourceClip])  #: by clip id
    audio: Path | None = None  #: what the caller sent or had fetched, as it came: nobody has looked into it yet


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeClip:
    """One clip: as text first, then, where the provider can, `audible` in `STREAM`, then complete.

    In an outcome it is complete, with or without files.
    """

    index: int
    title: str
    lyrics: str
    style: str
    duration_s: float | None = None
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])  #: FileKind value -> path inside `Job.folder`
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    audible: bool = False  #: there is something to hear in `STREAM`


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """News about a job: where it stands, and clips that reached a new stage (text only, or with all their files)."""

    percent: int  #: 0..100, never falling
    stage: str  #: one word: lyrics, score, voice, instruments, mix, encode
    clips: tuple[MadeClip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was delivered. Clips that could not be made are missing from `clips` and explained in `failures`."""

    clips: tuple[MadeClip, ...]
    failures: Mapping[int, str] = field(default_factory=dict[int, str])


Report = Callable[[Progress], Awaitable[None]]


class Provider(Protocol):
    """Makes songs, and what else its `kinds` name; orders of other kinds are turned away at submit."""

    name: str
    kinds: frozenset[TaskKind]

    async def start(self) -> None:
        """Get ready (start child processes, warm up). Called once."""
        ...

    async def make(self, job: Job, report: Report) -> Outcome:
        """Make the job's clips. Raises ProviderError when none can be delivered."""
        ...

    async def stop(self) -> None:
        """Let go of everything. Called once."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Sentences an operator should read (missing assets, fallbacks in use); empty when all is well."""
        ...
