"""Where everything is wired together, and the two long-running programs: `serve` and `work`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from litestar.types import ASGIApp

from songwright import __version__, accounts, keys, ledger
from songwright.catalog import load_catalog
from songwright.core.clock import Clock, SystemClock
from songwright.core.errors import ConfigurationError
from songwright.db import Database, ServerLock
from songwright.dialects.base import Doors, Services, build_dialects, callback_renderers
from songwright.egress import Egress, fetch_audio, parse_allowed
from songwright.idempotency import Exchanges
from songwright.keys import KeyRing
from songwright.ledger import StatementReader
from songwright.logs import configure_logging
from songwright.office import open_database
from songwright.orders import Payments, Price, Till
from songwright.provenance import RegisteringStorage
from songwright.providers.base import Provider
from songwright.providers.embedded import EmbeddedProvider
from songwright.providers.fake import FakeProvider
from songwright.settings import Settings
from songwright.storage import LocalStorage, Storage
from songwright.tasks import Lifecycle, Limits, WordFilter, load_word_filter
from songwright.web import WebSettings, build_asgi
from songwright.webhooks import Deliverer
from songwright.workers.runner import Role, Runner

TEST_SLOTS = 8  #: tasks of test keys made at once; they cost no cores
FIRST_KEY_FILE = "first-key"
STOP_GRACE_S = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The parts of a running program."""

    settings: Settings
    database: Database
    lifecycle: Lifecycle
    provider: Provider
    test_provider: Provider
    runner: Runner
    egress: Egress
    deliverer: Deliverer
    storage: Storage
    till: Till


def build_app(settings: Settings, database: Database, role: Role) -> Application:
    """Every part, connected; nothing is started yet."""
    clock, catalog = SystemClock(), load_catalog()
    provider, test_provider = _provider(settings), FakeProvider()
    storage = RegisteringStorage(LocalStorage(settings.data / "media"), database)
    words = load_word_filter(settings.word_filter) if settings.word_filter else WordFilter()
    egress = Egress(parse_allowed(settings.egress_allow))
    lifecycle = Lifecycle(
        database,
        catalog,
        provider,
        storage,
        callback_renderers(catalog, settings.base_url),
        clock,
        settings.data / "work",
        Limits(unfinished_per_key=settings.unfinished_tasks_per_key, queue_limit=settings.queue_limit, words=words),
        test_provider=test_provider,
        fetch=partial(fetch_audio, egress),
    )
    return Application(
        settings=settings,
        database=database,
        lifecycle=lifecycle,
        provider=provider,
        test_provider=test_provider,
        runner=Runner(lifecycle, role, {"live": settings.render_workers, "test": TEST_SLOTS}),
        egress=egress,
        deliverer=Deliverer(
            database,
            egress,
            clock,
            schedule_s=settings.webhook_schedule_s,
            woken=lifecycle.announced,
            timeout_s=settings.webhook_timeout_s,
        ),
        storage=storage,
        till=Till(database, clock, _payments(settings, clock), Price(settings.credit_price, settings.credit_currency)),
    )


def _payments(settings: Settings, clock: Clock) -> Payments | None:
    """Stripe where it is set up. Raises ConfigurationError when it is set up by half: nobody else may sign events."""
    if not settings.stripe_api_key and not settings.stripe_webhook_secret:
        return None
    from songwright.orders.stripe_payments import StripePayments, StripeSettings

    stripe = StripeSettings(
        api_key=settings.stripe_api_key,
        webhook_secret=settings.stripe_webhook_secret,
        api_base=settings.stripe_api_base,
    )
    return StripePayments(stripe, settings.base_url, clock)


def _provider(settings: Settings) -> Provider:
    if settings.provider == "fake":
        return FakeProvider()
    if settings.provider != "embedded":
        raise ConfigurationError(f"There is no provider {settings.provider!r}: use `embedded` or `fake`.")
    return EmbeddedProvider(
        settings.assets,
        load_catalog(),
        workers=settings.render_workers,
        time_limit_s=settings.render_time_limit_s,
        memory_limit_bytes=settings.render_memory_limit_mb * 2**20,
    )


