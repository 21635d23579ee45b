"""How often one key may call: the generic cell rate algorithm, in memory.

Conventions: rates in requests a second, times in seconds of a clock that never goes back. A key holds one number, the
time at which its bucket would be empty again; `burst` requests may come at once, then `rate_per_s` evenly.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_KEYS = 10_000  #: more than this many and those at rest are forgotten


class RateLimiter:
    """Admits or refuses requests by key."""

    def __init__(self, rate_per_s: float, burst: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = 1.0 / rate_per_s
        self._tolerance_s = (burst - 1) * self._interval_s
        self._now_s = now_s
        self._empty_at_s: dict[str, float] = {}

    def admit(self, key_id: str) -> float:
        """0 when the request may pass, otherwise how long to wait; a refused request costs nothing."""
        now_s = self._now_s()
        empty_at_s = max(self._empty_at_s.get(key_id, now_s), now_s)
        wait_s = empty_at_s - now_s - self._tolerance_s
        # A nanosecond of grace, so that the sum of many intervals is not held against a caller.
        if wait_s > 1e-9:
            return wait_s
        if len(self._empty_at_s) >= MAX_KEYS:
            self._empty_at_s = {key: at_s for key, at_s in self._empty_at_s.items() if at_s > now_s}
        self._empty_at_s[key_id] = empty_at_s + self._interval_s
        return 0.0
