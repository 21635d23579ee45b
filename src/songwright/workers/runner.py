"""The loop: claim what waits, perform it, as many at once as there are slots; wake at every submit.

Conventions: an owner is called `<role>-<random>`. `server` is the role of the one process that holds the data folder's
lock: at its start whatever another server owned is put back at once. `worker` is the role of processes beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Literal

from songwright.core.caller import KeyMode
from songwright.core.errors import Unavailable
from songwright.core.ids import new_id
from songwright.queue import Claim
from songwright.tasks import Lifecycle
from songwright.workers.sweep import sweep

POLL_S = 0.5  #: another process's submit is noticed within this time
RENEW_S = 5.0
SWEEP_S = 60.0
GRACE_S = 5.0

Role = Literal["server", "worker"]
_log = logging.getLogger(__name__)


class Runner:
    """Performs tasks until it is stopped. `slots` says how many of each mode may be under way at once."""

    def __init__(self, lifecycle: Lifecycle, role: Role, slots: Mapping[KeyMode, int]) -> None:
        self.owner = f"{role}-{new_id()}"
        self._lifecycle = lifecycle
        self._role = role
        self._slots = dict(slots)
        self._performing: dict[KeyMode, set[asyncio.Task[None]]] = {mode: set() for mode in slots}
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take over from a server that died, then begin."""
        if self._role == "server":
            orphans = await self._lifecycle.requeue_orphans(self._role, [self.owner])
            if orphans:
                _log.warning("%d tasks of a server that died were put back in line", orphans)
        self._loops = [asyncio.create_task(self._claim_forever()), asyncio.create_task(self._beat_forever())]
        if self._role == "server":
            self._loops.append(asyncio.create_task(self._sweep_forever()))

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Claim nothing more, give what is under way `grace_s` to end, and put the rest back in line."""
        await _cancel(self._loops[:1])
        performing = [task for tasks in self._performing.values() for task in tasks]
        if performing:
            await asyncio.wait(performing, timeout=grace_s)
        await _cancel(performing)
        await _cancel(self._loops)

    async def _claim_forever(self) -> None:
        submitted = self._lifecycle.submitted
        while True:
            submitted.clear()
            for mode in self._slots:
                await self._fill(mode)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(submitted.wait(), POLL_S)

    async def _fill(self, mode: KeyMode) -> None:
        free = self._slots[mode] - len(self._performing[mode])
        if free <= 0:
            return
        try:
            claims = await self._lifecycle.claim(self.owner, free, mode)
        except Unavailable as error:
            _log.warning("cannot claim: %s", error.message)
            return
        for claim in claims:
            task = asyncio.create_task(self._lifecycle.perform(claim), name=f"perform {claim.task_id}")
            self._performing[mode].add(task)
            task.add_done_callback(lambda done, claim=claim, mode=mode: self._ended(mode, claim, done))

    def _ended(self, mode: KeyMode, claim: Claim, task: asyncio.Task[None]) -> None:
        self._performing[mode].discard(task)
        self._lifecycle.submitted.set()  # A slot is free: look for the next task.
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("task %s attempt %d was dropped", claim.task_id, claim.attempt, exc_info=error)

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._lifecycle.renew(self.owner)
            except Unavailable as error:
                _log.warning("cannot renew leases: %s", error.message)

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await sweep(self._lifecycle)
            except Unavailable as error:
                _log.warning("cannot sweep: %s", error.message)
            await asyncio.sleep(SWEEP_S)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel and wait, but not for ever: with a full disk a task cannot be put back now, and is at the next start."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=GRACE_S)
