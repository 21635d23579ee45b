"""The outbox: frozen bodies, fair lines, stored attempts, resend, addresses that are gone, two secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from songwright import accounts
from songwright.core.errors import NotFound
from songwright.core.task import Order
from songwright.db import Database
from songwright.egress import Egress, parse_allowed
from songwright.webhooks import Deliverer, outbox

SCHEDULE_S = (0.0, 5.0)


@pytest.fixture
def task(house: Any, order: Callable[..., Order]) -> Any:
    return asyncio.run(house.lifecycle().submit(house.customer(), order("one"))).task


def put(house: Any, task: Any, url: str, event: str = "complete", task_id: str | None = None) -> bool:
    now_s = house.clock.now_s()
    body = json.dumps({"event": event}).encode()
    return house.db.write_blocking(
        lambda c: outbox.put(c, task_id or task.id, task.account_id, url, event, body, now_s)
    )


class Wire:
    """Egress whose receivers answer, or hang until they are let go."""

    def __init__(self, answers: dict[str, int]) -> None:
        self.answers = answers
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.let_go = asyncio.Event()

    async def post(self, url: str, body: bytes, headers: dict[str, str], **_: Any) -> Any:
        self.sent.append((url, body, dict(headers)))
        status = self.answers.get(outbox.host_of(url), 200)
        if status == 0:
            await self.let_go.wait()
        return type("Reply", (), {"status": status or 200, "headers": {}, "body": b"fine\x1b[31m\n" + b"x" * 999})()


async def run_once(house: Any, wire: Wire) -> None:
    deliverer = Deliverer(house.db, wire, house.clock, schedule_s=SCHEDULE_S, luck=lambda: 0.0)  # type: ignore[arg-type]
    deliverer.send_due()
    await deliverer.settle()


def test_a_cancelled_task_and_its_callback_are_one_transaction(house: Any, order: Callable[..., Order]) -> None:
    async def run() -> None:
        lifecycle, caller = house.lifecycle(), house.customer()
        wanted = order("x", callback_url="https://hooks.example/a")
        task = (await lifecycle.submit(caller, wanted)).task
        await lifecycle.cancel(caller.account_id, task.id)
        await lifecycle.cancel(caller.account_id, task.id)
        assert house.events(task.id) == ["cancelled"]
        [row] = house.db.read("SELECT body, host, state FROM webhook_delivery")
        assert tuple(row) == (f"{task.id} cancelled cancelled".encode(), "hooks.example", "pending")

    asyncio.run(run())


def test_when_the_settlement_is_undone_so_is_its_callback(
    house: Any, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        lifecycle, caller = house.lifecycle(), house.customer()
        task = (await lifecycle.submit(caller, order("x", callback_url="https://hooks.example/a"))).task

        def fail(*_: Any) -> bool:
            raise RuntimeError("the disk went away after the settlement, before the callback")

        with monkeypatch.context() as patch:
            patch.setattr("songwright.tasks.outbox.announce", fail)
            with pytest.raises(RuntimeError):
                await lifecycle.cancel(caller.account_id, task.id)
        assert lifecycle.get(caller.account_id, task.id).status.value == "pending"
        assert house.balance(caller)[1] == 10 and house.events(task.id) == []
        assert house.wrong_in_books() == []

    asyncio.run(run())


def test_a_thousand_rows_for_a_host_that_hangs_crowd_nobody_out(house: Any, task: Any) -> None:
    def fill(connection: Any) -> None:
        for i in range(1500):
            url = f"http://hang{i % 3}.example/hook"
            connection.execute(
                "INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed,"
                " digest, status, stage, price_credits, clips, metadata, created_at_s, vt)"
                " SELECT ?, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, digest,"
                " 'cancelled', stage, 0, clips, metadata, created_at_s, vt FROM task WHERE id = ?",
                (f"t{i}", task.id),
            )
            outbox.put(connection, f"t{i}", task.account_id, url, "complete", b"{}", 1.0)

    async def run() -> None:
        house.db.write_blocking(fill)
        put(house, task, "http://quick.example/hook")
        wire = Wire({f"hang{i}.example": 0 for i in range(3)})
        deliverer = Deliverer(house.db, wire, house.clock, schedule_s=SCHEDULE_S)  # type: ignore[arg-type]
        assert deliverer.send_due() == 3 * 4 + 1
        for _ in range(200):
            await asyncio.sleep(0.01)
            if house.db.read_one("SELECT 1 FROM webhook_delivery WHERE state = 'delivered'"):
                break
        assert [row[0] for row in house.db.read("SELECT host FROM webhook_delivery WHERE state = 'delivered'")] == [
            "quick.example"
        ]
        wire.let_go.set()
        await deliverer.settle()

    asyncio.run(run())


def test_more_hosts_than_one_turn_looks_at_are_all_served(
    house: Any, task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HOSTS_AHEAD", 3)
    for i in range(10):
        put(house, task, f"http://host{i}.example/", f"event{i}")

    async def run() -> None:
        wire = Wire({})
        deliverer = Deliverer(house.db, wire, house.clock, schedule_s=SCHEDULE_S)  # type: ignore[arg-type]
        for _ in range(20):
            deliverer.send_due()
            await deliverer.settle()
        assert len({url for url, *_ in wire.sent}) == len(wire.sent) == 10

    asyncio.run(run())


def test_every_attempt_is_kept_with_its_answers_first_bytes_as_plain_text(house: Any, task: Any) -> None:
    put(house, task, "http://a.example/")

    async def run() -> None:
        wire = Wire({"a.example": 500})
        await run_once(house, wire)
        house.clock.advance(5)
        wire.answers["a.example"] = 204
        await run_once(house, wire)

    asyncio.run(run())
    [shown] = outbox.shown(house.db, task.account_id, task.id)
    assert (shown.state, shown.attempts) == ("delivered", 2)
    newest, oldest = shown.tries
    assert (newest.status, oldest.status, oldest.error) == (204, 500, "the receiver answered 500")
    assert newest.at_s - oldest.at_s == 5 and newest.duration_s >= 0
    assert newest.reply.startswith("fine [31m x") and len(newest.reply) <= 256 and newest.reply.isprintable()
    with pytest.raises(NotFound):
        outbox.shown(house.db, "another account", task.id)


def test_an_address_that_is_gone_gets_nothing_more_and_says_so_until_a_resend(house: Any, task: Any) -> None:
    url = "http://a.example/"
    put(house, task, url)
    wire_answers = {"a.example": 410}

    async def attempt() -> Wire:
        wire = Wire(wire_answers)
        await run_once(house, wire)
        return wire

    asyncio.run(attempt())
    put(house, task, url, "later")
    assert asyncio.run(attempt()).sent == []
    for shown in outbox.shown(house.db, task.account_id, task.id):
        assert (shown.state, shown.disabled, shown.last_error) == ("exhausted", True, outbox.GONE)
    wire_answers["a.example"] = 200
    now_s = house.clock.now_s()
    assert house.db.write_blocking(lambda c: outbox.send_again(c, task.account_id, task.id, "later", now_s)) == 1
    assert len(asyncio.run(attempt()).sent) == 1
    states = {shown.event: (shown.state, shown.disabled) for shown in outbox.shown(house.db, task.account_id, task.id)}
    assert states == {"complete": ("exhausted", False), "later": ("delivered", False)}


def test_a_resend_is_the_same_bytes_under_the_same_id_and_only_for_the_owner(house: Any, task: Any) -> None:
    put(house, task, "http://a.example/")

    async def run() -> list[tuple[str, bytes, dict[str, str]]]:
        wire = Wire({})
        await run_once(house, wire)
        with pytest.raises(NotFound):
            house.db.write_blocking(lambda c: outbox.send_again(c, "another account", task.id, "", 0.0))
        house.db.write_blocking(lambda c: outbox.send_again(c, task.account_id, task.id, "", house.clock.now_s()))
        await run_once(house, wire)
        return wire.sent

    first, second = asyncio.run(run())
    assert (first[1], first[2]["webhook-id"]) == (second[1], second[2]["webhook-id"])


def test_while_the_secret_is_rotated_both_sign_and_afterwards_only_the_new_one(house: Any, task: Any) -> None:
    def rotate(connection: Any) -> str:
        return accounts.rotate_webhook_secret(connection, task.account_id, house.clock.now_s(), 60.0)

    old = house.db.reading(lambda c: accounts.get(c, task.account_id)).webhook_secret
    new = house.db.write_blocking(rotate)
    put(house, task, "http://a.example/", "one")

    async def run() -> list[tuple[str, bytes, dict[str, str]]]:
        wire = Wire({})
        await run_once(house, wire)
        house.clock.advance(60)
        put(house, task, "http://a.example/", "two")
        await run_once(house, wire)
        return wire.sent

    during, after = asyncio.run(run())
    assert len(during[2]["webhook-signature"].split()) == 2
    assert len(after[2]["webhook-signature"].split()) == 1
    for sent, secrets in ((during, (old, new)), (after, (new,))):
        for secret in secrets:
            signature = Webhook(secret).sign(sent[2]["webhook-id"], _moment(sent[2]), sent[1].decode())
            assert signature in sent[2]["webhook-signature"].split()


def test_rows_of_an_older_version_are_put_into_their_hosts_line(house: Any, task: Any) -> None:
    put(house, task, "http://A.example:8080/x")
    house.db.write_blocking(lambda c: c.execute("UPDATE webhook_delivery SET host = ''").rowcount)
    assert house.db.write_blocking(outbox.name_hosts) == 1
    assert outbox.hosts(house.db, "") == ["a.example:8080"]


def test_old_attempts_are_forgotten(house: Any, task: Any) -> None:
    put(house, task, "http://a.example/")
    asyncio.run(run_once(house, Wire({})))
    assert house.db.write_blocking(lambda c: outbox.forget(c, house.clock.now_s())) == 0
    assert house.db.write_blocking(lambda c: outbox.forget(c, house.clock.now_s() + 1)) == 1


def test_a_redirect_is_a_failure_and_is_not_followed(db: Database, house: Any, task: Any) -> None:
    visited: list[str] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visited.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        writer.write(b"HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(redirect, "127.0.0.1", 0)
        put(house, task, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook")
        egress = Egress(parse_allowed(["127.0.0.1"]))
        deliverer = Deliverer(house.db, egress, house.clock, schedule_s=(0.0,))
        deliverer.send_due()
        await deliverer.settle()
        await egress.aclose()
        server.close()

    asyncio.run(run())
    [shown] = outbox.shown(house.db, task.account_id, task.id)
    assert visited == ["/hook"] and (shown.state, shown.last_status) == ("exhausted", 307)


def _moment(headers: dict[str, str]) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
