"""Accounts: who owns keys, credits and tasks; and the people in them."""

from songwright.accounts import leaving, people
from songwright.accounts.door import Door, Sessions, SignUp, is_session
from songwright.accounts.people import Role, User
from songwright.accounts.store import (
    DEFAULT_OVERLAP_S,
    FIRST_ACCOUNT,
    Account,
    create,
    every,
    find,
    find_or_create,
    get,
    rotate_webhook_secret,
)

__all__ = [
    "DEFAULT_OVERLAP_S",
    "FIRST_ACCOUNT",
    "Account",
    "Door",
    "Role",
    "Sessions",
    "SignUp",
    "User",
    "create",
    "every",
    "find",
    "find_or_create",
    "get",
    "is_session",
    "leaving",
    "people",
    "rotate_webhook_secret",
]
