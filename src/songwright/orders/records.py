"""Orders of credits in the database.

An order is `created`, then `paid` or `expired`; a paid one may be `refunded`. An expired one may still be paid: a
payment that was really made counts, whatever a clock said before. Amounts are in the currency's smallest unit.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from songwright.core.errors import InvalidRequest

State = Literal["created", "paid", "expired", "refunded"]
Provider = Literal["stripe", "code"]
FROM: dict[State, tuple[State, ...]] = {
    "created": (),
    "paid": ("created", "expired"),
    "expired": ("created",),
    "refunded": ("created", "expired", "paid"),
}
_COLUMNS = """id, account_id, provider, state, credits, amount_minor, currency, payment, payment_intent, checkout_url,
  created_at_s, changed_at_s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditOrder:
    """Credits that somebody buys or redeems."""

    id: str
    account_id: str
    provider: Provider
    state: State
    credits: int
    amount_minor: int  #: in the currency's smallest unit; 0 for a code
    currency: str  #: three letters, lower case; empty for a code
    payment: str | None = None  #: the provider's name of it: a checkout session or a code's id
    payment_intent: str | None = None  #: what refunds and disputes name
    checkout_url: str | None = None  #: where it is paid
    created_at_s: float
    changed_at_s: float


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders of an account, newest first; `next_cursor` leads to older ones, None at the end."""

    orders: tuple[CreditOrder, ...]
    next_cursor: str | None


def insert(connection: sqlite3.Connection, order: CreditOrder) -> None:
    """A new order. Raises sqlite3.IntegrityError when its payment belongs to another."""
    connection.execute(
        f"INSERT INTO credit_order ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(order.id, order.account_id, order.provider, order.state, order.credits, order.amount_minor),
            *(order.currency, order.payment, order.payment_intent, order.checkout_url),
            *(order.created_at_s, order.changed_at_s),
        ),
    )


def find(connection: sqlite3.Connection, order_id: str) -> CreditOrder | None:
    """The order with this id, or None."""
    return _one(connection.execute(f"SELECT {_COLUMNS} FROM credit_order WHERE id = ?", (order_id,)))


def find_by_intent(connection: sqlite3.Connection, provider: Provider, payment_intent: str) -> CreditOrder | None:
    """The order that was paid by this payment, or None."""
    sql = f"SELECT {_COLUMNS} FROM credit_order WHERE provider = ? AND payment_intent = ?"
    return _one(connection.execute(sql, (provider, payment_intent)))


def move(connection: sqlite3.Connection, order_id: str, to: State, now_s: float) -> bool:
    """Bring an order into a state it may go to from where it is; False, with nothing changed, when it may not."""
    places = ", ".join("?" * len(FROM[to]))
    sql = f"UPDATE credit_order SET state = ?, changed_at_s = ? WHERE id = ? AND state IN ({places})"
    return connection.execute(sql, (to, now_s, order_id, *FROM[to])).rowcount == 1


def know_payment(connection: sqlite3.Connection, order_id: str, payment: str | None, intent: str | None) -> None:
    """Write down what the provider calls the payment, where that was not known yet."""
    sql = "UPDATE credit_order SET payment = coalesce(payment, ?), payment_intent = coalesce(payment_intent, ?)"
    connection.execute(f"{sql} WHERE id = ?", (payment, intent, order_id))


def know_checkout(connection: sqlite3.Connection, order_id: str, payment: str, url: str) -> None:
    """Write down where an order is paid."""
    sql = "UPDATE credit_order SET payment = coalesce(payment, ?), checkout_url = ? WHERE id = ?"
    connection.execute(sql, (payment, url, order_id))


def unpaid(connection: sqlite3.Connection, account_id: str, since_s: float) -> int:
    """How many orders an account has begun since then and not paid."""
    sql = "SELECT count(*) FROM credit_order WHERE account_id = ? AND state = 'created' AND created_at_s > ?"
    return connection.execute(sql, (account_id, since_s)).fetchone()[0]


def page(connection: sqlite3.Connection, account_id: str, limit: int, cursor: str | None) -> Page:
    """An account's orders older than `cursor`, newest first. Raises InvalidRequest for a cursor we never gave."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidRequest("This cursor was not given by this server.", param="cursor")
    sql = (
        f"SELECT number, {_COLUMNS} FROM credit_order WHERE account_id = ? AND number < ? ORDER BY number DESC LIMIT ?"
    )
    rows = connection.execute(sql, (account_id, int(cursor or 2**62), limit + 1)).fetchall()
    following = str(rows[limit - 1][0]) if len(rows) > limit else None
    return Page(tuple(_order(tuple(row)[1:]) for row in rows[:limit]), following)


def every_order(connection: sqlite3.Connection, limit: int = 1_000) -> list[CreditOrder]:
    """The newest orders of all accounts, newest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM credit_order ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
    return [_order(tuple(row)) for row in rows]


def _one(cursor: sqlite3.Cursor) -> CreditOrder | None:
    row = cursor.fetchone()
    return None if row is None else _order(tuple(row))


def _order(row: tuple[object, ...]) -> CreditOrder:
    return CreditOrder(**dict(zip((name.strip() for name in _COLUMNS.split(",")), row, strict=True)))  # type: ignore[arg-type]
