"""From an order to a task: what it will be, and whether it is there already."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass, replace

import msgspec

from songwright import idempotency
from songwright.catalog import Catalog
from songwright.core.caller import Caller
from songwright.core.errors import InvalidRequest, NotSupported, TooManyRequests, Unavailable
from songwright.core.ids import new_id, new_media_token
from songwright.core.requests import CoverImageRequest, UploadCoverRequest, UploadRequest
from songwright.core.song import Clip, Request, SongRequest
from songwright.core.task import CLIPS, Order, Task, TaskKind
from songwright.keys import check_order
from songwright.tasks import store
from songwright.tasks.limits import Limits
from songwright.tasks.sources import audio_of, upload_key

MAX_SEED = 2**31 - 1
MAX_IDEMPOTENCY_KEY = 255
CAP_RETRY_AFTER_S = 5
FULL_RETRY_AFTER_S = 30
#: Orders whose model is the caller's choice; the others have one only for their limits.
_CHOOSE_A_MODEL = (TaskKind.MUSIC, TaskKind.EXTEND, TaskKind.REPLACE_SECTION, TaskKind.UPLOAD_COVER)

_sorted_json = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Submission:
    """A task, and whether it is an earlier one: by idempotency key (`replayed`) or by content (`deduplicated`)."""

    task: Task
    replayed: bool = False
    deduplicated: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two orders the same."""

    content: bytes  #: dialect, kind, callback and body, however the body's fields were sorted
    digest: int  #: 63 bits of the content and the idempotency key: orders that differ in either are never merged


def fingerprint(order: Order) -> Fingerprint:
    """The order's fingerprint."""
    content = hashlib.sha256(_sorted_json((order.dialect, order.kind.value, order.callback_url, order.body))).digest()
    both = hashlib.sha256(content + (order.idempotency_key or "").encode()).digest()
    return Fingerprint(content, int.from_bytes(both[:8], "big") >> 1)


def new_task(caller: Caller, order: Order, catalog: Catalog, now_s: float) -> Task:
    """The task an order becomes, with its price, ids and seed. Raises InvalidRequest."""
    model = catalog.find(order.request.model)
    if model is None:
        raise InvalidRequest(f"There is no model called {order.request.model!r}.", param="model")
    if order.idempotency_key is not None and not 0 < len(order.idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise InvalidRequest(f"An idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} characters.", param="Idempotency-Key")
    seed = secrets.randbelow(MAX_SEED + 1) if order.request.seed is None else order.request.seed
    task_id = new_id()
    return Task(
        id=task_id,
        account_id=caller.account_id,
        key_id=caller.key_id,
        mode=caller.mode,
        dialect=order.dialect,
        kind=order.kind,
        request=_with_attachment(order, task_id),
        body=order.body,
        ignored_fields=order.ignored_fields,
        callback_url=order.callback_url,
        price_credits=catalog.price(order.kind, model) if caller.mode == "live" else 0,
        clips=tuple(
            Clip(id=new_id(), media_token=new_media_token(), created_at_s=now_s) for _ in range(CLIPS[order.kind])
        ),
        created_at_s=now_s,
        seed=seed,
        metadata={**_reading(order.request), "ignored_fields": [*order.ignored_fields], "seed": seed},
    )


def _reading(request: Request) -> dict[str, str]:
    return {"reading": request.reading.value} if isinstance(request, SongRequest) else {}


def _with_attachment(order: Order, task_id: str) -> Request:
    """The request, told where the file that was sent with it will lie."""
    request = order.request
    if order.attachment is None or not isinstance(request, UploadRequest | UploadCoverRequest):
        return request
    return replace(request, audio=replace(request.audio, key=upload_key(task_id)))


def replayed(
    connection: sqlite3.Connection, task: Task, key: str | None, mark: Fingerprint, limits: Limits
) -> Submission | None:
    """The task that was made with this idempotency key, or None. Raises IdempotencyMismatch."""
    if key is None:
        return None
    since_s = task.created_at_s - limits.idempotency_s
    known = idempotency.recall_same(connection, task.account_id, key, mark.content, since_s)
    if known is None or known.task_id is None:
        return None
    return Submission(store.present(connection, known.task_id), replayed=True)


def check_support(order: Order, kinds: frozenset[TaskKind], *, can_fetch: bool) -> None:
    """Raises NotSupported for what a provider of these kinds cannot make, or nobody here can fetch."""
    if order.kind not in kinds:
        raise NotSupported(f"This server's provider has no {order.kind.value.replace('_', ' ')} yet.")
    if audio_of(order.request).url and not can_fetch:
        raise NotSupported("This server fetches no audio from addresses; send the file itself.")


def check_caps(standing: store.Standing, limits: Limits) -> None:
    """Raises TooManyRequests when the key has as many unfinished tasks as it may have, Unavailable when all have."""
    if standing.unfinished >= limits.queue_limit:
        raise Unavailable("The queue is full; nothing was charged.", retry_after_s=FULL_RETRY_AFTER_S)
    if standing.unfinished_of_key >= limits.unfinished_per_key:
        raise TooManyRequests(
            f"This key has {limits.unfinished_per_key} unfinished tasks; wait until one has ended.",
            retry_after_s=CAP_RETRY_AFTER_S,
        )


def take_place(connection: sqlite3.Connection, task: Task, order: Order) -> Task:
    """What an order needs beside its row: room within its key's bounds, a quote's price, one set of pictures a song.

    Raises InvalidRequest, NotAllowed, InsufficientCredits, TooManyRequests.
    """
    if order.quote_id:
        task = replace(task, price_credits=min(task.price_credits, store.quoted(connection, task, order.quote_id)))
    model = order.request.model if order.kind in _CHOOSE_A_MODEL else None
    check_order(connection, task.key_id, model, task.price_credits, task.created_at_s)
    if isinstance(order.request, CoverImageRequest) and not store.take_cover(connection, task, order.request):
        raise InvalidRequest("Cover already exists for this task", param="task_id")
    return task
