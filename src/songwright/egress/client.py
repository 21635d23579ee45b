"""An HTTP client that can only reach what the guard permits: no redirects, no proxies, a cap on time and on size.

Conventions: times in seconds, sizes in bytes; `timeout_s` covers the whole exchange, name lookup to last byte read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass

import httpcore2
import httpx2

from songwright.egress.address import Allowed
from songwright.egress.dial import GuardedBackend, Resolver, check_url, resolve_by_system

MAX_CONNECTIONS = 64
KEEPALIVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a redirect is an answer like any other and is never followed."""

    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes  #: as sent, never unpacked; cut at the cap
    cut: bool


class UnreachableError(Exception):
    """No answer came: the name, the connection, the encryption or the time failed."""


class Egress:
    """Sends requests to addresses somebody else named."""

    def __init__(
        self,
        allowed: Allowed,
        *,
        resolver: Resolver = resolve_by_system,
        dialler: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        # The pool itself, not a client above it: a client would follow redirects, read proxies from the environment and
        # unpack bodies, all of which would have to be switched off again.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=GuardedBackend(allowed, resolver=resolver, dialler=dialler),
        )

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, max_reply_bytes: int
    ) -> Reply:
        """POST once. Raises EgressRefused for what may not be reached, UnreachableError when no answer came."""
        target = check_url(url)
        sent = {
            "host": target.netloc.decode("ascii"),
            "accept-encoding": "identity",
            "content-length": str(len(body)),
            **headers,
        }
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._pool.stream(
                    "POST",
                    _core_url(target),
                    headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
                    content=body,
                    extensions={"timeout": {"connect": timeout_s, "read": timeout_s, "write": timeout_s}},
                ) as response,
            ):
                content, cut = await _read(response.aiter_stream(), max_reply_bytes)
        except TimeoutError as error:
            raise UnreachableError(f"no answer within {timeout_s:g} s") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException) as error:
            raise UnreachableError(f"{type(error).__name__}: {error}"[:200]) from error
        reply_headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(response.status, reply_headers, content, cut)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def _core_url(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


async def _read(stream: AsyncIterable[bytes], max_bytes: int) -> tuple[bytes, bool]:
    """At most `max_bytes` of a stream, and whether more was coming."""
    content = bytearray()
    async for chunk in stream:
        content += chunk
        if len(content) > max_bytes:
            return bytes(content[:max_bytes]), True
    return bytes(content), False
