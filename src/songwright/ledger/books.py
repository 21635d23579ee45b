"""Double entry in six movements, each one function that runs inside the caller's transaction.

Conventions
    Amounts are whole credits. A movement is one `journal` row and its `entry` rows, which add up to zero:

    grant      available +n                     issued   -n      credits come into being: given, redeemed or bought
    reserve    available -n    reserved +n                       a task is accepted
    post       reserved  -n    used     +c      available +(n-c) the task ended; c > 0 was owed for what was delivered
    void       reserved  -n                     available +n     the task ended; nothing was owed
    refund     used      -c                     available +c     the operator gives back what a task had cost
    take_back  available -a    owed     -(n-a)  issued   +n      a payment was taken back; what is spent already is owed

    What comes into `available` while something is owed pays that first, so nobody who owes can spend.
    The balances are repeated in the account's row. They are moved by one conditional UPDATE, which is what refuses an
    overdraft: there is no moment between looking and taking. A task is reserved once, settled (post or void) once and
    refunded once: unique indexes are the second wall behind the task's own state. Each movement is chained to the one
    before it (`chain.py`); the UPDATE also refuses when another movement came between.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from songwright.core.errors import Conflict, InsufficientCredits, InvalidRequest, NotFound
from songwright.ledger.chain import SIDES, Amounts, Kind, Movement, link

MAX_CREDITS = 2**53 - 1  #: exact in every JSON reader
_HEAD = "SELECT movements, statement_hash, owed FROM account WHERE id = ?"
_MOVE = """
UPDATE account SET available = available + ?1, reserved = reserved + ?2, used = used + ?3, owed = owed - ?4,
  movements = ?5, statement_hash = ?6
