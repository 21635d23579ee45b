"""API keys: made once, shown once, stored only as a hash; what one may do is decided in `KeyRing.admit` alone."""

from songwright.core.caller import DEFAULT_SCOPES, KEY_SCOPES, Caller, KeyMode, Scope
from songwright.keys.limits import AccountLimits, check_order, set_account_limits
from songwright.keys.powers import FULL, Powers, check_may_hand_out, read_scopes
from songwright.keys.ring import KeyRing
from songwright.keys.store import DEFAULT_OVERLAP_S, Key, create, every, get, own, revoke, rotate
from songwright.keys.token import PATTERN, is_well_formed, new_token, token_hash

__all__ = [
    "DEFAULT_OVERLAP_S",
    "DEFAULT_SCOPES",
    "FULL",
    "KEY_SCOPES",
    "PATTERN",
    "AccountLimits",
    "Caller",
    "Key",
    "KeyMode",
    "KeyRing",
    "Powers",
    "Scope",
    "check_may_hand_out",
    "check_order",
    "create",
    "every",
    "get",
    "is_well_formed",
    "new_token",
    "own",
    "read_scopes",
    "revoke",
    "rotate",
    "set_account_limits",
    "token_hash",
]
