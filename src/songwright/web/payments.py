"""The callbacks of the payment provider: `POST /webhooks/stripe`, the only route that a signature opens, not a key.

The body is handed on as the bytes that came: the signature is over them. What it means is not known here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, post

from songwright.core.errors import InvalidRequest, PayloadTooLarge

PATH = "/webhooks/stripe"
MAX_EVENT_BYTES = 256 * 1024
TakeEvent = Callable[[bytes, str], Awaitable[str]]
"""(body, signature) -> what came of it, in a word."""


def payment_route(take: TakeEvent) -> Any:
    """The route."""

    @post(PATH, status_code=200, request_max_body_size=MAX_EVENT_BYTES)
    async def stripe_event(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
        signatures = request.headers.getall("stripe-signature", [])
        if len(signatures) != 1:
            raise InvalidRequest("An event has one signature.", param="Stripe-Signature")
        body = await request.body()
        if len(body) > MAX_EVENT_BYTES:
            raise PayloadTooLarge(f"The body may have at most {MAX_EVENT_BYTES} bytes.")
        return Response({"outcome": await take(body, signatures[0])})

    return stripe_event
