"""Double entry in four movements, each one function that runs inside the caller's transaction.

Conventions
    Amounts are whole credits. A movement is one `journal` row and its `entry` rows, which add up to zero:

    grant    available +n                     issued   -n      credits come into being
    reserve  available -n    reserved +n                       a task is accepted
    settle   reserved  -n    used     +c      available +(n-c) the task ended; c was owed for what was delivered

    `available`, `reserved` and `used` are repeated in the account's row. They are moved by one conditional UPDATE,
    which is what refuses an overdraft: there is no moment between looking and taking. A task is reserved once and
    settled once: a unique index on (task, kind) is the second wall behind the task's own state.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from songwright.core.errors import InsufficientCredits, InvalidRequest, NotFound

MAX_CREDITS = 2**53 - 1  #: exact in every JSON reader
Kind = Literal["grant", "reserve", "settle"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account can spend, what waits for unfinished tasks, and what it has spent."""

    available: int
    reserved: int
    used: int


def balance(connection: sqlite3.Connection, account_id: str) -> Balance:
    """The account's balance. Raises NotFound."""
    row = connection.execute("SELECT available, reserved, used FROM account WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise NotFound("No such account.")
    return Balance(*row)


def grant(connection: sqlite3.Connection, account_id: str, amount: int, reason: str, now_s: float) -> None:
    """Give `amount` credits. Raises InvalidRequest for an amount that is no positive whole number, NotFound."""
    if type(amount) is not int or not 0 < amount <= MAX_CREDITS:
        raise InvalidRequest("Credits are granted in whole numbers above 0.", param="credits")
    before = balance(connection, account_id)
    if before.available + before.reserved + before.used + amount > MAX_CREDITS:
        raise InvalidRequest("An account cannot hold that many credits.", param="credits")
    connection.execute("UPDATE account SET available = available + ? WHERE id = ?", (amount, account_id))
    _post(connection, account_id, None, "grant", reason, now_s, available=amount, issued=-amount)


def reserve(connection: sqlite3.Connection, account_id: str, task_id: str, amount: int, now_s: float) -> None:
    """Set `amount` aside for a task. Raises InsufficientCredits, with nothing changed."""
    if amount < 0:
        raise ValueError(f"cannot reserve {amount} credits")
    taken = connection.execute(
        "UPDATE account SET available = available - ?1, reserved = reserved + ?1 WHERE id = ?2 AND available >= ?1",
        (amount, account_id),
    ).rowcount
    if taken != 1:
        left = balance(connection, account_id).available
        raise InsufficientCredits(f"Insufficient credits: this costs {amount}, the account has {left}.")
    _post(connection, account_id, task_id, "reserve", "", now_s, available=-amount, reserved=amount)


def settle(
    connection: sqlite3.Connection, account_id: str, task_id: str, reserved: int, consumed: int, now_s: float
) -> None:
    """End a task's reservation: `consumed` is spent, the rest is available again.

    Raises sqlite3.IntegrityError when the task was settled before, ValueError when the numbers cannot be right.
    """
    if not 0 <= consumed <= reserved:
        raise ValueError(f"cannot consume {consumed} of {reserved} reserved credits")
    moved = connection.execute(
        "UPDATE account SET reserved = reserved - ?1, used = used + ?2, available = available + ?1 - ?2 "
        "WHERE id = ?3 AND reserved >= ?1",
        (reserved, consumed, account_id),
    ).rowcount
    if moved != 1:
        raise ValueError(f"account {account_id} has no {reserved} credits reserved")
    given_back = reserved - consumed
    _post(connection, account_id, task_id, "settle", "", now_s, reserved=-reserved, used=consumed, available=given_back)


def _post(
    connection: sqlite3.Connection,
    account_id: str,
    task_id: str | None,
    kind: Kind,
    reason: str,
    now_s: float,
    **amounts: int,
) -> None:
    """Append one movement. A free task's movement has no entries, but is still made only once."""
    journal_id = connection.execute(
        "INSERT INTO journal (account_id, task_id, kind, reason, created_at_s) VALUES (?, ?, ?, ?, ?)",
        (account_id, task_id, kind, reason, now_s),
    ).lastrowid
    entries = [(journal_id, name, amount) for name, amount in amounts.items() if amount]
    if entries:  # In one statement: the hot path pays for each.
        values = ", ".join(["(?, ?, ?)"] * len(entries))
        parameters = [value for entry in entries for value in entry]
        connection.execute(f"INSERT INTO entry (journal_id, ledger_account, amount) VALUES {values}", parameters)
