"""What an account takes along (export) and what stays when it goes (deletion): the books, under a name of nobody."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from songwright.accounts import people, store

_TASKS = """
SELECT id, key_id, mode, dialect, kind, status, request, body, callback_url, seed, price_credits, consumed_credits,
  clips, metadata, error_code, error_message, created_at_s, started_at_s, finished_at_s
FROM task WHERE account_id = ? ORDER BY number
"""
_JSON_COLUMNS = ("request", "body", "clips", "metadata")
_STATEMENT = """
SELECT number, task_id, order_id, kind, reason, created_at_ms, lower(hex(hash)) AS hash, ledger_account, amount
FROM journal JOIN entry ON journal_id = journal.id WHERE account_id = ? ORDER BY number, ledger_account
"""
_ORDERS = """
SELECT id, provider, state, credits, amount_minor, currency, created_at_s, changed_at_s
FROM credit_order WHERE account_id = ? ORDER BY number
"""
_KEYS = """
SELECT id, name, mode, prefix, last4, scopes, created_at_s, revoked_at_s, expires_at_s, last_used_at_s
FROM api_key WHERE account_id = ? ORDER BY created_at_s
"""
_CALLBACKS = """
SELECT id, task_id, url, event, state, attempts, last_status, last_error, created_at_s
FROM webhook_delivery WHERE account_id = ? ORDER BY created_at_s
"""
_UNFINISHED = "SELECT id FROM task WHERE account_id = ? AND status IN ('pending', 'processing')"
_CLIPS = "SELECT clips FROM task WHERE account_id = ?"
#: In the order in which nothing points at what is removed.
_REMOVED = (
    "DELETE FROM webhook_delivery WHERE account_id = ?",
    "DELETE FROM webhook_gone WHERE account_id = ?",
    "DELETE FROM idempotency WHERE account_id = ?",
    "DELETE FROM published WHERE clip_id IN (SELECT json_extract(each.value, '$.id')"
    " FROM task, json_each(CAST(task.clips AS TEXT)) each WHERE account_id = ?)",
    "DELETE FROM clip WHERE task_number IN (SELECT number FROM task WHERE account_id = ?)",
    "DELETE FROM cover WHERE task_id IN (SELECT id FROM task WHERE account_id = ?)",
    "DELETE FROM quote WHERE account_id = ?",
    "DELETE FROM task WHERE account_id = ?",
)
_object_of = msgspec.json.Decoder().decode


def exported(connection: sqlite3.Connection, account_id: str) -> dict[str, Any]:
    """Everything that is written down about an account but its secrets: a JSON value for each file of the export."""
    account = store.get(connection, account_id)
    members = people.users_of(connection, account_id)
    return {
        "account": {"id": account.id, "name": account.name, "created_at_s": account.created_at_s},
        "users": [{"id": u.id, "email": u.email, "role": u.role, "created_at_s": u.created_at_s} for u in members],
        "keys": _rows(connection, _KEYS, account_id),
        "tasks": _tasks(connection, account_id),
        "ledger": _rows(connection, _STATEMENT, account_id),
        "orders": _rows(connection, _ORDERS, account_id),
        "callbacks": _rows(connection, _CALLBACKS, account_id),
    }


def unfinished(connection: sqlite3.Connection, account_id: str) -> list[str]:
    """Ids of tasks that must be stopped before the account can go."""
    return [row[0] for row in connection.execute(_UNFINISHED, (account_id,)).fetchall()]


def files_of(connection: sqlite3.Connection, account_id: str) -> list[tuple[str, str]]:
    """Every file the account's clips have: (clip id, kind)."""
    rows = connection.execute(_CLIPS, (account_id,)).fetchall()
    return [(clip["id"], kind) for row in rows for clip in _object_of(row[0]) for kind in clip.get("files", ())]


def close(connection: sqlite3.Connection, account_id: str, now_s: float) -> None:
    """Nobody can order or log in any more: every key is revoked, everybody removed."""
    connection.execute(
        "UPDATE api_key SET name = '', revoked_at_s = coalesce(revoked_at_s, ?), previous_hash = NULL"
        " WHERE account_id = ?",
        (now_s, account_id),
    )
    for table in ("invitation", "user"):
        connection.execute(f"DELETE FROM {table} WHERE account_id = ?", (account_id,))


def delete(connection: sqlite3.Connection, account_id: str) -> None:
    """Forget words, songs and callbacks; the ledger's movements stay, without a name.

    The caller has closed the account and stopped what was unfinished.
    """
    for sql in _REMOVED:
        connection.execute(sql, (account_id,))
    connection.execute(
        "UPDATE account SET name = 'deleted ' || id, webhook_secret = ?, previous_webhook_secret = NULL WHERE id = ?",
        (store.new_webhook_secret(), account_id),
    )


def _tasks(connection: sqlite3.Connection, account_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(_TASKS, (account_id,)).fetchall()
    return [{name: _shown(name, row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118 - a row is no dict


def _shown(name: str, value: Any) -> Any:
    return _object_of(value) if name in _JSON_COLUMNS else value


def _rows(connection: sqlite3.Connection, sql: str, account_id: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sql, (account_id,)).fetchall()]
