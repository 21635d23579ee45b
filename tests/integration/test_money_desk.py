"""What the operator does about money, through the command line as it is called."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.money_banks import INSERT_TASK

from songwright import accounts, ledger, office
from songwright.core.errors import Conflict, InvalidRequest, NotFound
from songwright.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=tmp_path)
    office.create_key(made, "ada", credits=100, test=False)
    return made


def spend(settings: Settings, task_id: str, consumed: int) -> None:
    def run(connection: sqlite3.Connection) -> None:
        account = accounts.find(connection, "ada")
        assert account is not None
        ledger.reserve(connection, account.id, task_id, 10, 0.0)
        connection.execute(INSERT_TASK, (task_id, account.id, 10))
        ledger.settle(connection, account.id, task_id, 10, consumed, 0.0)
        connection.execute("UPDATE task SET status = 'completed', consumed_credits = ?", (consumed,))

    with office.open_database(settings) as database:
        database.write_blocking(run)


def songwright(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "songwright", *words, "--data", str(settings.data)]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_a_task_is_refunded_by_the_operator_once(settings: Settings) -> None:
    spend(settings, "t1", 5)
    assert office.refund_task(settings, "t1", "sorry") == "refunded 5"
    assert office.show_credits(settings, "ada") == "available 100, reserved 0, used 0"
    with pytest.raises(Conflict):
        office.refund_task(settings, "t1", "again")
    with pytest.raises(NotFound):
        office.refund_task(settings, "unknown", "")
    assert office.verify_ledger(settings) == [] == office.verify_ledger(settings, "ada")


def test_codes_are_made_listed_and_never_stored(settings: Settings) -> None:
    made = office.create_codes(settings, 50, count=3, account_name="ada", expires_days=1)
    assert len(set(made)) == 3 and all(text.startswith("SW-") and len(text) == 26 for text in made)
    listed = office.list_codes(settings)
    assert len(listed) == 3 and all("50 credits  for ada  open until" in line for line in listed)
    for days in (0, -1, 10**9, float("nan")):
        with pytest.raises(InvalidRequest):
            office.create_codes(settings, 50, count=1, account_name=None, expires_days=days)
    with pytest.raises(NotFound):
        office.create_codes(settings, 50, count=1, account_name="nobody", expires_days=None)


def test_the_commands_are_there_and_say_no_in_one_sentence(settings: Settings) -> None:
    made = songwright(settings, "codes", "create", "25", "--count", "2")
    assert made.returncode == 0 and len(made.stdout.splitlines()) == 2, made.stderr
    assert "25 credits  for anybody  open" in songwright(settings, "codes", "list").stdout
    assert songwright(settings, "orders", "list").stdout == ""
    assert songwright(settings, "ledger", "verify", "ada").stdout == "ledger ok\n"
    refused = songwright(settings, "credits", "refund", "unknown")
    assert refused.returncode == 2 and refused.stderr == "songwright: No such task has cost anything.\n"


def test_a_changed_statement_is_said_and_the_exit_status_is_1(settings: Settings) -> None:
    connection = sqlite3.connect(settings.data / office.DATABASE_NAME)
    connection.executescript("DROP TRIGGER journal_never_changes; UPDATE journal SET reason = 'a bigger gift'")
    connection.close()
    for words in (("ledger", "verify"), ("ledger", "verify", "ada")):
        found = songwright(settings, *words)
        assert found.returncode == 1 and "was changed at movement 1" in found.stdout
