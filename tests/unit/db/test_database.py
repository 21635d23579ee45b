from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from songwright.core.errors import ConfigurationError, Unavailable
from songwright.db import Database, ServerLock
from songwright.db.migrations import known_migrations


def put(name: str, value: str = "x"):
    return lambda c: c.execute("INSERT INTO setting VALUES (?, ?)", (name, value)).rowcount


def names(db: Database) -> list[str]:
    return [row["name"] for row in db.read("SELECT name FROM setting ORDER BY name")]


def test_what_was_written_is_read_from_every_thread(db: Database) -> None:
    assert db.write_blocking(put("a")) == 1
    seen: list[list[str]] = []
    threads = [threading.Thread(target=lambda: seen.append(names(db))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["a"]] * 4


def test_an_operation_that_fails_is_undone_alone(db: Database) -> None:
    def half_then_fail(connection: sqlite3.Connection) -> None:
        put("half")(connection)
        raise KeyError("changed my mind")

    async def together() -> list[object]:
        jobs = [db.write(half_then_fail if i % 3 == 1 else put(f"n{i:02}")) for i in range(30)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    answers = asyncio.run(together())
    assert [isinstance(answer, KeyError) for answer in answers] == [i % 3 == 1 for i in range(30)]
    assert names(db) == [f"n{i:02}" for i in range(30) if i % 3 != 1]


def test_a_broken_constraint_is_the_callers_own_error(db: Database) -> None:
    db.write_blocking(put("a"))
    with pytest.raises(sqlite3.IntegrityError):
        db.write_blocking(put("a"))
    assert db.write_blocking(put("b")) == 1


def test_operations_that_wait_share_a_commit(db: Database) -> None:
    started, may_end = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> int:
        started.set()
        may_end.wait(10)
        return connection.execute("PRAGMA data_version").fetchone()[0]

    async def burst() -> None:
        first = asyncio.ensure_future(db.write(slow))
        await asyncio.to_thread(started.wait, 10)
        rest = [asyncio.ensure_future(db.write(put(f"n{i}"))) for i in range(200)]
        await asyncio.sleep(0)
        before = (db.path.parent / (db.path.name + "-wal")).stat().st_size
        may_end.set()
        await asyncio.gather(first, *rest)
        # A commit of its own would add at least one page of the log for each: 200 together need far fewer.
        assert (db.path.parent / (db.path.name + "-wal")).stat().st_size - before < 50 * 4096

    asyncio.run(burst())
    assert len(names(db)) == 200


def test_a_full_disk_is_unavailable_and_nothing_is_half_written(db: Database) -> None:
    db.write_blocking(put("before"))
    db.write_blocking(lambda c: c.execute("PRAGMA max_page_count = 1").fetchone())

    def too_much(connection: sqlite3.Connection) -> None:
        for i in range(2_000):
            put(f"n{i}", "y" * 4_000)(connection)

    with pytest.raises(Unavailable) as refused:
        db.write_blocking(too_much)
    assert refused.value.retry_after_s
    assert names(db) == ["before"]
    db.write_blocking(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
    db.write_blocking(put("freed"))
    assert names(db) == ["before", "freed"]


def test_a_locked_file_is_unavailable_until_it_is_free(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    db.write_blocking(lambda c: c.execute("PRAGMA busy_timeout = 50").fetchone())
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy"):
        db.write_blocking(put("a"))
    other.execute("ROLLBACK")
    other.close()
    db.write_blocking(put("b"))
    assert names(db) == ["b"]


def test_two_processes_may_write_beside_each_other(db: Database) -> None:
    code = f"""
from pathlib import Path
from songwright.db import Database
db = Database(Path({str(db.path)!r})); db.open()
for i in range(20): db.write_blocking(lambda c: c.execute("INSERT INTO setting VALUES (?, '')", (f"other{{i}}",)))
db.close()"""
    child = subprocess.Popen([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(filter(None, sys.path))})
    for i in range(20):
        db.write_blocking(put(f"own{i}"))
    assert child.wait(30) == 0
    assert len(names(db)) == 40


def test_migrations_are_applied_once_and_recorded(tmp_path: Path) -> None:
    database = Database(tmp_path / "new.db")
    steps = known_migrations()
    assert database.open() == tuple(step.name for step in steps) and steps[0].name == "0001_initial"
    assert database.schema_version == steps[-1].number == len(steps)
    database.close()
    assert database.open() == ()
    database.close()


def test_a_newer_schema_refuses_to_start_with_a_clear_word(db: Database) -> None:
    db.write_blocking(lambda c: c.execute("INSERT INTO migration VALUES (9999, '9999_future', 0)"))
    with pytest.raises(ConfigurationError, match=r"newer Songwright.*9999"):
        Database(db.path).open()


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "songwright.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ConfigurationError, match=r"songwright\.db"):
        Database(tmp_path / "songwright.db").open()


def test_closing_writes_what_was_handed_over(tmp_path: Path) -> None:
    database = Database(tmp_path / "songwright.db")
    database.open()

    async def hand_over_and_close() -> None:
        jobs = [asyncio.ensure_future(database.write(put(f"n{i}"))) for i in range(50)]
        await asyncio.sleep(0)
        await asyncio.to_thread(database.close)
        await asyncio.gather(*jobs)

    asyncio.run(hand_over_and_close())
    database.open()
    assert len(names(database)) == 50
    database.close()


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from songwright.db import ServerLock
import sys
ServerLock(Path({str(tmp_path)!r})).acquire(); print("held", flush=True); sys.stdin.read()"""
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(ConfigurationError, match=f"process {first.pid}"):
            ServerLock(tmp_path).acquire()
        first.kill()
    with ServerLock(tmp_path):  # The kernel gave the lock back, although nobody released it.
        assert (tmp_path / "server.lock").read_text().strip().isdigit()
