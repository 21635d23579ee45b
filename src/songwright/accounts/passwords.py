"""Passwords: Argon2id with the library's parameters, which are above the least that OWASP asks for (19 MiB, 2 passes).

At most `AT_ONCE` are hashed at a time, so that a storm of logins costs a bounded amount of memory (64 MiB each).
"""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from songwright.core.errors import InvalidRequest

AT_ONCE = 2
MIN_LENGTH, MAX_LENGTH = 10, 256
_hasher = PasswordHasher()
_room = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """What is stored; blocks for a tenth of a second. Raises InvalidRequest for one too short or long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidRequest(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", param="password")
    with _room:
        return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """True for the right password. Nobody's password takes as long as somebody's: time tells no address."""
    with _room:
        try:
            return _hasher.verify(stored or _nobodys(), password[:MAX_LENGTH]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def is_outdated(stored: str) -> bool:
    """True when it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)
