"""The web as the server shows it: one ASGI application in front of the dialects, media, health and documentation.

`build_asgi` knows no dialect by name; `app` hands them in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from litestar.types import ASGIApp

from songwright.accounts import Sessions
from songwright.core.exchange import Dialect
from songwright.db import Database
from songwright.keys import KeyRing
from songwright.storage import Storage
from songwright.tasks import Lifecycle
from songwright.web.gate import Gate
from songwright.web.health import Health
from songwright.web.http import Gateway
from songwright.web.limiter import RateLimiter
from songwright.web.media import Media
from songwright.web.openapi import describe
from songwright.web.pages import build_pages
from songwright.web.payments import TakeEvent
from songwright.web.spool import Spool

__all__ = ["WebSettings", "build_asgi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """What the web needs to know of the settings."""

    public_url: str  #: without a slash at the end; every address we hand out begins with it
    version: str
    max_body_bytes: int = 1024 * 1024
    requests_per_s: float = 100.0  #: per key
    burst: int = 200
    spool: Path | None = None  #: where uploads are written as they arrive
    max_upload_bytes: int = 100 * 2**20


def build_asgi(
    *,
    dialects: Sequence[Dialect],
    lifecycle: Lifecycle,
    keyring: KeyRing,
    db: Database,
    storage: Storage,
    settings: WebSettings,
    troubles: Callable[[], Sequence[str]] = tuple,
    take_payment_event: TakeEvent | None = None,
) -> ASGIApp:
    """The ASGI application. `troubles` says, in words, why the server is not ready; nothing when it is.

    `take_payment_event` takes the callbacks of the payment provider; without it there is no route for them.
    """
    gate = Gate(keyring, Sessions(db, keyring.clock), RateLimiter(settings.requests_per_s, settings.burst))
    pages = build_pages(
        dialects=dialects,
        media=Media(lifecycle, storage),
        health=Health(db, troubles),
        description=describe(dialects, settings.public_url, settings.version),
        public_url=settings.public_url,
        take_payment_event=take_payment_event,
    )
    spool = Spool(settings.spool, settings.max_upload_bytes)
    return Gateway(dialects, pages, gate, settings.max_body_bytes, spool)
