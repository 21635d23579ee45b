"""The outbox: rows written by the transaction that ended the task, read here, and marked after each attempt.

A row stays `pending` while it is being sent, so a server that dies in the middle sends it again under the same id.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from songwright.db import Database
from songwright.webhooks.schedule import Attempt, Verdict

LOOK_AHEAD = 1000  #: due rows looked at in one turn; more wait for the next
_DUE = """SELECT id, task_id, account_id, url, attempts FROM webhook_delivery
WHERE state = 'pending' AND next_at_s <= ? ORDER BY next_at_s, created_at_s, rowid LIMIT ?"""
_LOAD = """SELECT d.body, a.webhook_secret FROM webhook_delivery d JOIN account a ON a.id = d.account_id
WHERE d.id = ? AND d.state = 'pending'"""
_MARK = """UPDATE webhook_delivery
SET state = ?, attempts = attempts + 1, next_at_s = ?, last_status = ?, last_error = ?
WHERE id = ? AND state = 'pending'"""
_DISABLE = """UPDATE webhook_delivery SET state = 'exhausted', last_error = ?
WHERE account_id = ? AND url = ? AND state = 'pending'"""


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery whose time has come."""

    id: str
    task_id: str
    account_id: str
    url: str
    attempts: int  #: made so far


@dataclass(frozen=True, slots=True)
class Letter:
    """The bytes to send and the secret to sign them with."""

    body: bytes
    secret: str


def due(db: Database, now_s: float) -> list[Due]:
    """What is to be sent now, oldest first."""
    return [Due(*row) for row in db.read(_DUE, (now_s, LOOK_AHEAD))]


def load(db: Database, delivery_id: str) -> Letter | None:
    """The bytes of a delivery, None when it was settled meanwhile."""
    row = db.read_one(_LOAD, (delivery_id,))
    return None if row is None else Letter(bytes(row[0]), str(row[1]))


def mark(connection: sqlite3.Connection, delivery: Due, attempt: Attempt, next_at_s: float | None) -> None:
    """Write down one attempt. An address that is gone gets nothing more from this account."""
    if attempt.verdict is Verdict.DELIVERED:
        state = "delivered"
    else:
        state = "pending" if attempt.verdict is Verdict.RETRY and next_at_s is not None else "exhausted"
    connection.execute(_MARK, (state, next_at_s or 0.0, attempt.status, attempt.error, delivery.id))
    if attempt.verdict is Verdict.GONE:
        connection.execute(_DISABLE, (attempt.error, delivery.account_id, delivery.url))
