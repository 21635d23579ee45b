"""The architecture as a table that fails the build: who may import whom, how long things may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "songwright"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}

# Room -> rooms it may import (its own always). A room is the longest matching prefix of the module's path.
# `providers.embedded` is the only room outside the engine that may import it; `engine` stages see no other stage.
ALLOWED: dict[str, set[str]] = {
    "core": set(),
    "db": {"core"},
    "egress": {"core"},
    "media": {"core"},
    "analysis": set(),
    "catalog": {"core"},
    "ledger": {"core", "db"},
    "idempotency": {"core", "db"},
    "orders": {"core", "db", "ledger", "idempotency"},
    "accounts": {"core", "db"},
    "keys": {"core", "db"},
    "storage": {"core", "db"},
    "queue": {"core", "db"},
    "webhooks": {"core", "db", "egress"},
    "provenance": {"core", "db", "storage"},
    "assets": {"core", "engine.material", "engine.voice"},
    "providers": {"core"},
    "providers.base": {"core"},
    "providers.fake": {"core", "providers.base"},
    "providers.embedded": {"core", "providers.base", "catalog", "engine", "analysis", "media", "workers.supervisor"},
    "tasks": {
        *{"core", "catalog", "db", "ledger", "idempotency", "keys", "storage", "webhooks", "queue", "providers.base"},
    },
    "workers": {"core", "tasks", "webhooks", "queue", "db", "storage"},
    "workers.supervisor": {"core"},
    "dialects.base": {
        *{"core", "catalog", "tasks", "keys", "ledger", "idempotency", "orders", "web.http", "db"},
        *{"accounts", "provenance"},
    },
    "dialects.apione": {
        *{"core", "catalog", "tasks", "keys", "ledger", "idempotency", "orders", "dialects.base", "web.http"},
        *{"accounts", "webhooks", "provenance", "storage"},
    },
    "dialects.goapi": {"core", "catalog", "tasks", "keys", "ledger", "dialects.base", "web.http"},
    "web": {"core", "catalog", "db", "tasks", "accounts", "keys", "ledger", "webhooks", "storage", "dialects"},
    "engine.material": set(),
    "engine.ffmpeg": set(),
    "engine.typeface": {"engine.material"},
    "engine.theory": {"engine.material"},
    "engine.dsp": {"engine.material"},
    "engine": {"engine", ""},
}
STAGE_FOUNDATION = {"engine.material", "engine.theory", "engine.dsp", "engine.ffmpeg", "engine.typeface"}
STAGES = ("lyrics", "styles", "score", "arrangement", "instruments", "voice", "mix", "encode", "cover_art", "video")
ALLOWED |= {f"engine.{stage}": STAGE_FOUNDATION for stage in STAGES}
TOP_FLOOR = {
    "app",
    "cli",
    "office",
    "doctor",
    "logs",
    "singing",
    "settings",
    "__main__",
    "",
}  # nobody below imports them
MODULES = sorted(SRC.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    names = sorted(ALLOWED, key=len, reverse=True)
    return next((room for room in names if module == room or module.startswith(room + ".")), module.split(".")[0])


def imports_of(path: Path) -> Iterator[str]:
    """Modules of ours that `path` imports, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "songwright"
                else [str(node.module)]
            )
        else:
            continue
        yield from (name.removeprefix("songwright").lstrip(".") for name in names if name.split(".")[0] == "songwright")


def may_import(importer: str, imported: str) -> bool:
    here, there = room_of(importer), room_of(imported)
    if importer.split(".")[0] in TOP_FLOOR or here == there or imported in ("__version__", ""):
        return True
    return any(there == room or there.startswith(room + ".") for room in ALLOWED.get(here, set()) if room)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path) or "songwright")
def test_no_floor_is_skipped(path: Path) -> None:
    importer = module_name(path)
    wrong = sorted({there for there in imports_of(path) if not may_import(importer, there)})
    assert not wrong, f"{importer} ({room_of(importer)}) may not import {wrong}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: module_name(path) or "songwright")
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name} has {lines} lines"


def test_every_file_says_what_it_is_about() -> None:
    vague = [path for path in MODULES if path.stem in VAGUE_NAMES]
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not vague
    assert not silent


def test_the_table_names_no_room_that_is_gone() -> None:
    rooms = {module_name(path) for path in MODULES} | {module_name(path).rsplit(".", 1)[0] for path in MODULES}
    assert {room for room in ALLOWED if room not in rooms} == set()
