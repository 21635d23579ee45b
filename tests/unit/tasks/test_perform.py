from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from songwright.core.clock import FixedClock
from songwright.core.errors import Conflict, ProviderError, Unavailable, WorkerDied
from songwright.core.song import ClipStatus, FileKind
from songwright.core.task import MAX_ATTEMPTS, TaskKind, TaskStatus
from songwright.providers.base import Job, MadeClip, Outcome, Progress
from songwright.providers.fake import FakeProvider
from songwright.storage import LocalStorage, clip_file_key

CALLBACK = "https://customer.example/hook"


def perform_one(life, caller, wish):
    """Submit an order and perform it until it ends; the task as it is then."""

    async def run():
        task = (await life.submit(caller, wish)).task
        await perform_all(life)
        return life.get(caller.account_id, task.id)

    return asyncio.run(run())


async def perform_all(life, owner: str = "server-1") -> int:
    count = 0
    while claims := await life.claim(owner, 1):
        await life.perform(claims[0])
        count += 1
        clock = life._clock
        if isinstance(clock, FixedClock):
            clock.advance(100)  # Past the wait for a next attempt.
    return count


class Scripted:
    """A provider that does what a test says: one function a call."""

    name = "scripted"
    kinds = frozenset(TaskKind)

    def __init__(self, *steps) -> None:
        self.steps = list(steps)
        self.jobs: list[Job] = []

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def notes(self) -> tuple[str, ...]:
        return ()

    async def make(self, job: Job, report) -> Outcome:
        self.jobs.append(job)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return await step(job, report)


def clip(job: Job, index: int, content: bytes = b"sound") -> MadeClip:
    folder = job.folder / job.clip_ids[index]
    folder.mkdir(exist_ok=True)
    (folder / "song.mp3").write_bytes(content)
    return MadeClip(
        index=index, title="T", lyrics="L", style="S", files={FileKind.AUDIO_MP3.value: folder / "song.mp3"}
    )


async def both(job: Job, report) -> Outcome:
    return Outcome(clips=(clip(job, 0), clip(job, 1)))


async def dies(job: Job, report) -> Outcome:
    raise WorkerDied


async def forever(job: Job, report) -> Outcome:
    await report(Progress(percent=5, stage="lyrics"))
    await asyncio.sleep(3600)
    raise AssertionError


# ---------------------------------------------------------------------------------------------------- success


