"""The rules of money on the store and over HTTP: random lives, 64 who spend at once, races of settlements."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from hypothesis.stateful import run_state_machine_as_test
from tests.contract.serving import Customer, Running
from tests.integration.money_banks import HeldProvider, HttpBank, StoreBank, asked, reached
from tests.integration.money_rules import MoneyMachine, how_often

from songwright import accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.caller import Caller
from songwright.core.clock import FixedClock
from songwright.core.errors import Conflict, InsufficientCredits
from songwright.core.song import Reading, SongRequest
from songwright.core.task import Order, TaskKind, TaskStatus
from songwright.db import Database
from songwright.providers.base import MadeClip, Outcome
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage
from songwright.tasks import Lifecycle, Limits

SEQUENCES, HTTP_SEQUENCES = asked("SEQUENCES", 500), asked("HTTP_SEQUENCES", 10)
EDGES, HTTP_EDGES = asked("EDGES", 20), asked("HTTP_EDGES", 20)
RACES, BATCH = asked("RACES", 500), 50


@pytest.fixture(scope="module")
def provider() -> HeldProvider:
    return HeldProvider()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: HeldProvider) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("money"), provider=provider, slots=64).start()
    yield running
    running.stop()


# ------------------------------------------------------------------------------------------------ random lives


def test_no_life_of_an_account_breaks_the_books() -> None:
    class OnTheStore(MoneyMachine):
        def open_bank(self) -> StoreBank:
            return StoreBank()

    run_state_machine_as_test(OnTheStore, settings=how_often(SEQUENCES))
    reached("sequences", SEQUENCES)


def test_no_life_of_an_account_over_http_breaks_the_books(server: Running, provider: HeldProvider) -> None:
    class OverHttp(MoneyMachine):
        def open_bank(self) -> HttpBank:
            return HttpBank(server, provider)

    run_state_machine_as_test(OverHttp, settings=how_often(HTTP_SEQUENCES, steps=25))
    assert server.db.reading(ledger.verify) == []
    reached("sequences over HTTP", HTTP_SEQUENCES)


# ------------------------------------------------------------------------------------------- 64 for what 10 can have


def test_64_threads_with_credits_for_10_get_exactly_10_every_time(tmp_path: Path) -> None:
    db = Database(tmp_path / "edge.db")
    db.open()
    exact = 0
    for number in range(EDGES):
        account_id = db.write_blocking(lambda c, n=number: accounts.create(c, f"a{n}", 0.0).id)
        db.write_blocking(lambda c, a=account_id: ledger.grant(c, a, 109, "", 0.0))
        together, accepted = threading.Barrier(64), list[int]()

        def spend(which: int, account: str = account_id, n: int = number) -> None:
            together.wait()  # noqa: B023
            try:
                db.write_blocking(lambda c: ledger.reserve(c, account, f"{n}-{which}", 10, 0.0))
                accepted.append(which)  # noqa: B023
            except InsufficientCredits:
                pass

        threads = [threading.Thread(target=spend, args=(which,)) for which in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = db.reading(lambda c, a=account_id: ledger.balance(c, a))
        exact += len(accepted) == 10 and left == ledger.Balance(9, 100, 0)
    db.close()
    reached("64 threads", f"{exact} of {EDGES}")
    assert exact == EDGES


def test_64_clients_of_both_dialects_with_credits_for_10_get_exactly_10_every_time(server: Running) -> None:
    exact = 0
    for number in range(HTTP_EDGES):
        customer = server.customer(f"edge {number}", credits=109)
        statuses = asyncio.run(_64_orders(server, customer))
        left = server.balance(customer)
        exact += statuses == Counter({200: 10, 402: 54}) and left == ledger.Balance(9, 100, 0)
    reached("64 clients", f"{exact} of {HTTP_EDGES}")
    assert exact == HTTP_EDGES


async def _64_orders(server: Running, customer: Customer) -> Counter[int]:
    async with httpx2.AsyncClient(base_url=server.url, headers=customer.bearer, trust_env=False, timeout=60) as client:

        async def one(which: int) -> int:
            if which % 2:
                body = {"model": "chirp-v4-5", "prompt": f"song {which}"}
                return (await client.post("/api/v1/audio/music", json=body)).status_code
            body = {"mv": "chirp-v4-5", "input": {"gpt_description_prompt": f"song {which}"}}
            return (await client.post("/api/suno/v1/music", json=body)).status_code

        return Counter(await asyncio.gather(*(one(which) for which in range(64))))


# ---------------------------------------------------------------------------------------------- settlement races


def a_life(db: Database, clock: FixedClock, folder: Path) -> Lifecycle:
    """The main job of one process. Tasks are overdue at once: the sweep wants all of them."""
    limits = Limits(unfinished_per_key=10**6, queue_limit=10**6, task_age_s=-1.0, dedupe_s=0.0)
    storage = LocalStorage(folder / "media")
    renderers = {"apione": lambda task, stage: b"{}"}
    return Lifecycle(db, load_catalog(), FakeProvider(), storage, renderers, clock, folder / "work", limits)


def test_whoever_ends_a_task_first_ends_it_alone(tmp_path: Path) -> None:
    """Two processes' worth of database and lifecycle: worker, late worker, sweep and cancel meet at a barrier."""
    clock, rng = FixedClock(), random.Random(1)
    databases = [Database(tmp_path / "race.db") for _ in range(2)]
    for db in databases:
        db.open()
    lives = [a_life(db, clock, tmp_path) for db in databases]

    def open_account(connection: object) -> Caller:
        account = accounts.create(connection, "ada", 0.0)  # type: ignore[arg-type]
        ledger.grant(connection, account.id, 10**8, "", 0.0)  # type: ignore[arg-type]
        return Caller(account.id, keys.create(connection, account.id, "live", 0.0)[1].id, "live")  # type: ignore[arg-type]

    ada = databases[0].write_blocking(open_account)
    ends: Counter[TaskStatus] = Counter()
    for _ in range(0, RACES, BATCH):
        ends += _one_batch(lives, ada, rng)
    wrong = databases[1].reading(ledger.verify)
    settlements = databases[1].read_one(
        "SELECT count(*), count(DISTINCT task_id) FROM journal WHERE kind IN ('post', 'void')"
    )
    announced = databases[1].read_one("SELECT count(*), count(DISTINCT task_id) FROM webhook_delivery")
    left = databases[1].reading(lambda c: ledger.balance(c, ada.account_id))
    for db in databases:
        db.close()
    assert wrong == [] and settlements is not None and announced is not None
    assert tuple(settlements) == (RACES, RACES) and left.reserved == 0
    assert announced[0] == announced[1] == RACES
    assert len(ends) >= 3, f"the race was no race: {ends}"
    kinds = ", ".join(f"{status.value} {ends[status]}" for status in TaskStatus if ends[status])
    reached("settlement races", f"{settlements[0]} ({kinds})")


