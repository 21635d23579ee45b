"""Tasks in the database: rows <-> `Task`, and every query about them.

Conventions: JSON columns hold what msgspec writes; a task is listed by its row number, newest first.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from songwright.core.errors import InvalidRequest, NotFound
from songwright.core.requests import CoverImageRequest
from songwright.core.song import Clip
from songwright.core.task import REQUEST_TYPES, Task, TaskKind, TaskStatus
from songwright.db import Database
from songwright.queue import Claim

MAX_PAGE = 100
_COLUMNS = """id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, callback_url, seed, status,
 attempt, crashes, version, progress_percent, stage, price_credits, consumed_credits, clips, metadata, error_code,
 error_message, created_at_s, started_at_s, finished_at_s"""
_UNFINISHED = "status IN ('pending', 'processing')"
_FIND = f"SELECT {_COLUMNS} FROM task WHERE id = ?"
_LIST = f"SELECT number, {_COLUMNS} FROM task WHERE account_id = ? AND number < ?"
_INSERT = f"INSERT INTO task ({_COLUMNS}, digest, vt) VALUES ({', '.join('?' * 28)})"
_SAVE = """
UPDATE task SET status = ?, version = version + 1, progress_percent = ?, stage = ?, consumed_credits = ?, clips = ?,
  metadata = ?, error_code = ?, error_message = ?, finished_at_s = ?,
  owner = CASE WHEN ?1 = 'processing' THEN owner END
WHERE id = ? AND attempt = ? AND version = ?
"""
_CLIP_TASK = f"SELECT {_COLUMNS} FROM task WHERE number = (SELECT task_number FROM clip WHERE key = ?)"
_STANDING = f"""
SELECT line.unfinished, coalesce((SELECT unfinished FROM api_key WHERE id = :key_id), 0), (
  SELECT id FROM task WHERE key_id = :key_id AND digest = :digest AND {_UNFINISHED} AND created_at_s > :since_s LIMIT 1
) FROM line
"""
_TAKE_COVER = """
INSERT INTO cover (source_task_id, task_id) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET task_id = ?2
WHERE (SELECT status FROM task WHERE id = cover.task_id) IN ('failed', 'cancelled')
"""
_QUOTED = "SELECT credits FROM quote WHERE id = ? AND account_id = ? AND kind = ? AND model = ?"
_TOOK = """
SELECT finished_at_s - started_at_s FROM task INDEXED BY task_completed
WHERE kind = ? AND status = 'completed' ORDER BY number DESC LIMIT 20
"""
_OVERDUE = f"SELECT id FROM task WHERE {_UNFINISHED} AND created_at_s < ?"
_PROCESSING = "SELECT id, attempt FROM task WHERE status = 'processing'"

_encode = msgspec.json.Encoder().encode
_REQUESTS = {kind.value: msgspec.json.Decoder(REQUEST_TYPES[kind]).decode for kind in TaskKind}
_clips_of = msgspec.json.Decoder(tuple[Clip, ...]).decode
_names_of = msgspec.json.Decoder(tuple[str, ...]).decode
_object_of = msgspec.json.Decoder(dict[str, Any]).decode
_KINDS = {kind.value: kind for kind in TaskKind}
_STATUSES = {status.value: status for status in TaskStatus}


@dataclass(frozen=True, slots=True)
class Page:
    """Some tasks of an account, newest first; `next_cursor` leads to older ones, None at the end."""

    tasks: tuple[Task, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price that was told to an account."""

    id: str
    account_id: str
    kind: TaskKind
    model: str
    credits: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is already when an order comes in."""

    unfinished: int  #: tasks of everybody that are waiting or being made
    unfinished_of_key: int
    twin_id: str | None  #: the unfinished task with the same content


def insert(connection: sqlite3.Connection, task: Task, *, digest: int, virtual_time: float) -> None:
    """A new task and its clips."""
    number = connection.execute(
        _INSERT,
        (
            *(task.id, task.account_id, task.key_id, task.mode, task.dialect, task.kind.value),
            *(_encode(task.request), _encode(task.body), _encode(task.ignored_fields), task.callback_url, task.seed),
            *(task.status.value, task.attempt, task.crashes, task.version, task.progress_percent, task.stage),
            *(task.price_credits, task.consumed_credits, _encode(task.clips), _encode(task.metadata)),
            *(task.error_code, task.error_message, task.created_at_s, task.started_at_s, task.finished_at_s),
            *(digest, virtual_time),
        ),
    ).lastrowid
    values = ", ".join(["(?, ?)"] * len(task.clips))
    parameters = [value for clip in task.clips for value in (_clip_key(clip.id), number)]
    connection.execute(f"INSERT INTO clip (key, task_number) VALUES {values}", parameters)


def save(connection: sqlite3.Connection, task: Task) -> None:
    """Write a task that was read in this same transaction."""
    connection.execute(
        _SAVE,
        (
            *(task.status.value, task.progress_percent, task.stage, task.consumed_credits, _encode(task.clips)),
            *(_encode(task.metadata), task.error_code, task.error_message, task.finished_at_s),
            *(task.id, task.attempt, task.version),
        ),
    )


def find(connection: sqlite3.Connection, task_id: str) -> Task | None:
    """The task with this id, or None."""
    row = connection.execute(_FIND, (task_id,)).fetchone()
    return None if row is None else _task(row)


def present(connection: sqlite3.Connection, task_id: str) -> Task:
    """The task with this id. Raises NotFound."""
    task = find(connection, task_id)
    if task is None:
        raise NotFound("No such task.")
    return task


def claimed(connection: sqlite3.Connection, claim: Claim) -> Task | None:
    """The task of a claim, or None when the claim is out of date: ended, requeued or in other hands."""
    task = find(connection, claim.task_id)
    if task is None or task.attempt != claim.attempt or task.status is not TaskStatus.PROCESSING:
        return None
    return task


def get(db: Database, account_id: str, task_id: str) -> Task:
    """An account's own task. Raises NotFound for any other."""
    row = db.read_one(_FIND, (task_id,))
    if row is None or row["account_id"] != account_id:
        raise NotFound("No such task.")
    return _task(row)


