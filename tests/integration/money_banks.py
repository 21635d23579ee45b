"""Adapters of the five operations: the ledger in the store, and a real server over HTTP."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx2
from tests.contract.serving import Customer, Running
from tests.integration.money_rules import CLIPS, PRICE

from songwright import accounts, ledger, orders
from songwright.core.errors import InsufficientCredits, InvalidRequest, ProviderError
from songwright.core.ids import new_id
from songwright.core.song import FileKind
from songwright.core.task import TaskKind
from songwright.db.connection import connect
from songwright.db.migrations import migrate
from songwright.providers.base import Job, MadeClip, Outcome, Report

INSERT_TASK = """
INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, digest, status,
  stage, price_credits, clips, metadata, created_at_s, vt)
VALUES (?, ?, 'k', 'live', 'd', 'music', x'', x'', x'', 0, 0, 'pending', '', ?, x'', x'', 0, 0)
"""


def asked(name: str, in_ci: int) -> int:
    """How often: the long run sets `SONGWRIGHT_MONEY_<NAME>`."""
    return int(os.environ.get(f"SONGWRIGHT_MONEY_{name}", in_ci))


def reached(row: str, number: object) -> None:
    """Write a reached number down for the long run's report."""
    path = os.environ.get("SONGWRIGHT_MONEY_REPORT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{row}\t{number}\n")


class StoreBank:
    """The ledger's functions on a database in memory. Itself the five operations."""

    def __init__(self) -> None:
        self.books = self
        self._connection = connect(Path(":memory:"))
        migrate(self._connection)

    def grant(self, account: str, credits: Any) -> bool:
        account_id = self._account(account)
        try:
            ledger.grant(self._connection, account_id, credits, "", 0.0)
        except InvalidRequest:
            return False
        return True

    def reserve(self, account: str) -> tuple[str, str] | None:
        account_id, task_id = self._account(account), new_id()
        self._connection.execute("BEGIN")
        try:
            ledger.reserve(self._connection, account_id, task_id, PRICE, 0.0)
        except InsufficientCredits:
            self._connection.execute("ROLLBACK")
            return None
        self._connection.execute(INSERT_TASK, (task_id, account_id, PRICE))
        self._connection.execute("COMMIT")
        return account_id, task_id

    def post(self, hold: tuple[str, str], clips: int) -> bool:
        account_id, task_id = hold
        consumed = PRICE * clips // CLIPS
        self._connection.execute("BEGIN")
        try:
            ledger.settle(self._connection, account_id, task_id, PRICE, consumed, 0.0)
        except (sqlite3.IntegrityError, ValueError):
            self._connection.execute("ROLLBACK")
            return False
        status = "completed" if clips else "failed"
        sql = "UPDATE task SET status = ?, consumed_credits = ? WHERE id = ?"
        self._connection.execute(sql, (status, consumed, task_id))
        self._connection.execute("COMMIT")
        return True

    def void(self, hold: tuple[str, str]) -> bool:
        return self.post(hold, 0)

    def balance(self, account: str) -> tuple[int, int, int]:
        now = ledger.balance(self._connection, self._account(account))
        return now.available, now.reserved, now.used

    def wrong(self) -> list[str]:
        return ledger.verify(self._connection)

    def close(self) -> None:
        self._connection.close()

    def _account(self, name: str) -> str:
        return accounts.find_or_create(self._connection, name, 0.0).id


class HeldProvider:
    """A provider that waits until the test says how many clips a task gets."""

    name = "held"
    kinds = frozenset(TaskKind)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[str, Future[int]] = {}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def notes(self) -> tuple[str, ...]:
        return ()

    def deliver(self, task_id: str, clips: int) -> None:
        wanted = self._of(task_id)
        if not wanted.done():
            wanted.set_result(clips)

    async def make(self, job: Job, report: Report) -> Outcome:
        clips = await asyncio.wrap_future(self._of(job.task_id))
        if clips == 0:
            raise ProviderError("Nothing was made.")
        return Outcome(clips=tuple(self._clip(job, i) for i in range(min(clips, len(job.clip_ids)))))

    def _of(self, task_id: str) -> Future[int]:
        with self._lock:
            return self._wanted.setdefault(task_id, Future())

    def _clip(self, job: Job, index: int) -> MadeClip:
        path = job.folder / f"{index}.mp3"
        path.write_bytes(b"sound")
        return MadeClip(index=index, title="", lyrics="", style="", files={FileKind.AUDIO_MP3.value: path})


