"""When a delivery is tried again, and what an answer means."""

from __future__ import annotations

import pytest

from songwright.webhooks.schedule import DEFAULT_SCHEDULE_S, Attempt, Verdict, judge, next_try_s

FAILED = Attempt(Verdict.RETRY, 500, "")


def test_the_default_is_the_specifications_ten_attempts() -> None:
    assert DEFAULT_SCHEDULE_S == (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
    assert sum(DEFAULT_SCHEDULE_S) == 75 * 3600 + 35 * 60 + 5


def test_each_attempt_waits_its_turn_with_at_most_a_tenth_more() -> None:
    for attempts, delay_s in enumerate(DEFAULT_SCHEDULE_S[1:], 1):
        assert next_try_s(DEFAULT_SCHEDULE_S, attempts, FAILED, 1000.0, 0.0) == 1000 + delay_s
        assert next_try_s(DEFAULT_SCHEDULE_S, attempts, FAILED, 1000.0, 1.0) == pytest.approx(1000 + delay_s * 1.1)
    assert next_try_s(DEFAULT_SCHEDULE_S, 10, FAILED, 1000.0, 0.0) is None


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((200, Verdict.DELIVERED), (201, Verdict.DELIVERED), (204, Verdict.DELIVERED), (299, Verdict.DELIVERED)),
        *((300, Verdict.RETRY), (301, Verdict.RETRY), (307, Verdict.RETRY), (400, Verdict.RETRY), (404, Verdict.RETRY)),
        *((410, Verdict.GONE), (429, Verdict.RETRY), (500, Verdict.RETRY), (503, Verdict.RETRY), (199, Verdict.RETRY)),
    ],
)
def test_only_2xx_is_success(status: int, verdict: Verdict) -> None:
    assert judge(status, None, 0.0).verdict is verdict


@pytest.mark.parametrize(
    ("status", "header", "wait_s"),
    [
        *((429, "120", 120), (503, "60", 60), (502, "7", 7), (504, " 7 ", 7), (429, "999999999", 86_400)),
        *((500, "120", 0), (429, "-5", 0), (429, "soon", 0), (429, "", 0), (429, None, 0), (429, "1.5", 0)),
        *((429, "Tue, 14 Nov 2023 22:14:20 GMT", 60), (429, "Tue, 14 Nov 2023 22:13:00 GMT", 0), (429, "²", 0)),
    ],
)
def test_a_receiver_may_ask_for_time(status: int, header: str | None, wait_s: float) -> None:
    attempt = judge(status, header, 1_700_000_000.0)
    assert attempt.wait_s == wait_s
    assert next_try_s((0, 5), 1, attempt, 100.0, 0.0) == 100 + max(5, wait_s)
