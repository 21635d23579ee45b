from __future__ import annotations

import asyncio
from collections.abc import Callable

from songwright.core.task import TaskStatus
from songwright.providers.base import Job, Outcome
from songwright.providers.fake import FakeProvider
from songwright.workers.runner import Runner
from songwright.workers.sweep import sweep

WAIT_S = 30.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.01)


class Counting(FakeProvider):
    def __init__(self) -> None:
        self.now, self.most = 0, 0

    async def make(self, job: Job, report) -> Outcome:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().make(job, report)
        finally:
            self.now -= 1


def test_what_is_submitted_is_made_with_no_more_at_once_than_there_are_slots(house, order) -> None:
    ada, provider = house.customer(credits=1_000), Counting()
    life = house.lifecycle(provider)

    async def run() -> list[TaskStatus]:
        runner = Runner(life, "server", {"live": 2})
        await runner.start()
        ids = [(await life.submit(ada, order("test:slow:0", seed=n))).task.id for n in range(6)]
        await until(lambda: all(life.get(ada.account_id, i).status.final for i in ids))
        await runner.stop()
        return [life.get(ada.account_id, i).status for i in ids]

    assert asyncio.run(run()) == [TaskStatus.COMPLETED] * 6
    assert provider.most == 2
    assert house.wrong_in_books() == []


def test_test_tasks_do_not_wait_for_live_ones(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben", mode="test"), house.lifecycle()

    async def run() -> TaskStatus:
        runner = Runner(life, "server", {"live": 1, "test": 1})
        await runner.start()
        slow = (await life.submit(ada, order("test:timeout"))).task
        quick = (await life.submit(ben, order())).task
        await until(lambda: life.get(ben.account_id, quick.id).status.final)
        still = life.get(ada.account_id, slow.id).status
        await runner.stop(grace_s=0)
        return still

    assert asyncio.run(run()) is TaskStatus.PROCESSING


def test_a_stop_puts_the_unfinished_back_and_a_new_runner_ends_it(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        first = Runner(life, "server", {"live": 1})
        await first.start()
        task = (await life.submit(ada, order("test:slow:1"))).task
        await until(lambda: life.get(ada.account_id, task.id).progress_percent > 0)
        await first.stop(grace_s=0)
        waiting = life.get(ada.account_id, task.id)
        second = Runner(life, "server", {"live": 1})
        await second.start()
        await until(lambda: life.get(ada.account_id, task.id).status.final)
        await second.stop()
        return waiting, life.get(ada.account_id, task.id)

    waiting, ended = asyncio.run(run())
    assert (waiting.status, waiting.crashes) == (TaskStatus.PENDING, 0)
    assert ended.status is TaskStatus.COMPLETED


def test_a_stop_lets_what_is_nearly_done_end(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run() -> TaskStatus:
        runner = Runner(life, "server", {"live": 1})
        await runner.start()
        task = (await life.submit(ada, order("test:slow:1"))).task
        await until(lambda: life.get(ada.account_id, task.id).progress_percent > 0)
        await runner.stop(grace_s=WAIT_S)
        return life.get(ada.account_id, task.id).status

    assert asyncio.run(run()) is TaskStatus.COMPLETED


def test_a_new_server_takes_over_what_a_dead_one_was_making(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        task = (await life.submit(ada, order())).task
        await life.claim("server-that-died", 1)
        runner = Runner(life, "server", {"live": 1})
        await runner.start()
        await until(lambda: life.get(ada.account_id, task.id).status.final)
        await runner.stop()
        return life.get(ada.account_id, task.id)

    task = asyncio.run(run())
    assert (task.status, task.attempt, task.crashes) == (TaskStatus.COMPLETED, 2, 0)


def test_a_cancelled_task_frees_its_slot(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run() -> TaskStatus:
        runner = Runner(life, "server", {"live": 1})
        await runner.start()
        stuck = (await life.submit(ada, order("test:timeout"))).task
        following = (await life.submit(ada, order())).task
        await until(lambda: life.get(ada.account_id, stuck.id).progress_percent > 0)
        await life.cancel(ada.account_id, stuck.id)
        await until(lambda: life.get(ada.account_id, following.id).status.final)
        await runner.stop()
        return life.get(ada.account_id, following.id).status

    assert asyncio.run(run()) is TaskStatus.COMPLETED
    assert house.balance(ada) == (90, 0, 10)


def test_the_sweep_removes_only_work_folders_that_nobody_uses(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        await life.submit(ada, order())
        [claim] = await life.claim("server-1", 1)
        in_use = life.work_root / claim.task_id / str(claim.attempt)
        orphans = [life.work_root / claim.task_id / "0", life.work_root / "forgotten" / "1"]
        for folder in (in_use, *orphans):
            folder.mkdir(parents=True)
            (folder / "song.wav").touch()
        await sweep(life)
        return in_use, orphans

    in_use, orphans = asyncio.run(run())
    assert in_use.is_dir()
    assert not any(folder.exists() for folder in orphans)
    assert not (life.work_root / "forgotten").exists()
