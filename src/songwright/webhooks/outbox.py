"""The outbox: rows written by the transaction that ended the task, read here, and marked after each attempt.

A row stays `pending` while it is being sent, so a server that dies in the middle sends it again under the same id.
Every receiver's host has a line of its own: a thousand rows for one that hangs stand in nobody else's way.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from urllib.parse import urlsplit

from songwright.core.errors import NotFound
from songwright.core.ids import new_id
from songwright.db import Database
from songwright.webhooks.schedule import Attempt, Verdict

LOOK_AHEAD = 64  #: due rows of one host looked at in one turn
HOSTS_AHEAD = 200  #: hosts looked at in one turn; the next turn goes on behind them
KEEP_ATTEMPTS_S = 30 * 86_400.0
MAX_SHOWN = 100
GONE = "This address answered 410 Gone: nothing more is sent to it until a resend is asked for."
#: Hosts with something pending, one index probe each.
_HOSTS = """
WITH RECURSIVE line (host) AS (
  SELECT min(host) FROM webhook_delivery WHERE state = 'pending' AND host > ?1
  UNION ALL
  SELECT (SELECT min(host) FROM webhook_delivery WHERE state = 'pending' AND host > line.host)
  FROM line WHERE line.host IS NOT NULL
)
SELECT host FROM line WHERE host IS NOT NULL LIMIT ?2
"""
_DUE = """SELECT id, task_id, account_id, url, host, attempts, repeats FROM webhook_delivery
WHERE state = 'pending' AND host = ? AND next_at_s <= ? ORDER BY next_at_s, created_at_s, rowid LIMIT ?"""
_LOAD = """
SELECT d.body, a.webhook_secret, iif(a.previous_webhook_secret_until_s > ?2, a.previous_webhook_secret, NULL)
FROM webhook_delivery d JOIN account a ON a.id = d.account_id WHERE d.id = ?1 AND d.state = 'pending'
"""
_INSERT = """
INSERT OR IGNORE INTO webhook_delivery
  (id, task_id, account_id, url, host, event, body, state, last_error, next_at_s, repeats, created_at_s)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(gone, 'exhausted', 'pending'), iif(gone, ?8, ''), ?9, ?10, ?9
FROM (SELECT EXISTS (SELECT 1 FROM webhook_gone WHERE account_id = ?3 AND url = ?4) AS gone)
"""
_MARK = """UPDATE webhook_delivery
SET state = ?, attempts = attempts + 1, next_at_s = ?, last_status = ?, last_error = ?, repeats = ?
WHERE id = ? AND state = 'pending'"""
_ATTEMPT = "INSERT INTO webhook_attempt (delivery_id, at_s, duration_s, status, error, reply) VALUES (?, ?, ?, ?, ?, ?)"
_DISABLE = """UPDATE webhook_delivery SET state = 'exhausted', last_error = ?
WHERE account_id = ? AND url = ? AND state = 'pending'"""
_SHOWN = """
SELECT d.id, d.task_id, d.event, d.url, d.state, d.attempts, d.next_at_s, d.last_status, d.last_error, d.created_at_s,
  EXISTS (SELECT 1 FROM webhook_gone g WHERE g.account_id = d.account_id AND g.url = d.url)
FROM webhook_delivery d WHERE d.account_id = ? AND d.task_id = ? ORDER BY d.created_at_s, d.rowid
"""
_TRIES = """SELECT at_s, duration_s, status, error, reply FROM webhook_attempt
WHERE delivery_id = ? ORDER BY id DESC LIMIT ?"""
_AGAIN = """
UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_at_s = ?1
WHERE account_id = ?2 AND task_id = ?3 AND (?4 = '' OR event = ?4 OR id = ?4) RETURNING url
"""


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery whose time has come."""

    id: str
    task_id: str
    account_id: str
    url: str
    host: str
    attempts: int  #: made so far
    repeats: int = 0  #: how often it is sent again although it arrived


@dataclass(frozen=True, slots=True)
class Letter:
    """The bytes to send and the secrets to sign them with."""

    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt as it is shown."""

    at_s: float
    duration_s: float
    status: int | None
    error: str
    reply: str  #: the first bytes of the answer, as text


@dataclass(frozen=True, slots=True)
class Delivery:
    """One callback as it is shown; `disabled` when its address answered 410."""

    id: str
    task_id: str
    event: str
    url: str
    state: str
    attempts: int
    next_at_s: float
    last_status: int | None
    last_error: str
    created_at_s: float
    disabled: bool
    tries: tuple[Try, ...] = ()  #: the newest first


def host_of(url: str) -> str:
    """Whose line a delivery stands in: the receiver's host and port."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower() or url
    except ValueError:
        return url


