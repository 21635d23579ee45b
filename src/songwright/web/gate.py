"""Who calls and whether they may: the one place where a key is read from a request, whichever header carries it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from songwright.accounts import Sessions, is_session
from songwright.core.caller import Caller, Scope
from songwright.core.errors import InvalidRequest, NotAuthenticated, TooManyRequests
from songwright.keys import KeyRing
from songwright.web.limiter import RateLimiter

_BEARER = "bearer "


class Gate:
    """Lets a caller in, or raises."""

    def __init__(self, keyring: KeyRing, sessions: Sessions, limiter: RateLimiter) -> None:
        self._keyring = keyring
        self._sessions = sessions
        self._limiter = limiter

    def admit(self, headers: Iterable[tuple[bytes, bytes]], scope: Scope) -> Caller:
        """The caller, who may do what `scope` names.

        Raises NotAuthenticated, NotAllowed, InvalidRequest for two different keys, TooManyRequests.
        """
        token = read_key(headers)
        caller = (self._sessions if is_session(token) else self._keyring).admit(token, scope)
        wait_s = self._limiter.admit(caller.key_id, caller.rate_per_s)
        if wait_s > 0:
            raise TooManyRequests("This key sends too many requests a second.", retry_after_s=max(1, math.ceil(wait_s)))
        if caller.account_rate_per_s is not None:
            wait_s = self._limiter.admit(caller.account_id, caller.account_rate_per_s)
        if wait_s > 0:
            message = "This account sends too many requests a second."
            raise TooManyRequests(message, retry_after_s=max(1, math.ceil(wait_s)))
        return caller


def read_key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The key in `Authorization: Bearer` or `X-API-Key`; both may be sent when they are the same."""
    found: set[str] = set()
    for name, value in headers:
        if name == b"x-api-key":
            found.add(value.decode("latin-1").strip())
        elif name == b"authorization":
            text = value.decode("latin-1").strip()
            if text[: len(_BEARER)].lower() == _BEARER:
                found.add(text[len(_BEARER) :].strip())
    found.discard("")
    if len(found) > 1:
        raise InvalidRequest("Two different API keys were sent; send one.", param="X-API-Key")
    if not found:
        raise NotAuthenticated("No API key was given: send 'Authorization: Bearer YOUR_API_KEY' or 'X-API-Key'.")
    return found.pop()
