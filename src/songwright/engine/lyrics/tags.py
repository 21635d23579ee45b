"""Section tags in every usual spelling.

Conventions
    `read_tag` looks at one line and answers a `Tag`, with the words that follow on the same line, or None when the line
    is only words. A tag in brackets that names no known section is a direction (`[Whispered]`): its `kind` is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from songwright.engine.material import SectionKind


@dataclass(frozen=True, slots=True)
class Tag:
    """A section tag: its kind, its label as written, what else it asks for, and words after it on the line."""

    kind: SectionKind | None
    label: str
    hint: str
    rest: str = ""


#: Names of sections, the more special first; `strong` names count without any brackets or colon.
_NAMES: tuple[tuple[str, SectionKind], ...] = (
    (
        r"pre[ -]?chorus|pre[ -]?hook|pr[ée][ -]?refrain|pre[ -]?coro|pr[ée][ -]?refr[ãa]o|pre[ -]?estribillo",
        "prechorus",
    ),
    (r"post[ -]?chorus|post[ -]?hook|post[ -]?refrain", "postchorus"),
    (
        r"(?:repeat )?chorus|hook|refrain|estribillo|coro|refr[ãa]o|ritornello|kehrreim|副歌|サビ|후렴|припев",
        "chorus",
    ),
    (r"verse|strophe|estrofa|couplet|verso|strofa|主歌|[ab]メロ|\d*\s*절|куплет|vers", "verse"),
    (r"rap", "rap"),
    (r"bridge|middle (?:8|eight)|puente|pont|ponte|br[üu]e?cke|桥段|cメロ|мост", "bridge"),
    (r"intro(?:duction|ducción|dução)?|opening|前奏|イントロ|вступление|전주", "intro"),
    (r"outro|end(?:ing)?|coda|fade(?:[ -]?out)?|finale|final|conclusion|尾奏|アウトロ|концовка|후주", "outro"),
    (
        r"break(?:down)?|interlude|interl[úu]dio|interludio|zwischenspiel|间奏|間奏|проигрыш|간주|pause|silence|tag",
        "break",
    ),
    (r"build(?:[ -]?up)?|riser?", "build"),
    (r"(?:beat |bass )?drop", "drop"),
    (r"instrumental(?: (?:break|section|interlude|solo))?|solo", "solo"),
)
_INSTRUMENTS = (
    "guitarr?a?|gitarren?|piano|sax(?:ophone)?|violin|drums?|bass|synth|trumpet|organ|flute|strings?|harmonica|keys|fiddle|banjo|cello|"
    "horns?|brass|accordion|keyboards?"
)
_STRONG = re.compile(
    r"(?:pre[ -]?chorus|post[ -]?chorus|chorus|refrain|verse|bridge|intro|outro|estribillo|estrofa|refr[ãa]o|strophe)"
    r"(?:\s*(?:\d{1,2}|[ivx]{1,4}|one|two|three|four))?(?:\s*[x×]\s*\d)?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"^\s*(?:\*\*|__|#{1,6}\s*)?\s*[\[【［{<]\s*([^\]】］}>]{1,200})\s*[\]】］}>]\s*(?:\*\*|__)?\s*:?\s*(.*)$"
)
_ROUND = re.compile(r"^\s*[(（]\s*([^()（）]{1,60}?)\s*:?\s*[)）]\s*:?\s*$")
_MARKED = re.compile(r"^\s*(?:\*\*|__|\*|_|#{1,6}\s+|=+\s*|-+\s+)\s*(.{1,60}?)\s*:?\s*(?:\*\*|__|\*|_|=+|-+)?\s*:?\s*$")
_COLON = re.compile(r"^\s*([^:：]{2,40}?)\s*[:：]\s*(.*)$")
_NUMBER = re.compile(r"\s*(?:#?\d{1,2}|[ivx]{1,4}\b|one|two|three|four|x\d|\d x)\s*", re.IGNORECASE)


def read_tag(line: str) -> Tag | None:
    """The tag on this line, or None."""
    if match := _BRACKETED.match(line):
        return _tag(match[1], match[2])
    if match := _ROUND.match(line):
        return _if_known(match[1], loose=False)
    if match := _MARKED.match(line):
        return _if_known(match[1], loose=False)
    if _STRONG.fullmatch(line.strip()):
        return _tag(line.strip(), "")
    if match := _COLON.match(line):
        named = _if_known(match[1], loose=False)
        return Tag(named.kind, named.label, named.hint, match[2]) if named else None
    return None


def _if_known(text: str, *, loose: bool) -> Tag | None:
    """A tag only if the text is a section name, a number and little else: `(I love you)` is no tag."""
    tag = _tag(text, "")
    if tag.kind is None or (not loose and len(tag.hint.split()) > 1):
        return None
    bare = re.sub(_INSTRUMENTS, "", tag.hint, flags=re.IGNORECASE).strip()
    return tag if not bare else None


def _tag(text: str, rest: str) -> Tag:
    label = " ".join(text.split()).strip("*_ ")
    lower = label.lower()
    for pattern, kind in _NAMES:
        match = re.match(rf"(?:final |last |big |double )?(?:{pattern})(?![^\W\d_])", lower)
        if match:
            hint = _NUMBER.sub(" ", label[match.end() :], count=1).strip(" -–—:,|.()")
            return Tag(kind, label, hint, rest.strip())
    match = re.search(rf"\b(?:{_INSTRUMENTS})\b", lower)
    if match and re.search(r"solo|break|interlude|riff|lead|instrumental|fill", lower):
        return Tag("solo", label, match[0], rest.strip())
    if re.search(r"\b(?:solo|instrumental)\b", lower):
        return Tag("solo", label, re.sub(r"\b(?:solo|instrumental)\b", "", lower).strip(" -:,"), rest.strip())
    return Tag(None, label, label, rest.strip())
