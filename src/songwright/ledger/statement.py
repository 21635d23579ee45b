"""An account's statement as it is read: movements in their order, each with its hash; and the proof of the chain."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from songwright.db import Database
from songwright.ledger.chain import START, Amounts, Movement, link

_AMOUNTS = ", ".join(
    f"coalesce((SELECT amount FROM entry WHERE journal_id = journal.id AND ledger_account = '{side}'), 0)"
    for side in ("available", "reserved", "used", "owed", "issued")
)
_ROWS = f"""
SELECT account_id, number, created_at_ms, kind, task_id, order_id, reason, hash, {_AMOUNTS} FROM journal
WHERE account_id = ? AND number > ? ORDER BY number
"""
_HEAD = "SELECT movements, statement_hash FROM account WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as it stands on the statement."""

    movement: Movement
    hash: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """What a walk along an account's chain found."""

    movements: int  #: how many were walked
    head: bytes  #: the hash of the last of them
    problems: tuple[str, ...]


def lines(connection: sqlite3.Connection, account_id: str, after: int = 0, limit: int | None = None) -> list[Line]:
    """Up to `limit` movements of an account after the one numbered `after`, oldest first."""
    return list(_read(connection, account_id, after, limit))


def prove(connection: sqlite3.Connection, account_id: str) -> Proof:
    """Walk the whole chain of an account: numbers without a gap, every hash right, the end where the account says."""
    number, before, problems = 0, START, list[str]()
    for line in _read(connection, account_id, 0, None):
        number += 1
        if line.movement.number != number:
            problems.append(f"the statement of {account_id} has no movement {number}")
            number = line.movement.number
        if link(before, line.movement) != line.hash:
            problems.append(f"the statement of {account_id} was changed at movement {number}")
        before = line.hash
    head = connection.execute(_HEAD, (account_id,)).fetchone()
    if head is None or (head[0], head[1]) != (number, before):
        problems.append(f"the statement of {account_id} does not end where the account says")
    return Proof(number, before, tuple(problems))


class StatementReader:
    """Statements as they are on disk, for callers without a connection."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._one_at_a_time = asyncio.Semaphore(1)

    def lines(self, account_id: str, after: int, limit: int) -> list[Line]:
        """Up to `limit` movements after the one numbered `after`, oldest first."""
        return self._db.reading(lambda c: lines(c, account_id, after, limit))

    async def prove(self, account_id: str) -> Proof:
        """Walk an account's whole chain, beside the event loop: a long one takes seconds."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._db.reading, lambda c: prove(c, account_id))


def _read(connection: sqlite3.Connection, account_id: str, after: int, limit: int | None) -> Iterator[Line]:
    sql = _ROWS if limit is None else f"{_ROWS} LIMIT {int(limit)}"
    for row in connection.execute(sql, (account_id, after)):
        movement = Movement(
            account_id=row[0],
            number=row[1],
            created_at_ms=row[2],
            kind=row[3],
            task_id=row[4],
            order_id=row[5],
            reason=row[6],
            amounts=Amounts(*tuple(row)[8:13]),
        )
        yield Line(movement, row[7])
