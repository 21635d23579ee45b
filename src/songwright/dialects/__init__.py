"""Wire formats. Each folder here translates one API's words to ours and back; a further dialect is a new folder.

A dialect decides nothing: its routes are parse -> lifecycle -> render.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import cast

from songwright.catalog import Catalog
from songwright.core.exchange import Dialect, RenderCallback
from songwright.dialects.base import DialectRoom, Services

__all__ = ["Services", "build_dialects", "callback_renderers", "dialect_rooms"]


def dialect_rooms() -> Iterator[DialectRoom]:
    """Every dialect's folder, by name."""
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        if found.ispkg and found.name != "base":
            yield cast(DialectRoom, import_module(f"{__name__}.{found.name}"))


def callback_renderers(catalog: Catalog, public_url: str) -> dict[str, RenderCallback]:
    """How each dialect writes its callbacks, by the dialect's name; handed to the lifecycle."""
    return {room.NAME: room.callback_renderer(catalog, public_url) for room in dialect_rooms()}


def build_dialects(services: Services) -> tuple[Dialect, ...]:
    """Every dialect with its routes; handed to `web`."""
    return tuple(room.build(services) for room in dialect_rooms())
