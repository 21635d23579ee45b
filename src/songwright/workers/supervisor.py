"""Child processes that work on jobs, each replaced alone.

Every child leads a process group of its own. A job that is cancelled, takes too long, grows too large or whose child
dies costs that child and nothing else: the whole group is killed, the job gets `WorkerDied`, a new child is started.

Conventions: times in seconds, memory in bytes of resident set, summed over the child and its descendants.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from songwright.core.errors import ProviderError, WorkerDied

BOOTSTRAP = "songwright.workers.child"
MAX_LINE_BYTES = 16 * 2**20
WATCH_S = 1.0

OnNews = Callable[[Mapping[str, Any]], Awaitable[None]]
_log = logging.getLogger(__name__)
_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_SESSION, _RSS_PAGES = 3, 21  # fields of /proc/<pid>/stat, counted from the one after the command's name


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """How a child is started and what it may use."""

    entry: str  #: `module:function`, see `child.py`
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    job_limit_s: float = 900.0
    start_limit_s: float = 120.0
    memory_limit_bytes: int = 4 * 2**30


class Supervisor:
    """A fixed number of children; `run` waits for a free one."""

    def __init__(self, plan: ChildPlan, size: int) -> None:
        self._children = [_Child(plan) for _ in range(size)]
        self._free: asyncio.Queue[_Child] = asyncio.Queue()
        for child in self._children:
            self._free.put_nowait(child)
        self._replacing: set[asyncio.Task[None]] = set()

    async def start(self) -> tuple[Mapping[str, Any] | WorkerDied, ...]:
        """Start every child, and return what each said when it was ready, or why it is not."""
        return tuple(await asyncio.gather(*(_readiness(child) for child in self._children)))

    async def run(self, job: Mapping[str, Any], on_news: OnNews) -> Mapping[str, Any]:
        """Have a child do a job, and return its result.

        Raises the ProviderError that the job raised, or WorkerDied when its child was lost; when cancelled, or when
        `on_news` raises, the child is killed.
        """
        child = await self._free.get()
        try:
            return await child.run(job, on_news)
        finally:
            self._free.put_nowait(child)
            if not child.alive:
                replacing = asyncio.create_task(_replace(child))
                self._replacing.add(replacing)
                replacing.add_done_callback(self._replacing.discard)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The living children."""
        return tuple(child.process_id for child in self._children if child.process_id is not None)

    async def stop(self) -> None:
        """Kill everything."""
        for replacing in tuple(self._replacing):
            replacing.cancel()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        await asyncio.gather(*(child.kill() for child in self._children))


async def _readiness(child: _Child) -> Mapping[str, Any] | WorkerDied:
    try:
        return await child.ensure_started()
    except WorkerDied as error:
        return error


async def _replace(child: _Child) -> None:
    try:
        await child.ensure_started()
    except WorkerDied as error:  # The next job tries again.
        _log.error("a child could not be replaced: %s", error.message)


class _Child:
    """One process and its conversation."""

    def __init__(self, plan: ChildPlan) -> None:
        self._plan = plan
        self._process: asyncio.subprocess.Process | None = None
        self._ready: Mapping[str, Any] = {}
        self._starting = asyncio.Lock()
        self._killed_for = ""

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None and self.alive else None

    async def ensure_started(self) -> Mapping[str, Any]:
        """What the child said when it was ready. Raises WorkerDied when it cannot be started."""
        async with self._starting:
            if not self.alive:
                await self._start()
            return self._ready

    async def run(self, job: Mapping[str, Any], on_news: OnNews) -> Mapping[str, Any]:
        await self.ensure_started()
        watching = asyncio.create_task(self._watch_memory())
        limit = asyncio.timeout(self._plan.job_limit_s)
        answered = False
        try:
            async with limit:
                result = await self._converse(job, on_news)
                answered = True
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"The song took longer than {self._plan.job_limit_s:.0f} s."
            raise WorkerDied(message, code="time_limit") from error
        except ProviderError as error:
            answered = not isinstance(error, WorkerDied)
            raise
        finally:
            watching.cancel()
            if not answered:
                await self.kill()
        return result

    async def kill(self) -> None:
        """Kill the child and all it has started; fine when it is dead already."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def _start(self) -> None:
        await self.kill()  # What a dead child has left running in its group.
        self._killed_for = ""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", BOOTSTRAP, self._plan.entry),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=MAX_LINE_BYTES,
            # The child finds the same modules as we do, wherever they were put on our path.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **self._plan.environment},
        )
        ready = False
        try:
            async with asyncio.timeout(self._plan.start_limit_s):
                await self._send(self._plan.options)
                self._ready = (await self._receive())["ready"]
                ready = True
        except TimeoutError as error:
            message = f"A render process was not ready within {self._plan.start_limit_s:.0f} s."
            raise WorkerDied(message) from error
        finally:
            if not ready:
                await self.kill()

    async def _converse(self, job: Mapping[str, Any], on_news: OnNews) -> Mapping[str, Any]:
        await self._send(job)
        while True:
            message = await self._receive()
            if "news" in message:
                await on_news(message["news"])
            elif "failure" in message:
                failure = message["failure"]
                raise ProviderError(failure["message"], permanent=failure["permanent"], code=failure["code"])
            else:
                return message["result"]

    async def _send(self, message: Mapping[str, Any]) -> None:
        stdin = self._streams()[0]
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise await self._death() from error

    async def _receive(self) -> Mapping[str, Any]:
        line = await self._streams()[1].readline()
        if not line.endswith(b"\n"):
            raise await self._death()
        return json.loads(line)

    def _streams(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise WorkerDied
        return self._process.stdin, self._process.stdout

    async def _death(self) -> WorkerDied:
        """Why the conversation ended."""
        await self.kill()
        code = None if self._process is None else self._process.returncode
        if self._killed_for:
            return WorkerDied(self._killed_for, code="memory_limit")
        how = f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit status {code}"
        return WorkerDied(f"The render process died ({how}).")

    async def _watch_memory(self) -> None:
        while self._process is not None:
            await asyncio.sleep(WATCH_S)
            used = family_rss_bytes(self._process.pid)
            if used > self._plan.memory_limit_bytes:
                self._killed_for = f"The render process grew to {used / 2**20:.0f} MiB, above its limit."
                _log.error("%s", self._killed_for)
                await self.kill()
                return


def family_rss_bytes(session_leader: int) -> int:
    """The memory of every process in the session that `session_leader` leads; 0 where there is no /proc."""
    total = 0
    for folder in _PROC.iterdir() if _PROC.is_dir() else ():
        if folder.name.isdigit():
            total += _rss_bytes_in_session(folder / "stat", session_leader)
    return total


def _rss_bytes_in_session(stat: Path, session_leader: int) -> int:
    try:
        fields = stat.read_bytes().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # It ended while we were looking.
        return 0
    return int(fields[_RSS_PAGES]) * _PAGE_BYTES if int(fields[_SESSION]) == session_leader else 0
