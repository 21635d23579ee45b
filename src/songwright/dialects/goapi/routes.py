"""The routes of dialect B: each is parse -> lifecycle -> render."""

from __future__ import annotations

from dataclasses import dataclass

from songwright.core.exchange import Answer, Call, Dialect, Endpoint
from songwright.dialects.base import Services, created, parse_object
from songwright.dialects.goapi import types
from songwright.dialects.goapi.errors import render_error
from songwright.dialects.goapi.wire import NAME, read_music, render_accepted, render_task


@dataclass(frozen=True, slots=True)
class _Routes:
    services: Services

    async def create_music(self, call: Call) -> Answer:
        order = read_music(parse_object(call.body), self.services.catalog, call.idempotency_key)
        submission = await self.services.lifecycle.submit(call.caller, order)
        return created(submission, render_accepted(submission.task))

    async def get_music(self, call: Call) -> Answer:
        task = self.services.lifecycle.get(call.caller.account_id, call.path["task_id"])
        return Answer(render_task(task, self.services.catalog, self.services.public_url))


def build(services: Services) -> Dialect:
    """The dialect with its routes."""
    routes = _Routes(services)
    return Dialect(
        name=NAME,
        title="GoAPI",
        prefix="/api/suno/",
        error_type=types.SunoError,
        endpoints=(
            Endpoint(
                method="POST",
                path="/api/suno/v1/music",
                handle=routes.create_music,
                summary="Create music",
                description="Orders two songs. Credits are reserved now and spent only for what is delivered.",
                request=types.SunoOrder,
                response=types.SunoAccepted,
                errors=(402, 409, 413, 422),
            ),
            Endpoint(
                method="GET",
                path="/api/suno/v1/music/{task_id}",
                handle=routes.get_music,
                summary="Read a task",
                description="Status and clips of a task, in whichever dialect it was ordered.",
                response=types.SunoTaskAnswer,
                errors=(404,),
            ),
        ),
        render_error=render_error,
    )