def test_a_song_is_made_kept_paid_and_announced(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()
    task = perform_one(life, ada, order(callback_url=CALLBACK))
    assert (task.status, task.progress_percent, task.stage) == (TaskStatus.COMPLETED, 100, "complete")
    assert [c.status for c in task.clips] == [ClipStatus.COMPLETE] * 2
    storage = LocalStorage(house.folder / "media")
    songs = [storage.path(clip_file_key(c.id, "song.mp3")).read_bytes() for c in task.clips]
    assert songs[0] != songs[1]
    assert all(storage.size(clip_file_key(c.id, name)) > 0 for c in task.clips for name in c.files)
    assert house.balance(ada) == (90, 0, 10)
    assert house.wrong_in_books() == []
    assert house.events(task.id) == ["text", "first", "complete"]
    assert house.said[-1] == ("completed", "complete")
    assert not any(life.work_root.glob("*"))


def test_without_a_callback_nothing_is_announced(house, order) -> None:
    task = perform_one(house.lifecycle(), house.customer(), order())
    assert house.events(task.id) == []


def test_one_clip_of_two_costs_half(house, order) -> None:
    ada = house.customer()
    task = perform_one(house.lifecycle(), ada, order("test:partial", callback_url=CALLBACK))
    assert (task.status, task.consumed_credits) == (TaskStatus.COMPLETED, 5)
    assert [c.status for c in task.clips] == [ClipStatus.COMPLETE, ClipStatus.FAILED]
    assert task.clips[1].error
    assert house.balance(ada) == (95, 0, 5)
    assert house.wrong_in_books() == []


def test_progress_and_clips_never_fall_back_in_a_second_attempt(house, order) -> None:
    ada = house.customer()
    seen: list[tuple[int, str]] = []

    async def half_then_die(job: Job, report) -> Outcome:
        await report(Progress(percent=60, stage="encode", clips=(clip(job, 0, b"first attempt"),)))
        raise WorkerDied

    async def again(job: Job, report) -> Outcome:
        await report(Progress(percent=10, stage="lyrics"))
        task = life.get(ada.account_id, job.task_id)
        seen.append((task.progress_percent, task.clips[0].status.value))
        return await both(job, report)

    provider = Scripted(half_then_die, again)
    life = house.lifecycle(provider)
    task = perform_one(life, ada, order(callback_url=CALLBACK))
    assert seen == [(60, "complete")]
    assert provider.jobs[0].folder != provider.jobs[1].folder
    assert (task.status, task.crashes, task.attempt) == (TaskStatus.COMPLETED, 1, 2)
    kept = LocalStorage(house.folder / "media").path(clip_file_key(task.clips[0].id, "song.mp3"))
    assert kept.read_bytes() == b"first attempt"
    assert house.events(task.id) == ["first", "complete"]
    assert house.balance(ada) == (90, 0, 10)


# ---------------------------------------------------------------------------------------------------- failure


def test_a_refused_prompt_fails_at_once_and_costs_nothing(house, order) -> None:
    ada = house.customer()
    task = perform_one(house.lifecycle(), ada, order("test:fail:moderation", callback_url=CALLBACK))
    assert (task.status, task.attempt, task.error_code) == (TaskStatus.FAILED, 1, "moderation")
    assert task.error_message
    assert house.balance(ada) == (100, 0, 0)
    assert house.events(task.id) == ["failed"]
    assert house.wrong_in_books() == []


def test_a_task_whose_worker_dies_each_time_fails_after_five_and_costs_nothing(house, order) -> None:
    ada = house.customer()
    provider = Scripted(dies)
    task = perform_one(house.lifecycle(provider), ada, order())
    assert len(provider.jobs) == MAX_ATTEMPTS
    assert (task.status, task.error_code) == (TaskStatus.FAILED, "worker_died")
    assert house.balance(ada) == (100, 0, 0)
    assert house.wrong_in_books() == []


def test_a_clip_that_was_delivered_is_paid_although_the_rest_failed_for_good(house, order) -> None:
    async def one_then_refuse(job: Job, report) -> Outcome:
        await report(Progress(percent=60, stage="encode", clips=(clip(job, 0),)))
        raise ProviderError("No more.", code="upstream")

    ada = house.customer()
    task = perform_one(house.lifecycle(Scripted(one_then_refuse)), ada, order())
    assert (task.status, task.consumed_credits) == (TaskStatus.COMPLETED, 5)
    assert task.clips[1].error == "No more."
    assert house.wrong_in_books() == []


@pytest.mark.filterwarnings("ignore")
def test_a_provider_that_breaks_ends_its_attempt_and_nothing_else(house, order, caplog) -> None:
    async def broken(job: Job, report) -> Outcome:
        raise ZeroDivisionError

    async def lost_its_file(job: Job, report) -> Outcome:
        made = clip(job, 0)
        made.files["song.mp3"].unlink()
        return Outcome(clips=(made,))

    ada = house.customer()
    task = perform_one(house.lifecycle(Scripted(broken, lost_its_file, both)), ada, order())
    assert (task.status, task.crashes, task.attempt) == (TaskStatus.COMPLETED, 2, 3)
    assert "ZeroDivisionError" in caplog.text


def test_a_dialect_that_cannot_render_does_not_keep_the_song_from_its_owner(house, order, caplog) -> None:
    ada, life = house.customer(), house.lifecycle()

    def broken(task, stage):
        raise KeyError(stage)

    life._callbacks = {"apione": broken}
    task = perform_one(life, ada, order(callback_url=CALLBACK))
    assert task.status is TaskStatus.COMPLETED
    assert house.events(task.id) == []
    assert "could not be rendered" in caplog.text


def test_a_full_disk_is_waited_for_and_the_song_is_not_lost(house, order, monkeypatch) -> None:
    real, refusals = LocalStorage.put_file, [Unavailable("full")] * 2

    def put_file(self, key: str, source: Path) -> None:
        if refusals:
            raise refusals.pop()
        real(self, key, source)

    monkeypatch.setattr(LocalStorage, "put_file", put_file)
    provider = Scripted(both)
    task = perform_one(house.lifecycle(provider), house.customer(), order())
    assert (task.status, len(provider.jobs), refusals) == (TaskStatus.COMPLETED, 1, [])


# ------------------------------------------------------------------------------------------------ settled once


def test_a_second_finish_changes_nothing(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        task = (await life.submit(ada, order(callback_url=CALLBACK))).task
        [claim] = await life.claim("server-1", 1)
        await life.perform(claim)
        first = life.get(ada.account_id, task.id)
        again = [await life.finish(claim, Outcome(clips=())) for _ in range(3)]
        return first, again, life.get(ada.account_id, task.id)

    first, again, after = asyncio.run(run())
    assert again == [False] * 3
    assert after == first
    assert house.balance(ada) == (90, 0, 10)
    assert house.events(first.id) == ["text", "first", "complete"]


def test_eight_finishers_at_once_settle_once(house, order) -> None:
    ada, life = house.customer(credits=1_000), house.lifecycle(Scripted(both))

    async def race(number: int) -> list[bool]:
        await life.submit(ada, order(seed=number))
        [claim] = await life.claim("server-1", 1)
        ends = [life.finish(claim, Outcome(clips=(), failures={0: "no", 1: "no"})) for _ in range(7)]
        results = await asyncio.gather(*ends, life.cancel(ada.account_id, claim.task_id), return_exceptions=True)
        return [result is True or getattr(result, "status", None) is TaskStatus.CANCELLED for result in results]

    for number in range(40):
        assert sum(asyncio.run(race(number))) == 1
    assert house.balance(ada) == (1_000, 0, 0)
    assert house.wrong_in_books() == []


def test_a_late_worker_writes_nothing(house, order) -> None:
    """A worker is silent past its lease, another takes over, then the first one comes back with a song."""
    ada = house.customer()
    late_may_go_on = asyncio.Event()

    async def late(job: Job, report) -> Outcome:
        await late_may_go_on.wait()
        await report(Progress(percent=90, stage="encode", clips=(clip(job, 0, b"late"), clip(job, 1, b"late"))))
        raise AssertionError("the late worker was not stopped")

    async def prompt(job: Job, report) -> Outcome:
        return Outcome(clips=(clip(job, 0, b"prompt"), clip(job, 1, b"prompt")))

    life = house.lifecycle(Scripted(late, prompt))

    async def run() -> str:
        task = (await life.submit(ada, order())).task
        [first] = await life.claim("worker-a", 1)
        performing = asyncio.create_task(life.perform(first))
        await asyncio.sleep(0.05)
        house.clock.advance(60)
        await life.renew("server-b")
        [second] = await life.claim("server-b", 1)
        await life.perform(second)
        late_may_go_on.set()
        await asyncio.gather(performing, return_exceptions=True)
        return task.id

    task = life.get(ada.account_id, asyncio.run(run()))
    kept = LocalStorage(house.folder / "media").path(clip_file_key(task.clips[0].id, "song.mp3"))
    assert (task.status, task.attempt, kept.read_bytes()) == (TaskStatus.COMPLETED, 2, b"prompt")
    assert house.balance(ada) == (90, 0, 10)
    assert house.wrong_in_books() == []


# ------------------------------------------------------------------------------------------------------ cancel


def test_a_waiting_task_is_cancelled_and_its_credits_are_back(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        task = (await life.submit(ada, order())).task
        once = await life.cancel(ada.account_id, task.id)
        twice = await life.cancel(ada.account_id, task.id)
        return once, twice, await life.claim("server-1", 5)

    once, twice, claims = asyncio.run(run())
    assert once.status is twice.status is TaskStatus.CANCELLED
    assert claims == []
    assert house.balance(ada) == (100, 0, 0)
    assert house.wrong_in_books() == []


@pytest.mark.parametrize("delivered", [0, 1])
def test_a_running_task_is_stopped_and_only_what_was_delivered_is_paid(house, order, delivered) -> None:
    ada = house.customer()
    stopped: list[str] = []
    under_way = asyncio.Event()

    async def slow(job: Job, report) -> Outcome:
        await report(Progress(percent=50, stage="voice", clips=tuple(clip(job, i) for i in range(delivered))))
        under_way.set()
        try:
            await asyncio.sleep(3600)
        finally:
            stopped.append(job.task_id)
        raise AssertionError

    life = house.lifecycle(Scripted(slow))

    async def run():
        task = (await life.submit(ada, order())).task
        [claim] = await life.claim("server-1", 1)
        performing = asyncio.create_task(life.perform(claim))
        await under_way.wait()
        await life.cancel(ada.account_id, task.id)
        await asyncio.gather(performing, return_exceptions=True)
        return life.get(ada.account_id, task.id)

    task = asyncio.run(run())
    assert (task.status, task.consumed_credits) == (TaskStatus.CANCELLED, 5 * delivered)
    assert stopped == [task.id]
    assert house.balance(ada) == (100 - 5 * delivered, 0, 5 * delivered)
    assert house.wrong_in_books() == []
    assert not any(life.work_root.glob("*"))


def test_what_has_ended_cannot_be_cancelled(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(both))
    task = perform_one(life, ada, order())
    with pytest.raises(Conflict, match="completed"):
        asyncio.run(life.cancel(ada.account_id, task.id))
    assert house.balance(ada) == (90, 0, 10)


def test_a_server_that_stops_puts_its_task_back_uncounted(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(forever, both))

    async def run():
        task = (await life.submit(ada, order())).task
        [claim] = await life.claim("server-1", 1)
        performing = asyncio.create_task(life.perform(claim))
        await asyncio.sleep(0.05)
        performing.cancel()
        await asyncio.gather(performing, return_exceptions=True)
        waiting = life.get(ada.account_id, task.id)
        await perform_all(life)
        return waiting, life.get(ada.account_id, task.id)

    waiting, ended = asyncio.run(run())
    assert (waiting.status, waiting.crashes) == (TaskStatus.PENDING, 0)
    assert (ended.status, ended.attempt) == (TaskStatus.COMPLETED, 2)


def test_a_task_nobody_finished_in_a_day_is_given_up_and_not_charged(house, order) -> None:
    ada, life = house.customer(), house.lifecycle()

    async def run():
        task = (await life.submit(ada, order(callback_url=CALLBACK))).task
        house.clock.advance(86_401)
        return await life.give_up_overdue(), await life.give_up_overdue(), life.get(ada.account_id, task.id)

    first, second, task = asyncio.run(run())
    assert (first, second) == (1, 0)
    assert (task.status, task.error_code) == (TaskStatus.FAILED, "expired")
    assert house.balance(ada) == (100, 0, 0)
    assert house.events(task.id) == ["failed"]
    assert house.wrong_in_books() == []


def test_test_tasks_go_to_the_test_provider(house, order) -> None:
    live, test = Scripted(both), Scripted(both)
    ada, ben = house.customer("ada"), house.customer("ben", mode="test")
    life = house.lifecycle(live)
    life._providers["test"] = test

    async def run() -> None:
        for who in (ada, ben):
            await life.submit(who, order())
        for mode in ("live", "test"):
            [claim] = await life.claim("server-1", 1, mode)
            await life.perform(claim)

    asyncio.run(run())
    assert (len(live.jobs), len(test.jobs)) == (1, 1)
    assert house.balance(ben) == (100, 0, 0)


def test_the_fake_provider_is_a_provider() -> None:
    assert FakeProvider().notes()
