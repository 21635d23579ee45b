"""What news does to a task: pure functions from a task to its next state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from songwright.core.credits import credits_for_delivery
from songwright.core.song import Clip, ClipStatus
from songwright.core.task import MOVES, Task, TaskStatus
from songwright.providers.base import MadeClip, Progress
from songwright.tasks.outbox import Stage


def moved(task: Task, to: TaskStatus, now_s: float) -> Task:
    """The task in its next status. Raises ValueError for a move that is not allowed."""
    if to not in MOVES[task.status]:
        raise ValueError(f"task {task.id} cannot move from {task.status.value} to {to.value}")
    return replace(task, status=to, finished_at_s=now_s if to.final else None)


def with_progress(task: Task, progress: Progress) -> Task:
    """News taken in; percentages and clips never fall back, also when a second attempt starts from the beginning."""
    return replace(
        task,
        progress_percent=max(task.progress_percent, min(progress.percent, 99)),
        stage=progress.stage,
        clips=with_made(task.clips, progress.clips),
    )


def with_made(clips: tuple[Clip, ...], made: Iterable[MadeClip], *, final: bool = False) -> tuple[Clip, ...]:
    """Clips with what was made of them: text only, or complete when there are files or nothing more will come."""
    news = {clip.index: clip for clip in made}
    return tuple(_with_news(clip, news[i], final=final) if i in news else clip for i, clip in enumerate(clips))


def _with_news(clip: Clip, made: MadeClip, *, final: bool) -> Clip:
    if clip.status is ClipStatus.COMPLETE:
        return clip
    return replace(
        clip,
        status=ClipStatus.COMPLETE if final else _status_with(clip, made),
        title=made.title,
        lyrics=made.lyrics,
        style=made.style,
        duration_s=made.duration_s,
        files=frozenset(made.files),
        metadata={**clip.metadata, **made.metadata},
        error="",
    )


def _status_with(clip: Clip, made: MadeClip) -> ClipStatus:
    """Complete with its files; what could be heard once stays so, also when a second attempt starts with the text."""
    if made.files:
        return ClipStatus.COMPLETE
    return ClipStatus.FIRST if made.audible or clip.status is ClipStatus.FIRST else ClipStatus.TEXT


def delivered(task: Task) -> int:
    """How many clips are complete."""
    return sum(clip.status is ClipStatus.COMPLETE for clip in task.clips)


def owed(task: Task) -> int:
    """What the task costs with the clips it has now."""
    return credits_for_delivery(task.price_credits, delivered(task), len(task.clips))


def ended(task: Task, failures: Mapping[int, str], code: str, message: str, now_s: float) -> Task:
    """The task's end: completed with the clips it has, failed when it has none."""
    fallback = message or "This clip could not be made."
    clips = tuple(
        clip
        if clip.status is ClipStatus.COMPLETE
        else replace(clip, status=ClipStatus.FAILED, error=failures.get(i, fallback))
        for i, clip in enumerate(task.clips)
    )
    task = replace(task, clips=clips, consumed_credits=owed(task), error_code=code, error_message=message)
    if delivered(task):
        return moved(replace(task, progress_percent=100, stage="complete"), TaskStatus.COMPLETED, now_s)
    reason = message or next(iter(failures.values()), fallback)
    failed = replace(task, stage="failed", error_code=code or "generation_failed", error_message=reason)
    return moved(failed, TaskStatus.FAILED, now_s)


def answered(task: Task, now_s: float) -> Task:
    """A task whose result was there already: begun and ended at once, with every clip delivered."""
    clips = tuple(replace(clip, status=ClipStatus.COMPLETE) for clip in task.clips)
    return ended(replace(moved(task, TaskStatus.PROCESSING, now_s), clips=clips, started_at_s=now_s), {}, "", "", now_s)


def cancelled(task: Task, now_s: float) -> Task:
    """The task stopped by its caller; clips it has delivered stay delivered and are owed."""
    clips = tuple(
        clip if clip.status is ClipStatus.COMPLETE else replace(clip, status=ClipStatus.FAILED, error="Cancelled.")
        for clip in task.clips
    )
    return moved(
        replace(task, clips=clips, consumed_credits=owed(task), stage="cancelled"), TaskStatus.CANCELLED, now_s
    )


def news_stage(before: Task, after: Task) -> Stage | None:
    """The callback stage a change reached: all texts known, or the first clip to be heard, finished or not."""
    if not _audible(before) and _audible(after) and delivered(after) < len(after.clips):
        return "first"
    if _texts(before) < len(before.clips) == _texts(after) and not delivered(after):
        return "text"
    return None


def _audible(task: Task) -> bool:
    return any(clip.status in (ClipStatus.FIRST, ClipStatus.COMPLETE) for clip in task.clips)


def _texts(task: Task) -> int:
    return sum(clip.status is not ClipStatus.QUEUED for clip in task.clips)
