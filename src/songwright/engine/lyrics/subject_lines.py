"""Where the words of the description go: the title, and the couplets that name what the song is about.

Conventions
    The title is at most `MAX_HOOK_SYLLABLES` long; a longer phrase is divided at its prepositions, so that every part
    can be named in a couplet of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from songwright.engine.lyrics.describe import Phrase, Subject
from songwright.engine.lyrics.sheet import Sheet

MAX_HOOK_SYLLABLES = 7
_LONGEST_NAMED = 9  #: syllables of a phrase that still fits a line
_LONGEST_TOLD = 14
_PREPOSITIONS = (
    r"\s+(?:in|of|at|on|by|under|to|from|with|into|through|over|for|between|without|across|near|after|up|down)\s+"
)
_SMALL = frozenset("a an the and or of in on at to for with by from but as".split())  # noqa: SIM905
_ARTICLE = re.compile(r"^(?:a|an|the)\s+", re.IGNORECASE)
_SLOTS = {"np": "np", "person": "who", "ing": "ing", "adj": "word", "rel": "told"}


@dataclass(frozen=True, slots=True)
class Naming:
    """A couplet to write that names a phrase: which frames, and the words for their slot."""

    frames: str
    slot: str
    words: str


def title_case(text: str) -> str:
    """`dancing in the rain` -> `Dancing in the Rain`."""
    words = text.split()
    return " ".join(
        w if w.lower() in _SMALL and 0 < i < len(words) - 1 else w[0].upper() + w[1:] for i, w in enumerate(words)
    )


def hook_of(title: str, subject: Subject, sheet: Sheet) -> str:
    """The words the chorus turns on: the given title, else a phrase of the subject, else two facts of the song."""
    given = " ".join(re.findall(r"[^\W\d_][\w'-]*", title.replace("’", "'"))[:8])
    if given and given.isascii():
        return given
    named = [p for p in subject.phrases if p.kind in ("np", "ing", "person")]
    short = [p for p in named if _length(p.bare, sheet) <= MAX_HOOK_SYLLABLES]
    if short:
        soft = [p for p in short if not p.hard] or short
        acting = [p for p in soft if p.kind == "ing" and (" " in p.bare or len(soft) == 1)]
        return (acting or soft)[0].bare
    parts = [part for p in named for part in divided(p.bare)]
    fitting = [part for part in parts if _length(part, sheet) <= MAX_HOOK_SYLLABLES]
    return fitting[0] if fitting else sheet.line("{<month>|<day>|the light|rain} on <street>").words


def _length(text: str, sheet: Sheet) -> int:
    return sheet.scanner.scan(text).syllables


def divided(text: str) -> list[str]:
    """A long phrase in its parts, without articles."""
    return [_ARTICLE.sub("", part) for part in re.split(_PREPOSITIONS, text) if part]


def namings(phrase: Phrase, sheet: Sheet) -> list[Naming]:
    """What names this phrase; more than one where it had to be divided."""
    if phrase.kind == "rel" and _length(phrase.text, sheet) <= _LONGEST_TOLD:
        return [Naming("told", "told", phrase.text)]
    words = phrase.bare if phrase.kind in ("ing", "adj") else phrase.text
    if _length(words, sheet) > _LONGEST_NAMED:
        parts = divided(phrase.bare)
        if len(parts) == 1:
            split = phrase.bare.split()
            parts = [" ".join(split[: len(split) // 2]), " ".join(split[len(split) // 2 :])]
        if len(phrase.bare.split()) > 1:
            return [n for part in parts if part for n in namings(Phrase("np", part, part, phrase.hard), sheet)]
        words = phrase.bare[:24]
    slot = _SLOTS[phrase.kind if phrase.kind != "rel" else "np"]
    hard = "_hard" if phrase.hard and slot in ("np", "ing") else ""
    return [Naming(slot + hard if slot != "word" else "adj", slot, words)]


def spread(phrases: Sequence[Phrase], hook: str) -> list[Phrase]:
    """The phrases that need lines of their own: what neither the hook nor a sentence about a person already says."""
    said = set(re.findall(r"[\w'-]+", hook.lower()))
    small = _SMALL | {"my", "your", "our"}
    told = {k for k, p in enumerate(phrases) if p.kind == "rel"}
    return [
        p for k, p in enumerate(phrases)
        if k + 1 not in told and set(re.findall(r"[\w'-]+", p.bare.lower())) - said - small
    ]  # fmt: skip
