"""The routes of dialect A that take an order and show how it stands: each is parse -> lifecycle -> render."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from songwright.core.errors import NotFound
from songwright.core.exchange import Answer, Call, Endpoint, QueryParameter
from songwright.core.song import Clip, FileKind
from songwright.core.task import Order, Task, TaskKind
from songwright.dialects.apione import answer_types as answers
from songwright.dialects.apione import order_types as orders
from songwright.dialects.apione import orders as reading
from songwright.dialects.apione import types
from songwright.dialects.apione.answers import (
    render_cover_accepted,
    render_cover_status,
    render_lyric_times,
    render_upload_cover_status,
)
from songwright.dialects.apione.wire import render_accepted
from songwright.dialects.base import (
    Desk,
    Services,
    TimedLine,
    created,
    parse_object,
    read_words,
    refusal,
    timed_lines,
    upload_of,
    waveform,
)

PREFIX = "/api/v1/audio/music"
_REFUSALS = (402, 404, 409, 413, 422, 501)
_TASK_ID_NAMES = ("task_id", "taskId", "workId", "id")
_RenderAccepted = Callable[[Task], bytes]


def task_id_of(call: Call) -> str:
    """The task a query names. Raises InvalidRequest."""
    for name in _TASK_ID_NAMES:
        if value := call.query.get(name):
            return value
    raise refusal("task_id", "is required")


@dataclass(frozen=True, slots=True)
class _OrderRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    def desk(self, call: Call) -> Desk:
        """Where the caller's orders find what they start from."""
        return Desk(self.services.lifecycle, self.services.catalog, call.caller.account_id)

    async def extend_music(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_extend)

    async def replace_section(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_replace_section)

    async def concat_music(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_concat)

    async def write_lyrics(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_lyrics)

    async def separate_stems(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_separate)

    async def generate_cover(self, call: Call) -> Answer:
        return await self._submit(call, reading.read_cover, render_cover_accepted)

    async def cover_status(self, call: Call) -> Answer:
        return Answer(render_cover_status(self._task(call, TaskKind.COVER_IMAGE), self.services.public_url))

    async def upload_audio(self, call: Call) -> Answer:
        return await self._submit_upload(call, reading.read_upload, "audio_url", orders.UPLOAD_ALIASES["audio_url"])

    async def generate_upload_cover(self, call: Call) -> Answer:
        aliases = orders.UPLOAD_COVER_ALIASES["upload_url"]
        return await self._submit_upload(call, reading.read_upload_cover, "upload_url", aliases)

    async def upload_cover_status(self, call: Call) -> Answer:
        return Answer(render_upload_cover_status(self._task(call, TaskKind.UPLOAD_COVER), self.services.public_url))

    async def timestamped_lyrics(self, call: Call) -> Answer:
        """The one order that is answered at once: the times are there already."""
        desk = self.desk(call)
        order = replace(reading.read_timestamped(parse_object(call.body), desk), idempotency_key=call.idempotency_key)
        owned = self.services.lifecycle.records.own_clip(call.caller.account_id, order.request.source_clip_ids[0])
        lines, peaks = await asyncio.to_thread(self._times, owned.clip)
        submission = await self.services.lifecycle.submit(call.caller, order, known_result=True)
        return created(submission, render_lyric_times(owned.task.id, owned.clip, lines, peaks))

    def _times(self, clip: Clip) -> tuple[list[TimedLine], list[float]]:
        records = self.services.lifecycle.records
        words = ()
        if FileKind.WORDS_JSON.value in clip.files:
            words = read_words(records.clip_path(clip, FileKind.WORDS_JSON).read_bytes())
        if not words:
            raise refusal("audio_id", "this clip is instrumental: nothing is sung in it")
        sound = FileKind.AUDIO_FLAC if FileKind.AUDIO_FLAC.value in clip.files else FileKind.AUDIO_MP3
        return timed_lines(clip.lyrics, words), waveform(records.clip_path(clip, sound))

    async def _submit(self, call: Call, read: reading.Reader, render: _RenderAccepted = render_accepted) -> Answer:
        order = read(parse_object(call.body), self.desk(call))
        submission = await self.services.lifecycle.submit(
            call.caller, replace(order, idempotency_key=call.idempotency_key)
        )
        return created(submission, render(submission.task))

    async def _submit_upload(
        self, call: Call, read: Callable[..., Order], field: str, aliases: tuple[str, ...]
    ) -> Answer:
        async with upload_of(call, field, aliases) as upload:
            name = upload.file_name if upload.file is not None else None
            order = read(upload.body, self.desk(call), file_name=name)
            submission = await self.services.lifecycle.submit(
                call.caller, replace(order, idempotency_key=call.idempotency_key, attachment=upload.file)
            )
            return created(submission, render_accepted(submission.task))

    def _task(self, call: Call, kind: TaskKind) -> Task:
        task = self.services.lifecycle.get(call.caller.account_id, task_id_of(call))
        if task.kind is not kind:
            raise NotFound("No such task.")
        return task


