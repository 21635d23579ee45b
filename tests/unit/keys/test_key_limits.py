"""What a key and an account may spend is never exceeded, however the orders come and end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from songwright import keys
from songwright.core.caller import Caller
from songwright.core.errors import InsufficientCredits, NotAllowed, TooManyRequests
from songwright.core.task import Order

PRICE = 10


def limited(house: Any, caller: Caller, **bounds: Any) -> Caller:
    """Another key of the caller's account, with bounds."""
    powers = keys.Powers(**bounds)
    now_s = house.clock.now_s()
    key = house.db.write_blocking(lambda c: keys.create(c, caller.account_id, "live", now_s, "", powers))[1]
    return replace(caller, key_id=key.id)


def submit_all(house: Any, caller: Caller, orders: list[Order]) -> list[Any]:
    async def run() -> list[Any]:
        lifecycle = house.lifecycle()
        return await asyncio.gather(*(lifecycle.submit(caller, order) for order in orders), return_exceptions=True)

    return asyncio.run(run())


def accepted(results: list[Any], error: type[Exception]) -> int:
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, error) for result in refused), refused
    return len(results) - len(refused)


@pytest.mark.parametrize("bound", ["limit_credits", "limit_month_credits"])
def test_64_orders_at_once_never_spend_more_than_the_key_may(
    house: Any, order: Callable[..., Order], bound: str
) -> None:
    key = limited(house, house.customer(credits=10_000), **{bound: 3 * PRICE + PRICE - 1})
    results = submit_all(house, key, [order(f"song {i}") for i in range(64)])
    assert accepted(results, InsufficientCredits) == 3
    assert house.wrong_in_books() == []


def test_a_failed_task_gives_its_share_back_and_the_next_month_begins_anew(
    house: Any, order: Callable[..., Order]
) -> None:
    key = limited(house, house.customer(credits=10_000), limit_month_credits=PRICE)

    async def run() -> None:
        lifecycle = house.lifecycle()
        task = (await lifecycle.submit(key, order("one"))).task
        with pytest.raises(InsufficientCredits, match="0 are left"):
            await lifecycle.submit(key, order("two"))
        await lifecycle.cancel(key.account_id, task.id)
        await lifecycle.submit(key, order("three"))
        with pytest.raises(InsufficientCredits):
            await lifecycle.submit(key, order("four"))
        house.clock.advance(32 * 86_400)
        await lifecycle.submit(key, order("five"))

    asyncio.run(run())
    row = house.db.read("SELECT committed_credits, month_credits FROM api_key WHERE id = ?", (key.key_id,))[0]
    assert tuple(row) == (2 * PRICE, PRICE)


def test_the_account_bounds_all_its_keys_together(house: Any, order: Callable[..., Order]) -> None:
    first = house.customer(credits=10_000)
    second = limited(house, first)
    bounds = keys.AccountLimits(credits=2 * PRICE)
    house.db.write_blocking(lambda c: keys.set_account_limits(c, first.account_id, bounds))
    results = submit_all(house, first, [order("a")]) + submit_all(house, second, [order("b")])
    assert accepted(results, InsufficientCredits) == 2
    for caller in (first, second):
        assert accepted(submit_all(house, caller, [order("c")]), InsufficientCredits) == 0
    bounds = keys.AccountLimits(unfinished=2)
    house.db.write_blocking(lambda c: keys.set_account_limits(c, first.account_id, bounds))
    assert accepted(submit_all(house, second, [order("d")]), TooManyRequests) == 0


def test_unfinished_tasks_of_a_key_are_bounded(house: Any, order: Callable[..., Order]) -> None:
    key = limited(house, house.customer(credits=10_000), limit_unfinished=2)
    assert accepted(submit_all(house, key, [order(f"{i}") for i in range(5)]), TooManyRequests) == 2


def test_a_key_orders_only_the_models_it_may(house: Any, order: Callable[..., Order]) -> None:
    caller = house.customer(credits=10_000)
    other = limited(house, caller, models=frozenset({"chirp-v3-5"}))
    right = limited(house, caller, models=frozenset({"suno"}))
    assert accepted(submit_all(house, other, [order("x")]), NotAllowed) == 0
    assert accepted(submit_all(house, right, [order("x")]), NotAllowed) == 1


def test_what_was_refused_costs_nothing(house: Any, order: Callable[..., Order]) -> None:
    caller = house.customer(credits=50)
    key = limited(house, caller, limit_credits=0)
    assert accepted(submit_all(house, key, [order("x")]), InsufficientCredits) == 0
    assert house.balance(caller) == (50, 0, 0)
