"""A real server for tests: uvicorn on a free port of 127.0.0.1, a database on disk, the fake provider, customers."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from songwright import accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.clock import SystemClock
from songwright.core.errors import ProviderError
from songwright.db import Database
from songwright.dialects.base import Doors, Services, build_dialects, callback_renderers
from songwright.egress import Egress, parse_allowed
from songwright.idempotency import Exchanges
from songwright.keys import KeyRing
from songwright.orders import Payments, Till
from songwright.provenance import RegisteringStorage
from songwright.providers.base import Provider
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage
from songwright.tasks import Lifecycle, Limits
from songwright.web import WebSettings, build_asgi
from songwright.webhooks import Deliverer
from songwright.workers.runner import Runner

WEBHOOK_SCHEDULE_S = (0.0, 0.05, 0.05, 0.05, 0.05)


@dataclass(frozen=True)
class Customer:
    """An account with a key."""

    account_id: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


class Running:
    """The server in a thread of its own. `perform=False` leaves tasks pending."""

    def __init__(
        self,
        folder: Path,
        *,
        perform: bool = True,
        provider: Provider | None = None,
        queue_limit: int = 100_000,
        payments: Callable[[str], Payments] | None = None,
        slots: int = 2,
        **web: Any,
    ) -> None:
        self.db = Database(folder / "songwright.db")
        self.db.open()
        self.storage = RegisteringStorage(LocalStorage(folder / "media"), self.db)
        self.folder = folder
        self._perform = perform
        self._provider = provider or FakeProvider()
        self._payments = payments
        self._slots = slots
        self._web = web
        self._queue_limit = queue_limit
        # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.troubles: list[str] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> Running:
        self._thread.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                httpx2.get(f"{self.url}/livez")
                return self
            except httpx2.TransportError:
                time.sleep(0.02)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.db.close()

    def customer(
        self, name: str, credits: int = 100_000, powers: keys.Powers = keys.FULL, mode: keys.KeyMode = "live"
    ) -> Customer:
        now_s = time.time()

        def open_account(connection: Any) -> Customer:
            account = accounts.find_or_create(connection, name, now_s)
            if credits:
                ledger.grant(connection, account.id, credits, "for a test", now_s)
            return Customer(account.id, keys.create(connection, account.id, mode, now_s, powers=powers)[0])

        return self.db.write_blocking(open_account)

    def balance(self, customer: Customer) -> ledger.Balance:
        return self.db.reading(lambda connection: ledger.balance(connection, customer.account_id))

    def tasks(self) -> int:
        return self.db.read("SELECT count(*) FROM task")[0][0]

    async def _run(self) -> None:
        catalog, clock = load_catalog(), SystemClock()
        renderers = callback_renderers(catalog, self.url)
        provider = self._provider
        lifecycle = Lifecycle(
            self.db,
            catalog,
            provider,
            self.storage,
            renderers,
            clock,
            self.folder / "work",
            Limits(unfinished_per_key=100_000, queue_limit=self._queue_limit),
            fetch=fetch_for_tests,
        )
        egress = Egress(parse_allowed(["127.0.0.1"]))
        deliverer = Deliverer(
            self.db, egress, clock, schedule_s=WEBHOOK_SCHEDULE_S, woken=lifecycle.announced, timeout_s=2.0
        )
        till = Till(self.db, clock, self._payments(self.url) if self._payments else None)
        services = Services(
            lifecycle=lifecycle,
            catalog=catalog,
            public_url=self.url,
            balance_of=lambda account_id: self.db.reading(lambda c: ledger.balance(c, account_id)),
            webhook_secret_of=lambda account_id: self.db.reading(lambda c: accounts.get(c, account_id)).webhook_secret,
            doors=Doors(self.db, clock, "open"),
            exchanges=Exchanges(self.db, clock),
            till=till,
            statement=ledger.StatementReader(self.db),
        )
        app = build_asgi(
            dialects=build_dialects(services),
            lifecycle=lifecycle,
            keyring=KeyRing(self.db, clock),
            db=self.db,
            storage=self.storage,
            settings=WebSettings(
                public_url=self.url, version="0", **{"requests_per_s": 1e6, "burst": 10**6, **self._web}
            ),
            troubles=lambda: self.troubles,
            take_payment_event=till.take_event,
        )
        config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False)  # type: ignore[arg-type]
        self._server = uvicorn.Server(config)
        runner = Runner(lifecycle, "server", {"live": self._slots, "test": 1})
        delivering = asyncio.create_task(deliverer.run())
        if self._perform:
            await provider.start()
            await runner.start()
        await self._server.serve(sockets=[self._socket])
        await runner.stop(grace_s=2)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await egress.aclose()


async def fetch_for_tests(url: str, path: Path) -> None:
    """Fetches what a test serves itself; the bounds of the real one have tests of their own."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(url)
        except httpx2.TransportError as error:
            raise ProviderError("The audio could not be fetched.", code="download_failed") from error
    if answer.status_code != 200:
        raise ProviderError("The audio could not be fetched.", code="download_failed")
    await asyncio.to_thread(path.write_bytes, answer.content)


def wait_until_final(client: httpx2.Client, task_id: str, within_s: float = 20) -> dict[str, Any]:
    """The task as dialect A shows it, once it has ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        task = client.get(f"/api/v1/tasks/{task_id}").json()
        if task["status"] in ("completed", "failed", "cancelled"):
            return task
        time.sleep(0.03)
    raise AssertionError(f"task {task_id} did not end")
