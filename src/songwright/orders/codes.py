"""Codes that are worth credits: made by the operator, shown once, stored as a hash, redeemed once.

A code is `SW-` and 20 characters of Crockford's base 32 in groups of five: 100 random bits. Case, blanks and hyphens do
not matter when it is typed in; `O`, `I` and `L` are read as 0, 1 and 1.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from songwright.core.errors import Conflict, InvalidRequest, NotFound
from songwright.core.ids import new_id

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 20, 5
MAX_CODES, MAX_CODE_CREDITS = 1_000, 1_000_000
_PREFIX = "SW"
_LOOK_ALIKES = str.maketrans("OIL", "011")
_COLUMNS = "id, hint, credits, account_id, created_at_s, expires_at_s, redeemed_at_s, redeemed_by"


@dataclass(frozen=True, slots=True)
class Code:
    """What may be shown of a code after it was made."""

    id: str
    hint: str  #: its last characters
    credits: int
    account_id: str | None  #: who alone may redeem it; None is anybody
    created_at_s: float
    expires_at_s: float | None
    redeemed_at_s: float | None = None
    redeemed_by: str | None = None


def create_codes(
    connection: sqlite3.Connection,
    credits: int,
    count: int,
    now_s: float,
    *,
    account_id: str | None = None,
    expires_at_s: float | None = None,
) -> list[str]:
    """`count` new codes, in the form in which they are handed out. Raises InvalidRequest for numbers out of range."""
    for name, value, most in (("credits", credits, MAX_CODE_CREDITS), ("count", count, MAX_CODES)):
        if type(value) is not int or not 0 < value <= most:
            raise InvalidRequest(f"The number of {name} must be whole, 1 to {most}.", param=name)
    made = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(count)]
    for text in made:
        connection.execute(
            f"INSERT INTO redeem_code (hash, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (_hash(text), new_id(), text[-GROUP:], credits, account_id, now_s, expires_at_s),
        )
    return ["-".join((_PREFIX, *(text[i : i + GROUP] for i in range(0, LENGTH, GROUP)))) for text in made]


def every_code(connection: sqlite3.Connection) -> list[Code]:
    """All codes, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM redeem_code ORDER BY created_at_s, id").fetchall()
    return [Code(*row) for row in rows]


def use(connection: sqlite3.Connection, text: str, account_id: str, now_s: float) -> Code:
    """Redeem a code for an account: the code as it was.

    Raises NotFound for one that does not exist, is for another account or was redeemed by one, Conflict for one that
    this account has redeemed, InvalidRequest for one that has expired.
    """
    row = connection.execute(f"SELECT {_COLUMNS} FROM redeem_code WHERE hash = ?", (_hash(_typed(text)),)).fetchone()
    code = None if row is None else Code(*row)
    if code is None or code.account_id not in (None, account_id) or code.redeemed_by not in (None, account_id):
        raise NotFound("There is no such code.", param="code")
    if code.redeemed_by is not None:
        raise Conflict("This code was redeemed already.", param="code")
    if code.expires_at_s is not None and now_s >= code.expires_at_s:
        raise InvalidRequest("This code has expired.", param="code")
    taken = connection.execute(
        "UPDATE redeem_code SET redeemed_at_s = ?, redeemed_by = ? WHERE id = ? AND redeemed_by IS NULL",
        (now_s, account_id, code.id),
    ).rowcount
    if taken != 1:
        raise NotFound("There is no such code.", param="code")
    return code


def _typed(text: str) -> str:
    bare = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
    return bare.removeprefix(_PREFIX).translate(_LOOK_ALIKES)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
