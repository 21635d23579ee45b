"""One HTTP exchange as the rooms speak of it: `web` makes the `Call` and sends the `Answer`, a dialect does the rest.

Free of any framework, so that `web` and `dialects` need not know each other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from songwright.core.caller import Caller, Scope
from songwright.core.errors import SongwrightError
from songwright.core.task import Task

HeaderList = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What an authenticated caller sent."""

    caller: Caller
    path: Mapping[str, str]  #: the path's parameters by name
    query: Mapping[str, str]  #: the first value of each
    body: bytes
    idempotency_key: str | None = None
    content_type: str = ""
    spool: Path | None = (
        None  #: the body as a file, where an endpoint takes uploads and the body is a form; deleted after
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON unless `content_type` says otherwise; `stream` instead of `body` where it is long."""

    body: bytes
    status: int = 200
    headers: HeaderList = ()
    content_type: bytes = b"application/json"
    stream: AsyncIterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One parameter of a query string, for the documentation."""

    name: str
    description: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route, declared once: what serves it and what describes it are the same types."""

    method: str
    path: str  #: at most one parameter: `/tasks/{task_id}`, `/tasks/{task_id}/cancel` or `/clips/{clip_id}.wav`
    handle: Callable[[Call], Awaitable[Answer]]
    summary: str
    description: str = ""
    request: type | None = None
    response: type | None  #: None where the answer is a file of the type `produces`
    produces: str = "application/json"
    takes_uploads: bool = False  #: bodies may be large, and forms with a file in them
    query: tuple[QueryParameter, ...] = ()
    errors: tuple[int, ...] = ()  #: beside 400, 401, 403, 429 and 503, which every endpoint can answer
    scope: Scope | Literal["open"] | None = None  #: what a caller must be allowed; `open`: no key is asked for

    @property
    def asks_for(self) -> Scope | Literal["open"]:
        """The scope: what only reads needs `read`, everything else `create`, unless the route says otherwise."""
        return self.scope or ("read" if self.method == "GET" else "create")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One API as clients know it."""

    name: str
    title: str
    prefix: str  #: errors below it are in this dialect's shape, whether or not the path exists
    error_type: type  #: the shape of its errors, for the documentation
    endpoints: tuple[Endpoint, ...]
    render_error: Callable[[SongwrightError], bytes]


RenderCallback = Callable[[Task, str], bytes | None]  #: (task, stage) -> the body to send, None for nothing
