"""Dialect B's orders beside a new song: continuations, joins, lyrics, uploads. Each names every bad field it finds.

Raises InvalidRequest (400), NotFound (404) for what is unknown or somebody else's, Conflict (409) for what is still
being made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from songwright.core.requests import AudioSource, LyricsRequest, UploadRequest
from songwright.core.song import SongRequest
from songwright.core.task import Order, TaskKind
from songwright.dialects.base import (
    Desk,
    Problems,
    check_callback,
    check_seam,
    clean,
    continuation,
    find_model,
    given,
    joining,
    read,
    title_of,
)
from songwright.dialects.goapi.types import (
    CONCAT_ALIASES,
    DEFAULT_MODEL,
    LYRICS_ALIASES,
    UPLOAD_ALIASES,
    ConcatOrder,
    LyricsOrder,
    UploadOrder,
)
from songwright.dialects.goapi.wire import NAME, read_wishes


def read_music(body: Mapping[str, Any], desk: Desk, idempotency_key: str | None = None) -> Order:
    """`POST /api/suno/v1/music`: a new song or, with `continue_clip_id`, the continuation of a clip and only that."""
    wishes = read_wishes(body, desk.catalog, idempotency_key)
    if not wishes.continue_clip_id:
        return wishes.order
    song, field = wishes.order.request, wishes.fields.name("continue_clip_id")
    assert isinstance(song, SongRequest), "an order of music is one of a song"
    source = desk.song(wishes.continue_clip_id, field)
    problems = Problems()
    model = find_model(song.model, DEFAULT_MODEL, desk.catalog, "mv", problems)
    at_s = wishes.continue_at or None
    check_seam(at_s, source.clip, model, wishes.fields.name("continue_at"), problems)
    problems.check()
    return wishes.continuing(continuation(song, source, at_s, with_origin=False))


def read_concat(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/suno/v1/music/concat`."""
    problems = Problems()
    wanted, fields = read(body, ConcatOrder, CONCAT_ALIASES, problems)
    if not wanted.clip_id:
        problems.add(fields.name("clip_id"), "is required")
    callback = check_callback(wanted.notify_hook, fields.name("notify_hook"), problems)
    problems.check()
    name = fields.name("clip_id")
    return Order(
        dialect=NAME,
        kind=TaskKind.CONCAT,
        request=joining(desk.song(wanted.clip_id, name), name),
        body=given(body, fields.names),
        ignored_fields=fields.ignored,
        callback_url=callback,
    )


def read_lyrics(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/suno/v1/lyrics`."""
    problems = Problems()
    wanted, fields = read(body, LyricsOrder, LYRICS_ALIASES, problems)
    model = find_model(DEFAULT_MODEL, DEFAULT_MODEL, desk.catalog, "mv", problems)
    prompt = clean(wanted.prompt)
    if not prompt:
        problems.add(fields.name("prompt"), "is required")
    elif len(prompt) > model.prompt_limit:
        problems.add(
            fields.name("prompt"), f"is {len(prompt)} characters long, at most {model.prompt_limit} are allowed"
        )
    callback = check_callback(wanted.notify_hook, fields.name("notify_hook"), problems)
    problems.check()
    return Order(
        dialect=NAME,
        kind=TaskKind.LYRICS,
        request=LyricsRequest(model=model.name, description=prompt),
        body={"prompt": wanted.prompt},
        ignored_fields=fields.ignored,
        callback_url=callback,
    )


def read_upload(body: Mapping[str, Any], desk: Desk, *, file_name: str | None = None) -> Order:
    """`POST /api/suno/v1/upload_audio`; `file_name` when a file was sent with it."""
    problems = Problems()
    wanted, fields = read(body, UploadOrder, UPLOAD_ALIASES, problems)
    model = find_model(DEFAULT_MODEL, DEFAULT_MODEL, desk.catalog, "mv", problems)
    audio = AudioSource(file_name=file_name or "")
    if file_name is None:
        audio = AudioSource(url=check_callback(wanted.audio_url, fields.name("audio_url"), problems) or "")
        if not audio.url:
            problems.add(fields.name("audio_url"), "is required")
    callback = check_callback(wanted.notify_hook, fields.name("notify_hook"), problems)
    problems.check()
    return Order(
        dialect=NAME,
        kind=TaskKind.UPLOAD,
        request=UploadRequest(model=model.name, title=title_of(audio.url, audio.file_name), audio=audio),
        body={"audio_url": wanted.audio_url},
        ignored_fields=fields.ignored,
        callback_url=callback,
    )
