"""Everything that is no dialect route: the landing page, the documentation, health, and media."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, asgi, get
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from songwright.core.errors import InvalidRequest, NotFound, SongwrightError
from songwright.core.exchange import Answer, Dialect
from songwright.web.health import Health, HealthAnswer
from songwright.web.html import docs_page, landing_page
from songwright.web.http import BROKEN, error_answer
from songwright.web.media import Media
from songwright.web.payments import TakeEvent, payment_route
from songwright.web.routing import MethodNotAllowed

MEDIA_SEGMENTS = 3  #: clip id, media token, file name
_log = logging.getLogger(__name__)
_HTML_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}


def build_pages(
    *,
    dialects: Sequence[Dialect],
    media: Media,
    health: Health,
    description: dict[str, Any],
    public_url: str,
    take_payment_event: TakeEvent | None = None,
) -> ASGIApp:
    """The pages as an application of their own."""
    # Outside every dialect, errors look as in the one that claims the most.
    fallback = min(dialects, key=lambda dialect: len(dialect.prefix))
    return Litestar(
        [
            *_health_routes(health),
            *_documents(description, public_url),
            _media_route(media, fallback),
            *([payment_route(take_payment_event)] if take_payment_event else []),
        ],
        openapi_config=None,
        logging_config=None,
        exception_handlers=_error_handlers(fallback),
    )


def _error_handlers(fallback: Dialect) -> Any:
    def ours(_: Request[Any, Any, Any], error: SongwrightError) -> Response[bytes]:
        return _response(error_answer(error, fallback))

    def the_frameworks(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        return _response(error_answer(_ours(error), fallback))

    def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        _log.error("the page %s broke", request.url.path, exc_info=error)
        return _response(error_answer(SongwrightError(BROKEN), fallback))

    return {SongwrightError: ours, HTTPException: the_frameworks, Exception: unexpected}


def _health_routes(health: Health) -> list[Any]:
    @get("/livez", sync_to_thread=False)
    def livez() -> HealthAnswer:
        return health.alive()

    @get("/readyz", sync_to_thread=False)
    def readyz() -> Response[HealthAnswer]:
        answer = health.ready()
        return Response(answer, status_code=503 if answer.troubles else 200, media_type=MediaType.JSON)

    return [livez, readyz]


def _documents(description: dict[str, Any], public_url: str) -> list[Any]:
    document = msgspec.json.encode(description)
    landing, docs = landing_page(public_url), docs_page(description)

    @get("/openapi.json", sync_to_thread=False, media_type=MediaType.JSON)
    def openapi() -> bytes:
        return document

    @get("/", sync_to_thread=False, media_type=MediaType.HTML, response_headers=_HTML_HEADERS)
    def index() -> str:
        return landing

    @get("/docs", sync_to_thread=False, media_type=MediaType.HTML, response_headers=_HTML_HEADERS)
    def docs_() -> str:
        return docs

    return [openapi, index, docs_]


def _media_route(media: Media, fallback: Dialect) -> Any:
    @asgi("/media", is_mount=True, copy_scope=True)
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "the route takes nothing else"
        parts = scope["path"].strip("/").split("/")
        try:
            if scope["method"] not in ("GET", "HEAD"):
                raise MethodNotAllowed("This path knows GET, HEAD.")
            if len(parts) != MEDIA_SEGMENTS:
                raise NotFound("There is no such file.")
            await media.serve(scope, receive, send, *parts)
        except SongwrightError as error:
            response = _response(error_answer(error, fallback))
            await response.to_asgi_response(None, Request(scope))(scope, receive, send)

    return serve


def _ours(error: HTTPException) -> SongwrightError:
    """A framework's error in our words."""
    if error.status_code == 404:
        return NotFound("There is no such path.")
    if error.status_code == 405:
        return MethodNotAllowed()
    return InvalidRequest(error.detail) if error.status_code < 500 else SongwrightError(BROKEN)


def _response(answer: Answer) -> Response[bytes]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=MediaType.JSON)
