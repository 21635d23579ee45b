"""Keys in the database. The key itself is returned once by `create` and `rotate`, and never stored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from songwright.core.caller import KeyMode, Scope
from songwright.core.errors import Conflict, InvalidRequest, NotFound
from songwright.core.ids import new_id
from songwright.keys.powers import Powers, read_scopes
from songwright.keys.token import new_token, token_hash

MAX_NAME = 100
MAX_KEYS_OF_ACCOUNT = 1_000
DEFAULT_OVERLAP_S = 86_400.0
MAX_OVERLAP_S = 30 * 86_400.0
_PREFIX_LENGTH = 12
_POWERS = "scopes, models, expires_at_s, limit_credits, limit_month_credits, limit_unfinished, rate_per_s"
_COLUMNS = f"id, account_id, mode, prefix, last4, name, created_at_s, revoked_at_s, {_POWERS}"
_USE = "committed_credits, month, month_credits, unfinished, last_used_at_s, previous_until_s"
_ROTATE = """
UPDATE api_key SET previous_hash = iif(?1 > ?2, hash, NULL), previous_until_s = iif(?1 > ?2, ?1, NULL),
  hash = ?3, prefix = ?4, last4 = ?5
WHERE id = ?6
"""


@dataclass(frozen=True, slots=True)
class Use:
    """What was done with a key so far; `last_used_at_s` may be a minute old."""

    committed_credits: int = 0  #: spent, and held for unfinished tasks
    month: int = 0  #: yyyymm
    month_credits: int = 0  #: of tasks ordered in `month`
    unfinished: int = 0
    last_used_at_s: float | None = None
    previous_until_s: float | None = None  #: how long the key before the last rotation still works


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
    powers: Powers = field(default_factory=Powers)
    use: Use = field(default_factory=Use)

    def active(self, now_s: float) -> bool:
        """True when it opens the door now."""
        expires_at_s = self.powers.expires_at_s
        return self.revoked_at_s is None and (expires_at_s is None or now_s < expires_at_s)


def create(
    connection: sqlite3.Connection,
    account_id: str,
    mode: KeyMode,
    now_s: float,
    name: str = "",
    powers: Powers | None = None,
) -> tuple[str, Key]:
    """A new key for an account: the key itself, to be shown once, and its row. Raises InvalidRequest, Conflict."""
    powers = powers or Powers()
    _check(connection, account_id, name, powers, now_s)
    token = new_token(mode)
    key = Key(new_id(), account_id, mode, token[:_PREFIX_LENGTH], token[-4:], name, now_s, None, powers)
    values = (key.id, key.account_id, key.mode, key.prefix, key.last4, key.name, key.created_at_s, None)
    places = ", ".join("?" * 16)
    connection.execute(
        f"INSERT INTO api_key ({_COLUMNS}, hash) VALUES ({places})", (*values, *_written(powers), token_hash(token))
    )
    return token, key


def rotate(
    connection: sqlite3.Connection, key_id: str, now_s: float, overlap_s: float = DEFAULT_OVERLAP_S
) -> tuple[str, Key]:
    """A new secret for a key, which keeps its id, powers and use. The old one works for `overlap_s` more seconds.

    Raises NotFound, InvalidRequest for an overlap beyond 30 days, Conflict for a key that was revoked or has expired.
    """
    if not 0 <= overlap_s <= MAX_OVERLAP_S:
        raise InvalidRequest(f"The overlap is 0 to {MAX_OVERLAP_S:.0f} seconds.", param="overlap_seconds")
    key = get(connection, key_id)
    if not key.active(now_s):
        raise Conflict("This key was revoked or has expired; make a new one.")
    token = new_token(key.mode)
    values = (now_s + overlap_s, now_s, token_hash(token), token[:_PREFIX_LENGTH], token[-4:], key_id)
    connection.execute(_ROTATE, values)
    return token, get(connection, key_id)


def revoke(connection: sqlite3.Connection, key_id: str, now_s: float) -> None:
    """Make a key worthless, for good; a second call keeps the first moment. Raises NotFound."""
    changed = connection.execute(
        "UPDATE api_key SET revoked_at_s = coalesce(revoked_at_s, ?), previous_hash = NULL WHERE id = ?",
        (now_s, key_id),
    ).rowcount
    if changed != 1:
        raise NotFound("No such key.")


def get(connection: sqlite3.Connection, key_id: str) -> Key:
    """The key with this id. Raises NotFound."""
    row = connection.execute(f"SELECT {_COLUMNS}, {_USE} FROM api_key WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise NotFound("No such key.")
    return _key(row)


def own(connection: sqlite3.Connection, account_id: str, key_id: str) -> Key:
    """An account's own key. Raises NotFound for every other."""
    key = get(connection, key_id)
    if key.account_id != account_id:
        raise NotFound("No such key.")
    return key


def every(connection: sqlite3.Connection, account_id: str) -> list[Key]:
    """All keys of an account, oldest first, revoked ones too."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, {_USE} FROM api_key WHERE account_id = ? ORDER BY created_at_s, id", (account_id,)
    ).fetchall()
    return [_key(row) for row in rows]


def _check(connection: sqlite3.Connection, account_id: str, name: str, powers: Powers, now_s: float) -> None:
    if len(name) > MAX_NAME or not name.isprintable():
        raise InvalidRequest(f"A key's name has at most {MAX_NAME} printable characters.", param="name")
    if powers.expires_at_s is not None and powers.expires_at_s <= now_s:
        raise InvalidRequest("The key would have expired already.", param="expires_in")
    count = "SELECT count(*) FROM api_key WHERE account_id = ? AND revoked_at_s IS NULL"
    if connection.execute(count, (account_id,)).fetchone()[0] >= MAX_KEYS_OF_ACCOUNT:
        raise Conflict(f"An account has at most {MAX_KEYS_OF_ACCOUNT} keys; revoke one.")


def _written(powers: Powers) -> tuple[object, ...]:
    models = None if powers.models is None else " ".join(sorted(powers.models))
    bounds = (powers.expires_at_s, powers.limit_credits, powers.limit_month_credits, powers.limit_unfinished)
    return " ".join(sorted(powers.scopes)), models, *bounds, powers.rate_per_s


def _key(row: sqlite3.Row) -> Key:
    return Key(*tuple(row)[:8], powers=_powers(*tuple(row)[8:15]), use=Use(*tuple(row)[15:]))


def _powers(scopes: str, models: str | None, *bounds: object) -> Powers:
    names = ("expires_at_s", "limit_credits", "limit_month_credits", "limit_unfinished", "rate_per_s")
    allowed = None if models is None else frozenset(models.split())
    found: frozenset[Scope] = read_scopes(scopes.split())
    return Powers(scopes=found, models=allowed, **dict(zip(names, bounds, strict=True)))  # type: ignore[arg-type]
