"""Callbacks are written down in the transaction that causes them; sending them is `webhooks`' work.

The body is rendered once, by the dialect the task was ordered in, so that every attempt sends the same bytes.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Literal

from songwright.core.task import Task
from songwright.webhooks.outbox import put

Stage = Literal["text", "first", "complete", "failed", "cancelled"]
RenderCallback = Callable[[Task, str], bytes | None]
"""A dialect's body for a task at a stage; None where the dialect says nothing."""

_log = logging.getLogger(__name__)


def announce(
    connection: sqlite3.Connection, callbacks: Mapping[str, RenderCallback], task: Task, stage: Stage, now_s: float
) -> bool:
    """Write down the callback of a stage, once; False when there is none to send."""
    render = callbacks.get(task.dialect)
    if task.callback_url is None or render is None:
        return False
    try:
        body = render(task, stage)
    except Exception:  # A mistake in a dialect must not keep a finished song from its owner.
        _log.exception("the callback of task %s at stage %s could not be rendered", task.id, stage)
        return False
    if body is None:
        return False
    # A test key may ask, by its prompt, for what happens when an acknowledgement is lost: the same callback once more.
    repeats = int(task.mode == "test" and any(clip.metadata.get("deliver_twice") for clip in task.clips))
    return put(connection, task.id, task.account_id, task.callback_url, stage, body, now_s, repeats=repeats)
