"""The word stores: themes with their images, lines for each task, ends of lines, words that explain a description.

Conventions
    Stores are TOML files in `data/`, own writing. A line template is text with alternatives `{a|b|c}` and slots
    `<thing>`, optionally a pair `first // second`; a leading `+ ` or `- ` keeps it for bright or dark songs. A half
    that
    ends with ` .` is complete; ` /atp` says which kinds of tail it takes: a always, t when, p where, w with whom, i in
    me, x the theme's own, and likenesses for s sound, l light, m motion, f feeling.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_TAIL_KINDS = {
    "always": "a", "when": "t", "where": "p", "with_whom": "w", "in_me": "i", "like_sound": "s", "like_light": "l",
    "like_motion": "m", "like_feeling": "f",
}  # fmt: skip
_LIKE = "slmf"
_DEFAULT_KINDS = {
    "scenes": "atpx" + _LIKE, "acts": "atpwix" + _LIKE, "pays": "atwix" + _LIKE, "shift": "at" + _LIKE,
    "feel": "awi" + _LIKE,
    "build": "a" + _LIKE, "turn": "a" + _LIKE, "resolve": "aw" + _LIKE, "pay": "atwx" + _LIKE, "hook": "", "np": "atpi",
    "np_hard": "ai", "person": "tpx", "ing": "atpx", "adj": "aw", "rap": "a", "rel": "atp",
}  # fmt: skip
#: What a clause says last decides which likenesses may follow it.
_SENSES = {
    "s": r"sing|sang|hum|ring|call|cry|cried|crie|beat|drum|play|whisper|laugh|howl|roar|wail|moan|toll|scream|"
    r"shout|echo|pound",
    "l": r"shin|glow|burn|blink|flash|gleam|blaz|flicker",
    "m": r"roll|run|fall|fell|ris|drift|fly|flies|turn|spin|mov|slip|slid|danc|sway|float|sail|rac|sway|swim|"
    r"climb|pour|flow",
    "f": r"feel|hold|love|know|knew|believ|remember|carry|keep|miss|hope",
}


def kinds_for(text: str, kinds: str) -> str:
    """The kinds of tail that suit a filled clause: no second place or likeness, company only for I and we."""
    words = text.lower().replace("'", " ' ").split()
    if re.search(r"\b(?:like|as|than)\b", text):
        kinds = re.sub(f"[{_LIKE}]", "", kinds)
    matches = [
        (m.start(), kind) for kind, verbs in _SENSES.items() for m in re.finditer(rf"\b(?:{verbs})", text.lower())
    ]
    sense = max(matches)[1] if matches else ""
    kinds = "".join(k for k in kinds if k not in _LIKE or k == sense)
    if _TIMED.search(text.lower()):
        kinds = re.sub("[at]", "", kinds)
    if re.search(_PLACED, text.lower()):
        kinds = re.sub("[px]", "", kinds)
    if not {"i", "we"} & set(words[:4]):
        kinds = re.sub("[wi]", "", kinds)
    if {"you", "your"} & set(words):
        kinds = kinds.replace("w", "")
    return kinds if sense == "f" or "hear" in words else kinds.replace("i", "")


_TIMED = re.compile(
    r"\b(?:now|then|today|tonight|again|nights?|days?|years?|moment|second|always|never|forever|morning|evening|once|"
    r"time|when|until|till|before|after|soon|ago|autumn|winter|summer|spring|june)\b"
)
_PLACED = r"\b(?:in|on|at|by|under|over|through|from|to|down|of|with|across|against)\s+(?:\w+\s+){0,3}\w+$"


@dataclass(frozen=True, slots=True)
class Half:
    """One line's clause before its end: text with alternatives and slots, and the kinds of tail it takes."""

    text: str
    kinds: str

    @property
    def variants(self) -> int:
        """How many different texts it can become, about: eight for each slot."""
        plain = re.sub(r"\{([^{}]*)\}", lambda m: "#" * (m[1].count("|") + 1) + ".", self.text)
        counts = [len(run) for run in re.findall(r"#+", plain)] + [8] * len(re.findall(r"<\w+>", self.text))
        return math.prod(counts)


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
    stanzas: Mapping[str, tuple[Template, ...]]  #: whole stanzas in rhyme, by task
    slots: Mapping[str, tuple[str, ...]]  #: word lists of no theme
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
    pieces = _read("stanzas")
    stanzas = {role: tuple(_stanza(row) for row in _rows(block)) for role, block in pieces["stanzas"].items()}
    slots = {name: _divided(row) for name, row in pieces["slots"].items()}
    words = {name: frozenset(block.split()) for name, block in _read("words").items()}
    return Lexicon(themes, lines, stanzas, slots, tails, words)


def _read(name: str) -> dict[str, Any]:
    path = files("songwright.engine.lyrics").joinpath(f"data/{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rows(block: str) -> list[str]:
    return [row.strip() for row in block.splitlines() if row.strip()]


def _divided(row: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in row.split("|"))


def _theme(name: str, fields: dict[str, str]) -> Theme:
    slots = {
        slot: _divided(fields[field])
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


def _stanza(row: str) -> Template:
    valence, text = _valued(row)
    return Template(tuple(Half(line.strip(), "") for line in text.split(" / ")), valence)


def _half(text: str, role: str) -> Half:
    if text.endswith(" ."):
        return Half(text[:-2], "")
    if match := re.search(r" /([a-z]+)$", text):
        return Half(text[: match.start()], match[1])
    return Half(text, _DEFAULT_KINDS[role])
