"""Dialect A's orders beside a new song: from a body to an `Order`. Each names every bad field it finds.

Conventions: a reader is given the body and the caller's `Desk`; it raises InvalidRequest (400), NotFound (404) for what
is unknown or somebody else's, and Conflict (409) for what is still being made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from songwright.catalog import Model
from songwright.core.errors import NotFound
from songwright.core.requests import (
    AudioSource,
    CoverImageRequest,
    LyricsRequest,
    ReplaceSectionRequest,
    SeparateRequest,
    TimestampedLyricsRequest,
    UploadCoverRequest,
    UploadRequest,
)
from songwright.core.song import Request
from songwright.core.task import Order, TaskKind
from songwright.dialects.apione import order_types as types
from songwright.dialects.apione.types import DEFAULT_MODEL, MusicOrder
from songwright.dialects.apione.wire import NAME, check_music_texts, read_music, words_of
from songwright.dialects.base import (
    Desk,
    Fields,
    Problems,
    check_callback,
    check_length,
    check_seam,
    check_song,
    clean,
    continuation,
    find_model,
    finished_songs,
    given,
    inherited,
    joining,
    read,
    song_request,
    specialised,
    title_of,
)
from songwright.tasks import OwnedClip

Reader = Callable[[Mapping[str, Any], Desk], Order]
S = TypeVar("S", bound=msgspec.Struct)
NO_ORIGIN = "Original music task not found, please check your task id"
IDS_REQUIRED = "Task ID and Audio ID are required, please provide both task_id and audio_id in the request body"
NO_MATCH = "Audio ID does not match the Task ID, please check and try again"
SHORTEST_SECTION_S = 1.0


def read_extend(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/extend`."""
    problems = Problems()
    wanted, fields = read(body, types.ExtendOrder, types.EXTEND_ALIASES, problems)
    _need(wanted, fields, problems, "origin_task_id", "extend_audio_index")
    source = _find(desk, wanted.origin_task_id, wanted.extend_audio_index or 0)
    model = _model(wanted.model, source, desk, fields, problems)
    song = inherited(source, model, wanted.seed) if source else None
    if wanted.custom_mode or song is None:
        check_music_texts(wanted, model, fields, problems)
        words = words_of(wanted, problems) if wanted.custom_mode else words_of(_with_any_prompt(wanted), problems)
        song = song_request(wanted, words, model, fields, problems)
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    source = _sounding(source, fields.name("origin_task_id"))
    start_s = wanted.extension_start_time
    check_seam(start_s, source.clip, model, fields.name("extensionStartTime"), problems)
    problems.check()
    request = replace(continuation(song, source, start_s, with_origin=True), inherit=not wanted.custom_mode)
    return _order(TaskKind.EXTEND, request, body, fields, callback, wanted.quote_id)


def _with_any_prompt(wanted: types.ExtendOrder) -> MusicOrder:
    """In inherit mode nobody has to write anything."""
    return msgspec.structs.replace(wanted, prompt=wanted.prompt or "inherited")