def put(
    connection: sqlite3.Connection,
    task_id: str,
    account_id: str,
    url: str,
    event: str,
    body: bytes,
    now_s: float,
    *,
    repeats: int = 0,
) -> bool:
    """Freeze a body in the outbox, once a task and event; False when there was one. Part of the caller's transaction.

    For an address that answered 410 the row is there, and says why it is not sent.
    """
    row = (f"msg_{new_id()}", task_id, account_id, url, host_of(url), event, body, GONE, now_s, repeats)
    return connection.execute(_INSERT, row).rowcount == 1


def hosts(db: Database, behind: str) -> list[str]:
    """Hosts with something pending, by name, those behind `behind`."""
    return [row[0] for row in db.read(_HOSTS, (behind, HOSTS_AHEAD))]


def due(db: Database, host: str, now_s: float) -> list[Due]:
    """What is to be sent to a host now, oldest first."""
    return [Due(*row) for row in db.read(_DUE, (host, now_s, LOOK_AHEAD))]


def load(db: Database, delivery_id: str, now_s: float) -> Letter | None:
    """The bytes of a delivery, None when it was settled meanwhile."""
    row = db.read_one(_LOAD, (delivery_id, now_s))
    return None if row is None else Letter(bytes(row[0]), tuple(str(secret) for secret in row[1:] if secret))


def mark(connection: sqlite3.Connection, delivery: Due, attempt: Attempt, tried: Try, next_at_s: float | None) -> None:
    """Write down one attempt. An address that is gone gets nothing more from this account."""
    repeats = delivery.repeats
    if attempt.verdict is Verdict.DELIVERED:
        state = "pending" if repeats else "delivered"
        repeats = max(repeats - 1, 0)
    else:
        state = "pending" if attempt.verdict is Verdict.RETRY and next_at_s is not None else "exhausted"
    error = GONE if attempt.verdict is Verdict.GONE else attempt.error
    values = (state, next_at_s or 0.0, attempt.status, error, repeats, delivery.id)
    if connection.execute(_MARK, values).rowcount == 0:
        return
    row = (delivery.id, tried.at_s, tried.duration_s, tried.status, tried.error, tried.reply)
    connection.execute(_ATTEMPT, row)
    if attempt.verdict is Verdict.GONE:
        gone = (delivery.account_id, delivery.url)
        connection.execute("INSERT OR IGNORE INTO webhook_gone VALUES (?, ?, ?)", (*gone, tried.at_s))
        connection.execute(_DISABLE, (GONE, *gone))


def shown(db: Database, account_id: str, task_id: str) -> list[Delivery]:
    """The callbacks of an account's own task with their attempts, oldest first. Raises NotFound."""
    if db.read_one("SELECT 1 FROM task WHERE id = ? AND account_id = ?", (task_id, account_id)) is None:
        raise NotFound("No such task.")
    found: list[Delivery] = []
    for row in db.read(_SHOWN, (account_id, task_id)):
        tries = tuple(Try(*each) for each in db.read(_TRIES, (row["id"], MAX_SHOWN)))
        found.append(Delivery(*tuple(row)[:10], disabled=bool(row[10]), tries=tries))
    return found


def send_again(connection: sqlite3.Connection, account_id: str, task_id: str, which: str, now_s: float) -> int:
    """Begin the schedule of a task's callbacks anew, under their old ids and with their old bytes; how many.

    `which` is an event, a delivery's id, or empty for all. An address that was given up is tried again.
    Raises NotFound.
    """
    rows = connection.execute(_AGAIN, (now_s, account_id, task_id, which)).fetchall()
    if not rows:
        raise NotFound("This task has no such callback.")
    for row in rows:
        connection.execute("DELETE FROM webhook_gone WHERE account_id = ? AND url = ?", (account_id, row[0]))
    return len(rows)


def forget(connection: sqlite3.Connection, before_s: float) -> int:
    """Forget attempts that are older; how many there were."""
    return connection.execute("DELETE FROM webhook_attempt WHERE at_s < ?", (before_s,)).rowcount


def name_hosts(connection: sqlite3.Connection) -> int:
    """Put rows written before hosts had lines into theirs; how many there were."""
    rows = connection.execute("SELECT id, url FROM webhook_delivery WHERE host = '' AND state = 'pending'").fetchall()
    connection.executemany("UPDATE webhook_delivery SET host = ? WHERE id = ?", [(host_of(r[1]), r[0]) for r in rows])
    return len(rows)
