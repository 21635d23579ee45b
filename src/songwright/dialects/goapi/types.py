"""The bodies of dialect B, as types: they validate what is read and document all of it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from songwright.dialects.base import CALLBACK_ALIASES, CONTROL_ALIASES, Aliases, Controls

DEFAULT_MODEL = "chirp-v3-0"


class SunoInput(Controls, kw_only=True):
    """What the song is to be; which fields count depends on `custom_mode`."""

    gpt_description_prompt: Annotated[
        str, Meta(description="A description of the song; needed unless `custom_mode`. At most 400 or 5000 characters.")
    ] = ""
    prompt: Annotated[str, Meta(description="The lyrics, in custom mode. At most 5000 characters.")] = ""
    tags: Annotated[str, Meta(description="The style. At most 1000 characters.")] = ""
    negative_tags: Annotated[str, Meta(description="What the style must not be. At most 1000 characters.")] = ""
    continue_at: Annotated[
        Annotated[float, Meta(ge=0)], Meta(description="Second of the clip to continue from; 0 starts over.")
    ] = 0
    continue_clip_id: Annotated[str, Meta(description="The clip to continue; empty for a new song.")] = ""
    notify_hook: Annotated[str, Meta(description="Where to send the result.")] = ""


class SunoOrder(msgspec.Struct, kw_only=True):
    """One order of music: two songs."""

    custom_mode: Annotated[bool, Meta(description="`input.prompt` is lyrics.")] = False
    mv: Annotated[str, Meta(description="A model, under any of its names.")] = DEFAULT_MODEL
    input: Annotated[SunoInput | None, Meta(description="Required.")] = None
    notify_hook: Annotated[str, Meta(description="Where to send the result.")] = ""


_HOOKS = tuple(name for name in CALLBACK_ALIASES if name != "notify_hook")
ORDER_ALIASES: Aliases = {"custom_mode": ("customMode",), "mv": ("model", "model_name"), "notify_hook": _HOOKS}
INPUT_ALIASES: Aliases = {
    **CONTROL_ALIASES,
    "gpt_description_prompt": ("gptDescriptionPrompt", "description"),
    "tags": ("style",),
    "negative_tags": ("negativeTags",),
    "continue_at": ("continueAt",),
    "continue_clip_id": ("continueClipId",),
    "notify_hook": _HOOKS,
}


class ConcatOrder(msgspec.Struct, kw_only=True):
    """The full song from extended clips."""

    clip_id: Annotated[str, Meta(description="Required. The last clip that was extended.")] = ""
    notify_hook: Annotated[str, Meta(description="Where to send the result.")] = ""


class LyricsOrder(msgspec.Struct, kw_only=True):
    """Words for a song."""

    prompt: Annotated[str, Meta(description="Required. What they are to be about. At most 5000 characters.")] = ""
    notify_hook: Annotated[str, Meta(description="Where to send the result.")] = ""


class UploadOrder(msgspec.Struct, kw_only=True):
    """Audio that becomes a clip."""

    audio_url: Annotated[
        str, Meta(description="Required unless a file is sent: an http(s) address or a data: URI. At most 8 minutes.")
    ] = ""
    notify_hook: Annotated[str, Meta(description="Where to send the result.")] = ""


CONCAT_ALIASES: Aliases = {"clip_id": ("clipId",), "notify_hook": _HOOKS}
LYRICS_ALIASES: Aliases = {"notify_hook": _HOOKS}
UPLOAD_ALIASES: Aliases = {"audio_url": ("audioUrl", "url"), "notify_hook": _HOOKS}


class TaskId(msgspec.Struct):
    """A task's id."""

    task_id: str


class SunoAccepted(msgspec.Struct):
    """The order is accepted."""

    code: int
    data: TaskId
    message: str


class ClipMetadata(msgspec.Struct):
    """How a clip came to be."""

    tags: str
    prompt: str
    gpt_description_prompt: str
    audio_prompt_id: str
    history: list[dict[str, Any]] | None
    concat_history: list[dict[str, Any]] | None
    type: str
    duration: float | None
    refund_credits: bool
    stream: bool
    error_type: str | None
    error_message: str | None


class SunoClip(msgspec.Struct):
    """One song. Addresses are empty texts until the file is ready."""

    id: str
    video_url: str
    audio_url: str
    image_url: str
    image_large_url: str
    is_video_pending: bool
    major_model_version: str
    model_name: str
    metadata: ClipMetadata
    is_liked: bool
    is_handle_updated: bool
    is_trashed: bool
    reaction: str | None
    created_at: str
    status: str
    title: str
    play_count: int
    upvote_count: int
    is_public: bool


class SunoTask(msgspec.Struct):
    """A task and its clips by their ids."""

    task_id: str
    status: str
    input: Annotated[str, Meta(description="The order, as JSON in a text.")]
    clips: dict[str, SunoClip]
    progress: int
    error_message: str
    metadata: dict[str, Any]


class SunoTaskAnswer(msgspec.Struct):
    """A task."""

    code: int
    data: SunoTask
    message: str


class LyricsTask(msgspec.Struct):
    """Lyrics, once they are written."""

    task_id: str
    input: Annotated[str, Meta(description="The order, as JSON in a text.")]
    status: str
    title: str
    text: str
    error_message: str


class LyricsTaskAnswer(msgspec.Struct):
    """Lyrics."""

    code: int
    data: LyricsTask
    message: str


class UploadMetadata(msgspec.Struct):
    """When an upload was taken in, and what it cost."""

    created_at: str
    started_at: str | None
    ended_at: str | None
    quota_frozen: int
    quota_usage: int


class UploadTask(msgspec.Struct):
    """An upload, and its clip once it was taken in."""

    task_id: str
    input: Annotated[str, Meta(description="The order, as JSON in a text.")]
    status: str
    title: str
    clip_id: str
    image_url: str
    duration: float
    metadata: UploadMetadata
    audio_url: str
    analysis: Annotated[dict[str, Any], Meta(description="What was heard: tempo, key, chords and more.")]
    progress: int
    error_message: str


class UploadTaskAnswer(msgspec.Struct):
    """An upload."""

    code: int
    data: UploadTask
    message: str


class SunoError(msgspec.Struct):
    """Every error has this shape; the HTTP status equals `code`."""

    code: int
    data: None
    message: str
