"""What an order goes through: `submit` -> `perform` -> `finish`.

`submit` reserves credits and writes the task in one transaction: an accepted task is on disk and will end. `perform`
makes it, and may be stopped or killed anywhere: whoever claims the task next starts again. `finish` settles the
credits, writes the end and puts the callback into the outbox in one transaction, once; a second call changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from songwright import idempotency, ledger
from songwright.catalog import Catalog, Model
from songwright.core.caller import Caller, KeyMode
from songwright.core.clock import Clock
from songwright.core.errors import Conflict, NotFound, ProviderError, Unavailable
from songwright.core.ids import new_id
from songwright.core.song import Clip, ClipStatus
from songwright.core.task import MAX_ATTEMPTS, Order, Task, TaskKind, TaskStatus
from songwright.db import Database
from songwright.providers.base import STREAM, MadeClip, Outcome, Progress, Provider
from songwright.queue import Claim, LocalQueue, Queue
from songwright.storage import Storage, clip_file_key
from songwright.tasks import changes, outbox, store
from songwright.tasks.limits import Limits
from songwright.tasks.records import Records
from songwright.tasks.sources import FetchAudio, Sources
from songwright.tasks.store import Quote
from songwright.tasks.submission import (
    Submission,
    check_caps,
    check_support,
    fingerprint,
    new_task,
    replayed,
    take_place,
)

MAX_PATIENCE_S = 30.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The task ended, or was given to another worker, while this one was busy with it."""


