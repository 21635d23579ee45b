"""The one thread that writes. What arrives while a commit is under way shares the next one (group commit).

Every operation runs in a savepoint of its own: when it raises, it alone is undone and its caller alone is told. When
the commit itself fails, nothing of the group happened and every caller of the group gets `Unavailable`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from songwright.core.errors import Unavailable
from songwright.db.connection import as_unavailable, connect

MAX_GROUP = 512
Op = Callable[[sqlite3.Connection], Any]


@dataclass(slots=True, eq=False)
class Pending:
    """One operation on its way: `future` belongs to `loop`, or to a blocked thread when `loop` is None."""

    op: Op
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: BaseException | None = None

    def deliver(self) -> None:
        """Tell the caller; one that went away meanwhile is not told."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Owns the writing connection; `put` from any thread."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="db-writer", daemon=True)
        self._thread.start()

    def put(self, pending: Pending) -> None:
        """Hand over an operation; it is answered after its commit."""
        self._queue.put(pending)

    def close(self) -> None:
        """Commit what was handed over, then stop."""
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = self._gather(first)
            self._commit(group)
            _answer(group)
            if last:
                return

    def _gather(self, first: Pending) -> tuple[list[Pending], bool]:
        group = [first]
        try:
            while len(group) < MAX_GROUP:
                following = self._queue.get_nowait()
                if following is None:
                    return group, True
                group.append(following)
        except Empty:
            pass
        return group, False

    def _commit(self, group: list[Pending]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for pending in group:
                self._run_one(pending)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(group, error)

    def _run_one(self, pending: Pending) -> None:
        connection = self._connection
        connection.execute("SAVEPOINT op")
        try:
            pending.result = pending.op(connection)
        except Exception as error:  # The operation is the caller's, and so is whatever it raises.
            pending.error = (as_unavailable(error) if isinstance(error, sqlite3.Error) else None) or error
            # A full disk makes SQLite undo the whole transaction by itself: then this raises, and the group fails.
            connection.execute("ROLLBACK TO op")
        connection.execute("RELEASE op")

    def _undo(self, group: list[Pending], error: sqlite3.Error) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        reason = as_unavailable(error) or Unavailable(f"The database failed ({error}); nothing was accepted.")
        for pending in group:
            # One that had failed by itself keeps its own reason; all others did not happen after all.
            pending.error = pending.error or reason


def _answer(group: list[Pending]) -> None:
    """Wake each event loop once for all its answers."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Pending]] = {}
    for pending in group:
        if pending.loop is None:
            pending.deliver()
        else:
            by_loop.setdefault(pending.loop, []).append(pending)
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_deliver_all, answers)
        except RuntimeError:  # The loop was closed: nobody is waiting any more.
            continue


def _deliver_all(answers: list[Pending]) -> None:
    for pending in answers:
        pending.deliver()
