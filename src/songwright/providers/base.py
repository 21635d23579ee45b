"""The face every provider shows. A provider makes songs; it knows no database, no credits and no wire format.

`make` runs as one coroutine from order to outcome. It reports progress as often as it likes; it raises `ProviderError`
(`permanent` or not) when nothing can be delivered, and stops its work when it is cancelled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from songwright.core.song import SongRequest

STREAM = "stream.mp3"
"""In a clip's folder: an MP3 that a provider may let grow while it makes the clip, for those who listen already. It is
whole, and stays as it is, before the clip is reported with its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One task as a provider sees it."""

    task_id: str
    attempt: int
    request: SongRequest
    clip_ids: tuple[str, ...]
    seed: int  #: the task's seed; clip i is made from (seed, i)
    folder: Path  #: an empty folder of this attempt's own; one sub-folder a clip id is written into it


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeClip:
    """One clip: as text first, then, where the provider can, `audible` in `STREAM`, then with files."""

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
    """Makes songs."""

    name: str

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
