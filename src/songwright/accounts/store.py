"""Accounts in the database."""

from __future__ import annotations

import base64
import secrets
import sqlite3
from dataclasses import dataclass

from songwright.core.errors import Conflict, InvalidRequest, NotFound
from songwright.core.ids import new_id

FIRST_ACCOUNT = "default"
MAX_NAME = 100
DEFAULT_OVERLAP_S = 86_400.0
MAX_OVERLAP_S = 30 * 86_400.0
_SECRET_BYTES = 24
_COLUMNS = "id, name, webhook_secret, created_at_s"


@dataclass(frozen=True, slots=True)
class Account:
    """One customer; `webhook_secret` signs what is sent to its callbacks."""

    id: str
    name: str
    webhook_secret: str
    created_at_s: float


def create(connection: sqlite3.Connection, name: str, now_s: float) -> Account:
    """A new account without credits. Raises InvalidRequest for a bad name, Conflict for one that is taken."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidRequest(f"A name has 1 to {MAX_NAME} printable characters.", param="name")
    if find(connection, name) is not None:
        raise Conflict(f"There is an account called {name!r} already.")
    account = Account(new_id(), name, new_webhook_secret(), now_s)
    connection.execute(
        f"INSERT INTO account ({_COLUMNS}) VALUES (?, ?, ?, ?)",
        (account.id, account.name, account.webhook_secret, account.created_at_s),
    )
    return account


def find(connection: sqlite3.Connection, name: str) -> Account | None:
    """The account called `name`, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE name = ?", (name,)).fetchone()
    return None if row is None else Account(*row)


def find_or_create(connection: sqlite3.Connection, name: str, now_s: float) -> Account:
    """The account called `name`, made when there is none."""
    return find(connection, name.strip()) or create(connection, name, now_s)


def get(connection: sqlite3.Connection, account_id: str) -> Account:
    """The account with this id. Raises NotFound."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise NotFound("No such account.")
    return Account(*row)


def every(connection: sqlite3.Connection) -> list[Account]:
    """All accounts, oldest first; empty at the very first start."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM account ORDER BY created_at_s, id").fetchall()
    return [Account(*row) for row in rows]


def rotate_webhook_secret(connection: sqlite3.Connection, account_id: str, now_s: float, overlap_s: float) -> str:
    """A new secret; for `overlap_s` more seconds callbacks are signed with the old one too. Raises InvalidRequest."""
    if not 0 <= overlap_s <= MAX_OVERLAP_S:
        raise InvalidRequest(f"The overlap is 0 to {MAX_OVERLAP_S:.0f} seconds.", param="overlap_seconds")
    secret = new_webhook_secret()
    connection.execute(
        "UPDATE account SET previous_webhook_secret = webhook_secret, previous_webhook_secret_until_s = ?,"
        " webhook_secret = ? WHERE id = ?",
        (now_s + overlap_s, secret, account_id),
    )
    return secret


def new_webhook_secret() -> str:
    """A secret as Standard Webhooks writes it: `whsec_` and base64 of 24 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
