"""Finds the dialects: each is a folder beside this one, so a further dialect is a new folder and nothing else."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import cast

from songwright.catalog import Catalog
from songwright.core.exchange import Dialect, RenderCallback
from songwright.dialects.base.services import DialectRoom, Services

_PACKAGE = "songwright.dialects"


def dialect_rooms() -> Iterator[DialectRoom]:
    """Every dialect's folder, by name."""
    for found in sorted(pkgutil.iter_modules(import_module(_PACKAGE).__path__), key=lambda found: found.name):
        if found.ispkg and found.name != "base":
            yield cast(DialectRoom, import_module(f"{_PACKAGE}.{found.name}"))


def callback_renderers(catalog: Catalog, public_url: str) -> dict[str, RenderCallback]:
    """How each dialect writes its callbacks, by the dialect's name; handed to the lifecycle."""
    return {room.NAME: room.callback_renderer(catalog, public_url) for room in dialect_rooms()}


def build_dialects(services: Services) -> tuple[Dialect, ...]:
    """Every dialect with its routes; handed to `web`."""
    return tuple(room.build(services) for room in dialect_rooms())
