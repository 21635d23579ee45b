"""Random lives of accounts against a model in plain Python; the proof must find nothing after every step."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from songwright import accounts, ledger
from songwright.core.errors import InsufficientCredits
from songwright.db.connection import connect
from songwright.db.migrations import migrate

INSERT_TASK = """
INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, digest, status,
  stage, price_credits, clips, metadata, created_at_s, vt)
VALUES (?, ?, 'k', 'live', 'd', 'music', x'', x'', x'', 0, 0, 'pending', '', ?, x'', x'', 0, 0)
"""
END_TASK = "UPDATE task SET status = 'completed', consumed_credits = ? WHERE id = ?"


class Books(RuleBasedStateMachine):
    tasks = Bundle("tasks")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.connection = connect(Path(self.folder.name) / "books.db")
        self.connection.execute("PRAGMA synchronous = OFF")
        migrate(self.connection)
        self.accounts = [accounts.create(self.connection, name, 0.0).id for name in ("ada", "ben")]
        self.model = {account: [0, 0, 0] for account in self.accounts}
        self.count = 0

    @rule(who=st.integers(0, 1), amount=st.integers(1, 40))
    def grant(self, who: int, amount: int) -> None:
        ledger.grant(self.connection, self.accounts[who], amount, "", 0.0)
        self.model[self.accounts[who]][0] += amount

    @rule(target=tasks, who=st.integers(0, 1), price=st.integers(0, 20))
    def submit(self, who: int, price: int) -> tuple[str, str, int] | None:
        account, task = self.accounts[who], f"t{self.count}"
        self.count += 1
        self.connection.execute("BEGIN")
        try:
            ledger.reserve(self.connection, account, task, price, 0.0)
            self.connection.execute(INSERT_TASK, (task, account, price))
            self.connection.execute("COMMIT")
        except InsufficientCredits:
            self.connection.execute("ROLLBACK")
            assert self.model[account][0] < price
            return None
        self.model[account][0] -= price
        self.model[account][1] += price
        return account, task, price

    @rule(task=consumes(tasks), share=st.integers(0, 2))
    def end(self, task: tuple[str, str, int] | None, share: int) -> None:
        if task is None:
            return
        account, name, price = task
        consumed = price * share // 2
        ledger.settle(self.connection, account, name, price, consumed, 0.0)
        self.connection.execute(END_TASK, (consumed, name))
        self.model[account][0] += price - consumed
        self.model[account][1] -= price
        self.model[account][2] += consumed
        self.connection.execute("BEGIN")
        with pytest.raises((sqlite3.IntegrityError, ValueError)):
            ledger.settle(self.connection, account, name, price, consumed, 0.0)
        self.connection.execute("ROLLBACK")

    @invariant()
    def balances_are_the_models(self) -> None:
        for account, (available, reserved, used) in getattr(self, "model", {}).items():
            assert ledger.balance(self.connection, account) == ledger.Balance(available, reserved, used)

    @invariant()
    def the_proof_finds_nothing(self) -> None:
        if hasattr(self, "connection"):
            assert ledger.verify(self.connection) == []

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()
            self.folder.cleanup()


TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
