"""Dialect A's callbacks: a bare array of clips at every stage; of pictures, what their status route answers."""

from __future__ import annotations

import msgspec

from songwright.catalog import Catalog
from songwright.core.exchange import RenderCallback
from songwright.core.task import Task, TaskKind
from songwright.dialects.apione.answers import render_cover_status
from songwright.dialects.apione.wire import render_clips

ENDS = ("complete", "failed", "cancelled")
_encode = msgspec.json.Encoder().encode


def callback_renderer(catalog: Catalog, public_url: str) -> RenderCallback:  # noqa: ARG001 - the face of every dialect
    """The body of a task's callback at a stage, None where nothing is said."""

    def render(task: Task, stage: str) -> bytes | None:
        if task.kind is TaskKind.COVER_IMAGE:
            return render_cover_status(task, public_url) if stage in ENDS else None
        return _encode(render_clips(task, public_url))

    return render
