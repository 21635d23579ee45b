"""The front of the server: request id, body cap, who calls, which route, and the one handler of errors.

Dialect routes are served here straight, without a framework between; everything else is a page (`pages.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from songwright.core.caller import Caller
from songwright.core.errors import InvalidRequest, PayloadTooLarge, SongwrightError
from songwright.core.exchange import Answer, Call, Dialect, HeaderList
from songwright.core.ids import new_id
from songwright.keys import PATTERN
from songwright.web.bodies import ClientGone, drain, read_body
from songwright.web.gate import Gate
from songwright.web.routing import Routes
from songwright.web.shedding import Shedder
from songwright.web.spool import Spool

MAX_QUERY_PARAMETERS = 50
MAX_IDEMPOTENCY_KEY = 255
DEFAULT_RETRY_AFTER_S = 1
BROKEN = "Something went wrong on our side; nothing was charged."
NOBODY = Caller("", "", "live", frozenset())  #: who calls a route that asks for no key
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
#: Any page may call the API with a key it was given; cookies mean nothing here, so no origin is more trusted.
_CORS: HeaderList = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"x-request-id, retry-after, idempotent-replayed, songwright-deduplicated, songwright-next-cursor",
    ),
)
_PREFLIGHT: HeaderList = (
    *_CORS,
    (b"access-control-allow-methods", b"GET, HEAD, POST, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, x-api-key, content-type, idempotency-key"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)
_ALWAYS: HeaderList = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    *_CORS,
)
_log = logging.getLogger(__name__)


class Gateway:
    """The ASGI application."""

    def __init__(
        self, dialects: Sequence[Dialect], pages: ASGIApp, gate: Gate, max_body_bytes: int, spool: Spool
    ) -> None:
        # The longest prefix first: `/api/suno/` lies inside `/api/`.
        self._dialects = sorted(dialects, key=lambda dialect: -len(dialect.prefix))
        self._routes = {dialect.name: Routes(dialect.endpoints) for dialect in dialects}
        self._pages = pages
        self._gate = gate
        self._max_body_bytes = max_body_bytes
        self._spool = spool
        self._shedder = Shedder()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        request_id = new_id().encode()
        for dialect in self._dialects:
            if scope["path"].startswith(dialect.prefix):
                await self._serve(dialect, scope, receive, send, request_id)
                return
        await self._pages(scope, receive, _naming(send, request_id))

    async def _serve(self, dialect: Dialect, scope: HTTPScope, receive: Receive, send: Send, request_id: bytes) -> None:
        method: str = scope["method"]
        if method == "OPTIONS":
            await _send(send, Answer(b"", 204), (*_PREFLIGHT, (b"x-request-id", request_id)), with_body=False)
            return
        too_large = False
        try:
            with self._shedder.place(scope["method"]):
                answer = await self._answer(self._routes[dialect.name], scope, receive)
        except ClientGone:
            return
        except PayloadTooLarge as error:
            answer, too_large = error_answer(error, dialect), True
        except SongwrightError as error:
            answer = error_answer(error, dialect)
        except Exception:  # The one handler: whatever went wrong, the caller gets this dialect's shape and an id.
            _log.exception("request %s broke: %s %r", request_id.decode(), method, scope["path"])
            answer = error_answer(SongwrightError(BROKEN), dialect)
        headers = (
            (b"content-type", answer.content_type),
            *_ALWAYS,
            (b"x-request-id", request_id),
            *(() if answer.stream else ((b"content-length", str(len(answer.body)).encode()),)),
            *answer.headers,
        )
        if too_large:
            await _send_and_hang_up(send, receive, answer, headers)
            return
        await _send(send, answer, headers, with_body=method != "HEAD")

    async def _answer(self, routes: Routes, scope: HTTPScope, receive: Receive) -> Answer:
        path = scope["path"]
        match = routes.find(scope["method"], path[:-1] if path.endswith("/") else path)
        headers = list(scope["headers"])
        scope_wanted = match.endpoint.asks_for
        caller = NOBODY if scope_wanted == "open" else self._gate.admit(headers, scope_wanted)
        query = _query(scope["query_string"]) if scope["query_string"] else {}
        key = _idempotency_key(headers)
        if match.endpoint.takes_uploads:
            async with self._spool.body(headers, receive) as (body, file):
                call = Call(caller, match.path, query, body, key, _content_type(headers), file)
                return await match.endpoint.handle(call)
        body = b"" if scope["method"] in _BODILESS else await read_body(headers, receive, self._max_body_bytes)
        return await match.endpoint.handle(Call(caller, match.path, query, body, key))


def error_answer(error: SongwrightError, dialect: Dialect) -> Answer:
    """An error in a dialect's shape, with the headers its status calls for."""
    headers: HeaderList = ()
    if error.status == 401:
        headers = ((b"www-authenticate", b"Bearer"),)
    elif error.status in (409, 429, 503) or error.retry_after_s is not None:
        headers = ((b"retry-after", str(error.retry_after_s or DEFAULT_RETRY_AFTER_S).encode()),)
    return Answer(dialect.render_error(error), error.status, headers)


def _query(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_QUERY_PARAMETERS)
    except ValueError as error:
        raise InvalidRequest("The query has too many parameters.") from error
    if any(PATTERN.search(value) or PATTERN.search(name) for name, value in pairs):
        raise InvalidRequest("A key was sent in the address, where logs keep it: send it in a header, and rotate it.")
    return dict(reversed(pairs))


def _idempotency_key(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"idempotency-key":
            key = value.decode("latin-1").strip()
            if len(key) > MAX_IDEMPOTENCY_KEY or not key.isprintable():
                message = f"An idempotency key has at most {MAX_IDEMPOTENCY_KEY} printable characters."
                raise InvalidRequest(message, param="Idempotency-Key")
            return key or None
    return None


def _content_type(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")


def _naming(send: Send, request_id: bytes) -> Send:
    """`send`, with the request's id and the cross-origin headers added to the answer's start."""

    async def naming(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = (*_CORS, (b"x-request-id", request_id), (b"x-content-type-options", b"nosniff"))
            message["headers"] = [*message.get("headers", ()), *added]
        await send(message)

    return naming


async def _send_and_hang_up(send: Send, receive: Receive, answer: Answer, headers: HeaderList) -> None:
    """Answer a body that is too large, then read on for a moment, so that the answer arrives, but not to its end."""
    closing = (*headers, (b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": closing})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    await drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, answer: Answer, headers: HeaderList, *, with_body: bool) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.stream is not None and with_body:
        async for block in answer.stream:
            await send({"type": "http.response.body", "body": block, "more_body": True})
    await send({"type": "http.response.body", "body": answer.body if with_body else b"", "more_body": False})
