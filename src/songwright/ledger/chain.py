"""The chain of an account's statement: every movement carries a hash of itself and of the movement before it. Pure.

The hash is SHA-256 of thirteen lines of UTF-8, joined by a line feed, in this order: the hash before it in hexadecimal
(64 zeros for the first movement), account id, number, time in Unix milliseconds, kind, task id, order id, the five
amounts (available, reserved, used, owed, issued), reason. Numbers are decimal; what a movement has not is empty. The
reason stands last because it alone may hold line feeds. Whoever keeps one hash can tell that nothing before it changed.
"""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple

START = bytes(32)  #: what comes before the first movement
Kind = Literal["grant", "reserve", "post", "void", "refund", "take_back"]


class Amounts(NamedTuple):
    """What a movement does to each ledger account, in credits; together they are zero."""

    available: int = 0
    reserved: int = 0
    used: int = 0
    owed: int = 0  #: negative: the customer owes
    issued: int = 0  #: the house's side: negative when credits come into being


SIDES = Amounts._fields  #: the ledger accounts by name


class Movement(NamedTuple):
    """One movement of an account, before it is chained."""

    account_id: str
    number: int  #: 1, 2, 3 ... of its account
    created_at_ms: int  #: Unix milliseconds
    kind: Kind
    task_id: str | None
    order_id: str | None
    reason: str
    amounts: Amounts


def link(before: bytes, movement: Movement) -> bytes:
    """The movement's hash, 32 bytes, when `before` is the hash of the one before it."""
    account_id, number, created_at_ms, kind, task_id, order_id, reason, amounts = movement
    available, reserved, used, owed, issued = amounts
    text = (
        f"{before.hex()}\n{account_id}\n{number}\n{created_at_ms}\n{kind}\n{task_id or ''}\n{order_id or ''}\n"
        f"{available}\n{reserved}\n{used}\n{owed}\n{issued}\n{reason}"
    )
    return hashlib.sha256(text.encode()).digest()
