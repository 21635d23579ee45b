"""The answers of dialect A beside those about songs, as types. Bodies are supersets of every generation's."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from songwright.dialects.apione.types import MusicClip, TaskAnswer


class CoverId(msgspec.Struct):
    """A task of pictures, under both names."""

    task_id: str
    task_id_: str = msgspec.field(name="taskId")


class CoverAccepted(msgspec.Struct):
    """The order of pictures is accepted."""

    code: int
    msg: str
    message: str
    task_id: str
    status: str
    data: CoverId


class CoverStatus(msgspec.Struct):
    """How the pictures stand."""

    task_id: str
    task_id_: str = msgspec.field(name="taskId")
    status: Annotated[str, Meta(description="`IN_PROGRESS`, `SUCCESS` or `FAILED`.")]
    images: Annotated[list[str] | None, Meta(description="Addresses of 1024 px pictures.")]
    thumbnails: Annotated[list[str] | None, Meta(description="The same, 360 px.")]
    error: str | None
    created_at: str


class CoverAnswer(msgspec.Struct):
    """How the pictures stand."""

    code: int
    msg: str
    message: str
    data: CoverStatus


class UploadCoverStatus(msgspec.Struct):
    """How a new version stands."""

    task_id: str
    status: Annotated[str, Meta(description="`IN_PROGRESS`, `SUCCESS` or `FAILED`.")]
    progress: int
    response_data: list[MusicClip]
    error: str | None
    created_at: str


class UploadCoverAnswer(msgspec.Struct):
    """How a new version stands."""

    code: int
    message: str
    data: UploadCoverStatus


class LyricParam(msgspec.Struct, omit_defaults=True):
    """A section's tag, or a line with its times in seconds."""

    text: str
    type: Annotated[str, Meta(description="`segment_break` or `lyric`.")]
    start: float | None = None
    end: float | None = None
    metadata: dict[str, Any] | None = None


class AlignedWord(msgspec.Struct):
    """One word, with the names of both generations. Times in seconds."""

    text: str
    word: str
    aligned: bool
    success: bool
    start_time: float = msgspec.field(name="startTime")
    end_time: float = msgspec.field(name="endTime")
    start_s: float = msgspec.field(name="startS")
    end_s: float = msgspec.field(name="endS")
    confidence: float
    palign: float


class LyricAlignment(msgspec.Struct):
    """Every word."""

    words: list[AlignedWord]


class LyricTimes(msgspec.Struct):
    """The words of a clip and when they are sung, exact: from the score, not by listening."""

    task_id: str
    audio_id: str
    text: str
    lyric_params: list[LyricParam] = msgspec.field(name="lyricParams")
    waveform: list[float]
    lyric_alignment: LyricAlignment = msgspec.field(name="lyricAlignment")
    aligned_words: list[AlignedWord] = msgspec.field(name="alignedWords")
    audio_waveform: list[float] = msgspec.field(name="audioWaveform")
    waveform_data: list[float] = msgspec.field(name="waveformData")
    alignment_score: float = msgspec.field(name="alignmentScore")
    hoot_cer: float = msgspec.field(name="hootCer")
    is_streaming: bool = msgspec.field(name="isStreaming")
    is_streamed: bool = msgspec.field(name="isStreamed")


class LyricTimesAnswer(msgspec.Struct):
    """The words of a clip and when they are sung."""

    code: int
    message: str
    data: LyricTimes


class TaskList(msgspec.Struct):
    """Tasks, newest first."""

    code: int
    message: str
    data: list[TaskAnswer]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for older ones; null at the end.")]
    has_more: bool


class UsageLine(msgspec.Struct):
    """One task as it was used and paid."""

    time: str
    endpoint: str
    type: str
    model: str
    task_id: str
    key: Annotated[str, Meta(description="The key's first and last characters.")]
    key_id: str
    key_name: str
    status: str
    credits: int
    duration_s: Annotated[float | None, Meta(description="From beginning to end, in seconds.")]


class UsageAnswer(msgspec.Struct):
    """What was used, newest first."""

    code: int
    message: str
    data: list[UsageLine]
    next_cursor: str | None
    has_more: bool
