"""How often one key may call: the generic cell rate algorithm, in memory.

Conventions: rates in requests a second, times in seconds of a clock that never goes back. A key holds one number, the
time at which its bucket would be empty again; `burst` requests may come at once, then `rate_per_s` evenly.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_KEYS = 10_000  #: more than this many and those at rest are forgotten
OWN_BURST_S = 2.0  #: a rate of its own comes with a burst of this many seconds


class RateLimiter:
    """Admits or refuses requests by key."""

    def __init__(self, rate_per_s: float, burst: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = 1.0 / rate_per_s
        self._tolerance_s = (burst - 1) * self._interval_s
        self._now_s = now_s
        self._empty_at_s: dict[str, float] = {}

    def admit(self, key_id: str, rate_per_s: float | None = None) -> float:
        """0 when the request may pass, otherwise how long to wait; a refused request costs nothing.

        A key with a rate of its own may send two seconds' worth of it at once, and at least one.
        """
        now_s, interval_s, tolerance_s = self._now_s(), self._interval_s, self._tolerance_s
        if rate_per_s is not None:
            interval_s = 1.0 / rate_per_s
            tolerance_s = max(OWN_BURST_S - interval_s, 0.0)
        empty_at_s = max(self._empty_at_s.get(key_id, now_s), now_s)
        wait_s = empty_at_s - now_s - tolerance_s
        # A nanosecond of grace, so that the sum of many intervals is not held against a caller.
        if wait_s > 1e-9:
            return wait_s
        if len(self._empty_at_s) >= MAX_KEYS:
            self._empty_at_s = {key: at_s for key, at_s in self._empty_at_s.items() if at_s > now_s}
        self._empty_at_s[key_id] = empty_at_s + interval_s
        return 0.0
