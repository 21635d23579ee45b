"""When to try again, and what an answer means. Pure.

Conventions: delays in seconds, counted from the attempt before; jitter lengthens a delay by up to a tenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum

_MINUTE, _HOUR = 60.0, 3600.0
#: The specification's: ten attempts over 75 hours and 35 minutes.
DEFAULT_SCHEDULE_S: tuple[float, ...] = (
    0.0,
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
JITTER = 0.1
MAX_RETRY_AFTER_S = 24 * _HOUR
_THROTTLES = frozenset({429, 502, 503, 504})


class Verdict(Enum):
    """What one attempt came to."""

    DELIVERED = "delivered"  #: 2xx, and nothing else
    RETRY = "retry"  #: try again when the schedule says
    GONE = "gone"  #: 410: this address wants no more of this


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try and how it ended: `status` is None when no answer came."""

    verdict: Verdict
    status: int | None
    error: str
    wait_s: float = 0.0  #: the least time the receiver asked us to wait


def judge(status: int, retry_after: str | None, now_s: float) -> Attempt:
    """What an answer means. A redirect is a failure: it is never followed."""
    if 200 <= status < 300:
        return Attempt(Verdict.DELIVERED, status, "")
    if status == 410:
        return Attempt(Verdict.GONE, status, "the receiver answered 410 Gone")
    wait_s = _wait_s(retry_after, now_s) if status in _THROTTLES else 0.0
    return Attempt(Verdict.RETRY, status, f"the receiver answered {status}", wait_s)


def next_try_s(schedule_s: Sequence[float], attempts: int, attempt: Attempt, now_s: float, luck: float) -> float | None:
    """When attempt number `attempts + 1` is due, None after the last. `luck` in 0..1 places it inside the jitter."""
    if attempts >= len(schedule_s):
        return None
    return now_s + max(schedule_s[attempts] * (1 + JITTER * luck), attempt.wait_s)


def _wait_s(retry_after: str | None, now_s: float) -> float:
    """`Retry-After` in seconds, given as seconds or as a date; 0 when it is neither."""
    if not retry_after:
        return 0.0
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment.timestamp() - now_s, 0.0), MAX_RETRY_AFTER_S)
