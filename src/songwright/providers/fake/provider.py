"""The provider that pretends, truthfully: its files are real, its clips are marked as fake."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from songwright.core.errors import ProviderError, WorkerDied
from songwright.core.song import Request, SongRequest
from songwright.core.task import TaskKind
from songwright.providers.base import Job, MadeClip, Outcome, Progress, Report
from songwright.providers.fake.files import clip_files
from songwright.providers.fake.kinds import make_clip, text_of

_MAGIC = re.compile(
    r"\btest:(ok|slow|partial|timeout|fail|upstream-429|webhook-twice)(?::(moderation|worker|\d{1,4}))?", re.ASCII
)
_STEPS = 4
TIME_LIMIT_S = 900.0  #: when `test:timeout` ends, as a render child would be ended


class FakeProvider:
    """Makes tiny clips, or fails in the way the prompt asks for (see README.md)."""

    name = "fake"
    kinds = frozenset(TaskKind)

    async def start(self) -> None:
        """Encode the sounds once, so that the first task is as fast as the others."""
        await asyncio.gather(*(asyncio.to_thread(clip_files, take) for take in (0, 1)))

    async def make(self, job: Job, report: Report) -> Outcome:
        """Do what the magic word says."""
        word, detail = _magic(job.request)
        if word == "fail":
            raise WorkerDied if detail == "worker" else ProviderError("The prompt was refused.", code="moderation")
        if word == "upstream-429" and job.attempt == 1:
            raise ProviderError("The upstream answered 429.", permanent=False, code="upstream_rate_limit")
        known = {"deliver_twice": True} if word == "webhook-twice" else {}
        texts = tuple(_with(text_of(job, i), known) for i in range(len(job.clip_ids)))
        await report(Progress(percent=10, stage="lyrics", clips=texts))
        await self._wait(word, detail, report)
        made: list[MadeClip] = []
        for index, clip_id in enumerate(job.clip_ids):
            if word == "partial" and index == 1:
                return Outcome(clips=tuple(made), failures={1: "This clip could not be made."})
            made.append(await asyncio.to_thread(_make, job, texts[index], job.folder / clip_id))
            await report(Progress(percent=50 + 40 * index, stage="encode", clips=(made[-1],)))
        return Outcome(clips=tuple(made))

    async def stop(self) -> None:
        """Nothing is held."""

    def notes(self) -> tuple[str, ...]:
        """Said at start-up, so that nobody takes a tone for a song."""
        return ("The fake provider is in use: songs are test tones.",)

    async def _wait(self, word: str, detail: str, report: Report) -> None:
        if word not in ("slow", "timeout"):
            return
        seconds = float(detail) if detail.isdigit() else None
        wait_s = (TIME_LIMIT_S if word == "timeout" else 1.0) if seconds is None else seconds
        for step in range(_STEPS):
            await asyncio.sleep(wait_s / _STEPS)
            await report(Progress(percent=10 + 10 * step, stage="voice"))
        if word == "timeout":
            raise ProviderError("The song was not made in time.", code="timeout")


def _make(job: Job, text: MadeClip, folder: Path) -> MadeClip:
    folder.mkdir(parents=True)
    made = make_clip(job, text.index, folder)
    metadata = {**text.metadata, **made.metadata}
    return replace(text, duration_s=made.duration_s, files=made.files, metadata=metadata)


def _with(text: MadeClip, known: dict[str, Any]) -> MadeClip:
    return replace(text, metadata={**text.metadata, **known})


def _magic(request: Request) -> tuple[str, str]:
    words = request.lyrics if isinstance(request, SongRequest) else ""
    found = _MAGIC.search(f"{request.description}\n{words}\n{request.title}")
    return ("ok", "") if found is None else (found[1], found[2] or "")
