"""How a SQLite connection is set up, and which of its errors mean "not now" rather than "wrong"."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from songwright.core.errors import Unavailable

BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 65_536
CHECKPOINT_PAGES = 4_000

_NOT_NOW = {
    sqlite3.SQLITE_FULL: "The disk is full; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_IOERR: "The disk cannot be written; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_BUSY: "The database is busy; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_LOCKED: "The database is locked; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_READONLY: "The database cannot be written; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened; nothing was accepted and nothing was charged.",
    sqlite3.SQLITE_NOMEM: "Out of memory; nothing was accepted and nothing was charged.",
}


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: transactions are begun and ended by whoever owns it."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.row_factory = sqlite3.Row
    # In memory, the copies that savepoints make of changed pages cost a third of what they do in a temporary file.
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "temp_store = MEMORY",
        "foreign_keys = ON",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def as_unavailable(error: sqlite3.Error) -> Unavailable | None:
    """The 503 that `error` stands for, or None when it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    message = None if code is None else _NOT_NOW.get(code & 0xFF)
    return None if message is None else Unavailable(message, retry_after_s=5)
