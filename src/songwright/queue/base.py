"""The port every queue shows. All of it happens inside the caller's transaction.

Conventions: times are Unix seconds. `attempt` grows with every claim and fences the one before: whoever holds an older
number may finish its work, but can write nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from songwright.core.caller import KeyMode


@dataclass(frozen=True, slots=True)
class Claim:
    """One task handed to a worker; `attempt` is the right to write about it."""

    task_id: str
    attempt: int


class Queue(Protocol):
    """Hands out tasks, fairly between accounts, each to one worker at a time."""

    def virtual_time(self, connection: sqlite3.Connection, account_id: str) -> float:
        """The place in line of the account's next task; the task's row is inserted with it."""
        ...

    def claim(
        self, connection: sqlite3.Connection, owner: str, mode: KeyMode, count: int, now_s: float, lease_s: float
    ) -> list[Claim]:
        """Up to `count` waiting tasks of a mode become `processing` and belong to `owner` until its lease ends."""
        ...

    def renew(self, connection: sqlite3.Connection, owner: str, now_s: float, lease_s: float) -> list[Claim]:
        """Prolong every lease of `owner`, and say which tasks still are its own."""
        ...

    def release(
        self, connection: sqlite3.Connection, claim: Claim, not_before_s: float, *, counts_as_crash: bool
    ) -> bool:
        """Put a task back in its old place; False when `claim` is out of date."""
        ...

    def requeue_orphans(self, connection: sqlite3.Connection, role: str, living: Sequence[str]) -> int:
        """Put back at once all tasks of owners with this role that are not `living`; how many there were."""
        ...

    def requeue_expired(self, connection: sqlite3.Connection, now_s: float) -> int:
        """Put back all tasks whose lease has ended; how many there were."""
        ...