def order_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _OrderRoutes(services)
    return (*_song_endpoints(routes), *_upload_endpoints(routes), *_other_endpoints(routes))


def _song_endpoints(routes: _OrderRoutes) -> tuple[Endpoint, ...]:
    return (
        _order(
            routes.extend_music,
            "extend",
            "Extend a song",
            "Two songs that begin with the old one, unchanged up to the seam, and go on from there.",
            orders.ExtendOrder,
        ),
        _order(
            routes.replace_section,
            "replace-section",
            "Replace a section",
            "Two songs that are the old one but for the part between two seconds.",
            orders.ReplaceOrder,
        ),
        _order(
            routes.concat_music,
            "concat",
            "Join a chain of continuations",
            "The full song from extended clips, given the last of them. Free.",
            orders.ClipOrder,
        ),
    )


def _upload_endpoints(routes: _OrderRoutes) -> tuple[Endpoint, ...]:
    upload = "By address, as a data: URI, or as a form with the file in `file`; any common format, at most 8 minutes."
    return (
        _order(
            routes.upload_audio, "upload", "Upload audio", f"Audio becomes a clip. {upload}", orders.UploadOrder, True
        ),
        _order(
            routes.generate_upload_cover,
            "upload-cover/generate",
            "Cover uploaded audio",
            f"Two new versions with a new singer, style and words. {upload}",
            orders.UploadCoverOrder,
            True,
        ),
        _status(routes.upload_cover_status, "upload-cover/status", answers.UploadCoverAnswer),
    )


def _other_endpoints(routes: _OrderRoutes) -> tuple[Endpoint, ...]:
    return (
        _order(
            routes.generate_cover,
            "cover/generate",
            "Draw cover images",
            "Two pictures for a finished task; one set a task.",
            orders.CoverOrder,
            response=answers.CoverAccepted,
        ),
        _status(routes.cover_status, "cover/status", answers.CoverAnswer),
        _order(
            routes.timestamped_lyrics,
            "timestamped-lyrics",
            "Read word times",
            "When each word of a clip is sung, in seconds; answered at once.",
            orders.TimestampedOrder,
            response=answers.LyricTimesAnswer,
        ),
        _order(
            routes.write_lyrics, "lyrics", "Write lyrics", "Words about a subject, with a title.", orders.LyricsOrder
        ),
        _order(
            routes.separate_stems,
            "separate",
            "Separate stems",
            "A clip as two files, the voice and everything else; of a song made here also every stem of its mix.",
            orders.ClipOrder,
        ),
    )


def _order(
    handle: Any,
    path: str,
    summary: str,
    description: str,
    request: type,
    takes_uploads: bool = False,
    response: type = types.MusicAccepted,
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"{PREFIX}/{path}",
        handle=handle,
        summary=summary,
        description=description,
        request=request,
        response=response,
        takes_uploads=takes_uploads,
        errors=_REFUSALS,
    )


def _status(handle: Any, path: str, response: type) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"{PREFIX}/{path}",
        handle=handle,
        summary=f"Read {path}",
        description="How the task stands, and what it made.",
        query=(QueryParameter("task_id", "The task; `taskId` is accepted too."),),
        response=response,
        errors=(404,),
    )
