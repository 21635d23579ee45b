"""A data folder of the first release is taken over with its keys, tasks and what they spent."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from songwright import keys
from songwright.db import Database, migrations

TASK = """INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, digest,
 status, stage, price_credits, consumed_credits, clips, metadata, created_at_s, vt)
 VALUES (?, 'a', 'k', 'live', 'apione', 'music', x'', x'', x'', 0, 0, ?, '', 10, ?, x'', x'', 1.7e9, 0)"""


def test_old_keys_keep_working_and_know_what_they_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = migrations.known_migrations()
    with monkeypatch.context() as older:
        older.setattr(migrations, "known_migrations", lambda: every[:2])
        database = Database(tmp_path / "old.db")
        database.open()
    token = keys.new_token("live")

    def fill(c: sqlite3.Connection) -> None:
        c.execute("INSERT INTO account (id, name, webhook_secret, created_at_s) VALUES ('a', 'ada', 'whsec_x', 0)")
        c.execute(
            "INSERT INTO api_key (id, account_id, hash, prefix, last4, mode, created_at_s)"
            " VALUES ('k', 'a', ?, '', '', 'live', 0)",
            (keys.token_hash(token),),
        )
        for number, (status, consumed) in enumerate((("completed", 10), ("completed", 5), ("failed", 0))):
            c.execute(TASK, (f"t{number}", status, consumed))
        c.execute(TASK, ("t3", "pending", 0))

    database.write_blocking(fill)
    database.close()
    database.open()
    [key] = database.reading(lambda c: keys.every(c, "a"))
    assert key.use.committed_credits == 25 and key.powers == keys.Powers()
    assert keys.KeyRing(database, _Clock()).admit(token, "create").key_id == "k"
    database.write_blocking(
        lambda c: c.execute("UPDATE task SET status = 'completed', consumed_credits = 4 WHERE id = 't3'").rowcount
    )
    assert database.reading(lambda c: keys.get(c, "k")).use.committed_credits == 19
    database.close()


class _Clock:
    def now_s(self) -> float:
        return 1.7e9
