"""What an idempotency key stands for, in the database; to be written in the transaction of what it stands for."""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import dataclass

from songwright.core.errors import IdempotencyMismatch

KEPT_S = 7 * 86_400.0  #: how long a key is remembered unless a setting says otherwise
_RECALL = (
    "SELECT body_hash, task_id, order_id, answer FROM idempotency WHERE account_id = ? AND key = ? AND created_at_s > ?"
)
_REMEMBER = """
INSERT OR REPLACE INTO idempotency (account_id, key, body_hash, task_id, order_id, answer, created_at_s)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The request a key came with, and the one thing that came of it: a task, an order of credits, or an answer."""

    body_hash: bytes
    task_id: str | None
    order_id: str | None
    answer: bytes | None


def recall(connection: sqlite3.Connection, account_id: str, key: str, since_s: float) -> Remembered | None:
    """What an account's key was used for after `since_s`, or None."""
    row = connection.execute(_RECALL, (account_id, key, since_s)).fetchone()
    return None if row is None else Remembered(*row)


def recall_same(
    connection: sqlite3.Connection, account_id: str, key: str, mark: bytes, since_s: float
) -> Remembered | None:
    """`recall` for a request whose hash is `mark`. Raises IdempotencyMismatch when the key came with another one."""
    known = recall(connection, account_id, key, since_s)
    if known is not None and not hmac.compare_digest(known.body_hash, mark):
        raise IdempotencyMismatch
    return known


def remember(
    connection: sqlite3.Connection,
    account_id: str,
    key: str,
    mark: bytes,
    now_s: float,
    *,
    task_id: str | None = None,
    order_id: str | None = None,
    answer: bytes | None = None,
) -> None:
    """Write down what a key was used for; one that was past its time is taken over."""
    connection.execute(_REMEMBER, (account_id, key, mark, task_id, order_id, answer, now_s))


def forget(connection: sqlite3.Connection, before_s: float) -> int:
    """Forget keys that are older; how many there were."""
    return connection.execute("DELETE FROM idempotency WHERE created_at_s <= ?", (before_s,)).rowcount
