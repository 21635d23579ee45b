"""Who is calling: what a valid API key says about a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KeyMode = Literal["live", "test"]


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a key. A `test` key is never charged."""

    account_id: str
    key_id: str
    mode: KeyMode
