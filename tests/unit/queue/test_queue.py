from __future__ import annotations

import asyncio
import itertools

import pytest

from songwright.core.task import TaskStatus
from songwright.queue import Claim, LocalQueue

QUEUE = LocalQueue()


@pytest.fixture
def submit(house, order):
    """Submit `count` different orders for a caller and return the tasks' ids."""
    life = house.lifecycle(unfinished_per_key=1_000)
    seeds = itertools.count()

    def many(caller, count: int) -> list[str]:
        async def run() -> list[str]:
            return [(await life.submit(caller, order(seed=next(seeds)))).task.id for _ in range(count)]

        return asyncio.run(run())

    return many


def claim(house, count=1, owner="server-1", mode="live", at_s=0.0) -> list[str]:
    now_s = house.clock.now_s() + at_s
    return [c.task_id for c in house.db.write_blocking(lambda c: QUEUE.claim(c, owner, mode, count, now_s, 30.0))]


def test_tasks_of_one_account_are_claimed_in_their_order(house, submit) -> None:
    ada = house.customer()
    ids = submit(ada, 5)
    assert claim(house, 2) + claim(house, 9) == ids
    assert claim(house) == []


def test_an_account_with_100_tasks_does_not_starve_another(house, submit) -> None:
    ada, ben = house.customer("ada", 1_000), house.customer("ben", 1_000)
    many, few = submit(ada, 100), submit(ben, 3)
    first_ten = claim(house, 10)
    assert set(few) < set(first_ten)
    assert [task for task in first_ten if task in many] == many[:7]


def test_an_account_that_was_quiet_gets_no_credit_for_it(house, submit) -> None:
    ada, ben = house.customer("ada", 1_000), house.customer("ben", 1_000)
    submit(ada, 20)
    claim(house, 20)
    late, early = submit(ben, 10), submit(ada, 2)
    assert set(early) < set(claim(house, 4))
    assert claim(house, 20)[0] in late


def test_64_workers_never_claim_the_same_task(house, submit) -> None:
    ids = submit(house.customer(), 10)

    async def all_at_once() -> list[list[Claim]]:
        now_s = house.clock.now_s()
        jobs = [house.db.write(lambda c, n=n: QUEUE.claim(c, f"w-{n}", "live", 1, now_s, 30.0)) for n in range(64)]
        return await asyncio.gather(*jobs)

    got = [c.task_id for claims in asyncio.run(all_at_once()) for c in claims]
    assert sorted(got) == sorted(ids)


def test_orphans_of_a_dead_server_are_back_at_once_and_no_attempt_is_counted(house, submit) -> None:
    [task_id] = submit(ada := house.customer(), 1)
    claim(house, owner="server-dead")
    assert house.db.write_blocking(lambda c: QUEUE.requeue_orphans(c, "server", ["server-new"])) == 1
    task = house.lifecycle().get(ada.account_id, task_id)
    assert (task.status, task.attempt, task.crashes) == (TaskStatus.PENDING, 1, 0)
    assert claim(house, owner="server-new") == [task_id]
    assert house.db.write_blocking(lambda c: QUEUE.requeue_orphans(c, "server", ["server-new"])) == 0


def test_workers_beside_the_server_are_left_alone_until_their_lease_ends(house, submit) -> None:
    [task_id] = submit(house.customer(), 1)
    claim(house, owner="worker-7")
    now_s = house.clock.now_s()
    assert house.db.write_blocking(lambda c: QUEUE.requeue_orphans(c, "server", [])) == 0
    assert house.db.write_blocking(lambda c: QUEUE.requeue_expired(c, now_s + 29)) == 0
    assert house.db.write_blocking(lambda c: QUEUE.renew(c, "worker-7", now_s + 29, 30.0)) == [Claim(task_id, 1)]
    assert house.db.write_blocking(lambda c: QUEUE.requeue_expired(c, now_s + 58)) == 0
    assert house.db.write_blocking(lambda c: QUEUE.requeue_expired(c, now_s + 60)) == 1
    assert claim(house) == [task_id]


def test_a_late_worker_can_put_nothing_back(house, submit) -> None:
    [task_id] = submit(house.customer(), 1)
    claim(house, owner="worker-7")
    house.db.write_blocking(lambda c: QUEUE.requeue_expired(c, house.clock.now_s() + 60))
    claim(house, owner="server-1")
    late = Claim(task_id, 1)
    assert not house.db.write_blocking(lambda c: QUEUE.release(c, late, 0.0, counts_as_crash=True))
    assert house.db.write_blocking(lambda c: QUEUE.renew(c, "worker-7", 0.0, 30.0)) == []


def test_a_task_that_waits_for_its_next_attempt_is_not_claimed_before(house, submit) -> None:
    ids = submit(house.customer(), 2)
    claim(house)
    now_s = house.clock.now_s()
    first = Claim(ids[0], 1)
    assert house.db.write_blocking(lambda c: QUEUE.release(c, first, now_s + 5, counts_as_crash=True))
    assert claim(house, 5, at_s=4.9) == [ids[1]]
    assert claim(house, 5, at_s=5.0) == [ids[0]]


def test_test_tasks_and_live_tasks_wait_in_lines_of_their_own(house, submit) -> None:
    [live], [test] = submit(house.customer("ada"), 1), submit(house.customer("ben", mode="test"), 1)
    assert claim(house, 5, mode="test") == [test]
    assert claim(house, 5, mode="live") == [live]
