"""What is written down about tasks, for whoever only reads: clips and their files, lists, usage, measured times."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from songwright.core.song import Clip, FileKind
from songwright.core.task import TaskKind, TaskStatus
from songwright.db import Database
from songwright.storage import Storage, clip_file_key
from songwright.tasks import store
from songwright.tasks.sources import OwnedClip, find_owned
from songwright.tasks.store import MAX_PAGE, Page

_USAGE = """
SELECT task.number, task.id, kind, dialect, status, json_extract(CAST(request AS TEXT), '$.model') AS model,
  consumed_credits, task.created_at_s, started_at_s, finished_at_s, api_key.name, api_key.prefix, api_key.last4, key_id
FROM task LEFT JOIN api_key ON api_key.id = task.key_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which tasks are meant; what is not set does not matter. Times in Unix seconds, `until_s` excluded."""

    status: TaskStatus | None = None
    kind: TaskKind | None = None
    model: str | None = None
    key_id: str | None = None
    since_s: float | None = None
    until_s: float | None = None

    def where(self) -> tuple[str, tuple[Any, ...]]:
        """Conditions on the columns of `task`, and their values."""
        found = {
            "task.status = ?": self.status.value if self.status else None,
            "task.kind = ?": self.kind.value if self.kind else None,
            "json_extract(CAST(task.request AS TEXT), '$.model') = ?": self.model,
            "task.key_id = ?": self.key_id,
            "task.created_at_s >= ?": self.since_s,
            "task.created_at_s < ?": self.until_s,
        }
        used = {condition: value for condition, value in found.items() if value is not None}
        return "".join(f" AND {condition}" for condition in used), tuple(used.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """One task as it stands in the account's usage."""

    task_id: str
    kind: TaskKind
    dialect: str
    status: TaskStatus
    model: str
    key_id: str
    key_name: str
    key_hint: str  #: the key's first and last characters
    credits: int
    created_at_s: float
    duration_s: float | None  #: from claim to end; None while it is not known


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Some rows, newest first."""

    rows: tuple[UsageRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Records:
    """Reads; nothing here changes anything."""

    db: Database
    storage: Storage

    def own_clip(self, account_id: str, clip_id: str) -> OwnedClip:
        """An account's own clip and its task. Raises NotFound for unknown ones and for those of others."""
        return find_owned(self.db, account_id, clip_id)

    def clip_path(self, clip: Clip, kind: FileKind) -> Path:
        """A clip's file; blocks. Raises NotFound."""
        return self.storage.path(clip_file_key(clip.id, kind.value))

    def tasks(self, account_id: str, wanted: Filter, limit: int = 20, cursor: str | None = None) -> Page:
        """An account's tasks, newest first, from `cursor` on. Raises InvalidRequest for a cursor we never gave."""
        conditions, values = wanted.where()
        return store.page(self.db, account_id, min(max(limit, 1), MAX_PAGE), cursor, conditions, values)

    def usage(self, account_id: str, wanted: Filter, limit: int = 100, cursor: str | None = None) -> UsagePage:
        """What the account used, a row a task, newest first. Raises InvalidRequest for a cursor we never gave."""
        conditions, values = wanted.where()
        sql = f"{_USAGE} WHERE task.account_id = ? AND task.number < ?{conditions} ORDER BY task.number DESC LIMIT ?"
        rows = self.db.read(sql, (account_id, store.cursor_number(cursor), *values, limit + 1))
        following = str(rows[limit - 1]["number"]) if len(rows) > limit else None
        return UsagePage(tuple(_usage_row(row) for row in rows[:limit]), following)

    def seconds_taken(self, kind: TaskKind) -> float | None:
        """How long tasks of a kind took of late, from claim to end; None before the first."""
        return store.seconds_taken(self.db, kind)


def _usage_row(row: sqlite3.Row) -> UsageRow:
    ended = row["started_at_s"] is not None and row["finished_at_s"] is not None
    return UsageRow(
        task_id=row["id"],
        kind=TaskKind(row["kind"]),
        dialect=row["dialect"],
        status=TaskStatus(row["status"]),
        model=row["model"],
        key_id=row["key_id"],
        key_name=row["name"] or "",
        key_hint=f"{row['prefix']}...{row['last4']}" if row["prefix"] else "",
        credits=row["consumed_credits"],
        created_at_s=row["created_at_s"],
        duration_s=row["finished_at_s"] - row["started_at_s"] if ended else None,
    )
