"""The delivery loop: looks for due rows, sends each in a task of its own, writes down what came of it.

Conventions
    At most `MAX_SENDING` deliveries are in flight, at most `MAX_PER_ACCOUNT` of one account and `MAX_PER_HOST` to one
    host, to one that gave no answer the last time a single one: receivers that hang delay their own deliveries only.
    Deliveries of one task go one at a time in the order of their stages; one that fails waits for its next attempt
    while the later ones go on.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

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
SHOWN_REPLY_BYTES = 256  #: of an answer, kept with the attempt
MAX_SENDING = 48  #: fewer than the guard has connections: downloads need some
MAX_PER_ACCOUNT = 16
MAX_PER_HOST = 4
FORGET_EVERY_S = 3600.0
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
        self._busy_accounts: Counter[str] = Counter()
        self._silent_hosts: set[str] = set()  # no answer came the last time
        self._behind = ""  # the host the last turn ended with; the next goes on there
        self._forget_at_s = 0.0
        # Whoever puts something into the outbox sets this: then it is looked at now, not at the next turn.
        self._woken = woken or asyncio.Event()

    async def run(self) -> None:
        """Deliver until cancelled. What is in flight then stays in the outbox and is sent again at the next start."""
        try:
            await self._db.write(outbox.name_hosts)
            while True:
                self._woken.clear()
                self.send_due()
                await self._forget_now_and_then()
                await self._pause()
        finally:
            for sending in self._sending.values():
                sending.cancel()

    def send_due(self) -> int:
        """Begin every delivery that is due and has room, a host after the other; the number begun."""
        begun = 0
        try:
            for host in self._next_hosts():
                if self._busy_hosts[host] < self._room_of(host) and len(self._sending) < MAX_SENDING:
                    begun += self._send_to(host)
        except Unavailable as error:
            _log.warning("the outbox cannot be read: %s", error)
        return begun

    def _next_hosts(self) -> list[str]:
        hosts = outbox.hosts(self._db, self._behind)
        if self._behind and len(hosts) < outbox.HOSTS_AHEAD:
            hosts += [host for host in outbox.hosts(self._db, "") if host <= self._behind][: outbox.HOSTS_AHEAD]
        self._behind = hosts[-1] if len(hosts) >= outbox.HOSTS_AHEAD else ""
        return hosts

    def _send_to(self, host: str) -> int:
        begun = 0
        seen_tasks: set[str] = set()
        for delivery in outbox.due(self._db, host, self._clock.now_s()):
            earlier_waits = delivery.task_id in seen_tasks
            seen_tasks.add(delivery.task_id)
            if not earlier_waits and self._has_room(delivery):
                self._begin(delivery)
                begun += 1
        return begun

    async def _forget_now_and_then(self) -> None:
        now_s = self._clock.now_s()
        if now_s < self._forget_at_s:
            return
        self._forget_at_s = now_s + FORGET_EVERY_S
        try:
            await self._db.write(lambda connection: outbox.forget(connection, now_s - outbox.KEEP_ATTEMPTS_S))
        except Unavailable as error:
            _log.warning("old attempts cannot be forgotten: %s", error)

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
            and self._busy_hosts[delivery.host] < self._room_of(delivery.host)
            and self._busy_accounts[delivery.account_id] < MAX_PER_ACCOUNT
        )

    def _room_of(self, host: str) -> int:
        return 1 if host in self._silent_hosts else MAX_PER_HOST

    def _begin(self, delivery: Due) -> None:
        self._busy_tasks.add(delivery.task_id)
        self._busy_hosts[delivery.host] += 1
        self._busy_accounts[delivery.account_id] += 1
        sending = asyncio.create_task(self._deliver(delivery))
        self._sending[delivery.id] = sending
        sending.add_done_callback(partial(self._end, delivery))

    def _end(self, delivery: Due, sending: asyncio.Task[None]) -> None:
        del self._sending[delivery.id]
        self._busy_tasks.discard(delivery.task_id)
        for busy, name in ((self._busy_hosts, delivery.host), (self._busy_accounts, delivery.account_id)):
            busy[name] -= 1
            if not busy[name]:
                del busy[name]
        self._woken.set()
        if not sending.cancelled() and (error := sending.exception()) is not None:
            _log.error("delivery %s broke", delivery.id, exc_info=error)

    async def _deliver(self, delivery: Due) -> None:
        began_s, began_at_s = time.monotonic(), self._clock.now_s()
        letter = outbox.load(self._db, delivery.id, began_at_s)
        if letter is None:
            return
        attempt, reply = await self._send(delivery, letter)
        (self._silent_hosts.add if attempt.status is None else self._silent_hosts.discard)(delivery.host)
        tried = outbox.Try(began_at_s, time.monotonic() - began_s, attempt.status, attempt.error, reply)
        made = delivery.attempts + 1
        next_at_s = None
        if attempt.verdict is Verdict.RETRY:
            next_at_s = next_try_s(self._schedule_s, made, attempt, self._clock.now_s(), self._luck())
        await self._db.write(lambda connection: outbox.mark(connection, delivery, attempt, tried, next_at_s))
        level = logging.WARNING if next_at_s is None and attempt.verdict is not Verdict.DELIVERED else logging.INFO
        verdict = "given up" if level == logging.WARNING else attempt.verdict.value
        _log.log(level, "delivery %s of task %s: %s %s", delivery.id, delivery.task_id, verdict, attempt.status)

    async def _send(self, delivery: Due, letter: outbox.Letter) -> tuple[Attempt, str]:
        now_s = self._clock.now_s()
        headers = signed_headers(letter.secrets, delivery.id, delivery.task_id, letter.body, now_s)
        try:
            reply = await self._egress.post(
                delivery.url, letter.body, headers, timeout_s=self._timeout_s, max_reply_bytes=MAX_REPLY_BYTES
            )
        except (EgressRefused, UnreachableError) as error:
            return Attempt(Verdict.RETRY, None, str(error)), ""
        return judge(reply.status, reply.headers.get("retry-after"), now_s), _shown(reply.body)


def _shown(body: bytes) -> str:
    """The first bytes of an answer as one line of text without controls: it is shown, never run."""
    text = body[:SHOWN_REPLY_BYTES].decode("utf-8", errors="replace")
    return "".join(char if char.isprintable() else " " for char in text)
