"""What all dialects share: the gate for bodies, reading fields by their types, common controls, links and services."""

from songwright.dialects.base.body import parse_object
from songwright.dialects.base.fields import Aliases, Fields, Problems, check_length, clean, read
from songwright.dialects.base.links import media_url
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
    "find_model",
    "media_url",
    "parse_object",
    "read",
    "song_request",
]
