"""The delivery loop: looks for due rows, sends each in a task of its own, writes down what came of it.

Conventions
    At most `MAX_SENDING` deliveries are in flight, at most `MAX_PER_HOST` to one host: a receiver that hangs delays its
    own deliveries only. Deliveries of one task go one at a time in the order of their stages; one that fails waits for
    its next attempt while the later ones go on.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlsplit

from songwright.core.clock import Clock
from songwright.core.errors import Unavailable
from songwright.db import Database
from songwright.egress import Egress, EgressRefused, UnreachableError
from songwright.webhooks import outbox
from songwright.webhooks.outbox import Due
from songwright.webhooks.schedule import DEFAULT_SCHEDULE_S, Attempt, Verdict, judge, next_try_s
from songwright.webhooks.signing import signed_headers

TIMEOUT_S = 15.0
MAX_REPLY_BYTES = 64 * 1024
MAX_SENDING = 32
MAX_PER_HOST = 4
LOOK_EVERY_S = 0.5
_log = logging.getLogger(__name__)


class Deliverer:
    """Sends what is in the outbox, for as long as `run` runs."""

    def __init__(
        self,
        db: Database,
        egress: Egress,
        clock: Clock,
        *,
        schedule_s: Sequence[float] = DEFAULT_SCHEDULE_S,
        woken: asyncio.Event | None = None,
        timeout_s: float = TIMEOUT_S,
        luck: Callable[[], float] = random.random,
    ) -> None:
        self._db = db
        self._egress = egress
        self._clock = clock
        self._schedule_s = tuple(schedule_s)
        self._timeout_s = timeout_s
        self._luck = luck
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._busy_tasks: set[str] = set()
        self._busy_hosts: Counter[str] = Counter()
        # Whoever puts something into the outbox sets this: then it is looked at now, not at the next turn.
        self._woken = woken or asyncio.Event()

    async def run(self) -> None:
        """Deliver until cancelled. What is in flight then stays in the outbox and is sent again at the next start."""
        try:
            while True:
                self._woken.clear()
                self.send_due()
                await self._pause()
        finally:
            for sending in self._sending.values():
                sending.cancel()

    def send_due(self) -> int:
        """Begin every delivery that is due and has room; the number begun."""
        begun = 0
        try:
            waiting = outbox.due(self._db, self._clock.now_s())
        except Unavailable as error:
            _log.warning("the outbox cannot be read: %s", error)
            return 0
        seen_tasks: set[str] = set()
        for delivery in waiting:
            earlier_waits = delivery.task_id in seen_tasks
            seen_tasks.add(delivery.task_id)
            if not earlier_waits and self._has_room(delivery):
                self._begin(delivery)
                begun += 1
        return begun

    async def settle(self) -> None:
        """Wait until nothing is in flight."""
        while self._sending:
            await asyncio.wait(list(self._sending.values()))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._woken.wait()
        except TimeoutError:
            return

    def _has_room(self, delivery: Due) -> bool:
        return (
            len(self._sending) < MAX_SENDING
            and delivery.id not in self._sending
            and delivery.task_id not in self._busy_tasks
            and self._busy_hosts[_host(delivery.url)] < MAX_PER_HOST
        )

    def _begin(self, delivery: Due) -> None:
        self._busy_tasks.add(delivery.task_id)
        self._busy_hosts[_host(delivery.url)] += 1
        sending = asyncio.create_task(self._deliver(delivery))
        self._sending[delivery.id] = sending
        sending.add_done_callback(partial(self._end, delivery))

    def _end(self, delivery: Due, sending: asyncio.Task[None]) -> None:
        del self._sending[delivery.id]
        self._busy_tasks.discard(delivery.task_id)
        host = _host(delivery.url)
        self._busy_hosts[host] -= 1
        if not self._busy_hosts[host]:
            del self._busy_hosts[host]
        self._woken.set()
        if not sending.cancelled() and (error := sending.exception()) is not None:
            _log.error("delivery %s broke", delivery.id, exc_info=error)

    async def _deliver(self, delivery: Due) -> None:
        letter = outbox.load(self._db, delivery.id)
        if letter is None:
            return
        attempt = await self._send(delivery, letter)
        made = delivery.attempts + 1
        next_at_s = None
        if attempt.verdict is Verdict.RETRY:
            next_at_s = next_try_s(self._schedule_s, made, attempt, self._clock.now_s(), self._luck())
        await self._db.write(lambda connection: outbox.mark(connection, delivery, attempt, next_at_s))
        _log.info("delivery %s of task %s: %s %s", delivery.id, delivery.task_id, attempt.verdict.value, attempt.status)

    async def _send(self, delivery: Due, letter: outbox.Letter) -> Attempt:
        now_s = self._clock.now_s()
        headers = signed_headers(letter.secret, delivery.id, delivery.task_id, letter.body, now_s)
        try:
            reply = await self._egress.post(
                delivery.url, letter.body, headers, timeout_s=self._timeout_s, max_reply_bytes=MAX_REPLY_BYTES
            )
        except (EgressRefused, UnreachableError) as error:
            return Attempt(Verdict.RETRY, None, str(error))
        return judge(reply.status, reply.headers.get("retry-after"), now_s)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return url
