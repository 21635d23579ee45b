from __future__ import annotations

import asyncio

import pytest

from songwright.core.errors import (
    IdempotencyMismatch,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    TooManyRequests,
    Unavailable,
)
from songwright.core.song import ClipStatus
from songwright.core.task import TaskStatus
from songwright.tasks import Filter


def submit(life, caller, *orders):
    async def run():
        return [await life.submit(caller, order) for order in orders]

    return asyncio.run(run())


def test_an_order_becomes_a_pending_task_with_two_clips_and_its_price_reserved(house, order) -> None:
    ada, life = house.customer(credits=100), house.lifecycle()
    [accepted] = submit(life, ada, order(seed=7))
    task = life.get(ada.account_id, accepted.task.id)
    assert task == accepted.task
    assert (task.status, task.price_credits, task.seed, task.progress_percent) == (TaskStatus.PENDING, 10, 7, 0)
    assert [clip.status for clip in task.clips] == [ClipStatus.QUEUED] * 2
    assert len({clip.id for clip in task.clips} | {clip.media_token for clip in task.clips}) == 4
    assert task.metadata == {"reading": "description", "ignored_fields": [], "seed": 7}
    assert house.balance(ada) == (90, 10, 0)
    assert house.wrong_in_books() == []


def test_an_order_without_a_seed_gets_one_within_the_contract(house, order) -> None:
    [accepted] = submit(house.lifecycle(), house.customer(), order())
    assert 0 <= accepted.task.seed <= 2**31 - 1


def test_too_few_credits_leave_no_trace(house, order) -> None:
    ada, life = house.customer(credits=9), house.lifecycle()
    with pytest.raises(InsufficientCredits):
        submit(life, ada, order())
    assert life.records.tasks(ada.account_id, Filter()).tasks == ()
    assert house.balance(ada) == (9, 0, 0)


def test_a_test_key_is_never_charged(house, order) -> None:
    ada, life = house.customer(credits=0, mode="test"), house.lifecycle()
    [accepted] = submit(life, ada, order())
    assert (accepted.task.price_credits, accepted.task.mode) == (0, "test")
    assert house.wrong_in_books() == []


def test_an_unknown_model_is_named(house, order) -> None:
    wish = order()
    wish = type(wish)(
        dialect="apione", kind=wish.kind, body={}, request=type(wish.request)(model="x", reading=wish.request.reading)
    )
    with pytest.raises(InvalidRequest, match="'x'") as refused:
        submit(house.lifecycle(), house.customer(), wish)
    assert refused.value.param == "model"


# ------------------------------------------------------------------------------------------------ idempotency


