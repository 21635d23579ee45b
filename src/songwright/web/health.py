"""`/livez` says the process runs; `/readyz` says whether it can take an order, and if not, why."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from songwright.core.errors import SongwrightError
from songwright.db import Database


class HealthAnswer(msgspec.Struct):
    """`ok`, or what is wrong."""

    status: str
    troubles: list[str]


class Health:
    """Looks at the database and at whatever else the server knows to be wrong."""

    def __init__(self, db: Database, troubles: Callable[[], Sequence[str]]) -> None:
        self._db = db
        self._troubles = troubles

    def alive(self) -> HealthAnswer:
        """Always ok: who answers is alive."""
        return HealthAnswer("ok", [])

    def ready(self) -> HealthAnswer:
        """Whether orders can be taken."""
        troubles = list(self._troubles())
        try:
            self._db.read("SELECT 1")
        except (sqlite3.Error, SongwrightError) as error:
            troubles.append(f"the database cannot be read: {error}")
        return HealthAnswer("not ready" if troubles else "ok", troubles)
