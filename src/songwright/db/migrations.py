"""The schema, step by step: each `migrations/NNNN_name.sql` is applied once, in its own transaction, and recorded.

Beside SQLite's own functions a step may use `sha256(text)` (32 bytes) and `concat_lines(...)` (joined by line feeds).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from songwright.core.errors import ConfigurationError

_TABLE = """CREATE TABLE IF NOT EXISTS migration (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_s REAL NOT NULL
) STRICT"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str


def known_migrations() -> tuple[Migration, ...]:
    """Every step this version ships, in order."""
    folder = files("songwright.db") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(Migration(int(n[:4]), n.removesuffix(".sql"), (folder / n).read_text("utf-8")) for n in names)


def applied_number(connection: sqlite3.Connection) -> int:
    """The last step this database has taken; 0 for a new one."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone():
        return 0
    return connection.execute("SELECT coalesce(max(number), 0) FROM migration").fetchone()[0]


def migrate(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Bring the schema up to date and return the names of the steps taken.

    Raises ConfigurationError when the database is newer than this version of Songwright.
    """
    connection.create_function("sha256", 1, _sha256, deterministic=True)
    connection.create_function("concat_lines", -1, _concat_lines, deterministic=True)
    steps = known_migrations()
    found, newest = applied_number(connection), steps[-1].number
    if found > newest:
        raise ConfigurationError(
            f"The data folder was written by a newer Songwright (schema {found}; this version knows {newest}). "
            "Update Songwright, or use another data folder."
        )
    return tuple(step.name for step in steps if step.number > found and _apply(connection, step))


def _apply(connection: sqlite3.Connection, step: Migration) -> bool:
    """Take one step; False when another process took it while we waited for the lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        if applied_number(connection) >= step.number:
            connection.execute("ROLLBACK")
            return False
        for statement in _statements(step.sql):
            connection.execute(statement)
        connection.execute("INSERT INTO migration VALUES (?, ?, unixepoch())", (step.number, step.name))
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return True


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _concat_lines(*parts: object) -> str:
    return "\n".join(map(str, parts))


def _statements(sql: str) -> Iterator[str]:
    """The script's statements one by one; `executescript` would commit the transaction around them."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
