"""API keys: made once, shown once, stored only as a hash."""

from songwright.core.caller import Caller, KeyMode
from songwright.keys.ring import KeyRing
from songwright.keys.store import Key, create, every, revoke, token_hash
from songwright.keys.token import is_well_formed, new_token

__all__ = [
    "Caller",
    "Key",
    "KeyMode",
    "KeyRing",
    "create",
    "every",
    "is_well_formed",
    "new_token",
    "revoke",
    "token_hash",
]
