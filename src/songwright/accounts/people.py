"""People who belong to an account, in the database: users, their sessions, and invitations.

Conventions: what is handed out (a session, an invitation) is random and stored only as its SHA-256. An e-mail address
is compared in lower case. Times in seconds.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Literal

from songwright.core.errors import Conflict, InvalidRequest, NotFound
from songwright.core.ids import new_id

Role = Literal["admin", "member"]
ROLES: tuple[Role, ...] = ("admin", "member")
SESSION_S = 14 * 86_400.0
INVITATION_S = 7 * 86_400.0
SESSION_PREFIX, INVITATION_PREFIX = "sw_session_", "sw_invite_"
MAX_EMAIL = 254
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+")
_USER = "id, account_id, email, role, created_at_s, password_hash"


@dataclass(frozen=True, slots=True)
class User:
    """One person; `password_hash` is shown to nobody."""

    id: str
    account_id: str
    email: str
    role: Role
    created_at_s: float
    password_hash: str


def checked_email(text: str) -> str:
    """The address as it is stored. Raises InvalidRequest."""
    email = text.strip().lower()
    if len(email) > MAX_EMAIL or _EMAIL.fullmatch(email) is None:
        raise InvalidRequest("This is no e-mail address.", param="email")
    return email


def checked_role(text: str) -> Role:
    """Raises InvalidRequest for a word that is no role."""
    for role in ROLES:
        if role == text:
            return role
    raise InvalidRequest("A role is admin or member.", param="role")


def add_user(
    connection: sqlite3.Connection, account_id: str, email: str, password_hash: str, role: Role, now_s: float
) -> User:
    """A new user. Raises Conflict when the address has one already."""
    user = User(new_id(), account_id, checked_email(email), role, now_s, password_hash)
    if find_user(connection, user.email) is not None:
        raise Conflict("There is a user with this address already.")
    values = (user.id, user.account_id, user.email, user.role, user.created_at_s, user.password_hash)
    connection.execute(f"INSERT INTO user ({_USER}) VALUES (?, ?, ?, ?, ?, ?)", values)
    return user


def find_user(connection: sqlite3.Connection, email: str) -> User | None:
    """The user with this address, or None."""
    row = connection.execute(f"SELECT {_USER} FROM user WHERE email = ?", (email.strip().lower(),)).fetchone()
    return None if row is None else User(*row)


def get_user(connection: sqlite3.Connection, user_id: str) -> User:
    """The user with this id. Raises NotFound."""
    row = connection.execute(f"SELECT {_USER} FROM user WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        raise NotFound("No such user.")
    return User(*row)


def users_of(connection: sqlite3.Connection, account_id: str) -> list[User]:
    """Everybody in an account, oldest first."""
    sql = f"SELECT {_USER} FROM user WHERE account_id = ? ORDER BY created_at_s, id"
    return [User(*row) for row in connection.execute(sql, (account_id,)).fetchall()]


def remove_user(connection: sqlite3.Connection, account_id: str, user_id: str) -> None:
    """Remove a user and all his sessions. Raises NotFound, and Conflict for the last admin."""
    user = get_user(connection, user_id)
    if user.account_id != account_id:
        raise NotFound("No such user.")
    admins = [other for other in users_of(connection, account_id) if other.role == "admin"]
    if [other.id for other in admins] == [user_id]:
        raise Conflict("This is the account's only admin.")
    connection.execute("DELETE FROM user WHERE id = ?", (user_id,))


def set_password(connection: sqlite3.Connection, user_id: str, password_hash: str) -> None:
    """A new password ends every session of the user."""
    connection.execute("UPDATE user SET password_hash = ? WHERE id = ?", (password_hash, user_id))
    end_sessions(connection, user_id)


# -------------------------------------------------------------------------------------------------- sessions


def begin_session(connection: sqlite3.Connection, user_id: str, now_s: float) -> str:
    """A session of a user: 256 random bits, to be handed out once. Sessions past their time are forgotten here."""
    token = SESSION_PREFIX + secrets.token_urlsafe(32)
    connection.execute("DELETE FROM session WHERE expires_at_s <= ?", (now_s,))
    connection.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (_hash(token), user_id, now_s, now_s + SESSION_S))
    return token


def find_session(connection: sqlite3.Connection, token: str, now_s: float) -> User | None:
    """Whose session it is, None when it has ended."""
    sql = f"SELECT {_USER} FROM user WHERE id = (SELECT user_id FROM session WHERE hash = ? AND expires_at_s > ?)"
    row = connection.execute(sql, (_hash(token), now_s)).fetchone()
    return None if row is None else User(*row)


def end_session(connection: sqlite3.Connection, token: str) -> None:
    """Log out here."""
    connection.execute("DELETE FROM session WHERE hash = ?", (_hash(token),))


def end_sessions(connection: sqlite3.Connection, user_id: str) -> int:
    """Log out everywhere; how many sessions there were."""
    return connection.execute("DELETE FROM session WHERE user_id = ?", (user_id,)).rowcount


# ----------------------------------------------------------------------------------------------- invitations


def invite(connection: sqlite3.Connection, account_id: str, role: Role, now_s: float) -> str:
    """An invitation into an account, for one person, for a week."""
    token = INVITATION_PREFIX + secrets.token_urlsafe(32)
    values = (_hash(token), account_id, role, now_s + INVITATION_S)
    connection.execute("INSERT INTO invitation (hash, account_id, role, expires_at_s) VALUES (?, ?, ?, ?)", values)
    return token


def accept(connection: sqlite3.Connection, token: str, now_s: float) -> tuple[str, Role]:
    """Use an invitation up: the account and the role. Raises InvalidRequest for one unknown, used or too old."""
    row = connection.execute(
        "UPDATE invitation SET used_at_s = ? WHERE hash = ? AND used_at_s IS NULL AND expires_at_s > ?"
        " RETURNING account_id, role",
        (now_s, _hash(token), now_s),
    ).fetchall()
    if not row:
        raise InvalidRequest("This invitation is unknown, used or too old.", param="invitation")
    return row[0][0], row[0][1]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
