"""The guard at the socket: nothing is dialled that was not looked at in the same moment.

Conventions
    A host is read once: as an IP literal in its usual form, or as a name that is resolved. Other spellings of an
    address (octal, hex, short, decimal) are no names and are refused before anything is resolved. Of a name's addresses
    every one must be permitted; they are then dialled in their order, as numbers: no second lookup can change them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import cast

import httpcore2
import httpx2

from songwright.core.errors import SongwrightError
from songwright.egress.address import Allowed, IpAddress, is_public

MAX_URL = 2048
MAX_ADDRESSES = 16
_WELL_KNOWN = frozenset({80, 443})
# Services that must not be spoken to by accident; the operator's list opens every port of what it names.
_OTHER_SERVICES = frozenset(
    {1433, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672}
    | {5900, 5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7001, 8086, 8300, 8500, 9042, 9092}
    | {9200, 9300, 10080, 10250, 10255, 11211, 15672, 27017, 50070}
)

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class EgressRefused(SongwrightError):
    """This address may not be reached from here."""

    status = 400
    type = "bad_request"


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a name, in its order of preference."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_url(url: str) -> httpx2.URL:
    """The URL, when it is one that could be called at all. Raises EgressRefused; opens and resolves nothing."""
    if len(url) > MAX_URL or not url.isprintable() or any(char in url for char in " \\"):
        raise EgressRefused("The URL is too long or holds characters a URL cannot have.")
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise EgressRefused(f"Not a URL: {error}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise EgressRefused("The URL must begin with http:// or https:// and name a host.")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise EgressRefused("There is no such port.")
    if parsed.userinfo:
        raise EgressRefused("The URL must not carry a user name or password.")
    return parsed


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens sockets for an HTTP client, to permitted addresses only."""

    def __init__(
        self,
        allowed: Allowed,
        *,
        resolver: Resolver = resolve_by_system,
        dialler: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = allowed
        self._resolver = resolver
        self._dialler = dialler or cast(httpcore2.AsyncNetworkBackend, httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is the library's
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Dial the first address that answers. Raises EgressRefused before any socket is opened."""
        addresses = await self.permitted(host, port, timeout)
        for address in addresses[:-1]:
            try:
                return await self._dialler.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._dialler.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[SocketOption] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        """Never: a path is no address that a caller may name."""
        raise EgressRefused("Local sockets cannot be reached.")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def permitted(self, host: str, port: int, timeout_s: float | None) -> list[IpAddress]:
        """Every address of the host, all of them permitted at this port. Raises EgressRefused."""
        addresses = await self._addresses(host, port, timeout_s)
        by_name = self._allowed.names(host)
        for address in addresses:
            if by_name or self._allowed.covers(address):
                continue
            if not is_public(address):
                raise EgressRefused("The address is private or reserved.")
            if port not in _WELL_KNOWN and (port < 1024 or port in _OTHER_SERVICES):
                raise EgressRefused(f"Port {port} may not be reached.")
        return addresses

    async def _addresses(self, host: str, port: int, timeout_s: float | None) -> list[IpAddress]:
        literal = _literal(host)
        if literal is not None:
            return [literal]
        try:
            async with asyncio.timeout(timeout_s):
                found = await self._resolver(host, port)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise httpcore2.ConnectError(f"The name could not be resolved: {error}") from error
        if not found:
            raise httpcore2.ConnectError("The name has no address.")
        return [ipaddress.ip_address(address) for address in found[:MAX_ADDRESSES]]


def _literal(host: str) -> IpAddress | None:
    """The host as an IP address, None when it is a name. Raises EgressRefused for other spellings of an address."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    last_label = host.rstrip(".").rpartition(".")[2].lower()
    # The rule of the URL standard: a host whose last label is a number is meant as an IPv4 address.
    if not last_label or last_label.isdigit() or last_label.startswith("0x") or ":" in host or "%" in host:
        raise EgressRefused("The host is neither a name nor an IP address in its usual form.")
    return None