WHERE id = ?7 AND movements = ?5 - 1 AND available + ?1 >= 0 AND reserved + ?2 >= 0 AND used + ?3 >= 0
"""
_INSERT = """
INSERT INTO journal (account_id, number, created_at_ms, kind, task_id, order_id, reason, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_POSTED = """
SELECT account_id, amount FROM journal JOIN entry ON journal_id = journal.id AND ledger_account = 'used'
WHERE task_id = ? AND kind = 'post'
"""
_REFUNDED = "SELECT 1 FROM journal WHERE task_id = ? AND kind = 'refund'"


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account can spend, what waits for unfinished tasks, what it has spent, and what it owes."""

    available: int
    reserved: int
    used: int
    owed: int = 0


def balance(connection: sqlite3.Connection, account_id: str) -> Balance:
    """The account's balance. Raises NotFound."""
    row = connection.execute(
        "SELECT available, reserved, used, owed FROM account WHERE id = ?", (account_id,)
    ).fetchone()
    if row is None:
        raise NotFound("No such account.")
    return Balance(*row)


def grant(
    connection: sqlite3.Connection,
    account_id: str,
    amount: int,
    reason: str,
    now_s: float,
    order_id: str | None = None,
) -> None:
    """Give `amount` credits, for an order of credits once. Raises InvalidRequest unless it is whole and above 0."""
    if type(amount) is not int or not 0 < amount <= MAX_CREDITS:
        raise InvalidRequest("Credits are granted in whole numbers above 0.", param="credits")
    before = balance(connection, account_id)
    if before.available + before.reserved + before.used + before.owed + amount > MAX_CREDITS:
        raise InvalidRequest("An account cannot hold that many credits.", param="credits")
    amounts = Amounts(available=amount, issued=-amount)
    _require(_move(connection, account_id, "grant", amounts, now_s, order_id=order_id, reason=reason), account_id)


def reserve(connection: sqlite3.Connection, account_id: str, task_id: str, amount: int, now_s: float) -> None:
    """Set `amount` aside for a task. Raises InsufficientCredits, with nothing changed."""
    if amount < 0:
        raise ValueError(f"cannot reserve {amount} credits")
    amounts = Amounts(available=-amount, reserved=amount)
    if not _move(connection, account_id, "reserve", amounts, now_s, task_id=task_id):
        left = balance(connection, account_id).available
        raise InsufficientCredits(f"Insufficient credits: this costs {amount}, the account has {left}.")


def settle(
    connection: sqlite3.Connection, account_id: str, task_id: str, reserved: int, consumed: int, now_s: float
) -> None:
    """End a task's reservation: `consumed` is posted, the rest is available again; void when nothing is owed.

    Raises sqlite3.IntegrityError when the task was settled before, ValueError when the numbers cannot be right.
    """
    if not 0 <= consumed <= reserved:
        raise ValueError(f"cannot consume {consumed} of {reserved} reserved credits")
    amounts = Amounts(reserved=-reserved, used=consumed, available=reserved - consumed)
    if not _move(connection, account_id, "post" if consumed else "void", amounts, now_s, task_id=task_id):
        raise ValueError(f"account {account_id} has no {reserved} credits reserved")


def refund(connection: sqlite3.Connection, task_id: str, reason: str, now_s: float) -> int:
    """Give back what a task had cost, once; how much that was. Raises NotFound, Conflict for a second time."""
    posted = connection.execute(_POSTED, (task_id,)).fetchone()
    if posted is None:
        raise NotFound("No such task has cost anything.")
    if connection.execute(_REFUNDED, (task_id,)).fetchone():  # Below it, a unique index says so once more.
        raise Conflict("This task was refunded already.")
    account_id, amount = posted
    amounts = Amounts(used=-amount, available=amount)
    _require(_move(connection, account_id, "refund", amounts, now_s, task_id=task_id, reason=reason), account_id)
    return amount


def take_back(connection: sqlite3.Connection, account_id: str, order_id: str, amount: int, now_s: float) -> None:
    """Undo the grant of an order whose payment was taken back; what is not available any more is owed."""
    here = min(balance(connection, account_id).available, amount)
    amounts = Amounts(available=-here, owed=here - amount, issued=amount)
    _require(_move(connection, account_id, "take_back", amounts, now_s, order_id=order_id), account_id)


def _require(moved: bool, account_id: str) -> None:
    if not moved:
        raise ValueError(f"the balances of account {account_id} allow no such movement")


def _move(
    connection: sqlite3.Connection,
    account_id: str,
    kind: Kind,
    amounts: Amounts,
    now_s: float,
    *,
    task_id: str | None = None,
    order_id: str | None = None,
    reason: str = "",
) -> bool:
    """Append one movement; False, with nothing changed, when a balance would fall below zero or another came between.

    A free task's movement has no entries, but is still made only once. Raises NotFound for an unknown account.
    """
    head = connection.execute(_HEAD, (account_id,)).fetchone()
    if head is None:
        raise NotFound("No such account.")
    number, before, owed = head
    if owed and amounts.available > 0:
        paid = min(owed, amounts.available)
        amounts = amounts._replace(available=amounts.available - paid, owed=amounts.owed + paid)
    movement = Movement(account_id, number + 1, round(now_s * 1000), kind, task_id, order_id, reason, amounts)
    digest = link(before, movement)
    if connection.execute(_MOVE, (*amounts[:4], number + 1, digest, account_id)).rowcount != 1:
        return False
    _post(connection, movement, digest)
    return True


def _post(connection: sqlite3.Connection, movement: Movement, digest: bytes) -> None:
    journal_id = connection.execute(_INSERT, (*movement[:7], digest)).lastrowid
    entries = [(journal_id, side, amount) for side, amount in zip(SIDES, movement.amounts, strict=True) if amount]
    if entries:  # In one statement: the hot path pays for each.
        values = ", ".join(["(?, ?, ?)"] * len(entries))
        parameters = [value for entry in entries for value in entry]
        connection.execute(f"INSERT INTO entry (journal_id, ledger_account, amount) VALUES {values}", parameters)
