"""What all dialects share: the gate for bodies, reading fields, common controls, what is shown alike, services."""

from songwright.dialects.base.body import parse_object
from songwright.dialects.base.fields import Aliases, Fields, Problems, check_length, clean, read
from songwright.dialects.base.order import (
    CALLBACK_ALIASES,
    CONTROL_ALIASES,
    Controls,
    Words,
    check_callback,
    check_texts,
    find_model,
    song_request,
)
from songwright.dialects.base.rooms import build_dialects, callback_renderers, dialect_rooms
from songwright.dialects.base.services import DialectRoom, Services, created
from songwright.dialects.base.shown import failure_message, media_url, song_of, task_metadata

__all__ = [
    "CALLBACK_ALIASES",
    "CONTROL_ALIASES",
    "Aliases",
    "Controls",
    "DialectRoom",
    "Fields",
    "Problems",
    "Services",
    "Words",
    "build_dialects",
    "callback_renderers",
    "check_callback",
    "check_length",
    "check_texts",
    "clean",
    "created",
    "dialect_rooms",
    "failure_message",
    "find_model",
    "media_url",
    "parse_object",
    "read",
    "song_of",
    "song_request",
    "task_metadata",
]
