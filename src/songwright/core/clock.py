"""Time as an argument, so that tests can hold it still.

Conventions: `now_s()` is Unix time in seconds; formatted times are UTC, ISO 8601 with milliseconds and `Z`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        return time.time()


class FixedClock:
    """A clock that stands still until it is moved; for tests and simulations."""

    def __init__(self, now_s: float = 1_700_000_000.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        """Unix time in seconds."""
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds` (negative moves it back)."""
        self._now_s += seconds


def iso_utc(unix_s: float) -> str:
    """`1700000000.5` -> `2023-11-14T22:13:20.500Z`."""
    moment = datetime.fromtimestamp(unix_s, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