class Lifecycle:
    """The main job. One per process; everything it needs is handed in."""

    def __init__(
        self,
        db: Database,
        catalog: Catalog,
        provider: Provider,
        storage: Storage,
        callbacks: Mapping[str, outbox.RenderCallback],
        clock: Clock,
        work_root: Path,
        limits: Limits | None = None,
        *,
        fetch: FetchAudio | None = None,
        test_provider: Provider | None = None,
        queue: Queue | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.work_root = work_root
        self.submitted = asyncio.Event()  #: set when there may be work; the runner clears it
        self.announced = asyncio.Event()  #: set when there may be callbacks to send; the sender clears it
        self._db = db
        self._catalog = catalog
        self._providers = {"live": provider, "test": test_provider or provider}
        self._storage = storage
        self._sources = Sources(db, storage, fetch)
        self.records = Records(db, storage)
        self._callbacks = callbacks
        self._clock = clock
        self._queue: Queue = queue or LocalQueue()
        self._running: dict[str, asyncio.Task[None]] = {}

    # ------------------------------------------------------------------------------------------------- submit

    async def submit(self, caller: Caller, order: Order, *, known_result: bool = False) -> Submission:
        """Accept an order: price it, reserve its credits and write it down, all or nothing.

        With `known_result` what was ordered is there already: the task ends in the same transaction.
        Raises InvalidRequest, IdempotencyMismatch, InsufficientCredits, NotAllowed, TooManyRequests or Unavailable;
        then nothing was charged.
        """
        if not known_result:
            check_support(order, self._providers[caller.mode].kinds, can_fetch=self._sources.fetch is not None)
        self.limits.words.check(order)
        task = new_task(caller, order, self._catalog, self._clock.now_s())
        mark = fingerprint(order)

        def accept(connection: sqlite3.Connection) -> Submission:
            known = replayed(connection, task, order.idempotency_key, mark, self.limits)
            if known is not None:
                return known
            accepted = take_place(connection, task, order)  # A song's one cover comes before what is the same.
            since_s = task.created_at_s - self.limits.dedupe_s
            standing = store.standing(connection, task.key_id, mark.digest, since_s)
            if standing.twin_id is not None:
                return Submission(store.present(connection, standing.twin_id), deduplicated=True)
            ledger.reserve(connection, task.account_id, task.id, accepted.price_credits, task.created_at_s)
            check_caps(standing, self.limits)
            virtual_time = self._queue.virtual_time(connection, task.account_id)
            store.insert(connection, accepted, digest=mark.digest, virtual_time=virtual_time)
            if order.idempotency_key is not None:
                mine = (task.account_id, order.idempotency_key, mark.content)
                idempotency.remember(connection, *mine, task.created_at_s, task_id=task.id)
            if known_result:
                accepted = changes.answered(accepted, self._clock.now_s())
                self._settle(connection, accepted)
            return Submission(accepted)

        async with self._sources.keeping(task.id, order.attachment) as attachment:
            submission = await self._db.write(accept)
            attachment.wanted = submission.task.id == task.id
        self.submitted.set()
        return submission

    async def quote(self, caller: Caller, kind: TaskKind, model: Model) -> Quote:
        """What an order would cost this caller, written down: an order that names the quote costs no more."""
        credits = self._catalog.price(kind, model) if caller.mode == "live" else 0
        told = Quote(id=new_id(), account_id=caller.account_id, kind=kind, model=model.name, credits=credits)
        await self._db.write(lambda c: store.quote(c, told, self._clock.now_s()))
        return told

    # --------------------------------------------------------------------------------------------------- read

    def get(self, account_id: str, task_id: str) -> Task:
        """An account's own task. Raises NotFound for unknown ones and for those of others."""
        return store.get(self._db, account_id, task_id)

    def find_clip(self, clip_id: str, media_token: str) -> Clip:
        """The clip whose media address this is. Raises NotFound unless both parts are right."""
        for clip in store.of_clip(self._db, clip_id).clips:
            if clip.id == clip_id and hmac.compare_digest(clip.media_token.encode(), media_token.encode()):
                return clip
        raise NotFound("No such clip.")

    def growing_audio(self, clip_id: str) -> Path | None:
        """Where the audio of a clip that can be heard already is written; None before and after. Raises NotFound.

        The file may not be there: an attempt that follows one that broke has to begin again.
        """
        task = store.of_clip(self._db, clip_id)
        if not any(clip.id == clip_id and clip.status is ClipStatus.FIRST for clip in task.clips):
            return None
        return self.work_root / task.id / str(task.attempt) / clip_id / STREAM

    # ------------------------------------------------------------------------------------------------- cancel

    async def cancel(self, account_id: str, task_id: str) -> Task:
        """Stop a task. What it has delivered is paid; a second cancel changes nothing.

        Raises NotFound, or Conflict when the task has ended otherwise.
        """

        def stop(connection: sqlite3.Connection) -> Task:
            task = store.find(connection, task_id)
            if task is None or task.account_id != account_id:
                raise NotFound("No such task.")
            if task.status is TaskStatus.CANCELLED:
                return task
            if task.status.final:
                raise Conflict(f"The task has already {task.status.value}.")
            stopped = changes.cancelled(task, self._clock.now_s())
            self._settle(connection, stopped)
            self._announce(connection, stopped, "cancelled")
            return stopped

        task = await self._db.write(stop)
        await self._sources.forget(task_id)
        if (running := self._running.get(task_id)) is not None:
            running.cancel()
        return task

    # ------------------------------------------------------------------------------------------------ perform

    async def claim(self, owner: str, count: int, mode: KeyMode = "live") -> Sequence[Claim]:
        """Take up to `count` waiting tasks for `owner`, in fair order."""
        now_s = self._clock.now_s()
        return await self._db.write(lambda c: self._queue.claim(c, owner, mode, count, now_s, self.limits.lease_s))

    async def perform(self, claim: Claim) -> None:
        """Make a claimed task and finish it; or put it back when its attempt ended badly and another may help."""
        self._running[claim.task_id] = _current_task()
        folder = self.work_root / claim.task_id / str(claim.attempt)
        try:
            await self._perform_in(folder, claim)
        except ClaimLost:
            _log.info("task %s attempt %d: another has taken over", claim.task_id, claim.attempt)
        except asyncio.CancelledError:
            # Stopped by the server (then the task goes back in line) or by the caller (then the claim is void).
            await self._release(claim, after_s=0.0, counts_as_crash=False)
            raise
        finally:
            if self._running.get(claim.task_id) is asyncio.current_task():
                del self._running[claim.task_id]
            await asyncio.to_thread(_remove_folder, folder)

    async def _perform_in(self, folder: Path, claim: Claim) -> None:
        task = self._db.reading(lambda c: store.claimed(c, claim))
        if task is None:
            raise ClaimLost
        await asyncio.to_thread(_empty_folder, folder)

        async def report(progress: Progress) -> None:
            await self._take_in(claim, progress)

        try:
            job = await self._sources.job(task, claim.attempt, folder)
            await self.finish(claim, await self._providers[task.mode].make(job, report))
        except (ClaimLost, asyncio.CancelledError):
            raise
        except ProviderError as error:
            await self._after_error(claim, task, error)
        except Exception:  # A provider is foreign code: whatever it raises ends this attempt, not the worker.
            _log.exception("task %s attempt %d: the provider broke", claim.task_id, claim.attempt)
            broken = ProviderError("The song could not be made.", permanent=False, code="internal_error")
            await self._after_error(claim, task, broken)

    async def _take_in(self, claim: Claim, progress: Progress) -> None:
        await self._keep_files(claim, progress.clips)

        def advance(connection: sqlite3.Connection) -> bool:
            before = store.claimed(connection, claim)
            if before is None:
                raise ClaimLost
            after = changes.with_progress(before, progress)
            store.save(connection, after)
            return self._announce(connection, after, changes.news_stage(before, after))

        if await self._patiently(lambda: self._db.write(advance)):
            self.announced.set()

    async def _after_error(self, claim: Claim, task: Task, error: ProviderError) -> None:
        crashes = task.crashes + 1
        if error.permanent or crashes >= MAX_ATTEMPTS:
            await self.finish(claim, Outcome(clips=()), error)
            return
        _log.warning("task %s attempt %d failed, will be tried again: %s", task.id, claim.attempt, error.message)
        await self._release(claim, after_s=self.limits.retry_after_s(crashes), counts_as_crash=True)

    async def _release(self, claim: Claim, *, after_s: float, counts_as_crash: bool) -> None:
        not_before_s = self._clock.now_s() + after_s
        await self._patiently(
            lambda: self._db.write(
                lambda c: self._queue.release(c, claim, not_before_s, counts_as_crash=counts_as_crash)
            )
        )

    # ------------------------------------------------------------------------------------------------- finish

    async def finish(self, claim: Claim, outcome: Outcome, error: ProviderError | None = None) -> bool:
        """End a task: keep its files, then settle, write its status and its callback at once.

        False, with nothing changed, when the task has ended already or the claim is out of date.
        """
        try:
            await self._keep_files(claim, outcome.clips)
        except ClaimLost:
            return False
        code, message = ("", "") if error is None else (error.code, error.message)

        def end(connection: sqlite3.Connection) -> bool:
            before = store.claimed(connection, claim)
            if before is None:
                return False
            made = replace(before, clips=changes.with_made(before.clips, outcome.clips, final=True))
            after = changes.ended(made, outcome.failures, code, message, self._clock.now_s())
            self._settle(connection, after)
            self._announce(connection, after, "complete" if after.status is TaskStatus.COMPLETED else "failed")
            return True

        ended = await self._patiently(lambda: self._db.write(end))
        self.announced.set()
        await self._sources.forget(claim.task_id)
        return ended

    # --------------------------------------------------------------------------------------------- upkeep

    async def requeue_orphans(self, role: str, living: Sequence[str]) -> int:
        """Put back what dead owners of a role were making; called once at the start of their successor."""
        return await self._db.write(lambda c: self._queue.requeue_orphans(c, role, living))

    async def renew(self, owner: str) -> None:
        """Prolong the owner's leases, put back what silent owners held, and stop what is no longer the owner's."""
        now_s = self._clock.now_s()
        watched = tuple(self._running.items())

        def beat(connection: sqlite3.Connection) -> tuple[frozenset[str], int]:
            own = self._queue.renew(connection, owner, now_s, self.limits.lease_s)
            return frozenset(claim.task_id for claim in own), self._queue.requeue_expired(connection, now_s)

        own, expired = await self._db.write(beat)
        if expired:
            self.submitted.set()
        for task_id, running in watched:
            if task_id not in own and self._running.get(task_id) is running:
                running.cancel()

    async def give_up_overdue(self) -> int:
        """End unfinished tasks that are too old, uncharged for what they did not deliver; how many there were."""
        now_s = self._clock.now_s()
        overdue = store.overdue(self._db, now_s - self.limits.task_age_s)
        for task_id in overdue:
            await self._db.write(lambda c, task_id=task_id: self._expire(c, task_id, now_s))
            await self._sources.forget(task_id)
            if (running := self._running.get(task_id)) is not None:
                running.cancel()
        return len(overdue)

    async def forget_old_keys(self) -> int:
        """Forget idempotency keys past their time; how many there were."""
        before_s = self._clock.now_s() - self.limits.idempotency_s
        return await self._db.write(lambda c: idempotency.forget(c, before_s))

    def work_folders_in_use(self) -> frozenset[Path]:
        """The folders of attempts that are under way anywhere on this machine."""
        return frozenset(self.work_root / claim.task_id / str(claim.attempt) for claim in store.processing(self._db))

    # ---------------------------------------------------------------------------------------------- parts

    def _expire(self, connection: sqlite3.Connection, task_id: str, now_s: float) -> None:
        task = store.present(connection, task_id)
        if task.status.final:
            return
        if task.status is TaskStatus.PENDING:  # A clip of an earlier attempt may be there: it is delivered and paid.
            task = changes.moved(task, TaskStatus.PROCESSING, now_s)
        after = changes.ended(task, {}, "expired", "The song was not made in time.", now_s)
        self._settle(connection, after)
        self._announce(connection, after, "complete" if after.status is TaskStatus.COMPLETED else "failed")

    def _settle(self, connection: sqlite3.Connection, task: Task) -> None:
        ended_at_s = task.finished_at_s or self._clock.now_s()
        ledger.settle(connection, task.account_id, task.id, task.price_credits, task.consumed_credits, ended_at_s)
        store.save(connection, task)

    def _announce(self, connection: sqlite3.Connection, task: Task, stage: outbox.Stage | None) -> bool:
        return stage is not None and outbox.announce(connection, self._callbacks, task, stage, self._clock.now_s())

    async def _keep_files(self, claim: Claim, made: Iterable[MadeClip]) -> None:
        """Move finished clips into storage, before anybody is told about them."""
        with_files = [clip for clip in made if clip.files]
        if not with_files:
            return
        task = self._db.reading(lambda c: store.claimed(c, claim))
        if task is None:
            raise ClaimLost
        for news in with_files:
            clip = task.clips[news.index]
            if clip.status is ClipStatus.COMPLETE:
                continue
            for kind, path in news.files.items():
                put = partial(self._storage.put_file, clip_file_key(clip.id, kind), path)
                await self._patiently(lambda put=put: asyncio.to_thread(put))

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until the disk has room again: a finished song is not thrown away because its shelf is full."""
        wait_s = 0.5
        while True:
            try:
                return await attempt()
            except Unavailable as error:
                _log.warning("cannot write, will try again in %.0f s: %s", wait_s, error.message)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, MAX_PATIENCE_S)


def _current_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("perform runs in an asyncio task")
    return task


def _empty_folder(folder: Path) -> None:
    _remove_folder(folder)
    folder.mkdir(parents=True)


def _remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # Another attempt of the task may still be winding down beside it.
        folder.parent.rmdir()
