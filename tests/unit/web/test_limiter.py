"""The rate limit admits exactly what it says, for any pattern of arrivals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songwright.web.limiter import MAX_KEYS, RateLimiter


class Moment:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@given(st.lists(st.integers(0, 40), max_size=300), st.integers(1, 20))
def test_never_more_than_the_burst_and_the_rate(gaps_ms: list[int], burst: int) -> None:
    moment = Moment()
    limiter = RateLimiter(100.0, burst, moment)
    admitted: list[float] = []
    for gap_ms in gaps_ms:
        moment.now_s += gap_ms / 1000
        if limiter.admit("k") == 0:
            admitted.append(moment.now_s)
    for first in range(len(admitted)):
        for last in range(first, len(admitted)):
            allowed = burst + (admitted[last] - admitted[first]) * 100.0 + 1e-3
            assert last - first + 1 <= allowed


def test_who_waits_as_told_is_admitted() -> None:
    moment = Moment()
    limiter = RateLimiter(10.0, 5, moment)
    assert [limiter.admit("k") for _ in range(5)] == [0.0] * 5
    wait_s = limiter.admit("k")
    assert wait_s == pytest.approx(0.1)
    assert limiter.admit("other") == 0
    moment.now_s += wait_s
    assert limiter.admit("k") == 0 and limiter.admit("k") > 0


def test_keys_at_rest_are_forgotten() -> None:
    moment = Moment()
    limiter = RateLimiter(100.0, 200, moment)
    for number in range(MAX_KEYS):
        limiter.admit(str(number))
    moment.now_s += 10
    limiter.admit("one more")
    assert len(limiter._empty_at_s) == 1  # pyright: ignore[reportPrivateUsage]
