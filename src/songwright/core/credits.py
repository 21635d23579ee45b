"""Credits are integers. What is delivered is paid: a failed task costs 0, one clip of two half, rounded down."""

from __future__ import annotations


def credits_for_delivery(price_credits: int, delivered: int, ordered: int) -> int:
    """The part of `price_credits` that is owed when `delivered` of `ordered` clips were made.

    Raises ValueError when the counts make no sense.
    """
    if ordered < 1 or not 0 <= delivered <= ordered or price_credits < 0:
        raise ValueError(f"cannot price {delivered} of {ordered} clips at {price_credits} credits")
    return price_credits * delivered // ordered
