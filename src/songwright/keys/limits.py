"""What a key and its account may still order, decided inside the transaction that reserves the credits.

There is no reading before and writing after: two orders that fit alone but not together cannot both pass.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from songwright.core.errors import InsufficientCredits, NotAllowed, TooManyRequests

RETRY_AFTER_S = 5
_KEY = """
SELECT k.models, k.limit_credits, k.committed_credits, k.limit_month_credits, iif(k.month = ?2, k.month_credits, 0),
  k.limit_unfinished, k.unfinished, l.credits, l.month_credits, l.unfinished, l.account_id, k.account_id
FROM api_key k LEFT JOIN account_limit l ON l.account_id = k.account_id WHERE k.id = ?1
"""
_ACCOUNT = """
SELECT sum(committed_credits), sum(iif(month = ?2, month_credits, 0)), sum(unfinished)
FROM api_key WHERE account_id = ?1
"""
_SET = "INSERT OR REPLACE INTO account_limit (account_id, credits, month_credits, unfinished, rate_per_s) VALUES "


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """Bounds of all keys of an account together; None: no bound."""

    credits: int | None = None
    month_credits: int | None = None
    unfinished: int | None = None
    rate_per_s: float | None = None


def set_account_limits(connection: sqlite3.Connection, account_id: str, limits: AccountLimits) -> None:
    """Put these bounds in the place of what was there."""
    values = (account_id, limits.credits, limits.month_credits, limits.unfinished, limits.rate_per_s)
    connection.execute(f"{_SET}(?, ?, ?, ?, ?)", values)


def check_order(
    connection: sqlite3.Connection, key_id: str, model: str | None, price_credits: int, now_s: float
) -> None:
    """That one more task of this price is within every bound of its key and account.

    Raises NotAllowed for a model the key may not order, InsufficientCredits and TooManyRequests for what is used up.
    """
    month = month_of(now_s)
    row = connection.execute(_KEY, (key_id, month)).fetchone()
    if row is None:
        return
    if row[0] is not None and model is not None and model not in row[0].split():
        raise NotAllowed(f"This key may not order the model {model!r}.", param="model")
    _check("This key", tuple(row)[1:7], price_credits)
    if row[10] is not None:
        spent, spent_in_month, unfinished = connection.execute(_ACCOUNT, (row[11], month)).fetchone()
        _check("This account", (row[7], spent, row[8], spent_in_month, row[9], unfinished), price_credits)


def month_of(now_s: float) -> int:
    """The month of a moment, UTC, as yyyymm."""
    moment = datetime.fromtimestamp(now_s, UTC)
    return moment.year * 100 + moment.month


def _check(whose: str, bounds: tuple[int | None, ...], price_credits: int) -> None:
    limit, spent, month_limit, spent_in_month, tasks_limit, tasks = bounds
    if limit is not None and (spent or 0) + price_credits > limit:
        raise InsufficientCredits(f"{whose} may spend {limit} credits in all; {max(limit - (spent or 0), 0)} are left.")
    if month_limit is not None and (spent_in_month or 0) + price_credits > month_limit:
        left = max(month_limit - (spent_in_month or 0), 0)
        raise InsufficientCredits(f"{whose} may spend {month_limit} credits a month; {left} are left of this one.")
    if tasks_limit is not None and (tasks or 0) >= tasks_limit:
        message = f"{whose} has {tasks_limit} unfinished tasks; wait until one has ended."
        raise TooManyRequests(message, retry_after_s=RETRY_AFTER_S)
