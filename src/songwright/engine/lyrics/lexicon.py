"""The word stores: themes with their images, lines for each task, ends of lines, words that explain a description.

Conventions
    Stores are TOML files in `data/`, own writing. A line template is text with alternatives `{a|b|c}` and slots
    `<thing>`, optionally a pair `first // second`; a leading `+ ` or `- ` keeps it for bright or dark songs. A half that
    ends with ` .` is complete; ` /tpmc` says which tails it takes: t time, p place, m manner, c companions and heart.
    Tails of a theme have kind `x` and go with every half that names no kinds.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_TAIL_KINDS = {"time": "t", "place": "p", "manner": "m", "companion": "c"}
_DEFAULT_KINDS = {
    "scenes": "tpmx", "acts": "tpmcx", "pays": "tcmx", "shift": "tmx", "feel": "tcx", "build": "tm", "turn": "tm",
    "resolve": "tmc", "pay": "tcmx", "hook": "tc", "np": "tcx", "np_hard": "tc", "person": "tpx", "ing": "tpcx",
    "adj": "tpcx", "rap": "t", "rel": "tpx",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Half:
    """One line's clause before its end: text with alternatives and slots, and the kinds of tail it takes."""

    text: str
    kinds: str


@dataclass(frozen=True, slots=True)
class Template:
    """One or two halves that belong together, for bright (`+`), dark (`-`) or all (`0`) songs."""

    halves: tuple[Half, ...]
    valence: str


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a line."""

    text: str
    kind: str
    valence: str


@dataclass(frozen=True)
class Theme:
    """What belongs to one subject. `slots` are the word lists, `lines` the templates by role."""

    name: str
    valence: str
    keys: frozenset[str]
    slots: Mapping[str, tuple[str, ...]]
    tails: tuple[Tail, ...]
    lines: Mapping[str, tuple[Template, ...]]


@dataclass(frozen=True)
class Lexicon:
    """All stores."""

    themes: Mapping[str, Theme]
    lines: Mapping[str, tuple[Template, ...]]
    tails: tuple[Tail, ...]
    words: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The stores that come with the package, read once per process."""
    themes: dict[str, Theme] = {}
    folder = files("songwright.engine.lyrics").joinpath("data/themes")
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            parsed = tomllib.loads(path.read_text(encoding="utf-8"))
            themes |= {name: _theme(name, fields) for name, fields in parsed.items()}
    tails = tuple(_tail(text, _TAIL_KINDS[name]) for name, block in _read("tails").items() for text in _rows(block))
    lines = {role: tuple(_template(row, role) for row in _rows(block)) for role, block in _read("lines").items()}
    words = {name: frozenset(block.split()) for name, block in _read("words").items()}
    return Lexicon(themes, lines, tails, words)


def _read(name: str) -> dict[str, Any]:
    path = files("songwright.engine.lyrics").joinpath(f"data/{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows(block: str) -> list[str]:
    return [row.strip() for row in block.splitlines() if row.strip()]


def _theme(name: str, fields: dict[str, str]) -> Theme:
    slots = {
        slot: tuple(w.strip() for w in fields[field].split("|"))
        for slot, field in (("thing", "things"), ("stuff", "stuff"), ("ing", "ings"), ("adj", "adjs"))
    }
    lines = {role: tuple(_template(row, role) for row in _rows(fields[role])) for role in ("scenes", "acts", "pays")}
    tails = tuple(_tail(text, "x") for text in _rows(fields["tails"]))
    return Theme(name, fields["valence"], frozenset(fields["keys"].split()), slots, tails, lines)


def _valued(row: str) -> tuple[str, str]:
    return (row[0], row[2:]) if row[:2] in ("+ ", "- ") else ("0", row)


def _tail(row: str, kind: str) -> Tail:
    valence, text = _valued(row)
    return Tail(text, kind, valence)


def _template(row: str, role: str) -> Template:
    valence, text = _valued(row)
    return Template(tuple(_half(part.strip(), role) for part in text.split(" // ")), valence)


def _half(text: str, role: str) -> Half:
    if text.endswith(" ."):
        return Half(text[:-2], "")
    if match := re.search(r" /([tpmcx]+)$", text):
        return Half(text[: match.start()], match[1])
    return Half(text, _DEFAULT_KINDS[role])
