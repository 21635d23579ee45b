"""A server without HTTP, to be killed by test_kill.py: it submits, performs and reports what it has accepted.

usage: crashing_server.py DATA_FOLDER ROUND
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from songwright import accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.caller import Caller
from songwright.core.clock import SystemClock
from songwright.core.song import Reading, SongRequest
from songwright.core.task import Order, TaskKind
from songwright.db import Database, ServerLock
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage
from songwright.tasks import Lifecycle, Limits
from songwright.workers.runner import Runner

CLIENTS = 8
ORDERS_PER_CLIENT = 12
PROMPTS = ("test:ok", "test:slow:0", "test:partial", "test:fail:moderation", "test:slow:1")


def open_account(db: Database) -> Caller:
    def run(connection) -> Caller:
        account = accounts.find(connection, "ada")
        if account is None:
            account = accounts.create(connection, "ada", 0.0)
            ledger.grant(connection, account.id, 100_000, "", 0.0)
            keys.create(connection, account.id, "live", 0.0)
        return Caller(account.id, keys.every(connection, account.id)[0].id, "live")

    return db.write_blocking(run)


async def client(life: Lifecycle, caller: Caller, name: str) -> None:
    """Each order has an idempotency key of its own: after a crash the same order is sent again."""
    for number in range(ORDERS_PER_CLIENT):
        key = f"{name}-{number}"
        text = PROMPTS[number % len(PROMPTS)]
        request = SongRequest(model="suno", reading=Reading.DESCRIPTION, description=text)
        order = Order(
            dialect="apione",
            kind=TaskKind.MUSIC,
            request=request,
            body={"prompt": text, "key": key},
            callback_url="https://customer.example/",
            idempotency_key=key,
        )
        submission = await life.submit(caller, order)
        print(f"accepted {key} {submission.task.id}", flush=True)
        await asyncio.sleep(0.01)


async def main(data: Path, round_number: str) -> None:
    with ServerLock(data):
        db = Database(data / "songwright.db")
        db.open()
        caller = open_account(db)
        provider = FakeProvider()
        life = Lifecycle(
            db,
            load_catalog(),
            provider,
            LocalStorage(data / "media"),
            {"apione": lambda task, stage: f"{task.id} {stage}".encode()},
            SystemClock(),
            data / "work",
            Limits(unfinished_per_key=10_000),
        )
        await provider.start()
        runner = Runner(life, "server", {"live": 8})
        await runner.start()
        print("up", flush=True)
        await asyncio.gather(*(client(life, caller, f"r{round_number}c{n}") for n in range(CLIENTS)))
        while db.read_one("SELECT 1 FROM task WHERE status IN ('pending', 'processing')"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await runner.stop()
        db.close()
        print("done", flush=True)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
