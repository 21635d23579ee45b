"""What a key may do, and for how long and how much: read from a request or the command line, checked once, here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from songwright.core.caller import DEFAULT_SCOPES, KEY_SCOPES, Caller, Scope
from songwright.core.errors import InvalidRequest, NotAllowed

MAX_CREDITS = 2**53 - 1
MAX_RATE_PER_S = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """Scopes and bounds of a key; a bound that is None does not exist. Raises InvalidRequest."""

    scopes: frozenset[Scope] = DEFAULT_SCOPES
    models: frozenset[str] | None = None  #: models that may be ordered, under their main names
    expires_at_s: float | None = None
    limit_credits: int | None = None  #: spent, or held for unfinished tasks, over the key's whole life
    limit_month_credits: int | None = None  #: the same for tasks ordered in one month (UTC)
    limit_unfinished: int | None = None
    rate_per_s: float | None = None

    def __post_init__(self) -> None:
        """Check every bound."""
        if not self.scopes:
            raise InvalidRequest(f"A key has at least one scope of {', '.join(sorted(KEY_SCOPES))}.", param="scopes")
        for name in ("limit_credits", "limit_month_credits", "limit_unfinished"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= MAX_CREDITS:
                raise InvalidRequest(f"A limit is a whole number from 0 to {MAX_CREDITS}.", param=name)
        if self.rate_per_s is not None and not 0 < self.rate_per_s <= MAX_RATE_PER_S:
            raise InvalidRequest(f"A rate is above 0 and at most {MAX_RATE_PER_S:g} a second.", param="rate_per_s")
        if self.expires_at_s is not None and not math.isfinite(self.expires_at_s):
            raise InvalidRequest("The time of expiry must be a number of seconds.", param="expires_in")

    @property
    def bounded(self) -> bool:
        """True when a key made by this one could outlive or outspend it."""
        return any(bound is not None for bound in (self.models, self.expires_at_s, self.limit_credits)) or (
            self.limit_month_credits is not None
        )


FULL = Powers(scopes=KEY_SCOPES)


def read_scopes(words: Iterable[str]) -> frozenset[Scope]:
    """Scopes by name. Raises InvalidRequest for a word that is none."""
    found = frozenset(word.strip().lower() for word in words if word.strip())
    if unknown := found - KEY_SCOPES:
        known = ", ".join(sorted(KEY_SCOPES))
        raise InvalidRequest(f"There is no scope {sorted(unknown)[0]!r}: use {known}.", param="scopes")
    return frozenset(cast(Scope, word) for word in found)


def check_may_hand_out(caller: Caller, own: Powers | None, mode: str, wanted: Powers) -> None:
    """That nobody makes a key more powerful than the one in his hand. `own` is None for a person.

    Raises NotAllowed.
    """
    if own is None:
        return
    if own.bounded:
        raise NotAllowed("A key that is limited in credits, models or time makes no keys.")
    if not wanted.scopes <= caller.scopes:
        raise NotAllowed("A key cannot give scopes that it has not.", param="scopes")
    if caller.mode == "test" and mode != "test":
        raise NotAllowed("A test key makes no live keys.", param="mode")
