"""The database as every room sees it: `write` with a function, `read` with SQL.

`write` takes a function of the connection: all it does is one atomic change, durable when `write` returns. Functions of
several callers share a commit (see `writer.py`), so they must be short and must not begin or end transactions.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from songwright.core.errors import ConfigurationError
from songwright.db.connection import as_unavailable, connect
from songwright.db.migrations import applied_number, migrate
from songwright.db.writer import Pending, Writer

T = TypeVar("T")


class Database:
    """One SQLite file. Open it once in a process; use it from any thread and any event loop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: Writer | None = None
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()

    def open(self) -> tuple[str, ...]:
        """Create the file if needed, bring its schema up to date, and return the migrations that were applied.

        Raises ConfigurationError when the file is no database of ours or belongs to a newer version.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = connect(self.path)
            try:
                applied = migrate(connection)
            finally:
                connection.close()
            self._writer = Writer(self.path)
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"Cannot open the database {self.path}: {error}.") from error
        return applied

    @property
    def schema_version(self) -> int:
        """The number of the last migration this database has taken."""
        return applied_number(self._reader())

    async def write(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """Run `op` in the writer thread and return what it returned, once that is on disk.

        Raises what `op` raised, with nothing changed; Unavailable when the disk is full or the file locked. A caller
        that is cancelled while waiting does not stop the change.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._open_writer().put(Pending(op, future, loop))
        return await future

    def write_blocking(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """`write` for programs without an event loop."""
        future: Future[T] = Future()
        self._open_writer().put(Pending(op, future, None))
        return future.result()

    def write_later(self, op: Callable[[sqlite3.Connection], object]) -> None:
        """Hand over a change that nobody waits for: it may be lost with the process, and its errors are."""
        self._open_writer().put(Pending(op, Future(), None))

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query, as of the last commit. Takes microseconds: fine in an event loop for indexed reads."""
        try:
            return self._reader().execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            raise as_unavailable(error) or error from error

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        try:
            return self._reader().execute(sql, parameters).fetchone()
        except sqlite3.OperationalError as error:
            raise as_unavailable(error) or error from error

    def reading(self, op: Callable[[sqlite3.Connection], T]) -> T:
        """Run `op` on a reading connection, all of it on one snapshot; for checks that need several queries."""
        connection = self._reader()
        connection.execute("BEGIN")
        try:
            return op(connection)
        finally:
            connection.execute("ROLLBACK")

    def close(self) -> None:
        """Finish what was handed over and close every connection; a second call does nothing."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
        self._local = threading.local()

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise ConfigurationError("The database is not open.")
        return self._writer

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._open_writer()
            connection = connect(self.path)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection
