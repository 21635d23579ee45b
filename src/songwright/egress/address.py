"""Which addresses are public, and which private ones the operator allows. Pure.

Conventions
    An address is public when it is in none of the IANA special-purpose blocks below. The list is ours because the
    standard library's `is_global` calls translated, compatible and several multicast addresses global. IPv6 forms that
    carry an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo) are refused whole: nobody needs them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from songwright.core.errors import ConfigurationError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL_V4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",
    "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is a cloud's metadata
    "127.0.0.0/8",
    "169.254.0.0/16",  # link-local; 169.254.169.254 is a cloud's metadata
    "172.16.0.0/12",
    "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and the broadcast address
)
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  #: all that was ever given out as global unicast
_SPECIAL_V6 = (
    "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, drone ids
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: any IPv4 address in disguise
    "2620:4f:8000::/48",
    "3fff::/20",  # documentation
)
_V4 = tuple(ipaddress.IPv4Network(block) for block in _SPECIAL_V4)
_V6 = tuple(ipaddress.IPv6Network(block) for block in _SPECIAL_V6)


def is_public(address: IpAddress) -> bool:
    """True when the address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _V4)
    if address.scope_id is not None:
        return False
    return address in _PUBLIC_V6 and not any(address in block for block in _V6)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be reached although private, at any port."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IpNetwork, ...] = ()

    def names(self, host: str) -> bool:
        """True when the host itself is on the list."""
        return host.lower().rstrip(".") in self.hosts

    def covers(self, address: IpAddress) -> bool:
        """True when a network on the list holds the address."""
        return any(address.version == network.version and address in network for network in self.networks)


def parse_allowed(entries: Iterable[str]) -> Allowed:
    """`("localhost", "10.0.0.0/8", "[::1]")` -> `Allowed`. Raises ConfigurationError for what is neither."""
    hosts: set[str] = set()
    networks: list[IpNetwork] = []
    for entry in (each.strip() for each in entries):
        if not entry:
            continue
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]")))
        except ValueError:
            hosts.add(_host(entry))
    return Allowed(frozenset(hosts), tuple(networks))


def _host(entry: str) -> str:
    name = entry.lower().rstrip(".")
    labels = name.split(".")
    if not all(label and label.replace("-", "").replace("_", "").isalnum() for label in labels):
        raise ConfigurationError(f"{entry!r} in the egress list is neither a host nor a network such as 10.0.0.0/8.")
    return name
