"""The bodies of dialect A, as types: they validate what is read and document all of it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from songwright.dialects.base import CALLBACK_ALIASES, CONTROL_ALIASES, Aliases, Controls

DEFAULT_MODEL = "chirp-v3-5"


class MusicOrder(Controls, kw_only=True):
    """One order of music: two songs."""

    model: Annotated[str, Meta(description="A model from `GET /api/v1/models`, under any of its names.")] = (
        DEFAULT_MODEL
    )
    prompt: Annotated[
        str,
        Meta(
            description="Lyrics when it has a section tag such as `[Verse]`, two line breaks or more, or `custom_mode` "
            "is true; a description of the song otherwise. At most 5000 characters."
        ),
    ] = ""
    gpt_description_prompt: Annotated[
        str,
        Meta(description="A description of the song; wins over `prompt`. At most 400 or 5000 characters, by model."),
    ] = ""
    style: Annotated[str, Meta(description="Music style or genre. At most 1000 characters.")] = ""
    tags: Annotated[str, Meta(description="What the style must not be. At most 1000 characters.")] = ""
    custom_mode: Annotated[bool, Meta(description="`prompt` is lyrics, whatever it looks like.")] = False
    callback_url: Annotated[str, Meta(description="Where to send the clips at each stage.")] = ""
    quote_id: Annotated[str, Meta(description="A quote; the order will not cost more than it said.")] = ""


MUSIC_ALIASES: Aliases = {
    **CONTROL_ALIASES,
    "model": ("mv", "model_name"),
    "gpt_description_prompt": ("gptDescriptionPrompt", "description"),
    "tags": ("negative_tags", "negativeTags"),
    "custom_mode": ("customMode",),
    "callback_url": tuple(name for name in CALLBACK_ALIASES if name != "callback_url"),
    "quote_id": ("quoteId",),
}


class TaskId(msgspec.Struct):
    """The envelope of older answers."""

    task_id: str


class MusicAccepted(msgspec.Struct):
    """The order is accepted. All generations of the answer in one."""

    code: int
    message: str
    id: str
    task_id: str
    work_id: str = msgspec.field(name="workId")
    status: str
    model: str
    created_at: str
    data: TaskId


class MusicClip(msgspec.Struct):
    """One song. Addresses are empty texts until the file is ready."""

    id: str
    audio_url: str
    video_url: str
    image_url: str
    image_large_url: str
    words_url: str
    midi_url: str
    flac_url: str
    stems_url: str
    vocals_url: str
    instrumental_url: str
    status: str
    title: str
    prompt: str
    tags: str
    duration: Annotated[float | str, Meta(description="Seconds; an empty text until the song is ready.")]
    model_name: str
    created_at: str
    create_time: str = msgspec.field(name="createTime")
    timestamp: Annotated[int, Meta(description="`created_at` in milliseconds.")]
    extra_message: str
    fail_message: str
    error_message: str
    metadata: dict[str, Any]


class TaskError(msgspec.Struct):
    """Why a task failed."""

    code: str
    type: str
    message: str


class TaskAnswer(msgspec.Struct):
    """A task and what it has made so far."""

    code: int
    message: str
    id: str
    task_id: str
    work_id: str = msgspec.field(name="workId")
    type: Annotated[str, Meta(description="What was ordered: `music`, `extend`, `lyrics` ...")]
    status: str
    progress: int
    stage: str
    model: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    credits_reserved: int
    credits_consumed: int
    result: list[MusicClip]
    error: TaskError | None
    metadata: dict[str, Any]


class FeedData(msgspec.Struct):
    """A task as the feed tells it."""

    task_id: str
    type: str
    request_body: dict[str, Any]
    response_data: list[MusicClip]
    created_at: str


class FeedAnswer(msgspec.Struct):
    """The feed of one task."""

    code: int
    message: str
    data: FeedData


class CreditsData(msgspec.Struct):
    """A balance in credits."""

    credits: int
    reserved: int
    used_credits: int


class CreditsAnswer(msgspec.Struct):
    """The account's balance."""

    code: int
    message: str
    data: CreditsData


class TextLimits(msgspec.Struct):
    """Characters after NFC."""

    prompt: int
    gpt_description_prompt: int
    style: int
    title: int


class ModelRow(msgspec.Struct):
    """One model."""

    id: str
    aliases: list[str]
    endpoint: str
    credits: int
    price_usd: float
    limits: TextLimits
    max_duration: float
    arrangement_depth: int
    estimated_seconds: int
    prices: Annotated[dict[str, int], Meta(description="Credits of every kind of order with this model.")]


class ModelsAnswer(msgspec.Struct):
    """Every model."""

    code: int
    message: str
    object: str
    data: list[ModelRow]


class QuoteOrder(MusicOrder, kw_only=True):
    """An order that is only priced: the body of any order, and which. Its own fields are those of its endpoint."""

    endpoint: Annotated[str, Meta(description="What the order would be sent to.")] = "audio/music"


class FieldProblem(msgspec.Struct):
    """One bad field."""

    field: str
    message: str


class QuoteData(msgspec.Struct):
    """What the order would cost. It would be refused when there are errors."""

    quote_id: str
    credits: int
    estimated_seconds: int
    balance_after: int
    errors: list[FieldProblem]


class QuoteAnswer(msgspec.Struct):
    """A quote."""

    code: int
    message: str
    data: QuoteData


class SecretData(msgspec.Struct):
    """A secret."""

    secret: str


class SecretAnswer(msgspec.Struct):
    """What the account's webhooks are signed with."""

    code: int
    message: str
    data: SecretData


class ErrorDetail(msgspec.Struct):
    """What went wrong."""

    code: int
    type: str
    message: str
    param: str | None
    doc_url: str
    fields: list[FieldProblem]


class ErrorAnswer(msgspec.Struct):
    """Every error has this shape; the HTTP status equals `code`."""

    code: int
    msg: str
    message: str
    error: ErrorDetail