def asgi(application: Application) -> ASGIApp:
    """The web in front of it."""
    settings, database, clock = application.settings, application.database, SystemClock()
    services = Services(
        lifecycle=application.lifecycle,
        catalog=load_catalog(),
        public_url=settings.base_url,
        balance_of=lambda account_id: database.reading(lambda c: ledger.balance(c, account_id)),
        webhook_secret_of=lambda account_id: database.reading(lambda c: accounts.get(c, account_id)).webhook_secret,
        doors=Doors(database, clock, settings.sign_up),
        exchanges=Exchanges(database, clock),
        till=application.till,
        statement=StatementReader(database),
    )
    return build_asgi(
        dialects=build_dialects(services),
        lifecycle=application.lifecycle,
        keyring=KeyRing(database, clock),
        db=database,
        storage=application.storage,
        take_payment_event=application.till.take_event,
        settings=WebSettings(
            public_url=settings.base_url,
            version=__version__,
            max_body_bytes=settings.max_body_bytes,
            requests_per_s=settings.requests_per_s,
            burst=settings.requests_burst,
            spool=settings.data / "incoming",
        ),
    )


# ------------------------------------------------------------------------------------------------ the programs


def serve(settings: Settings) -> None:
    """HTTP, workers and webhooks until SIGTERM or Ctrl-C. Raises ConfigurationError when it cannot start."""
    configure_logging(settings.log_level)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ServerLock(settings.data), _listen(settings) as listener, open_database(settings) as database:
        # Port 0 asks the system for a port: media addresses must name the one it gave.
        bound = settings.model_copy(update={"port": listener.getsockname()[1]})
        first_key = _first_key(bound, database)
        asyncio.run(_serve(build_app(bound, database, "server"), listener, first_key))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only on sockets that say they are TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        address = f"{settings.host}:{settings.port}"
        raise ConfigurationError(
            f"Cannot listen on {address}: {error.strerror}. Choose another SONGWRIGHT_PORT."
        ) from error
    return listener


class _Server(uvicorn.Server):
    """Greets once it really listens."""

    def __init__(self, config: uvicorn.Config, settings: Settings, first_key: str | None) -> None:
        super().__init__(config)
        self._settings, self._first_key = settings, first_key

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, then say so."""
        await super().startup(sockets)
        if self.started:
            _greet(self._settings, self._first_key)


async def _serve(application: Application, listener: socket.socket, first_key: str | None) -> None:
    settings = application.settings
    config = uvicorn.Config(
        asgi(application),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # addresses come from SONGWRIGHT_PUBLIC_URL, never from a header
        timeout_graceful_shutdown=STOP_GRACE_S,
        lifespan="off",
    )
    async with _running(application):
        await _Server(config, settings, first_key).serve(sockets=[listener])


@contextlib.asynccontextmanager
async def _running(application: Application) -> AsyncGenerator[None]:
    """Providers, the worker loop and the deliverer, from start to stop. Orders are taken while the engine warms up."""
    background = [
        asyncio.create_task(_start_making(application)),
        asyncio.create_task(application.deliverer.run()),
    ]
    try:
        yield
    finally:
        await application.runner.stop()
        for task in background:
            task.cancel()
        for result in await asyncio.gather(*background, return_exceptions=True):
            if isinstance(result, Exception):
                _log.error("a background task had failed", exc_info=result)
        await asyncio.gather(application.provider.stop(), application.test_provider.stop(), application.egress.aclose())


async def _start_making(application: Application) -> None:
    await asyncio.gather(application.provider.start(), application.test_provider.start())
    for note in application.provider.notes():
        _log.warning(note)
    await application.runner.start()


def work(settings: Settings) -> None:
    """Only the worker loop, beside a server on the same data folder, until SIGTERM or Ctrl-C."""
    configure_logging(settings.log_level)
    with open_database(settings) as database:
        asyncio.run(_work(build_app(settings, database, "worker")))


async def _work(application: Application) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _running(application):
        await stop.wait()


# ------------------------------------------------------------------------------------------------- first start


def _first_key(settings: Settings, database: Database) -> str | None:
    """The key of the first account on a new data folder, None on a folder that has one."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str | None:
        if accounts.every(connection):
            return None
        account = accounts.create(connection, accounts.FIRST_ACCOUNT, now_s)
        if settings.first_credits:
            ledger.grant(connection, account.id, settings.first_credits, "first start", now_s)
        return keys.create(connection, account.id, "live", now_s, "first key", keys.FULL)[0]

    return database.write_blocking(operation)


def _greet(settings: Settings, first_key: str | None) -> None:
    """What a person at a terminal wants to know; the key goes into a private file when nobody is watching."""
    print(f"Songwright {__version__} listens on {settings.base_url} (documentation: {settings.base_url}/docs)")
    if first_key and sys.stdout.isatty():
        print(f"  your first API key, shown only now: {first_key}")
    elif first_key:
        path = settings.data / FIRST_KEY_FILE
        _write_private(path, first_key + "\n")
        print(f"  your first API key is in {path}")
    sys.stdout.flush()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
