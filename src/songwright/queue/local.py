"""The queue inside SQLite: the task rows are the queue, and a claim is a conditional update.

Fairness is start-time fair queueing: every account has a virtual time that moves by one with each task it orders, and
never lies behind the queue's clock, the virtual time of the task claimed last. Ordering 100 tasks at once puts the
hundredth a hundred steps away; somebody else's first comes one step from now.

An owner is `<role>-<random>`: of the role `server` there is one process at most (see `db.ServerLock`), so at its start
everything owned by another server is an orphan. Workers beside it are believed until their lease ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from songwright.core.caller import KeyMode
from songwright.queue.base import Claim

_ACCOUNT_CLOCK = """
UPDATE account SET queue_vt = max(queue_vt, (SELECT vt FROM line)) + 1 WHERE id = ? RETURNING queue_vt
"""
_CLAIM = """
UPDATE task SET status = 'processing', attempt = attempt + 1, version = version + 1, owner = :owner,
  lease_until_s = :until_s, started_at_s = coalesce(started_at_s, :now_s)
WHERE number IN (
  SELECT number FROM task WHERE status = 'pending' AND mode = :mode AND not_before_s <= :now_s
  ORDER BY vt, number LIMIT :count
)
RETURNING id, attempt, vt
"""
_MOVE_CLOCK = "UPDATE line SET vt = max(vt, ?)"
_RENEW = """
UPDATE task SET lease_until_s = ? WHERE status = 'processing' AND owner = ? RETURNING id, attempt
"""
_BACK = "UPDATE task SET status = 'pending', owner = NULL, lease_until_s = NULL, version = version + 1"
_RELEASE = _BACK + ", not_before_s = ?, crashes = crashes + ? WHERE id = ? AND attempt = ? AND status = 'processing'"
_ORPHANS = (
    _BACK + " WHERE status = 'processing' AND owner GLOB ? || '-*' AND owner NOT IN (SELECT value FROM json_each(?))"
)
_EXPIRED = _BACK + " WHERE status = 'processing' AND lease_until_s < ?"


class LocalQueue:
    """The queue of one machine."""

    def virtual_time(self, connection: sqlite3.Connection, account_id: str) -> float:
        """The place in line of the account's next task."""
        return connection.execute(_ACCOUNT_CLOCK, (account_id,)).fetchall()[0][0]

    def claim(
        self, connection: sqlite3.Connection, owner: str, mode: KeyMode, count: int, now_s: float, lease_s: float
    ) -> list[Claim]:
        """Up to `count` waiting tasks of a mode, in fair order, become `processing` and belong to `owner`."""
        values = {"mode": mode, "owner": owner, "until_s": now_s + lease_s, "now_s": now_s, "count": count}
        rows = connection.execute(_CLAIM, values).fetchall()
        if rows:
            connection.execute(_MOVE_CLOCK, (max(row["vt"] for row in rows),))
        return [Claim(row["id"], row["attempt"]) for row in sorted(rows, key=lambda row: row["vt"])]

    def renew(self, connection: sqlite3.Connection, owner: str, now_s: float, lease_s: float) -> list[Claim]:
        """Prolong every lease of `owner`, and say which tasks still are its own."""
        return [Claim(*row) for row in connection.execute(_RENEW, (now_s + lease_s, owner)).fetchall()]

    def release(
        self, connection: sqlite3.Connection, claim: Claim, not_before_s: float, *, counts_as_crash: bool
    ) -> bool:
        """Put a task back in its old place; False when `claim` is out of date."""
        values = (not_before_s, int(counts_as_crash), claim.task_id, claim.attempt)
        return connection.execute(_RELEASE, values).rowcount == 1

    def requeue_orphans(self, connection: sqlite3.Connection, role: str, living: Sequence[str]) -> int:
        """Put back at once all tasks of owners with this role that are not `living`. No attempt is counted."""
        names = "[" + ",".join(f'"{name}"' for name in living) + "]"
        return connection.execute(_ORPHANS, (role, names)).rowcount

    def requeue_expired(self, connection: sqlite3.Connection, now_s: float) -> int:
        """Put back all tasks whose lease has ended. No attempt is counted."""
        return connection.execute(_EXPIRED, (now_s,)).rowcount