def of_clip(db: Database, clip_id: str) -> Task:
    """The task a clip belongs to. Raises NotFound."""
    try:
        row = db.read_one(_CLIP_TASK, (_clip_key(clip_id),))
    except ValueError as error:  # No UUID: no id of ours.
        raise NotFound("No such clip.") from error
    if row is None:
        raise NotFound("No such clip.")
    return _task(row)


def page(
    db: Database, account_id: str, limit: int, cursor: str | None, conditions: str = "", values: tuple[Any, ...] = ()
) -> Page:
    """An account's tasks older than `cursor`, newest first. Raises InvalidRequest for a cursor we never gave."""
    limit = min(max(limit, 1), MAX_PAGE)
    sql = f"{_LIST}{conditions} ORDER BY number DESC LIMIT ?"
    rows = db.read(sql, (account_id, cursor_number(cursor), *values, limit + 1))
    following = str(rows[limit - 1]["number"]) if len(rows) > limit else None
    return Page(tuple(_task(row) for row in rows[:limit]), following)


def cursor_number(cursor: str | None) -> int:
    """The row number a list goes on below. Raises InvalidRequest for a cursor we never gave."""
    if cursor is None:
        return 2**62
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidRequest("This cursor was not given by this server.", param="cursor")
    return int(cursor)


def standing(connection: sqlite3.Connection, key_id: str, digest: int, since_s: float) -> Standing:
    """How an order of a key stands: what is unfinished, and its twin, submitted after `since_s`."""
    values = {"key_id": key_id, "digest": digest, "since_s": since_s}
    return Standing(*connection.execute(_STANDING, values).fetchone())


def take_cover(connection: sqlite3.Connection, task: Task, request: CoverImageRequest) -> bool:
    """Make `task` the one that draws a song's pictures; False when another has, or is at it."""
    return connection.execute(_TAKE_COVER, (request.source_task_id, task.id)).rowcount == 1


def quote(connection: sqlite3.Connection, quote: Quote, now_s: float) -> None:
    """Keep a price that was told."""
    values = (quote.id, quote.account_id, quote.kind.value, quote.model, quote.credits, now_s)
    connection.execute("INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?)", values)


def quoted(connection: sqlite3.Connection, task: Task, quote_id: str) -> int:
    """What a quote said. Raises InvalidRequest for one that was never given for such an order of this account."""
    row = connection.execute(_QUOTED, (quote_id, task.account_id, task.kind.value, task.request.model)).fetchone()
    if row is None:
        raise InvalidRequest("This quote was not given for an order like this.", param="quote_id")
    return row[0]


def seconds_taken(db: Database, kind: TaskKind) -> float | None:
    """What the last tasks of a kind took from claim to end, the middle one; None when there was none yet."""
    took = sorted(row[0] for row in db.read(_TOOK, (kind.value,)))
    return took[len(took) // 2] if took else None


def overdue(db: Database, created_before_s: float) -> list[str]:
    """Ids of unfinished tasks that are older than that."""
    return [row[0] for row in db.read(_OVERDUE, (created_before_s,))]


def processing(db: Database) -> frozenset[Claim]:
    """Every claim that is in force."""
    return frozenset(Claim(*row) for row in db.read(_PROCESSING))


def _clip_key(clip_id: str) -> int:
    return UUID(clip_id).int >> 65


def _task(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        account_id=row["account_id"],
        key_id=row["key_id"],
        mode=row["mode"],
        dialect=row["dialect"],
        kind=_KINDS[row["kind"]],
        request=_REQUESTS[row["kind"]](row["request"]),
        body=_object_of(row["body"]),
        ignored_fields=_names_of(row["ignored_fields"]),
        callback_url=row["callback_url"],
        seed=row["seed"],
        status=_STATUSES[row["status"]],
        attempt=row["attempt"],
        crashes=row["crashes"],
        version=row["version"],
        progress_percent=row["progress_percent"],
        stage=row["stage"],
        price_credits=row["price_credits"],
        consumed_credits=row["consumed_credits"],
        clips=_clips_of(row["clips"]),
        metadata=_object_of(row["metadata"]),
        error_code=row["error_code"],
        error_message=row["error_message"],
        created_at_s=row["created_at_s"],
        started_at_s=row["started_at_s"],
        finished_at_s=row["finished_at_s"],
    )
