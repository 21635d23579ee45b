"""The server's half: jobs go to a child as JSON, news come back as progress and clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from songwright.catalog import Catalog
from songwright.core.errors import InvalidRequest, ProviderError, WorkerDied
from songwright.core.task import TaskKind
from songwright.providers.base import Job, MadeClip, Outcome, Progress, Report
from songwright.workers.supervisor import ChildPlan, Supervisor

CHILD = "songwright.providers.embedded.child:open_engine"
POOL_SIZE = 2  #: processes of one render, one a core
ONE_THREAD: dict[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class EmbeddedProvider:
    """Makes songs with the engine, `workers` at once, each in a child that itself uses two cores."""

    name = "embedded"
    kinds = frozenset(TaskKind) - {TaskKind.TIMESTAMPED_LYRICS}  #: which are answered without a provider

    def __init__(
        self,
        assets: Path,
        catalog: Catalog,
        *,
        workers: int,
        time_limit_s: float = 900.0,
        memory_limit_bytes: int = 6 * 2**30,
        child: str = CHILD,
    ) -> None:
        self._catalog = catalog
        self._notes: tuple[str, ...] = ()
        self._supervisor = Supervisor(
            ChildPlan(
                entry=child,
                options={"assets": str(assets), "pool_size": POOL_SIZE},
                environment=ONE_THREAD,
                job_limit_s=time_limit_s,
                memory_limit_bytes=memory_limit_bytes,
            ),
            workers,
        )

    async def start(self) -> None:
        """Start the children; one that does not start is a note, and is tried again with the next job."""
        said = await self._supervisor.start()
        notes = [[f"Songs cannot be made now: {s.message}"] if isinstance(s, WorkerDied) else s["notes"] for s in said]
        self._notes = tuple(dict.fromkeys(note for group in notes for note in group))

    async def make(self, job: Job, report: Report) -> Outcome:
        """Render the job's clips in a child. Raises ProviderError."""
        news = _News(report)
        result = await self._supervisor.run(self._order(job), news.take)
        failures = {int(index): text for index, text in result["failures"].items()}
        if not news.clips:
            raise ProviderError(next(iter(failures.values()), ""), permanent=True)
        return Outcome(clips=tuple(news.clips.values()), failures=failures)

    async def stop(self) -> None:
        """Kill the children."""
        await self._supervisor.stop()

    def notes(self) -> tuple[str, ...]:
        """What the children said about missing assets when they started."""
        return self._notes

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The living children."""
        return self._supervisor.process_ids

    def _order(self, job: Job) -> Mapping[str, Any]:
        model = self._catalog.find(job.request.model)
        if model is None:
            raise InvalidRequest(f"There is no model called {job.request.model!r}.", param="model")
        return {
            "kind": job.kind.value,
            "request": msgspec.to_builtins(job.request),
            "seed": job.seed,
            "max_duration_s": model.max_duration_s,
            "depth": model.depth,
            "folders": [str(job.folder / clip_id) for clip_id in job.clip_ids],
            "audio": str(job.audio) if job.audio else "",
            "sources": msgspec.to_builtins(job.sources, enc_hook=str),
        }


class _News:
    """Collects a child's messages: {"share", "stage"}, {"text": ...}, {"audible": index} and {"clip": ...}."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._percent = 0
        self._stage = "lyrics"
        self._texts: dict[int, MadeClip] = {}
        self.clips: dict[int, MadeClip] = {}

    async def take(self, message: Mapping[str, Any]) -> None:
        made: tuple[MadeClip, ...] = ()
        if "share" in message:
            percent = int(100 * message["share"])
            if percent <= self._percent and message["stage"] == self._stage:
                return  # Nothing a caller could see has changed: not worth a commit.
            self._percent, self._stage = max(percent, self._percent), message["stage"]
        elif "text" in message:
            text = msgspec.convert(message["text"], MadeClip)
            self._texts[text.index] = text
            made = (text,)
        elif "audible" in message:
            made = (replace(self._texts[message["audible"]], audible=True),)
        else:
            clip = msgspec.convert(message["clip"], MadeClip, dec_hook=_path)
            self.clips[clip.index] = clip
            made = (clip,)
        await self._report(Progress(percent=self._percent, stage=self._stage, clips=made))


def _path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)
