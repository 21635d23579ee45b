"""An account's statement is a chain: whoever recomputes it finds every change, also after an upgrade."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.integration.money_banks import asked, reached

from songwright import accounts, ledger
from songwright.core.errors import Conflict, InsufficientCredits, InvalidRequest, NotFound
from songwright.db.connection import connect
from songwright.db.migrations import known_migrations, migrate

MUTATIONS = asked("MUTATIONS", 200)
TRIGGERS = ("journal_never_changes", "journal_never_shrinks", "entry_never_changes", "entry_never_shrinks")


def spend(house: Any, caller: Any, task_id: str, price: int, consumed: int) -> None:
    house.db.write_blocking(lambda c: ledger.reserve(c, caller.account_id, task_id, price, 1.25))
    house.db.write_blocking(lambda c: ledger.settle(c, caller.account_id, task_id, price, consumed, 2.5))


def recomputed(rows: list[ledger.Line]) -> bytes:
    """What a client does with the rows, written from the description and not with our own function."""
    before = "0" * 64
    for row in rows:
        m, a = row.movement, row.movement.amounts
        texts = (before, m.account_id, m.number, m.created_at_ms, m.kind, m.task_id or "", m.order_id or "")
        amounts = (a.available, a.reserved, a.used, a.owed, a.issued, m.reason)
        before = hashlib.sha256("\n".join(map(str, (*texts, *amounts))).encode()).hexdigest()
        assert before == row.hash.hex()
    return bytes.fromhex(before)


def test_a_client_can_recompute_every_hash_and_the_balance(house) -> None:
    ada, ben = house.customer("ada"), house.customer("ben")
    spend(house, ada, "t1", 10, 5)
    spend(house, ben, "t2", 10, 0)
    spend(house, ada, "t3", 0, 0)
    house.db.write_blocking(lambda c: ledger.refund(c, "t1", "two\nlines · 歌", 3.0))
    rows = house.db.reading(lambda c: ledger.lines(c, ada.account_id))
    assert [row.movement.kind for row in rows] == ["grant", "reserve", "post", "reserve", "void", "refund"]
    proof = house.db.reading(lambda c: ledger.prove(c, ada.account_id))
    assert (proof.movements, proof.head, proof.problems) == (6, recomputed(rows), ())
    assert sum(row.movement.amounts.available for row in rows) == 100
    later = house.db.reading(lambda c: ledger.lines(c, ada.account_id, 4, 1))
    assert [row.movement.number for row in later] == [5]


def test_a_task_is_refunded_once_and_only_what_it_had_cost(house) -> None:
    ada = house.customer(credits=100)
    spend(house, ada, "t1", 10, 4)
    assert house.db.write_blocking(lambda c: ledger.refund(c, "t1", "sorry", 3.0)) == 4
    assert house.balance(ada) == (100, 0, 0)
    with pytest.raises(Conflict):
        house.db.write_blocking(lambda c: ledger.refund(c, "t1", "again", 4.0))
    spend(house, ada, "free", 10, 0)
    for task_id in ("free", "unknown"):
        with pytest.raises(NotFound):
            house.db.write_blocking(lambda c, t=task_id: ledger.refund(c, t, "", 4.0))
    assert house.balance(ada) == (100, 0, 0)
    assert house.wrong_in_books() == []


def order_row(connection: sqlite3.Connection, account_id: str, order_id: str, credits: int, state: str) -> None:
    sql = (
        "INSERT OR REPLACE INTO credit_order (id, account_id, provider, state, credits, amount_minor, currency, "
        "created_at_s, changed_at_s) VALUES (?, ?, 'stripe', ?, ?, 1, 'usd', 0, 0)"
    )
    connection.execute(sql, (order_id, account_id, state, credits))


def test_what_was_spent_of_a_payment_that_is_taken_back_is_owed_and_paid_first(house) -> None:
    ada = house.customer(credits=0)

    def buy(connection: sqlite3.Connection) -> None:
        order_row(connection, ada.account_id, "o1", 100, "paid")
        ledger.grant(connection, ada.account_id, 100, "", 0.0, "o1")

    house.db.write_blocking(buy)
    house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t1", 70, 1.0))

    def charge_back(connection: sqlite3.Connection) -> None:
        order_row(connection, ada.account_id, "o1", 100, "refunded")
        ledger.take_back(connection, ada.account_id, "o1", 100, 2.0)

    house.db.write_blocking(charge_back)
    balance = house.db.reading(lambda c: ledger.balance(c, ada.account_id))
    assert balance == ledger.Balance(available=0, reserved=70, used=0, owed=70)
    with pytest.raises(InsufficientCredits):
        house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t2", 1, 3.0))
    house.db.write_blocking(lambda c: ledger.settle(c, ada.account_id, "t1", 70, 40, 4.0))
    assert house.db.reading(lambda c: ledger.balance(c, ada.account_id)) == ledger.Balance(0, 0, 40, 40)
    house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 50, "", 5.0))
    assert house.db.reading(lambda c: ledger.balance(c, ada.account_id)) == ledger.Balance(10, 0, 40, 0)
    with pytest.raises(sqlite3.IntegrityError):
        house.db.write_blocking(lambda c: ledger.take_back(c, ada.account_id, "o1", 100, 6.0))
    assert house.wrong_in_books() == []


def test_one_order_is_credited_once_whoever_asks(house) -> None:
    ada = house.customer(credits=0)
    house.db.write_blocking(lambda c: order_row(c, ada.account_id, "o1", 5, "paid"))
    house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 5, "", 0.0, "o1"))
    with pytest.raises(sqlite3.IntegrityError):
        house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 5, "", 0.0, "o1"))
    assert house.balance(ada) == (5, 0, 0)


@pytest.mark.parametrize("seconds", [3600, -3600, 86_400, -86_400])
def test_a_clock_that_jumps_changes_times_and_nothing_else(house, seconds: float) -> None:
    ada = house.customer(credits=100)
    house.clock.advance(seconds)
    life = house.lifecycle()
    asyncio.run(one_task(life, ada))
    house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 1, "", house.clock.now_s()))
    assert house.balance(ada) == (91, 0, 10)
    assert house.wrong_in_books() == []


async def one_task(life: Any, caller: Any) -> str:
    from songwright.core.song import Reading, SongRequest
    from songwright.core.task import Order, TaskKind

    request = SongRequest(model="suno", reading=Reading.DESCRIPTION, description="rain")
    task = (await life.submit(caller, Order(dialect="apione", kind=TaskKind.MUSIC, request=request, body={}))).task
    [claim] = await life.claim("server-1", 1)
    await life.perform(claim)
    return task.id


# ------------------------------------------------------------------------------------------------- tampering


def test_the_proof_finds_every_changed_value_and_every_lost_row(house, tmp_path: Path) -> None:
    """Any cell of the books changed, any row lost or doubled, the guards put back as if nothing had been."""
    ada = house.customer(credits=1_000)
    life = house.lifecycle()
    task_ids = [asyncio.run(one_task(life, ada)) for _ in range(5)]
    house.db.write_blocking(lambda c: ledger.refund(c, task_ids[0], "sorry", 1.0))
    house.customer("ben", credits=50)
    assert house.wrong_in_books() == []
    house.db.close()
    rng = random.Random(6)
    missed: list[str] = []
    for number in range(MUTATIONS):
        copy = tmp_path / "copy.db"
        shutil.copy(house.db.path, copy)
        connection = sqlite3.connect(copy)
        guards = dict(connection.execute("SELECT name, sql FROM sqlite_master").fetchall())
        for name in TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        what = None
        while what is None:  # What a unique index refuses is no change: another one.
            with contextlib.suppress(sqlite3.IntegrityError):
                what = mutate(connection, rng)
        for name in TRIGGERS:
            connection.execute(guards[name])
        connection.commit()
        if not ledger.verify(connection):
            missed.append(f"{number}: {what}")
        connection.close()
    assert missed == []
    reached("tampering", f"{MUTATIONS} of {MUTATIONS} found")


def mutate(connection: sqlite3.Connection, rng: random.Random) -> str:
    table = rng.choice(("journal", "entry", "account"))
    key = "journal_id || ledger_account" if table == "entry" else "id"
    chosen = rng.choice([row[0] for row in connection.execute(f"SELECT {key} FROM {table}")])
    if table != "account" and rng.random() < 0.3:
        connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (chosen,))
        return f"{table} {chosen} deleted"
    columns = {
        "journal": ("number", "task_id", "order_id", "kind", "reason", "created_at_ms", "hash", "account_id"),
        "entry": ("amount", "ledger_account"),
        "account": ("available", "reserved", "used", "owed", "movements", "statement_hash"),
    }[table]
    column = rng.choice(columns)
    before = connection.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (chosen,)).fetchone()[0]
    after = other_than(before, column, rng)
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (after, chosen))
    return f"{table}.{column} of {chosen}: {before!r} -> {after!r}"


def other_than(value: Any, column: str, rng: random.Random) -> Any:
    if column == "kind":
        return rng.choice([kind for kind in ("grant", "reserve", "post", "void", "refund") if kind != value])
    if column == "ledger_account":
        return "owed"
    if isinstance(value, bytes):
        at = rng.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1 :]
    if isinstance(value, int):
        return value + rng.choice((-1_000, -1, 1, 7, 2**40))
    return (value or "") + "x"


# ------------------------------------------------------------------------------------------------- upgrades


def old_database(path: Path) -> sqlite3.Connection:
    """A database as the version before the chain wrote it, with two accounts and a running task."""
    connection = connect(path)
    for step in known_migrations()[:2]:
        connection.executescript(step.sql)
    connection.executescript(
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_s REAL NOT NULL) STRICT;"
        "INSERT INTO migration VALUES (1, 'a', 0), (2, 'b', 0);"
        "INSERT INTO account (id, name, webhook_secret, available, reserved, used, created_at_s)"
        " VALUES ('ada', 'ada', 's', 85, 10, 5, 0), ('ben', 'ben', 's', 7, 0, 0, 0), ('eve', 'eve', 's', 0, 0, 0, 0);"
        "INSERT INTO journal (account_id, task_id, kind, reason, created_at_s) VALUES"
        " ('ada', NULL, 'grant', 'first start', 1700000000.1234), ('ben', NULL, 'grant', 'gift · 歌', 2),"
        " ('ada', 't1', 'reserve', '', 3), ('ada', 't1', 'settle', '', 4), ('ada', 't2', 'reserve', '', 5),"
        " ('ada', 't2', 'settle', '', 6), ('ada', 't3', 'reserve', '', 7);"
        "INSERT INTO entry VALUES (1, 'available', 100), (1, 'issued', -100), (2, 'available', 7), (2, 'issued', -7),"
        " (3, 'available', -10), (3, 'reserved', 10), (4, 'reserved', -10), (4, 'used', 5), (4, 'available', 5),"
        " (5, 'available', -10), (5, 'reserved', 10), (6, 'reserved', -10), (6, 'available', 10),"
        " (7, 'available', -10), (7, 'reserved', 10);"
    )
    for task, status, consumed in (("t1", "completed", 5), ("t2", "failed", 0), ("t3", "processing", 0)):
        connection.execute(
            "INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, "
            "digest, status, stage, price_credits, consumed_credits, clips, metadata, created_at_s, vt)"
            " VALUES (?, 'ada', 'k', 'live', 'd', 'music', x'', x'', x'', 0, 0, ?, '', 10, ?, x'', x'', 0, 0)",
            (task, status, consumed),
        )
    connection.execute("INSERT INTO idempotency VALUES ('ada', 'k', x'01', 't1', 5)")
    return connection


def test_an_older_database_is_chained_when_it_is_opened(tmp_path: Path) -> None:
    connection = old_database(tmp_path / "old.db")
    migrate(connection)
    assert ledger.verify(connection) == []
    rows = ledger.lines(connection, "ada")
    assert [row.movement.kind for row in rows] == ["grant", "reserve", "post", "reserve", "void", "reserve"]
    assert rows[0].movement.created_at_ms == 1_700_000_000_123
    assert recomputed(rows) == ledger.prove(connection, "ada").head
    assert recomputed(ledger.lines(connection, "ben")) == ledger.prove(connection, "ben").head
    assert ledger.prove(connection, "eve").movements == 0
    ledger.settle(connection, "ada", "t3", 10, 10, 8.0)
    connection.execute("UPDATE task SET status = 'completed', consumed_credits = 10 WHERE id = 't3'")
    assert ledger.verify(connection) == []
    with pytest.raises(sqlite3.IntegrityError):
        ledger.settle(connection, "ada", "t2", 0, 0, 9.0)
    assert connection.execute("SELECT task_id, created_at_s FROM idempotency").fetchone()[0] == "t1"
    connection.close()


def test_a_grant_is_no_number_that_a_reader_cannot_hold(house) -> None:
    ada = house.customer(credits=1)
    for amount in (-1, 0, 2**53, 2**63, 1e3, 0.1, "1e3", float("nan")):
        with pytest.raises(InvalidRequest):
            house.db.write_blocking(lambda c, n=amount: ledger.grant(c, ada.account_id, n, "", 0.0))
    accounts_there = house.db.reading(accounts.every)
    assert len(accounts_there) == 1 and house.balance(ada) == (1, 0, 0)
