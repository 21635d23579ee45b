"""The provider that pretends, truthfully: its files are real, its clips are marked as fake."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from songwright.core.errors import ProviderError, WorkerDied
from songwright.core.song import SongRequest
from songwright.providers.base import Job, MadeClip, Outcome, Progress, Report
from songwright.providers.fake.files import DURATION_S, clip_files

_MAGIC = re.compile(r"\btest:(ok|slow|partial|timeout|fail)(?::(moderation|worker|\d{1,4}))?", re.ASCII)
_STEPS = 4
_NEVER_S = 86_400.0


class FakeProvider:
    """Makes tiny clips, or fails in the way the prompt asks for (see README.md)."""

    name = "fake"

    async def start(self) -> None:
        """Encode the sounds once, so that the first task is as fast as the others."""
        await asyncio.gather(*(asyncio.to_thread(clip_files, take) for take in (0, 1)))

    async def make(self, job: Job, report: Report) -> Outcome:
        """Do what the magic word says."""
        word, detail = _magic(job.request)
        if word == "fail":
            raise WorkerDied if detail == "worker" else ProviderError("The prompt was refused.", code="moderation")
        texts = tuple(_text(job.request, i) for i in range(len(job.clip_ids)))
        await report(Progress(percent=10, stage="lyrics", clips=texts))
        await self._wait(word, detail, report)
        made: list[MadeClip] = []
        for index, clip_id in enumerate(job.clip_ids):
            if word == "partial" and index == 1:
                return Outcome(clips=tuple(made), failures={1: "This clip could not be made."})
            files = await asyncio.to_thread(_write_files, job.folder / clip_id, index)
            made.append(_with_files(texts[index], files))
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
        wait_s = _NEVER_S if word == "timeout" else float(detail or 1)
        for step in range(_STEPS):
            await asyncio.sleep(wait_s / _STEPS)
            await report(Progress(percent=10 + 10 * step, stage="voice"))


def _magic(request: SongRequest) -> tuple[str, str]:
    found = _MAGIC.search(f"{request.description}\n{request.lyrics}\n{request.title}")
    return ("ok", "") if found is None else (found[1], found[2] or "")


def _text(request: SongRequest, index: int) -> MadeClip:
    return MadeClip(
        index=index,
        title=request.title or "Test tone",
        lyrics="" if request.instrumental else request.lyrics or "[Verse]\nLa",
        style=request.style or "test tone",
        metadata={"provider": "fake", "bpm": 120},
    )


def _with_files(clip: MadeClip, files: dict[str, Path]) -> MadeClip:
    return MadeClip(
        index=clip.index,
        title=clip.title,
        lyrics=clip.lyrics,
        style=clip.style,
        duration_s=DURATION_S,
        files=files,
        metadata=clip.metadata,
    )


def _write_files(folder: Path, take: int) -> dict[str, Path]:
    folder.mkdir(parents=True)
    files = {kind: folder / kind for kind in clip_files(take)}
    for kind, content in clip_files(take).items():
        files[kind].write_bytes(content)
    return files
