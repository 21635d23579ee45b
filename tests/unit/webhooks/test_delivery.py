"""The delivery loop on a real outbox and real sockets: order, retries, crashes, and receivers that hang."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from songwright.core.clock import FixedClock
from songwright.core.task import Order
from songwright.db import Database
from songwright.egress import Egress, parse_allowed
from songwright.webhooks import Deliverer
from songwright.webhooks.outbox import host_of

SCHEDULE_S = (0.0, 5.0, 300.0)


@dataclass
class Receiver:
    """An HTTP server that answers what the test says."""

    answer: Callable[[str], Awaitable[bytes]]
    requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
            headers["path"] = lines[0].split()[1]
            headers["body"] = (await reader.readexactly(int(headers["content-length"]))).decode()
            self.requests.append(headers)
            writer.write(await self.answer(headers["path"]))
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def _receiving(answer: Callable[[str], Awaitable[bytes]]) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield receiver
    server.close()
    await asyncio.sleep(0.05)


def _status(status: int, headers: str = "") -> Callable[[str], Awaitable[bytes]]:
    async def answer(_: str) -> bytes:
        return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()

    return answer


@dataclass
class Outbox:
    """Rows put in as the lifecycle does, and a deliverer over them."""

    db: Database
    clock: FixedClock
    task_id: str
    account_id: str

    def put(self, url: str, event: str = "complete", task_id: str | None = None) -> str:
        name = f"msg_{event}_{task_id or self.task_id}_{url[-12:]}"
        now_s = self.clock.now_s()
        row = (name, task_id or self.task_id, self.account_id, url, host_of(url), event, b'{"a":1}', now_s, now_s)
        self.db.write_blocking(
            lambda c: (
                c.execute(
                    "INSERT INTO webhook_delivery (id, task_id, account_id, url, host, event, body, state, next_at_s,"
                    " created_at_s) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)",
                    row,
                ).rowcount
            )
        )
        return name

    def row(self, name: str) -> sqlite3.Row:
        return self.db.read("SELECT * FROM webhook_delivery WHERE id = ?", (name,))[0]

    @asynccontextmanager
    async def deliverer(self, timeout_s: float = 5.0) -> AsyncIterator[Deliverer]:
        egress = Egress(parse_allowed(["127.0.0.1", "localhost"]))
        yield Deliverer(self.db, egress, self.clock, schedule_s=SCHEDULE_S, timeout_s=timeout_s, luck=lambda: 0.0)
        await egress.aclose()


@pytest.fixture
def tasks(house: Any, order: Callable[..., Order]) -> Callable[[int], list[tuple[str, str]]]:
    def make(count: int) -> list[tuple[str, str]]:
        async def submit() -> list[tuple[str, str]]:
            caller, lifecycle = house.customer(credits=10_000), house.lifecycle()
            made = [(await lifecycle.submit(caller, order(f"song {i}"))).task for i in range(count)]
            return [(task.id, task.account_id) for task in made]

        return asyncio.run(submit())

    return make


@pytest.fixture
def outbox(house: Any, tasks: Callable[[int], list[tuple[str, str]]]) -> Outbox:
    return Outbox(house.db, house.clock, *tasks(1)[0])


def test_a_failing_delivery_follows_the_schedule_and_then_ends(outbox: Outbox) -> None:
    async def run() -> None:
        async with _receiving(_status(500)) as receiver, outbox.deliverer() as deliverer:
            name = outbox.put(receiver.url)
            for attempts, wait_s in ((1, 5.0), (2, 300.0)):
                assert deliverer.send_due() == 1
                await deliverer.settle()
                row = outbox.row(name)
                assert (row["state"], row["attempts"], row["last_status"]) == ("pending", attempts, 500)
                assert row["next_at_s"] == outbox.clock.now_s() + wait_s
                assert deliverer.send_due() == 0
                outbox.clock.advance(wait_s)
            deliverer.send_due()
            await deliverer.settle()
            assert (outbox.row(name)["state"], outbox.row(name)["attempts"]) == ("exhausted", 3)
            assert len({request["webhook-id"] for request in receiver.requests}) == 1
            assert len({request["webhook-timestamp"] for request in receiver.requests}) == 3

    asyncio.run(run())


def test_retry_after_is_honoured(outbox: Outbox) -> None:
    async def run() -> None:
        async with _receiving(_status(429, "Retry-After: 77\r\n")) as receiver, outbox.deliverer() as deliverer:
            name = outbox.put(receiver.url)
            deliverer.send_due()
            await deliverer.settle()
            assert outbox.row(name)["next_at_s"] == outbox.clock.now_s() + 77

    asyncio.run(run())


def test_a_server_that_dies_while_sending_sends_again_under_the_same_id(outbox: Outbox) -> None:
    async def run() -> None:
        stuck = asyncio.Event()

        async def hang(_: str) -> bytes:
            stuck.set()
            await asyncio.sleep(0.3)
            return b""

        async with _receiving(hang) as receiver:
            name = outbox.put(receiver.url)
            async with outbox.deliverer() as first:
                running = asyncio.create_task(first.run())
                await stuck.wait()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await first.settle()
            assert (outbox.row(name)["state"], outbox.row(name)["attempts"]) == ("pending", 0)
            receiver.answer = _status(200)
            async with outbox.deliverer() as second:
                second.send_due()
                await second.settle()
            assert outbox.row(name)["state"] == "delivered"
            assert [request["webhook-id"] for request in receiver.requests] == [name, name]
            await asyncio.sleep(0.3)

    asyncio.run(run())


def test_gone_ends_every_delivery_to_that_address_only(
    outbox: Outbox, tasks: Callable[[int], list[tuple[str, str]]]
) -> None:
    other_task = tasks(1)[0][0]

    async def run() -> None:
        async with _receiving(_status(410)) as receiver, outbox.deliverer() as deliverer:
            gone = outbox.put(f"{receiver.url}/gone")
            later = outbox.put(f"{receiver.url}/gone", "failed")
            elsewhere = outbox.put(f"{receiver.url}/else", "complete", other_task)
            outbox.db.write_blocking(
                lambda c: (
                    c.execute("UPDATE webhook_delivery SET next_at_s = next_at_s + 60 WHERE id <> ?", (gone,)).rowcount
                )
            )
            deliverer.send_due()
            await deliverer.settle()
            assert [outbox.row(name)["state"] for name in (gone, later, elsewhere)] == [
                "exhausted",
                "exhausted",
                "pending",
            ]

    asyncio.run(run())


def test_stages_of_one_task_arrive_in_their_order(outbox: Outbox) -> None:
    async def run() -> None:
        async with _receiving(_status(200)) as receiver, outbox.deliverer() as deliverer:
            for event in ("text", "first", "complete"):
                outbox.put(f"{receiver.url}/{event}", event)
            for _ in range(3):
                assert deliverer.send_due() == 1
                await deliverer.settle()
            assert [request["path"] for request in receiver.requests] == ["/text", "/first", "/complete"]

    asyncio.run(run())


def test_receivers_that_hang_delay_nobody_else(outbox: Outbox, tasks: Callable[[int], list[tuple[str, str]]]) -> None:
    made = tasks(12)

    async def run() -> None:
        async def slow(path: str) -> bytes:
            if path == "/hang":
                await asyncio.sleep(1.0)
            return await _status(200)(path)

        async with _receiving(slow) as receiver, outbox.deliverer() as deliverer:
            hanging = [outbox.put(f"{receiver.url}/hang", "complete", task_id) for task_id, _ in made[:10]]
            host_of_its_own = receiver.url.replace("127.0.0.1", "localhost")
            quick = outbox.put(f"{host_of_its_own}/ok", "complete", made[10][0])
            assert deliverer.send_due() == 5
            for _ in range(50):
                await asyncio.sleep(0.01)
                if outbox.row(quick)["state"] == "delivered":
                    break
            assert outbox.row(quick)["state"] == "delivered"
            assert all(outbox.row(name)["state"] == "pending" for name in hanging)
            await deliverer.settle()
            assert sum(outbox.row(name)["state"] == "delivered" for name in hanging) == 4

    asyncio.run(run())


def test_what_may_not_be_reached_is_written_down_and_given_up(outbox: Outbox) -> None:
    async def run() -> None:
        async with outbox.deliverer() as deliverer:
            name = outbox.put("http://10.0.0.1/hook")
            for wait_s in (*SCHEDULE_S[1:], 0.0):
                deliverer.send_due()
                await deliverer.settle()
                outbox.clock.advance(wait_s)
            row = outbox.row(name)
            assert (row["state"], row["last_error"]) == ("exhausted", "The address is private or reserved.")

    asyncio.run(run())
