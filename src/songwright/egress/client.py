"""An HTTP client that can only reach what the guard permits: no proxies, a cap on time and on size.

Callbacks never follow a redirect; downloads follow a few, each dialled through the same guard.

Conventions: times in seconds, sizes in bytes; `timeout_s` covers the whole exchange, name lookup to last byte read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpcore2
import httpx2

from songwright.egress.address import Allowed
from songwright.egress.dial import EgressRefused, GuardedBackend, Resolver, check_url, resolve_by_system

MAX_CONNECTIONS = 64
KEEPALIVE_S = 5.0
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a redirect is an answer like any other and is never followed."""

    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes  #: as sent, never unpacked; cut at the cap
    cut: bool


class UnreachableError(Exception):
    """No answer came: the name, the connection, the encryption or the time failed."""


class TooManyBytesError(Exception):
    """The file is larger than what was allowed."""


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
        sent = {"content-length": str(len(body)), **headers}
        async with self._exchange("POST", check_url(url), sent, body, timeout_s) as response:
            content, cut = await _read(response.aiter_stream(), max_reply_bytes)
        return Reply(response.status, _headers(response), content, cut)

    async def download(self, url: str, path: Path, *, timeout_s: float, max_bytes: int) -> Mapping[str, str]:
        """GET a file into `path`, following at most three redirects, each looked at like the first address.

        Returns the headers of the answer. Raises EgressRefused for what may not be reached, UnreachableError when no
        file came, TooManyBytesError when it is larger than `max_bytes`; then `path` may hold its beginning.
        """
        target = check_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            async with self._exchange("GET", target, {}, None, timeout_s) as response:
                headers = _headers(response)
                if response.status == 200:
                    await _save(response.aiter_stream(), headers, path, max_bytes)
                    return headers
                if response.status not in _REDIRECTS or "location" not in headers:
                    raise UnreachableError(f"the server answered {response.status}")
            target = check_url(_joined(target, headers["location"]))
        raise UnreachableError(f"more than {MAX_REDIRECTS} redirects")

    @asynccontextmanager
    async def _exchange(
        self, method: str, target: httpx2.URL, headers: Mapping[str, str], body: bytes | None, timeout_s: float
    ) -> AsyncGenerator[httpcore2.Response, None]:
        """One request and its answer, within `timeout_s` from the name's lookup to the last byte that is read."""
        sent = {"host": target.netloc.decode("ascii"), "accept-encoding": "identity", **headers}
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._pool.stream(
                    method,
                    _core_url(target),
                    headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
                    content=body,
                    extensions={"timeout": {"connect": timeout_s, "read": timeout_s, "write": timeout_s}},
                ) as response,
            ):
                yield response
        except TimeoutError as error:
            raise UnreachableError(f"no answer within {timeout_s:g} s") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException) as error:
            raise UnreachableError(f"{type(error).__name__}: {error}"[:200]) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def _core_url(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(response: httpcore2.Response) -> Mapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _joined(base: httpx2.URL, location: str) -> str:
    """Where a redirect leads. Raises EgressRefused when it is no address."""
    try:
        return str(base.join(location))
    except httpx2.InvalidURL as error:
        raise EgressRefused(f"The redirect leads to no URL: {error}.") from error


async def _save(stream: AsyncIterable[bytes], headers: Mapping[str, str], path: Path, max_bytes: int) -> None:
    if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")) > max_bytes:
        raise TooManyBytesError(f"the file is larger than {max_bytes} bytes")
    saved = 0
    with path.open("wb") as file:
        async for chunk in stream:
            saved += len(chunk)
            if saved > max_bytes:
                raise TooManyBytesError(f"the file is larger than {max_bytes} bytes")
            await asyncio.to_thread(file.write, chunk)


async def _read(stream: AsyncIterable[bytes], max_bytes: int) -> tuple[bytes, bool]:
    """At most `max_bytes` of a stream, and whether more was coming."""
    content = bytearray()
    async for chunk in stream:
        content += chunk
        if len(content) > max_bytes:
            return bytes(content[:max_bytes]), True
    return bytes(content), False
