"""A task: one order on its way from `pending` to an end, and the moves it may make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from songwright.core.caller import KeyMode
from songwright.core.requests import (
    ConcatRequest,
    CoverImageRequest,
    ExtendRequest,
    LyricsRequest,
    ReplaceSectionRequest,
    SeparateRequest,
    TimestampedLyricsRequest,
    UploadCoverRequest,
    UploadRequest,
)
from songwright.core.song import Clip, Request, SongRequest


class TaskStatus(Enum):
    """Each status with its sentence."""

    PENDING = "pending"  #: Accepted, credits reserved, waiting for a worker.
    PROCESSING = "processing"  #: A worker is making it.
    COMPLETED = "completed"  #: Every delivered clip is ready and paid for.
    FAILED = "failed"  #: Nothing was delivered and nothing was charged.
    CANCELLED = "cancelled"  #: The caller stopped it; what was not delivered was not charged.

    @property
    def final(self) -> bool:
        """True when the task will not move again."""
        return not MOVES[self]


MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    TaskStatus.PROCESSING: frozenset(
        {TaskStatus.PENDING, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    ),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}

MAX_ATTEMPTS = 5  #: a task whose own worker died alone counts one; a crash of server or host counts none


class TaskKind(Enum):
    """What was ordered; each kind has its own request, price and number of clips."""

    MUSIC = "music"
    EXTEND = "extend"
    REPLACE_SECTION = "replace_section"
    CONCAT = "concat"
    UPLOAD = "upload"
    UPLOAD_COVER = "upload_cover"
    COVER_IMAGE = "cover_image"
    LYRICS = "lyrics"
    SEPARATE = "separate"
    TIMESTAMPED_LYRICS = "timestamped_lyrics"


REQUEST_TYPES: dict[TaskKind, type[Request]] = {
    TaskKind.MUSIC: SongRequest,
    TaskKind.EXTEND: ExtendRequest,
    TaskKind.REPLACE_SECTION: ReplaceSectionRequest,
    TaskKind.CONCAT: ConcatRequest,
    TaskKind.UPLOAD: UploadRequest,
    TaskKind.UPLOAD_COVER: UploadCoverRequest,
    TaskKind.COVER_IMAGE: CoverImageRequest,
    TaskKind.LYRICS: LyricsRequest,
    TaskKind.SEPARATE: SeparateRequest,
    TaskKind.TIMESTAMPED_LYRICS: TimestampedLyricsRequest,
}
CLIPS: dict[TaskKind, int] = {
    TaskKind.MUSIC: 2,
    TaskKind.EXTEND: 2,
    TaskKind.REPLACE_SECTION: 2,
    TaskKind.CONCAT: 1,
    TaskKind.UPLOAD: 1,
    TaskKind.UPLOAD_COVER: 2,
    TaskKind.COVER_IMAGE: 2,
    TaskKind.LYRICS: 1,
    TaskKind.SEPARATE: 1,
    TaskKind.TIMESTAMPED_LYRICS: 1,
}  #: how many clips a task of each kind delivers


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a dialect hands to `tasks.lifecycle.submit`."""

    dialect: str  #: the dialect's name; callbacks are rendered in it
    kind: TaskKind
    request: Request  #: of the kind's type in `REQUEST_TYPES`
    body: Mapping[str, Any]  #: the request as it came, to be shown again (`request_body`, `input`)
    ignored_fields: tuple[str, ...] = ()
    callback_url: str | None = None
    idempotency_key: str | None = None
    quote_id: str = ""  #: a price given before; the task does not cost more
    attachment: Path | None = None  #: a file that was sent with the order; it is moved into storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One order and everything that is known about it."""

    id: str
    account_id: str
    key_id: str
    dialect: str
    kind: TaskKind
    request: Request
    body: Mapping[str, Any]
    ignored_fields: tuple[str, ...] = ()
    callback_url: str | None = None
    status: TaskStatus = TaskStatus.PENDING
    attempt: int = 0  #: fences every write of a worker: a late worker changes nothing
    crashes: int = (
        0  #: attempts that ended badly and were worth another try; not those that a crash of server or host ended
    )
    progress_percent: int = 0
    stage: str = "queued"
    price_credits: int = 0
    consumed_credits: int = 0
    clips: tuple[Clip, ...] = ()
    error_code: str = ""
    error_message: str = ""
    created_at_s: float = 0.0
    started_at_s: float | None = None
    finished_at_s: float | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    mode: KeyMode = "live"  #: of the key that ordered it; `test` is never charged
    seed: int = 0  #: clip i is made from (seed, i); chosen at random when the request has none
    version: int = 0  #: grows with every change of the row: equal versions mean equal tasks
