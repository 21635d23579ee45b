"""A small house for tests of services: a database on disk, a clock that stands still, one account with 100 credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from songwright import accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.caller import Caller
from songwright.core.clock import FixedClock
from songwright.core.song import Reading, SongRequest
from songwright.core.task import Order, Task, TaskKind
from songwright.db import Database
from songwright.providers.base import Provider
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage
from songwright.tasks import Lifecycle, Limits


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "songwright.db")
    database.open()
    yield database
    database.close()


@dataclass
class House:
    """Everything a lifecycle needs, with one customer in it."""

    db: Database
    clock: FixedClock
    folder: Path
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def customer(self, name: str = "ada", credits: int = 100, mode: keys.KeyMode = "live") -> Caller:
        now_s = self.clock.now_s()

        def open_account(connection: Any) -> Caller:
            account = accounts.find_or_create(connection, name, now_s)
            if credits:
                ledger.grant(connection, account.id, credits, "for a test", now_s)
            return Caller(account.id, keys.create(connection, account.id, mode, now_s)[1].id, mode)

        return self.db.write_blocking(open_account)

    def lifecycle(self, provider: Provider | None = None, **limits: Any) -> Lifecycle:
        return Lifecycle(
            self.db,
            load_catalog(),
            provider or FakeProvider(),
            LocalStorage(self.folder / "media"),
            {"apione": self._render},
            self.clock,
            self.folder / "work",
            Limits(**limits),
        )

    def balance(self, caller: Caller) -> tuple[int, int, int]:
        now = self.db.reading(lambda c: ledger.balance(c, caller.account_id))
        return now.available, now.reserved, now.used

    def wrong_in_books(self) -> list[str]:
        return self.db.reading(ledger.verify)

    def events(self, task_id: str) -> list[str]:
        rows = self.db.read("SELECT event FROM webhook_delivery WHERE task_id = ? ORDER BY rowid", (task_id,))
        return [row[0] for row in rows]

    def _render(self, task: Task, stage: str) -> bytes:
        self.said.append((task.status.value, stage))
        return f"{task.id} {stage} {task.status.value}".encode()


@pytest.fixture
def house(db: Database, clock: FixedClock, tmp_path: Path) -> House:
    return House(db, clock, tmp_path)


def _order(text: str = "a song about rain", **changes: Any) -> Order:
    request = SongRequest(model="suno", reading=Reading.DESCRIPTION, description=text, seed=changes.pop("seed", None))
    body = {"prompt": text} | ({"seed": request.seed} if request.seed is not None else {})
    return Order(dialect="apione", kind=TaskKind.MUSIC, request=request, body=body, **changes)


@pytest.fixture
def order() -> Callable[..., Order]:
    return _order
