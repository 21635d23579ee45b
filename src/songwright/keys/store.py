"""Keys in the database. The key itself is returned once by `create` and never stored."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from songwright.core.caller import KeyMode
from songwright.core.errors import NotFound
from songwright.core.ids import new_id
from songwright.keys.token import new_token

_COLUMNS = "id, account_id, mode, prefix, last4, name, created_at_s, revoked_at_s"
_PREFIX_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Key:
    """What may be shown of a key after it was made."""

    id: str
    account_id: str
    mode: KeyMode
    prefix: str
    last4: str
    name: str
    created_at_s: float
    revoked_at_s: float | None = None


def create(
    connection: sqlite3.Connection, account_id: str, mode: KeyMode, now_s: float, name: str = ""
) -> tuple[str, Key]:
    """A new key for an account: the key itself, to be shown once, and its row."""
    token = new_token(mode)
    key = Key(new_id(), account_id, mode, token[:_PREFIX_LENGTH], token[-4:], name, now_s)
    connection.execute(
        f"INSERT INTO api_key ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        (key.id, key.account_id, key.mode, key.prefix, key.last4, key.name, key.created_at_s, token_hash(token)),
    )
    return token, key


def revoke(connection: sqlite3.Connection, key_id: str, now_s: float) -> None:
    """Make a key worthless, for good; a second call keeps the first moment. Raises NotFound."""
    changed = connection.execute(
        "UPDATE api_key SET revoked_at_s = coalesce(revoked_at_s, ?) WHERE id = ?", (now_s, key_id)
    ).rowcount
    if changed != 1:
        raise NotFound("No such key.")


def every(connection: sqlite3.Connection, account_id: str) -> list[Key]:
    """All keys of an account, oldest first, revoked ones too."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM api_key WHERE account_id = ? ORDER BY created_at_s, id", (account_id,)
    ).fetchall()
    return [Key(*row) for row in rows]


def token_hash(token: str) -> bytes:
    """What is stored. A key is 178 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(token.encode()).digest()