def read_replace_section(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/replace-section`."""
    problems = Problems()
    wanted, fields = read(body, types.ReplaceOrder, types.REPLACE_ALIASES, problems)
    _need(wanted, fields, problems, "task_id", "audio_id", "infillStartS", "infillEndS")
    source = _find(desk, wanted.task_id, wanted.audio_id)
    model = _model(wanted.model, source, desk, fields, problems)
    check_music_texts(wanted, model, fields, problems)
    song = song_request(wanted, words_of(wanted, problems), model, fields, problems)
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    source = _sounding(source, fields.name("audio_id"))
    start_s, end_s = wanted.infill_start_s or 0.0, wanted.infill_end_s or 0.0
    if end_s > (source.clip.duration_s or 0.0):
        problems.add(fields.name("infillEndS"), f"lies behind the clip's end at {source.clip.duration_s or 0.0:.2f} s")
    elif end_s - start_s < SHORTEST_SECTION_S:
        problems.add(fields.name("infillEndS"), f"must be at least {SHORTEST_SECTION_S:g} s behind the start")
    problems.check()
    request = specialised(song, ReplaceSectionRequest, source_clip_ids=(source.clip.id,), start_s=start_s, end_s=end_s)
    return _order(TaskKind.REPLACE_SECTION, request, body, fields, callback, wanted.quote_id)


def read_upload_cover(body: Mapping[str, Any], desk: Desk, *, file_name: str | None = None) -> Order:
    """`POST /api/v1/audio/music/upload-cover/generate`; `file_name` when a file was sent with it."""
    problems = Problems()
    wanted, fields = read(body, types.UploadCoverOrder, types.UPLOAD_COVER_ALIASES, problems)
    model = find_model(wanted.model, DEFAULT_MODEL, desk.catalog, fields.name("model"), problems)
    check_music_texts(wanted, model, fields, problems)
    audio = _audio(wanted.upload_url, fields.name("upload_url"), file_name, problems)
    if not audio.url and file_name is None and not wanted.audio_id:
        problems.add("upload_url", "is required, or audio_id, or a file")
    song = song_request(wanted, words_of(wanted, problems), model, fields, problems)
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    sources: tuple[str, ...] = ()
    if wanted.audio_id and not wanted.upload_url:
        sources = (desk.song(wanted.audio_id, fields.name("audio_id")).clip.id,)
    request = specialised(song, UploadCoverRequest, source_clip_ids=sources, audio=audio)
    return _order(TaskKind.UPLOAD_COVER, request, body, fields, callback, wanted.quote_id)


def read_upload(body: Mapping[str, Any], desk: Desk, *, file_name: str | None = None) -> Order:
    """`POST /api/v1/audio/music/upload`; `file_name` when a file was sent with it."""
    problems = Problems()
    wanted, fields = read(body, types.UploadOrder, types.UPLOAD_ALIASES, problems)
    audio = _audio(wanted.audio_url, fields.name("audio_url"), file_name, problems)
    if not audio.url and file_name is None:
        problems.add("audio_url", "is required, or a file")
    model = _default_model(desk)
    check_length(wanted.title, model.title_limit, fields.name("title"), problems)
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    title = clean(wanted.title) or title_of(audio.url, audio.file_name)
    request = UploadRequest(model=model.name, title=title, audio=audio)
    return _order(TaskKind.UPLOAD, request, body, fields, callback, wanted.quote_id)


def read_cover(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/cover/generate`."""
    problems = Problems()
    wanted, fields = read(body, types.CoverOrder, types.COVER_ALIASES, problems)
    _need(wanted, fields, problems, "task_id")
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    try:
        task = desk.task(wanted.task_id)
    except NotFound as error:
        raise NotFound(NO_ORIGIN, param=fields.name("task_id")) from error
    songs = finished_songs(task, fields.name("task_id"))
    request = CoverImageRequest(
        model=task.request.model,
        title=songs[0].title,
        description=task.request.description,
        style=songs[0].style,
        source_task_id=task.id,
        source_clip_ids=tuple(clip.id for clip in songs),
    )
    return _order(TaskKind.COVER_IMAGE, request, body, fields, callback, wanted.quote_id)


def read_timestamped(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/timestamped-lyrics`."""
    problems = Problems()
    wanted, fields = read(body, types.TimestampedOrder, types.TIMESTAMPED_ALIASES, problems)
    for name in ("task_id", "audio_id"):
        if not getattr(wanted, name):
            problems.add(fields.name(name), IDS_REQUIRED)
    problems.check()
    try:
        task = desk.task(wanted.task_id)
    except NotFound as error:
        raise NotFound("Invalid task id", param=fields.name("task_id")) from error
    source = desk.song_in(task, wanted.audio_id, fields.name("audio_id"), NO_MATCH)
    request = TimestampedLyricsRequest(
        model=task.request.model, title=source.clip.title, source_task_id=task.id, source_clip_ids=(source.clip.id,)
    )
    return _order(TaskKind.TIMESTAMPED_LYRICS, request, body, fields, None, wanted.quote_id)


def read_lyrics(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/lyrics`."""
    problems = Problems()
    wanted, fields = read(body, types.LyricsOrder, types.LYRICS_ALIASES, problems)
    model = _default_model(desk)
    for name, text, limit in (
        ("prompt", wanted.prompt, model.prompt_limit),
        ("style", wanted.style, model.style_limit),
        ("title", wanted.title, model.title_limit),
    ):
        check_length(text, limit, fields.name(name), problems)
    if not clean(wanted.prompt):
        problems.add(fields.name("prompt"), "is required")
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    request = LyricsRequest(
        model=model.name,
        title=clean(wanted.title),
        description=clean(wanted.prompt),
        style=clean(wanted.style),
        seed=wanted.seed,
    )
    return _order(TaskKind.LYRICS, request, body, fields, callback, wanted.quote_id)


def read_concat(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/concat`."""
    wanted, fields, callback = _clip_order(body)
    name = fields.name("clip_id")
    request = joining(desk.song(wanted.clip_id, name), name)
    return _order(TaskKind.CONCAT, request, body, fields, callback, wanted.quote_id)


def read_separate(body: Mapping[str, Any], desk: Desk) -> Order:
    """`POST /api/v1/audio/music/separate`."""
    wanted, fields, callback = _clip_order(body)
    source = desk.song(wanted.clip_id, fields.name("clip_id"))
    request = SeparateRequest(
        model=source.task.request.model, title=source.clip.title, source_clip_ids=(source.clip.id,)
    )
    return _order(TaskKind.SEPARATE, request, body, fields, callback, wanted.quote_id)


READERS: dict[str, tuple[TaskKind, Reader]] = {
    "audio/music": (TaskKind.MUSIC, lambda body, desk: read_music(body, desk.catalog)),
    "audio/music/extend": (TaskKind.EXTEND, read_extend),
    "audio/music/replace-section": (TaskKind.REPLACE_SECTION, read_replace_section),
    "audio/music/upload-cover/generate": (TaskKind.UPLOAD_COVER, read_upload_cover),
    "audio/music/upload": (TaskKind.UPLOAD, read_upload),
    "audio/music/cover/generate": (TaskKind.COVER_IMAGE, read_cover),
    "audio/music/timestamped-lyrics": (TaskKind.TIMESTAMPED_LYRICS, read_timestamped),
    "audio/music/lyrics": (TaskKind.LYRICS, read_lyrics),
    "audio/music/concat": (TaskKind.CONCAT, read_concat),
    "audio/music/separate": (TaskKind.SEPARATE, read_separate),
}  #: by what stands behind `/api/v1/`; what a quote may be asked for


def _order(
    kind: TaskKind, request: Request, body: Mapping[str, Any], fields: Fields, callback: str | None, quote_id: str
) -> Order:
    return Order(
        dialect=NAME,
        kind=kind,
        request=request,
        body=given(body, fields.names),
        ignored_fields=fields.ignored,
        callback_url=callback,
        quote_id=quote_id,
    )


def _clip_order(body: Mapping[str, Any]) -> tuple[types.ClipOrder, Fields, str | None]:
    problems = Problems()
    wanted, fields = read(body, types.ClipOrder, types.CLIP_ALIASES, problems)
    _need(wanted, fields, problems, "clip_id")
    callback = check_callback(wanted.callback_url, fields.name("callback_url"), problems)
    problems.check()
    return wanted, fields, callback


def _need(wanted: msgspec.Struct, fields: Fields, problems: Problems, *documented: str) -> None:
    """Complain about required fields that are absent."""
    names = {each.encode_name: each.name for each in msgspec.structs.fields(wanted)}
    for name in documented:
        if getattr(wanted, names[name]) in ("", None):
            problems.add(fields.name(name), "is required")


def _find(desk: Desk, task_id: str, which: int | str) -> OwnedClip | None:
    """A clip of a task by place or id; None when there is none, which is said after everything else was looked at."""
    try:
        task = desk.task(task_id)
    except NotFound:
        return None
    for index, clip in enumerate(task.clips):
        if which in (index, clip.id):
            return OwnedClip(task, clip)
    return None


def _sounding(source: OwnedClip | None, field: str) -> OwnedClip:
    if source is None:
        raise NotFound(NO_ORIGIN, param=field)
    check_song(source, field)
    return source


def _model(name: str, source: OwnedClip | None, desk: Desk, fields: Fields, problems: Problems) -> Model:
    name = name or (source.task.request.model if source else DEFAULT_MODEL)
    return find_model(name, DEFAULT_MODEL, desk.catalog, fields.name("model"), problems)


def _default_model(desk: Desk) -> Model:
    model = desk.catalog.find(DEFAULT_MODEL)
    assert model is not None, "the default model is in the catalog"
    return model


def _audio(url: str, field: str, file_name: str | None, problems: Problems) -> AudioSource:
    """Where the audio is; what was sent itself is put in its place when the order is accepted."""
    if file_name is not None:
        return AudioSource(file_name=file_name)
    return AudioSource(url=check_callback(url, field, problems) or "")
