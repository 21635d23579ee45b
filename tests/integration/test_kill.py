"""`kill -9` of a whole server at random moments: nothing accepted is lost, nothing is charged twice."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from songwright import ledger

KILLS = 10
SERVER = Path(__file__).parent / "crashing_server.py"


def start(data: Path, round_number: int) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": ":".join(filter(None, sys.path))}
    command = [sys.executable, str(SERVER), str(data), str(round_number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def accepted(lines: list[str]) -> dict[str, str]:
    """Idempotency key -> task id, of every order whose acceptance a client has seen whole."""
    return dict(line.split()[1:] for line in lines if line.startswith("accepted ") and line.endswith("\n"))


def run_and_kill(data: Path, round_number: int, after_s: float) -> list[str]:
    """Everything the server said until it was killed, `after_s` after it was up."""
    with start(data, round_number) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        assert first == "up\n"
        time.sleep(after_s)
        server.kill()
        return [first, *server.stdout]


def test_ten_kills_lose_nothing_and_charge_once(tmp_path: Path) -> None:
    rng = random.Random(20)
    promised: dict[str, str] = {}
    for number in range(KILLS):
        promised |= accepted(run_and_kill(tmp_path, number % 3, rng.uniform(0.0, 0.6)))
    for number in range(3):  # Every client sends again what it does not know to be accepted; then all is made.
        with start(tmp_path, number) as server:
            assert server.stdout is not None
            lines = list(server.stdout)
            assert lines[-1] == "done\n"
        for key, task_id in accepted(lines).items():
            assert promised.setdefault(key, task_id) == task_id, "an order was accepted twice"

    assert len(promised) == 3 * 8 * 12
    connection = sqlite3.connect(tmp_path / "songwright.db")
    tasks = dict(connection.execute("SELECT id, status FROM task"))
    assert set(tasks) == set(promised.values())
    assert set(tasks.values()) == {"completed", "failed"}
    # A crash of the server is nobody's attempt, and it never makes a song fail: only the refused prompts did.
    failed = connection.execute("SELECT count(*), group_concat(DISTINCT error_code) FROM task WHERE status = 'failed'")
    assert failed.fetchone() == (sum(int(key.split("-")[1]) % 5 == 3 for key in promised), "moderation")
    assert connection.execute("SELECT max(crashes), max(attempt) > 1 FROM task").fetchone() == (0, 1)
    assert ledger.verify(connection) == []
    assert connection.execute("SELECT reserved FROM account").fetchone() == (0,)
    ends = "SELECT count(DISTINCT task_id), count(*) FROM webhook_delivery WHERE event IN ('complete', 'failed')"
    assert connection.execute(ends).fetchone() == (len(tasks), len(tasks))
    connection.close()
    clips = {path.parent.name for path in (tmp_path / "media").rglob("song.mp3")}
    assert len(clips) >= sum(status == "completed" for status in tasks.values())
    assert not list((tmp_path / "media").rglob("*.part"))
