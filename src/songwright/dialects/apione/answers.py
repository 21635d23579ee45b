"""Dialect A's answers beside those about songs: pictures, new versions, word times, lists, usage. Pure.

Conventions: times of day are ISO 8601 in UTC, positions in seconds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

import msgspec

from songwright.core.clock import iso_utc
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.core.task import Task, TaskKind, TaskStatus
from songwright.dialects.apione import answer_types as types
from songwright.dialects.apione.wire import FEED_TYPE, STATUS, render_clips, task_answer
from songwright.dialects.base import TimedLine, failure_message, media_url
from songwright.tasks import Page, UsageRow

ENDPOINTS: dict[tuple[str, TaskKind], str] = {
    ("apione", TaskKind.MUSIC): "/api/v1/audio/music",
    ("apione", TaskKind.EXTEND): "/api/v1/audio/music/extend",
    ("apione", TaskKind.REPLACE_SECTION): "/api/v1/audio/music/replace-section",
    ("apione", TaskKind.CONCAT): "/api/v1/audio/music/concat",
    ("apione", TaskKind.UPLOAD): "/api/v1/audio/music/upload",
    ("apione", TaskKind.UPLOAD_COVER): "/api/v1/audio/music/upload-cover/generate",
    ("apione", TaskKind.COVER_IMAGE): "/api/v1/audio/music/cover/generate",
    ("apione", TaskKind.LYRICS): "/api/v1/audio/music/lyrics",
    ("apione", TaskKind.SEPARATE): "/api/v1/audio/music/separate",
    ("apione", TaskKind.TIMESTAMPED_LYRICS): "/api/v1/audio/music/timestamped-lyrics",
    ("goapi", TaskKind.MUSIC): "/api/suno/v1/music",
    ("goapi", TaskKind.EXTEND): "/api/suno/v1/music",
    ("goapi", TaskKind.CONCAT): "/api/suno/v1/music/concat",
    ("goapi", TaskKind.LYRICS): "/api/suno/v1/lyrics",
    ("goapi", TaskKind.UPLOAD): "/api/suno/v1/upload_audio",
}
_encode = msgspec.json.Encoder().encode


def render_cover_accepted(task: Task) -> bytes:
    """The answer to an order of pictures."""
    data = types.CoverId(task.id, task.id)
    return _encode(types.CoverAccepted(200, "success", "success", task.id, STATUS[TaskStatus.PENDING], data))


def render_cover_status(task: Task, public_url: str) -> bytes:
    """`GET /api/v1/audio/music/cover/status`."""
    done = task.status is TaskStatus.COMPLETED
    drawn = [clip for clip in task.clips if clip.status is ClipStatus.COMPLETE]
    data = types.CoverStatus(
        task_id=task.id,
        task_id_=task.id,
        status=FEED_TYPE[task.status],
        images=[media_url(public_url, clip, FileKind.IMAGE_LARGE_PNG) for clip in drawn] if done else None,
        thumbnails=[media_url(public_url, clip, FileKind.IMAGE_PNG) for clip in drawn] if done else None,
        error=_failure(task),
        created_at=iso_utc(task.created_at_s),
    )
    return _encode(types.CoverAnswer(200, "success", "success", data))


def render_upload_cover_status(task: Task, public_url: str) -> bytes:
    """`GET /api/v1/audio/music/upload-cover/status`."""
    data = types.UploadCoverStatus(
        task_id=task.id,
        status=FEED_TYPE[task.status],
        progress=task.progress_percent,
        response_data=render_clips(task, public_url),
        error=_failure(task),
        created_at=iso_utc(task.created_at_s),
    )
    return _encode(types.UploadCoverAnswer(200, "success", data))


def _failure(task: Task) -> str | None:
    return failure_message(task) if task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED) else None


def render_lyric_times(task_id: str, clip: Clip, lines: Sequence[TimedLine], peaks: list[float]) -> bytes:
    """`POST /api/v1/audio/music/timestamped-lyrics`: the bodies of both generations in one."""
    words = [word for line in lines for word in _words(line)]
    data = types.LyricTimes(
        task_id=task_id,
        audio_id=clip.id,
        text=clip.lyrics,
        lyric_params=[_param(line) for line in lines],
        waveform=peaks,
        lyric_alignment=types.LyricAlignment(words),
        aligned_words=words,
        audio_waveform=peaks,
        waveform_data=peaks,
        alignment_score=1.0,
        hoot_cer=0.0,
        is_streaming=False,
        is_streamed=False,
    )
    return _encode(types.LyricTimesAnswer(200, "success", data))


def _words(line: TimedLine) -> list[types.AlignedWord]:
    return [
        types.AlignedWord(
            text=word.word,
            word=word.word,
            aligned=True,
            success=True,
            start_time=word.start_s,
            end_time=word.end_s,
            start_s=word.start_s,
            end_s=word.end_s,
            confidence=1.0,
            palign=1.0,
        )
        for word in line.words
    ]


def _param(line: TimedLine) -> types.LyricParam:
    if not line.words:
        style = {"style": line.tag} if line.tag else None
        return types.LyricParam(text=f"{line.text}\n", type="segment_break", metadata=style)
    start_s, end_s = line.words[0].start_s, max(word.end_s for word in line.words)
    return types.LyricParam(text=line.text, type="lyric", start=start_s, end=end_s)


def render_task_list(page: Page, public_url: str) -> bytes:
    """`GET /api/v1/tasks`."""
    data = [task_answer(task, public_url) for task in page.tasks]
    return _encode(types.TaskList(200, "success", data, page.next_cursor, page.next_cursor is not None))


def render_usage(rows: Iterable[UsageRow], next_cursor: str | None) -> bytes:
    """`GET /api/v1/usage`."""
    return _encode(
        types.UsageAnswer(200, "success", [_line(row) for row in rows], next_cursor, next_cursor is not None)
    )


def render_usage_csv(rows: Iterable[UsageRow]) -> str:
    """The same rows as comma-separated values with a head; texts that a spreadsheet would run are quoted as text."""
    out = StringIO()
    names = [each.encode_name for each in msgspec.structs.fields(types.UsageLine)]
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for row in rows:
        line = msgspec.structs.asdict(_line(row))
        writer.writerow({name: "" if value is None else _harmless(value) for name, value in line.items()})
    return out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _line(row: UsageRow) -> types.UsageLine:
    return types.UsageLine(
        time=iso_utc(row.created_at_s),
        endpoint=ENDPOINTS.get((row.dialect, row.kind), row.dialect),
        type=row.kind.value,
        model=row.model,
        task_id=row.task_id,
        key=row.key_hint,
        key_id=row.key_id,
        key_name=row.key_name,
        status=STATUS[row.status],
        credits=row.credits,
        duration_s=None if row.duration_s is None else round(row.duration_s, 3),
    )
