"""The bodies of dialect A's orders beside a new song, as types: they validate what is read and document all of it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from songwright.dialects.apione.types import MUSIC_ALIASES, MusicOrder
from songwright.dialects.base import CALLBACK_ALIASES, Aliases

_CALLBACK: Aliases = {"callback_url": tuple(name for name in CALLBACK_ALIASES if name != "callback_url")}
_TASK_ID: Aliases = {"task_id": ("taskId", "workId")}
_CLIP_ID: Aliases = {"clip_id": ("clipId", "audio_id", "audioId")}
_QUOTE: Aliases = {"quote_id": ("quoteId",)}
Second = Annotated[float, Meta(ge=0, le=480)]


class _Priced(msgspec.Struct, kw_only=True):
    """What every order may have."""

    callback_url: Annotated[str, Meta(description="Where to send the result.")] = ""
    quote_id: Annotated[str, Meta(description="A quote; the order will not cost more than it said.")] = ""


class ExtendOrder(MusicOrder, kw_only=True):
    """A continuation: two songs that begin with the old one."""

    model: Annotated[str, Meta(description="A model; the original's when absent.")] = ""
    origin_task_id: Annotated[str, Meta(description="Required. The completed task to continue.")] = ""
    extend_audio_index: Annotated[
        Annotated[int, Meta(ge=0, le=1)] | None, Meta(description="Required. Which of its clips: 0 or 1.")
    ] = None
    custom_mode: Annotated[
        bool, Meta(description="New lyrics, style and title; without it everything is inherited.")
    ] = False
    extension_start_time: Annotated[
        Second | None,
        Meta(description="Second of the clip to continue from; the last bar line before the ending when absent."),
    ] = msgspec.field(name="extensionStartTime", default=None)


EXTEND_ALIASES: Aliases = {
    **MUSIC_ALIASES,
    "origin_task_id": ("originTaskId", "task_id", "taskId", "workId"),
    "extend_audio_index": ("extendAudioIndex", "musicIndex"),
    "extensionStartTime": ("extension_start_time", "continue_at", "continueAt"),
}


class ReplaceOrder(MusicOrder, kw_only=True):
    """A part of a song made anew: two songs that are the old one outside the part."""

    model: Annotated[str, Meta(description="A model; the original's when absent.")] = ""
    task_id: Annotated[str, Meta(description="Required. The completed task.")] = ""
    audio_id: Annotated[str, Meta(description="Required. The clip of that task.")] = ""
    infill_start_s: Annotated[Second | None, Meta(description="Required. Where the part begins, in seconds.")] = (
        msgspec.field(name="infillStartS", default=None)
    )
    infill_end_s: Annotated[Second | None, Meta(description="Required. Where the part ends, in seconds.")] = (
        msgspec.field(name="infillEndS", default=None)
    )


REPLACE_ALIASES: Aliases = {
    **MUSIC_ALIASES,
    **_TASK_ID,
    "audio_id": ("audioId", "clip_id", "clipId"),
    "infillStartS": ("infill_start_s", "replace_section_start", "start"),
    "infillEndS": ("infill_end_s", "replace_section_end", "end"),
}


class UploadCoverOrder(MusicOrder, kw_only=True):
    """A new version of uploaded audio: two songs."""

    upload_url: Annotated[str, Meta(description="The audio: an http(s) address or a data: URI. At most 8 minutes.")] = (
        ""
    )
    audio_id: Annotated[str, Meta(description="Instead of `upload_url`: a clip of yours.")] = ""


UPLOAD_COVER_ALIASES: Aliases = {
    **MUSIC_ALIASES,
    "upload_url": ("uploadUrl", "audio_url", "audioUrl"),
    "audio_id": ("audioId", "clip_id", "clipId"),
}


class CoverOrder(_Priced, kw_only=True):
    """Two pictures for a finished task; one set a task."""

    task_id: Annotated[str, Meta(description="Required. The completed task.")] = ""


class TimestampedOrder(_Priced, kw_only=True):
    """Word times of a finished clip."""

    task_id: Annotated[str, Meta(description="Required. The completed task.")] = ""
    audio_id: Annotated[str, Meta(description="Required. The clip of that task.")] = ""


class ClipOrder(_Priced, kw_only=True):
    """Something made from one clip."""

    clip_id: Annotated[str, Meta(description="Required. A finished clip of yours.")] = ""


class LyricsOrder(_Priced, kw_only=True):
    """Words for a song."""

    prompt: Annotated[str, Meta(description="Required. What the words are to be about. At most 5000 characters.")] = ""
    style: Annotated[str, Meta(description="The style they are for. At most 1000 characters.")] = ""
    title: Annotated[str, Meta(description="The title. At most 80 characters.")] = ""
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)] | None, Meta(description="The same seed gives the same words.")
    ] = None


class UploadOrder(_Priced, kw_only=True):
    """Audio that becomes a clip."""

    audio_url: Annotated[
        str, Meta(description="Required unless a file is sent: an http(s) address or a data: URI. At most 8 minutes.")
    ] = ""
    title: Annotated[str, Meta(description="What to call it. At most 80 characters.")] = ""


COVER_ALIASES: Aliases = {**_CALLBACK, **_TASK_ID, **_QUOTE}
TIMESTAMPED_ALIASES: Aliases = {**COVER_ALIASES, "audio_id": ("audioId", "clip_id", "clipId")}
CLIP_ALIASES: Aliases = {**_CALLBACK, **_CLIP_ID, **_QUOTE}
LYRICS_ALIASES: Aliases = {**_CALLBACK, **_QUOTE, "style": ("tags",)}
UPLOAD_ALIASES: Aliases = {**_CALLBACK, **_QUOTE, "audio_url": ("audioUrl", "upload_url", "uploadUrl", "url")}
