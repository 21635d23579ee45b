"""The routes of dialect B: each is parse -> lifecycle -> render."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from songwright.core.errors import NotFound
from songwright.core.exchange import Answer, Call, Dialect, Endpoint
from songwright.core.task import Order, Task, TaskKind
from songwright.dialects.base import Desk, Services, created, parse_object, upload_of
from songwright.dialects.goapi import types
from songwright.dialects.goapi.answers import render_lyrics, render_upload
from songwright.dialects.goapi.errors import render_error
from songwright.dialects.goapi.orders import read_concat, read_lyrics, read_music, read_upload
from songwright.dialects.goapi.wire import NAME, render_accepted, render_task

PREFIX = "/api/suno/v1"
_CREATE_ERRORS = (402, 404, 409, 413, 422, 501)


@dataclass(frozen=True, slots=True)
class _Routes:
    services: Services

    async def create_music(self, call: Call) -> Answer:
        order = read_music(parse_object(call.body), self._desk(call), call.idempotency_key)
        submission = await self.services.lifecycle.submit(call.caller, order)
        return created(submission, render_accepted(submission.task))

    async def get_music(self, call: Call) -> Answer:
        task = self.services.lifecycle.get(call.caller.account_id, call.path["task_id"])
        return Answer(render_task(task, self.services.catalog, self.services.public_url))

    async def concat_music(self, call: Call) -> Answer:
        return await self._submit(call, read_concat)

    async def create_lyrics(self, call: Call) -> Answer:
        return await self._submit(call, read_lyrics)

    async def get_lyrics(self, call: Call) -> Answer:
        return Answer(render_lyrics(self._task(call, TaskKind.LYRICS)))

    async def upload_audio(self, call: Call) -> Answer:
        async with upload_of(call, "audio_url", types.UPLOAD_ALIASES["audio_url"]) as upload:
            name = upload.file_name if upload.file is not None else None
            order = read_upload(upload.body, self._desk(call), file_name=name)
            submission = await self.services.lifecycle.submit(
                call.caller, replace(order, idempotency_key=call.idempotency_key, attachment=upload.file)
            )
            return created(submission, render_accepted(submission.task))

    async def get_upload(self, call: Call) -> Answer:
        return Answer(render_upload(self._task(call, TaskKind.UPLOAD), self.services.public_url))

    async def _submit(self, call: Call, read: Callable[[Mapping[str, Any], Desk], Order]) -> Answer:
        order = replace(read(parse_object(call.body), self._desk(call)), idempotency_key=call.idempotency_key)
        submission = await self.services.lifecycle.submit(call.caller, order)
        return created(submission, render_accepted(submission.task))

    def _desk(self, call: Call) -> Desk:
        return Desk(self.services.lifecycle, self.services.catalog, call.caller.account_id)

    def _task(self, call: Call, kind: TaskKind) -> Task:
        task = self.services.lifecycle.get(call.caller.account_id, call.path["task_id"])
        if task.kind is not kind:
            raise NotFound("No such task.")
        return task


def build(services: Services) -> Dialect:
    """The dialect with its routes."""
    routes = _Routes(services)
    return Dialect(
        name=NAME,
        title="GoAPI",
        prefix="/api/suno/",
        error_type=types.SunoError,
        endpoints=(*_music_endpoints(routes), *_other_endpoints(routes)),
        render_error=render_error,
    )


def _music_endpoints(routes: _Routes) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path=f"{PREFIX}/music",
            handle=routes.create_music,
            summary="Create or continue music",
            description="Orders two songs, or two continuations of a clip. Credits are reserved now and spent only for "
            "what is delivered.",
            request=types.SunoOrder,
            response=types.SunoAccepted,
            errors=_CREATE_ERRORS,
        ),
        Endpoint(
            method="POST",
            path=f"{PREFIX}/music/concat",
            handle=routes.concat_music,
            summary="Join a clip with what it continues",
            description="The full song from extended clips, given the last of them. Free.",
            request=types.ConcatOrder,
            response=types.SunoAccepted,
            errors=_CREATE_ERRORS,
        ),
        Endpoint(
            method="GET",
            path=f"{PREFIX}/music/{{task_id}}",
            handle=routes.get_music,
            summary="Read a task",
            description="Status and clips of a task, in whichever dialect it was ordered.",
            response=types.SunoTaskAnswer,
            errors=(404,),
        ),
    )


def _other_endpoints(routes: _Routes) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path=f"{PREFIX}/lyrics",
            handle=routes.create_lyrics,
            summary="Write lyrics",
            request=types.LyricsOrder,
            response=types.SunoAccepted,
            errors=_CREATE_ERRORS,
        ),
        Endpoint(
            method="GET",
            path=f"{PREFIX}/lyrics/{{task_id}}",
            handle=routes.get_lyrics,
            summary="Read lyrics",
            response=types.LyricsTaskAnswer,
            errors=(404,),
        ),
        Endpoint(
            method="POST",
            path=f"{PREFIX}/upload_audio",
            handle=routes.upload_audio,
            summary="Upload audio",
            description="Audio becomes a clip that can be continued: by address, as a data: URI, or as a form with the "
            "file in `file`. At most 8 minutes.",
            request=types.UploadOrder,
            response=types.SunoAccepted,
            takes_uploads=True,
            errors=_CREATE_ERRORS,
        ),
        Endpoint(
            method="GET",
            path=f"{PREFIX}/upload_audio/{{task_id}}",
            handle=routes.get_upload,
            summary="Read an upload",
            response=types.UploadTaskAnswer,
            errors=(404,),
        ),
    )