def _one_batch(lives: list[Lifecycle], ada: Caller, rng: random.Random) -> Counter[TaskStatus]:
    task_ids = asyncio.run(_submit_batch(lives[0], ada))
    claims = asyncio.run(lives[0].claim("server-1", BATCH))
    assert {claim.task_id for claim in claims} == set(task_ids)
    chances = [rng.random() for _ in range(2 * BATCH)]
    together = threading.Barrier(2)
    problems: list[BaseException] = []

    async def contend(life: Lifecycle, mine: list[float]) -> None:
        done = Outcome(
            clips=(MadeClip(index=0, title="", lyrics="", style=""), MadeClip(index=1, title="", lyrics="", style=""))
        )
        empty = Outcome(clips=())
        calls = []
        for claim, chance in zip(claims, mine, strict=True):
            order = [life.finish(claim, done), _cancel(life, ada, claim.task_id), life.finish(claim, empty)]
            calls += order if chance < 0.4 else order[::-1] if chance < 0.7 else [order[1], order[0], order[2]]
        calls.insert(rng.randrange(len(calls)), life.give_up_overdue())
        together.wait()
        await asyncio.gather(*calls)

    def run(life: Lifecycle, mine: list[float]) -> None:
        try:
            asyncio.run(contend(life, mine))
        except BaseException as error:
            problems.append(error)
            raise

    threads = [
        threading.Thread(target=run, args=(life, chances[i * BATCH : (i + 1) * BATCH])) for i, life in enumerate(lives)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    return Counter(lives[0].get(ada.account_id, task_id).status for task_id in task_ids)


async def _submit_batch(life: Lifecycle, ada: Caller) -> list[str]:
    request = SongRequest(model="suno", reading=Reading.DESCRIPTION, description="rain")

    def order(number: int) -> Order:
        hook = "https://customer.example/"
        return Order(dialect="apione", kind=TaskKind.MUSIC, request=request, body={"n": number}, callback_url=hook)

    return [s.task.id for s in await asyncio.gather(*(life.submit(ada, order(n)) for n in range(BATCH)))]


async def _cancel(life: Lifecycle, ada: Caller, task_id: str) -> None:
    with contextlib.suppress(Conflict):
        await life.cancel(ada.account_id, task_id)
