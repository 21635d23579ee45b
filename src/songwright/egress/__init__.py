"""The only room that opens sockets to addresses somebody else named: callbacks, and whatever a caller asks us to fetch.

The guard sits where the socket is opened, not where the URL is read: every address a name resolves to is looked at, and
the address that was looked at is the one that is dialled. What may be reached although private is the operator's list.
"""

from songwright.egress.address import Allowed, is_public, parse_allowed
from songwright.egress.client import Egress, Reply, TooManyBytesError, UnreachableError
from songwright.egress.dial import EgressRefused, GuardedBackend, Resolver, check_url
from songwright.egress.fetching import fetch_audio

__all__ = [
    "Allowed",
    "Egress",
    "EgressRefused",
    "GuardedBackend",
    "Reply",
    "Resolver",
    "TooManyBytesError",
    "UnreachableError",
    "check_url",
    "fetch_audio",
    "is_public",
    "parse_allowed",
]
