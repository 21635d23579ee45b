"""Who holds which key, answered in about a microsecond on the hot path."""

from __future__ import annotations

from songwright.core.caller import Caller
from songwright.core.clock import Clock
from songwright.core.errors import NotAuthenticated
from songwright.db import Database
from songwright.keys.store import token_hash
from songwright.keys.token import is_well_formed

REMEMBER_S = 0.5  #: another process's revocation is felt within this time (the promise is 1 s)
MAX_REMEMBERED = 10_000
_FIND = "SELECT account_id, id, mode FROM api_key WHERE hash = ? AND revoked_at_s IS NULL"


class KeyRing:
    """Turns a key into its caller. Good keys are remembered for half a second; bad ones never."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}

    def resolve(self, token: str) -> Caller:
        """The key's owner. Raises NotAuthenticated for anything that is not a valid key now."""
        try:
            digest = token_hash(token)
        except UnicodeEncodeError as error:  # A header can carry what UTF-8 cannot.
            raise NotAuthenticated from error
        now_s = self._clock.now_s()
        known = self._known.get(digest)
        # A clock set back makes the difference negative: then the database is asked again.
        if known is not None and 0 <= now_s - known[0] < REMEMBER_S:
            return known[1]
        caller = self._look_up(token, digest)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[digest] = (now_s, caller)
        return caller

    def _look_up(self, token: str, digest: bytes) -> Caller:
        self._known.pop(digest, None)
        row = self._db.read_one(_FIND, (digest,)) if is_well_formed(token) else None
        if row is None:
            raise NotAuthenticated
        return Caller(*row)