class HttpBank:
    """A server and its accounts; grants are codes that the operator made and the account redeems. One per sequence."""

    def __init__(self, server: Running, provider: HeldProvider) -> None:
        self.books = self
        self._server = server
        self._provider = provider
        self._clients: dict[str, tuple[Customer, httpx2.Client]] = {}

    def grant(self, account: str, credits: Any) -> bool:
        try:
            [code] = self._server.db.write_blocking(lambda c: orders.create_codes(c, credits, 1, time.time()))
        except InvalidRequest:
            return False
        answer = self._of(account).post("/api/v1/redeem", json={"code": code})
        assert answer.status_code == 200, answer.text
        assert self._of(account).post("/api/v1/redeem", json={"code": code}).status_code == 409
        return True

    def reserve(self, account: str) -> tuple[str, str] | None:
        body = {"model": "chirp-v4-5", "prompt": f"song {new_id()}"}
        answer = self._of(account).post("/api/v1/audio/music", json=body)
        assert answer.status_code in (200, 402), answer.text
        return (account, answer.json()["task_id"]) if answer.status_code == 200 else None

    def post(self, hold: tuple[str, str], clips: int) -> bool:
        account, task_id = hold
        if self._task(account, task_id)["status"] in ("completed", "failed", "cancelled"):
            self._provider.deliver(task_id, clips)
            return False
        self._provider.deliver(task_id, clips)
        until = time.monotonic() + 20
        while self._task(account, task_id)["status"] not in ("completed", "failed"):
            assert time.monotonic() < until, "the task did not end"
            time.sleep(0.002)
        return True

    def void(self, hold: tuple[str, str]) -> bool:
        account, task_id = hold
        before = self._task(account, task_id)["status"]
        answer = self._of(account).post(f"/api/v1/tasks/{task_id}/cancel")
        assert answer.status_code in (200, 409), answer.text
        return answer.status_code == 200 and before != "cancelled"

    def balance(self, account: str) -> tuple[int, int, int]:
        data = self._of(account).get("/api/v1/credits").json()["data"]
        return data["credits"], data["reserved"], data["used_credits"]

    def wrong(self) -> list[str]:
        found: list[str] = []
        for customer, client in self._clients.values():
            proof = client.get("/api/v1/ledger/verify").json()["data"]
            found += proof["problems"]
            found += statement_problems(client, customer.account_id, proof["head"])
        return found

    def close(self) -> None:
        for _, client in self._clients.values():
            client.close()

    def _task(self, account: str, task_id: str) -> dict[str, Any]:
        return self._of(account).get(f"/api/v1/tasks/{task_id}").json()

    def _of(self, account: str) -> httpx2.Client:
        if account not in self._clients:
            customer = self._server.customer(new_id(), credits=0)
            client = httpx2.Client(base_url=self._server.url, headers=customer.bearer, trust_env=False, timeout=30)
            self._clients[account] = customer, client
        return self._clients[account][1]


def statement_problems(client: httpx2.Client, account_id: str, head: str) -> list[str]:
    """Recompute an account's chain from the rows that HTTP gives, page by page, and compare sums and end."""
    import hashlib

    before, totals, cursor = "0" * 64, dict.fromkeys(("available", "reserved", "used", "owed", "issued"), 0), ""
    while True:
        page = client.get("/api/v1/ledger", params={"limit": "7", **({"cursor": cursor} if cursor else {})}).json()
        for row in page["data"]:
            parts = ("previous_hash", "account_id", "number", "created_at_ms", "kind", "task_id", "order_id")
            names = (*parts, *totals, "reason")
            text = "\n".join("" if row[name] is None else str(row[name]) for name in names)
            if row["previous_hash"] != before or hashlib.sha256(text.encode()).hexdigest() != row["hash"]:
                return [f"movement {row['number']} is not chained"]
            before = row["hash"]
            for name in totals:
                totals[name] += row[name]
        cursor = page["next_cursor"]
        if not cursor:
            break
    shown = client.get("/api/v1/credits").json()["data"]
    wrong = [] if before == head else ["the statement does not end where the proof says"]
    if (totals["available"], totals["reserved"], totals["used"], sum(totals.values())) != (
        *(shown["credits"], shown["reserved"], shown["used_credits"]),
        0,
    ):
        wrong.append(f"the statement adds up to {totals}, the balance is {shown}")
    return wrong
