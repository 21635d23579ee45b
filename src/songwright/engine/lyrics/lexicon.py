"""The word stores: themes with their couplets, couplets for any song, facts, words that explain a description.

Conventions
    A *diction* is how a style chooses its words: its images, calls, exchanges of words and couplets of its own.
    Stores are TOML files in `data/`, own writing. A couplet is two lines in rhyme, `first / second`; every line is
    written so that each of its alternatives `{a|b|c}` makes sense beside every other. `<slot>` is a fact of the song
    (its street, its month), drawn once and kept, an image drawn anew for the line, or a word of the description.
    A leading `+ ` or `- ` keeps a couplet for bright or for dark songs.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal

Role = Literal["open", "more", "later", "chorus", "turn"]
_BEFORE = 3  #: what a noun that may have a word before it adds to the variants of a line, about
_FULLER = 0.75  #: between drawing each alternative alike (0) and in proportion to its fillings (1)
_OWN_WORDS = 50  #: how many different words of descriptions may fill a slot, about
ROLES: tuple[Role, ...] = ("open", "more", "later", "chorus", "turn")
#: A second line that begins so, or says "it" or "they", hangs on the first: nothing may come between them.
_STANDS_ALONE = re.compile(r"(?:\{[^{}]*\}|<\w+>|\W)*(?:i|i'm|i've|i'll|you|we|my|there's|nobody|the|a|your)\b")
_HANGS = re.compile(r"\b(?:it|its|it's|they|them|he|him|she|her|this|and then)\b")
_SPEAKS = re.compile(r"\b(?:i|i'm|i've|i'll|i'd|me|my|mine|you|your|you're|you've|we|we're|us|our|ours)\b")


@dataclass(frozen=True, slots=True)
class Couplet:
    """Two lines as templates, for bright (`+`), dark (`-`) or all (`0`) songs."""

    first: str
    second: str
    valence: str

    @property
    def divides(self) -> bool:
        """Whether another line may stand between the two."""
        return bool(_STANDS_ALONE.match(self.second)) and not _HANGS.search(self.second)

    @property
    def is_scenery(self) -> bool:
        """Whether nobody speaks of I, you or we in it."""
        return not speaks(f"{self.first} {self.second}")


@dataclass(frozen=True)
class Theme:
    """What belongs to one subject: couplets by role, and facts of its own."""

    name: str
    valence: str
    keys: frozenset[str]
    couplets: Mapping[Role, tuple[Couplet, ...]]
    facts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Diction:
    """How a style chooses its words. `drops` is how often an -ing loses its g; `free` are lines without rhyme."""

    drops: float = 0.0
    calls: tuple[str, ...] = ()
    swaps: Mapping[str, str] = field(default_factory=dict[str, str])
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  #: facts and images
    couplets: Mapping[Role, tuple[Couplet, ...]] = field(default_factory=dict[Role, tuple[Couplet, ...]])
    free: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All stores. `frames` are couplets by task, `tags` what follows a title, by kind of title, mood and rhyme."""

    themes: Mapping[str, Theme]
    somebody: Theme
    frames: Mapping[str, tuple[Couplet, ...]]
    tags: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]
    leads: Mapping[int, tuple[str, ...]]
    facts: Mapping[str, tuple[str, ...]]
    images: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]  #: words that may stand before a noun that has none
    dictions: Mapping[str, Diction]  #: by name of style
    free: tuple[str, ...]
    same: Mapping[str, tuple[str, ...]]  #: what may stand for a word anywhere but at the end of a line, itself included
    words: Mapping[str, frozenset[str]]

    def variants(self, couplet: Couplet) -> int:
        """How many different texts the poorer line of a couplet can become, about."""
        if couplet not in self.counted:
            lines = (couplet.first, couplet.second)
            nouns = [any(word in self.before for word in re.findall(r"\w+", line)) for line in lines]
            counts = [_variants(line, self.lists) for line in lines]
            self.counted[couplet] = min(n * (_BEFORE if noun else 1) for n, noun in zip(counts, nouns, strict=True))
        return self.counted[couplet]

    def options(self, group: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """The alternatives of a group and how often each is to be drawn: those with more fillings more often."""
        if group not in self.weighed:
            options = tuple(group.split("|"))
            self.weighed[group] = options, tuple(float(_filled(x, self.lists)) ** _FULLER for x in options)
        return self.weighed[group]

    @cached_property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """Facts and images."""
        return {**self.facts, **self.images}

    counted: dict[Couplet, int] = field(default_factory=dict[Couplet, int])
    weighed: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = field(
        default_factory=dict[str, tuple[tuple[str, ...], tuple[float, ...]]]
    )


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The stores that come with the package, read once per process."""
    themes: dict[str, Theme] = {}
    folder = files("songwright.engine.lyrics").joinpath("data/themes")
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            parsed = tomllib.loads(path.read_text(encoding="utf-8"))
            themes |= {name: _theme(name, fields) for name, fields in parsed.items()}
    frames, facts, images = _read("frames"), _read("facts"), _read("images")
    return Lexicon(
        themes=themes,
        somebody=_theme("somebody", frames["somebody"]),
        frames={name: _couplets(block) for name, block in frames.items() if isinstance(block, str)},
        tags={kind: {mood: _groups(b) for mood, b in moods.items()} for kind, moods in frames["tags"].items()},
        leads={int(count): _divided(row) for count, row in frames["leads"].items()},
        facts={name: _divided(row) for name, row in facts.items() if isinstance(row, str)},
        images={name: _divided(row) for name, row in images["images"].items()},
        before={noun: _divided(row) for noun, row in images["before"].items()},
        dictions={style: _diction(d) for d in _read("dictions").values() for style in d["styles"].split()},
        free=tuple(_rows(frames["free"]["lines"])),
        same={word: group for group in _alike(facts["same"]["words"]) for word in group},
        words={name: frozenset(block.split()) for name, block in _read("words").items()},
    )


def _variants(line: str, facts: Mapping[str, Sequence[str]]) -> int:
    options = [m.split("|") for m in re.findall(r"\{([^{}]*)\}", line)]
    choices = [sum(_filled(option, facts) for option in group) for group in options]
    return math.prod(choices) * _filled(re.sub(r"\{[^{}]*\}", "", line), facts)


def _filled(text: str, facts: Mapping[str, Sequence[str]]) -> int:
    return math.prod(len(facts.get(name, ())) or _OWN_WORDS for name in re.findall(r"<(\w+)>", text))


def speaks(text: str) -> bool:
    """Whether somebody says I, you or we."""
    return bool(_SPEAKS.search(text.lower()))


def suits(valence: str, of_song: str) -> bool:
    """Whether a couplet of this mood may stand in a song of that one."""
    return valence == "0" or valence == of_song or (of_song == "0" and valence == "+")


def _read(name: str) -> dict[str, Any]:
    path = files("songwright.engine.lyrics").joinpath(f"data/{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _theme(name: str, fields: Mapping[str, str]) -> Theme:
    couplets: dict[Role, tuple[Couplet, ...]] = {role: _couplets(fields[role]) for role in ROLES}
    facts = {key: _divided(row) for key, row in fields.items() if key not in (*ROLES, "valence", "keys")}
    return Theme(name, fields.get("valence", "0"), frozenset(fields.get("keys", "").split()), couplets, facts)


def _diction(fields: Mapping[str, Any]) -> Diction:
    other = (*ROLES, "styles", "drops", "calls", "swaps", "free")
    return Diction(
        drops=fields["drops"],
        calls=tuple(f"{call} " for call in _divided(fields["calls"])),
        swaps=dict(row.split(": ") for row in _divided(fields["swaps"])),
        lists={name: _divided(row) for name, row in fields.items() if name not in other},
        couplets={role: _couplets(fields.get(role, "")) for role in ROLES},
        free=tuple(_rows(fields["free"])),
    )


def _couplets(block: str) -> tuple[Couplet, ...]:
    return tuple(_couplet(row) for row in _rows(block))


def _couplet(row: str) -> Couplet:
    valence, text = (row[0], row[2:]) if row[:2] in ("+ ", "- ") else ("0", row)
    first, second = text.split(" / ")
    return Couplet(first.strip(), second.strip(), valence)


def _groups(block: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_divided(row) for row in _rows(block))


def _rows(block: str) -> Iterable[str]:
    return [row.strip() for row in block.splitlines() if row.strip()]


def _alike(row: str) -> list[tuple[str, ...]]:
    return [tuple(word.strip() for word in group.split(",")) for group in row.split("|")]


def _divided(row: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in row.split("|"))
