"""Who is calling: what a valid API key, or a person's session, says about a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

KeyMode = Literal["live", "test"]
Scope = Literal["create", "read", "billing", "webhooks", "keys", "account"]
"""What a route asks for. `account` (people, export, deletion) belongs to sessions; no key can have it."""

KEY_SCOPES: frozenset[Scope] = frozenset(get_args(Scope)) - {"account"}
DEFAULT_SCOPES: frozenset[Scope] = KEY_SCOPES - {"keys"}  #: a key that was stolen cannot make others that outlive it


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a key or session. A `test` key is never charged."""

    account_id: str
    key_id: str  #: the session's user when `user_id` is set
    mode: KeyMode
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    rate_per_s: float | None = None  #: the key's own; None: the server's
    account_rate_per_s: float | None = None  #: all keys of the account together; None: no bound
    user_id: str = ""  #: of a session; empty for a key
