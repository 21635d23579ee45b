"""How fast the main job takes orders and answers polls, without HTTP: durable submits/s and reads/s.

usage: PYTHONPATH=src python bench/gateway/store.py [SECONDS] [CLIENTS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from songwright import accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.caller import Caller
from songwright.core.clock import SystemClock
from songwright.core.song import Reading, SongRequest
from songwright.core.task import Order, TaskKind
from songwright.db import Database
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage
from songwright.tasks import Lifecycle, Limits

ACCOUNTS = 8
LYRICS = "[Verse]\n" + "\n".join(f"Line number {n} of a song about the rain on the roof" for n in range(20))


def open_accounts(db: Database) -> list[tuple[str, Caller]]:
    def run(connection) -> list[tuple[str, Caller]]:
        callers: list[tuple[str, Caller]] = []
        for number in range(ACCOUNTS):
            account = accounts.create(connection, f"customer {number}", 0.0)
            ledger.grant(connection, account.id, 10**9, "for the bench", 0.0)
            token, key = keys.create(connection, account.id, "live", 0.0)
            callers.append((token, Caller(account.id, key.id, "live")))
        return callers

    return db.write_blocking(run)


def order(number: int) -> Order:
    request = SongRequest(model="suno", reading=Reading.LYRICS, lyrics=LYRICS, style="indie folk", seed=number)
    body = {"prompt": LYRICS, "style": "indie folk", "title": "Rain", "seed": number, "model": "suno"}
    return Order(dialect="apione", kind=TaskKind.MUSIC, request=request, body=body)


def quantile(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]


async def submits(life: Lifecycle, ring: keys.KeyRing, tokens: list[str], clients: int, seconds: float) -> list[str]:
    waits: list[float] = []
    ids: list[str] = []
    until = time.perf_counter() + seconds
    numbers = iter(range(10**9))

    async def client(which: int) -> None:
        while (began := time.perf_counter()) < until:
            caller = ring.resolve(tokens[which % len(tokens)])
            ids.append((await life.submit(caller, order(next(numbers)))).task.id)
            waits.append(time.perf_counter() - began)

    cpu = time.process_time()
    await asyncio.gather(*(client(n) for n in range(clients)))
    show("durable submits", waits, seconds, time.process_time() - cpu)
    return ids


def polls(life: Lifecycle, ring: keys.KeyRing, token: str, ids: list[str], seconds: float) -> None:
    waits: list[float] = []
    until = time.perf_counter() + seconds
    cpu = time.process_time()
    account_id = ring.resolve(token).account_id
    while (began := time.perf_counter()) < until:
        life.get(ring.resolve(token).account_id, ids[len(waits) % len(ids)])
        waits.append(time.perf_counter() - began)
    assert account_id
    show("polls", waits, seconds, time.process_time() - cpu)


def show(name: str, waits: list[float], seconds: float, cpu_s: float) -> None:
    waits.sort()
    print(
        f"{name:16} {len(waits) / seconds:10,.0f}/s   p50 {quantile(waits, 0.5) * 1e3:7.3f} ms   "
        f"p99 {quantile(waits, 0.99) * 1e3:7.3f} ms   {cpu_s / len(waits) * 1e6:6.0f} us CPU each"
    )


async def main(seconds: float, clients: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(Path(folder) / "songwright.db")
        db.open()
        callers = open_accounts(db)
        ring = keys.KeyRing(db, SystemClock())
        life = Lifecycle(
            db,
            load_catalog(),
            FakeProvider(),
            LocalStorage(Path(folder) / "media"),
            {},
            SystemClock(),
            Path(folder) / "work",
            Limits(unfinished_per_key=10**9, queue_limit=10**9),
        )
        print(f"{clients} clients, {ACCOUNTS} accounts, SQLite with synchronous=FULL, one process")
        ids = await submits(life, ring, [token for token, _ in callers], clients, seconds)
        one = callers[0][1].account_id
        rows = db.read("SELECT id FROM task WHERE account_id = ? LIMIT 1000", (one,))
        polls(life, ring, callers[0][0], [row[0] for row in rows], seconds)
        wrong = db.reading(ledger.verify)
        print(f"{len(ids):,} tasks; books: {wrong or 'right'}")
        db.close()


asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0, int(sys.argv[2]) if len(sys.argv) > 2 else 64))
