"""Who holds which key and may use it for what: the one place that decides it, in about a microsecond.

Nobody else looks at scopes: a route says what it asks for, `admit` says yes or raises, however the key was sent.
"""

from __future__ import annotations

import sqlite3

from songwright.core.caller import Caller, Scope
from songwright.core.clock import Clock
from songwright.core.errors import NotAllowed, NotAuthenticated, SongwrightError
from songwright.db import Database
from songwright.keys.powers import read_scopes
from songwright.keys.token import is_well_formed, token_hash

REMEMBER_S = 0.5  #: another process's revocation is felt within this time (the promise is 1 s)
LAST_USE_S = 60.0  #: a key's last use is written down at most this often
MAX_REMEMBERED = 10_000
_FIND = """
SELECT k.account_id, k.id, k.mode, k.scopes, k.rate_per_s, l.rate_per_s, k.last_used_at_s
FROM api_key k LEFT JOIN account_limit l ON l.account_id = k.account_id
WHERE (k.hash = ?1 OR (k.previous_hash = ?1 AND k.previous_until_s > ?2))
  AND k.revoked_at_s IS NULL AND (k.expires_at_s IS NULL OR k.expires_at_s > ?2)
"""


class KeyRing:
    """Turns a key into its caller. Good keys are remembered for half a second; bad ones never."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self.clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}

    def admit(self, token: str, scope: Scope) -> Caller:
        """The key's owner, who may do what `scope` names. Raises NotAuthenticated, NotAllowed."""
        caller = self.resolve(token)
        if scope not in caller.scopes:
            raise NotAllowed(f"This key has not the scope {scope!r}.")
        return caller

    def resolve(self, token: str) -> Caller:
        """The key's owner. Raises NotAuthenticated for anything that is not a valid key now."""
        try:
            digest = token_hash(token)
        except UnicodeEncodeError as error:  # A header can carry what UTF-8 cannot.
            raise NotAuthenticated from error
        now_s = self.clock.now_s()
        known = self._known.get(digest)
        # A clock set back makes the difference negative: then the database is asked again.
        if known is not None and 0 <= now_s - known[0] < REMEMBER_S:
            return known[1]
        caller = self._look_up(token, digest, now_s)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[digest] = (now_s, caller)
        return caller

    def _look_up(self, token: str, digest: bytes, now_s: float) -> Caller:
        self._known.pop(digest, None)
        row = self._db.read_one(_FIND, (digest, now_s)) if is_well_formed(token) else None
        if row is None:
            raise NotAuthenticated
        account_id, key_id, mode, scopes, rate_per_s, account_rate_per_s, last_used_at_s = row
        if last_used_at_s is None or abs(now_s - last_used_at_s) >= LAST_USE_S:
            self._note_use(key_id, now_s)
        return Caller(account_id, key_id, mode, _scopes(scopes), rate_per_s, account_rate_per_s)

    def _note_use(self, key_id: str, now_s: float) -> None:
        """Nobody waits for this, and it shares its commit with whatever else is written then."""

        def note(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE api_key SET last_used_at_s = ? WHERE id = ?", (now_s, key_id))

        self._db.write_later(note)


def _scopes(text: str) -> frozenset[Scope]:
    try:
        return read_scopes(text.split())
    except SongwrightError as error:  # Written by a newer version, or by hand: such a key opens nothing.
        raise NotAuthenticated from error