def test_the_same_idempotency_key_gives_the_first_task_even_when_it_has_ended(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    wish = order(idempotency_key="k1")
    [first] = submit(life, ada, wish)
    asyncio.run(life.cancel(ada.account_id, first.task.id))
    house.clock.advance(3 * 86_400)
    [again] = submit(life, ada, wish)
    assert again.replayed
    assert again.task.id == first.task.id
    assert house.balance(ada) == (100, 0, 0)


def test_100_parallel_submits_with_one_key_make_one_task_and_one_charge(house, order) -> None:
    ada, life = house.customer(credits=1_000), house.lifecycle()

    async def hundred():
        return await asyncio.gather(*(life.submit(ada, order(idempotency_key="k")) for _ in range(100)))

    submissions = asyncio.run(hundred())
    assert len({s.task.id for s in submissions}) == 1
    assert sum(s.replayed for s in submissions) == 99
    assert house.balance(ada) == (990, 10, 0)


def test_the_same_key_with_another_body_is_a_mismatch(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    submit(life, ada, order("one", idempotency_key="k"))
    with pytest.raises(IdempotencyMismatch):
        submit(life, ada, order("two", idempotency_key="k"))
    assert house.balance(ada) == (90, 10, 0)


def test_another_account_may_use_the_same_key(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle()
    [first], [second] = (submit(life, who, order(idempotency_key="k")) for who in (ada, ben))
    assert first.task.id != second.task.id
    assert not second.replayed


def test_an_idempotency_key_is_forgotten_after_its_time(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(idempotency_s=86_400.0)
    [first] = submit(life, ada, order(idempotency_key="k"))
    house.clock.advance(86_399)
    assert submit(life, ada, order(idempotency_key="k"))[0].task.id == first.task.id
    house.clock.advance(2)
    [later] = submit(life, ada, order(idempotency_key="k"))
    assert later.task.id != first.task.id
    assert asyncio.run(life.forget_old_keys()) == 0


def test_a_refused_order_does_not_use_its_idempotency_key_up(house, order) -> None:
    ada, life = house.customer(credits=5), house.lifecycle()
    with pytest.raises(InsufficientCredits):
        submit(life, ada, order(idempotency_key="k"))
    house.customer("ada", credits=100)
    assert not submit(life, ada, order(idempotency_key="k"))[0].replayed


@pytest.mark.parametrize(("length", "fine"), [(0, False), (1, True), (255, True), (256, False)])
def test_the_length_of_an_idempotency_key(house, order, length, fine) -> None:
    ada, life = house.customer(), house.lifecycle()
    if fine:
        submit(life, ada, order(idempotency_key="k" * length))
    else:
        with pytest.raises(InvalidRequest):
            submit(life, ada, order(idempotency_key="k" * length))


# ------------------------------------------------------------------------------------------------- sameness


def test_identical_submits_within_ten_seconds_are_one_task(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    [first] = submit(life, ada, order())
    house.clock.advance(9.9)
    [again] = submit(life, ada, order())
    assert again.deduplicated
    assert again.task.id == first.task.id
    assert house.balance(ada) == (90, 10, 0)


def test_after_ten_seconds_it_is_a_new_order(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    [first] = submit(life, ada, order())
    house.clock.advance(10.1)
    assert submit(life, ada, order())[0].task.id != first.task.id


def test_once_the_first_has_ended_it_is_a_new_order(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    [first] = submit(life, ada, order())
    asyncio.run(life.cancel(ada.account_id, first.task.id))
    assert submit(life, ada, order())[0].task.id != first.task.id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"seed": 1}, {"seed": 2}),
        ({"seed": 1}, {}),
        ({"idempotency_key": "a"}, {"idempotency_key": "b"}),
        ({"idempotency_key": "a"}, {}),
        ({"callback_url": "https://a.example/"}, {"callback_url": "https://b.example/"}),
    ],
)
def test_orders_that_differ_are_never_merged(house, order, one, other) -> None:
    ada, life = house.customer(), house.lifecycle()
    first, second = submit(life, ada, order(**one), order(**other))
    assert first.task.id != second.task.id


def test_another_keys_identical_order_is_its_own(house, order) -> None:
    ada, second_key, life = house.customer(), house.customer(credits=0), house.lifecycle()
    assert ada.account_id == second_key.account_id
    [first], [second] = (submit(life, who, order()) for who in (ada, second_key))
    assert first.task.id != second.task.id


# ----------------------------------------------------------------------------------------------------- caps


def test_a_key_has_at_most_its_cap_of_unfinished_tasks(house, order) -> None:
    ada, other, life = house.customer(credits=1_000), house.customer(credits=0), house.lifecycle(unfinished_per_key=3)
    tasks = submit(life, ada, *(order(seed=n) for n in range(3)))
    with pytest.raises(TooManyRequests) as refused:
        submit(life, ada, order(seed=3))
    assert refused.value.retry_after_s
    assert house.balance(ada) == (970, 30, 0)
    submit(life, other, order(seed=4))
    asyncio.run(life.cancel(ada.account_id, tasks[0].task.id))
    submit(life, ada, order(seed=5))


def test_credits_are_checked_before_caps(house, order) -> None:
    ada, life = house.customer(credits=10), house.lifecycle(unfinished_per_key=1)
    submit(life, ada, order(seed=1))
    with pytest.raises(InsufficientCredits):
        submit(life, ada, order(seed=2))


def test_a_full_queue_turns_submits_away_and_charges_nothing(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle(queue_limit=1)
    submit(life, ada, order())
    with pytest.raises(Unavailable) as refused:
        submit(life, ben, order())
    assert refused.value.retry_after_s
    assert house.balance(ben) == (100, 0, 0)


# -------------------------------------------------------------------------------------------------- reading


def test_unknown_and_foreign_tasks_are_not_found(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle()
    [accepted] = submit(life, ada, order())
    for account_id, task_id in ((ben.account_id, accepted.task.id), (ada.account_id, "nothing"), (ada.account_id, "")):
        with pytest.raises(NotFound):
            life.get(account_id, task_id)
        with pytest.raises(NotFound):
            asyncio.run(life.cancel(account_id, task_id))


def test_tasks_are_listed_newest_first_in_pages(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle()
    ids = [s.task.id for s in submit(life, ada, *(order(seed=n) for n in range(5)))]
    submit(life, ben, order())
    seen, cursor = [], None
    while True:
        page = life.records.tasks(ada.account_id, Filter(), 2, cursor)
        seen += [task.id for task in page.tasks]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ids[::-1]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1e3", "9" * 30, "¹", "1 OR 1=1"])
def test_a_cursor_we_never_gave_is_refused(house, cursor) -> None:
    with pytest.raises(InvalidRequest):
        house.lifecycle().records.tasks(house.customer().account_id, Filter(), 10, cursor)


def test_a_clip_is_found_only_with_its_token(house, order) -> None:
    life = house.lifecycle()
    [accepted] = submit(life, house.customer(), order())
    first, second = accepted.task.clips
    assert life.find_clip(first.id, first.media_token) == first
    for clip_id, token in ((first.id, second.media_token), (first.id, ""), (first.id, "ü"), ("x", first.media_token)):
        with pytest.raises(NotFound):
            life.find_clip(clip_id, token)
