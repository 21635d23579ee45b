"""Words the user wrote -> sections and lines, nothing lost.

Conventions
    A `Draft` is a section before pronunciation: lines of text, each lead or backing. Lines longer than
    `MAX_LINE_SYLLABLES` are divided at punctuation or before a small word; the order of the words never changes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from songwright.engine.lyrics.english import FUNCTION_WORDS
from songwright.engine.lyrics.tags import Tag, read_tag
from songwright.engine.material import LyricLine, SectionKind, Word

MAX_LINE_SYLLABLES = 14
_MIN_PIECE_SYLLABLES = 3
_STANZA_LINES = 4
_LONGEST_UNBROKEN = 12  #: lines of an unlabelled stanza; longer ones are divided
_PUNCTUATION_GAIN = 4.0
_SMALL_WORD_GAIN = 2.0
_NAMES: dict[SectionKind, str] = {
    "verse": "Verse", "chorus": "Chorus", "bridge": "Bridge", "prechorus": "Pre-Chorus", "rap": "Rap",
}  # fmt: skip


#: Characters without width. Joiners after a letter of an Arabic or Indic script shape it.
_FORMAT = re.compile(
    r"[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]|"
    r"(?<![\u0600-\u06ff\u0900-\u0dff])[\u200c\u200d]"
)
_REPEATED = re.compile(r"(?:[x×]\s*([2-4])|([2-4])\s*[x×])")


@dataclass(slots=True)
class Draft:
    """A section as read: lines of (text, is backing)."""

    kind: SectionKind
    label: str
    hint: str = ""
    lines: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])


@dataclass(slots=True)
class Reading:
    """All sections of given words, and what has to be said about them."""

    drafts: list[Draft]
    notes: list[str]
    title: str = ""


def read_given(text: str) -> Reading:
    """Sections of the words as written: by tags where there are any, else by blank lines and repetition."""
    lines = [clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    tags = [read_tag(line) for line in lines]
    reading = _by_tags(lines, tags) if any(t and t.kind for t in tags) else _by_stanzas(lines, tags)
    unsung = _emoji_in(text)
    if unsung:
        reading.notes.append(f"Not sung, because nobody can say it: {' '.join(unsung)}.")
    return reading


def clean_line(line: str) -> str:
    """Without control, format and broken code points; white space as single spaces.

    A joiner stays where it shapes letters (Indic scripts, Persian); direction marks and zero-width spaces go.
    """
    line = _FORMAT.sub("", line)
    line = "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in line)
    return " ".join(unicodedata.normalize("NFC", line).split())


def _emoji_in(text: str) -> list[str]:
    found = [c for c in text if unicodedata.category(c) == "So" or "\U0001f000" <= c <= "\U0001faff"]
    return list(dict.fromkeys(found))[:12]


def _by_tags(lines: list[str], tags: list[Tag | None]) -> Reading:
    drafts: list[Draft] = []
    notes: list[str] = []
    hint, title, after_blank = "", "", False
    for line, tag in zip(lines, tags, strict=True):
        if tag and tag.kind:
            drafts.append(Draft(tag.kind, tag.label, " ".join(filter(None, (hint, tag.hint)))))
            hint, line = "", tag.rest
        elif tag:
            line = tag.rest
            title = title or _titled(tag.label)
            if drafts and not hint and (drafts[-1].lines or not after_blank):
                drafts[-1].hint = " ".join(filter(None, (drafts[-1].hint, tag.hint)))
            else:
                hint = tag.hint
        if line:
            # Words after a gap below `[Guitar solo]` are not meant for the solo.
            if not drafts or (after_blank and drafts[-1].kind == "solo" and not drafts[-1].lines):
                drafts.append(Draft("verse", "Verse", hint))
                hint = ""
            drafts[-1].lines += _voices(line, notes)
        after_blank = not line and not tag
    return Reading(_repeated(_joined_parentheses(drafts)), notes, title)


def _repeated(drafts: list[Draft]) -> list[Draft]:
    """A chorus named again without words is sung again; `x2` sings the words twice."""
    known: dict[SectionKind, list[tuple[str, bool]]] = {}
    for draft in drafts:
        if draft.kind in ("chorus", "prechorus", "postchorus"):
            draft.lines = draft.lines or list(known.get(draft.kind, ()))
            known.setdefault(draft.kind, draft.lines)
        if match := _REPEATED.search(draft.label.lower()):
            draft.lines = draft.lines * int(match[1] or match[2])
    return drafts


def _titled(label: str) -> str:
    match = re.match(r"title\s*[:=]\s*(.+)", label, re.IGNORECASE)
    return match[1].strip(" \"'") if match else ""


def _by_stanzas(lines: list[str], tags: list[Tag | None]) -> Reading:
    """Unlabelled words: blank lines divide, what returns is the chorus."""
    notes: list[str] = []
    stanzas: list[list[str]] = [[]]
    hint = ""
    for line, tag in zip(lines, tags, strict=True):
        if tag:
            hint, line = hint or tag.hint, tag.rest
        if line:
            stanzas[-1].append(line)
        elif stanzas[-1] and not tag:
            stanzas.append([])
    stanzas = [piece for stanza in stanzas if stanza for piece in _divided(stanza)]
    drafts = [
        Draft(kind, label, hint if i == 0 else "", [v for line in stanza for v in _voices(line, notes)])
        for i, (stanza, (kind, label)) in enumerate(zip(stanzas, _labels(stanzas), strict=True))
    ]
    if drafts:
        notes.append("The words had no section tags; the sections were guessed from their layout.")
    return Reading(_joined_parentheses(drafts), notes)


def _divided(stanza: list[str]) -> list[list[str]]:
    """A long run of lines in stanzas of four (the last may have up to seven)."""
    if len(stanza) <= _LONGEST_UNBROKEN:
        return [stanza]
    starts = list(range(0, len(stanza), _STANZA_LINES))
    if len(stanza) - starts[-1] < _STANZA_LINES:
        starts.pop()
    return [stanza[a:b] for a, b in zip(starts, [*starts[1:], len(stanza)], strict=True)]


def _labels(stanzas: list[list[str]]) -> list[tuple[SectionKind, str]]:
    """What each stanza is: a repeated one the chorus; without repetition verse and chorus take turns."""
    keys = [_key(stanza) for stanza in stanzas]
    repeated = {key for key in keys if keys.count(key) > 1}
    kinds: list[SectionKind] = []
    for i, key in enumerate(keys):
        is_late = len(keys) >= 5 and i == len(keys) - 2
        if repeated:
            kinds.append("chorus" if key in repeated else "bridge" if is_late and keys[-1] in repeated else "verse")
        else:
            kinds.append("bridge" if is_late and i % 2 == 0 else "chorus" if i % 2 else "verse")
    verses = iter(range(1, len(kinds) + 1))
    return [(kind, f"Verse {next(verses)}" if kind == "verse" else _NAMES[kind]) for kind in kinds]


def _key(stanza: list[str]) -> str:
    """What makes two stanzas the same: their first two lines, without punctuation and case."""
    return re.sub(r"[^\w ]", "", " / ".join(stanza[:2]).lower())


def _voices(line: str, notes: list[str]) -> list[tuple[str, bool]]:
    """A written line -> lead and backing lines; directions in brackets are named, not sung."""
    for direction in re.findall(r"\[[^\]]*\]", line):
        notes.append(f"{direction} was read as a direction, not sung.")
    line = re.sub(r"\[[^\]]*\]", " ", line).replace("（", "(").replace("）", ")")
    inside = re.findall(r"\(([^()]*)\)", line)
    lead = " ".join(re.sub(r"\([^()]*\)", " ", line).split())
    voices = [(lead, False)] if any(c.isalnum() for c in lead) else []
    if not voices and not inside and lead:
        notes.append(f"“{lead[:40]}” has no words to sing.")
    return voices + [(" ".join(words.split()), True) for words in inside if any(c.isalnum() for c in words)]


def _joined_parentheses(drafts: list[Draft]) -> list[Draft]:
    """A parenthesis over several lines makes all of them backing vocals; a stray one means nothing."""
    for draft in drafts:
        opened: int | None = None
        for i, (text, backing) in enumerate(draft.lines):
            if backing:
                continue
            if "(" in text and text.startswith("("):
                opened = i
            elif ")" in text and text.rstrip(".,!?").endswith(")") and opened is not None:
                for k in range(opened, i + 1):
                    draft.lines[k] = (draft.lines[k][0], True)
                opened = None
        draft.lines = [(re.sub(r"[()]", "", text).strip(), backing) for text, backing in draft.lines]
    return drafts


# --------------------------------------------------------------------------------------------- dividing long lines


def divide_line(words: tuple[Word, ...], *, limit: int = MAX_LINE_SYLLABLES) -> list[tuple[Word, ...]]:
    """Pieces of at most `limit` syllables where words allow it, cut where a singer would breathe."""
    pending, done = [words], list[tuple[Word, ...]]()
    while pending:
        piece = pending.pop()
        total = sum(len(w.syllables) for w in piece)
        if total <= limit or len(piece) < 2:
            done.append(piece)
            continue
        cut = _best_cut(piece, total, limit)
        pending += [piece[cut:], piece[:cut]]
    return done


def _best_cut(words: tuple[Word, ...], total: int, limit: int) -> int:
    """The index of the word to begin the next piece with: near equal parts, at punctuation or before a small word."""
    parts = -(-total // limit)
    best, best_gain, sung = 1, -1e9, 0
    for i in range(1, len(words)):
        sung += len(words[i - 1].syllables)
        if sung > limit and i > 1:
            break
        gain = -abs(sung - total / parts)
        gain += _PUNCTUATION_GAIN if re.search(r"[,.;:!?…—–，。！？、-]$", words[i - 1].text) else 0.0
        first, before = words[i].text.lower().strip("\"'“"), words[i - 1].text.lower().strip("\"'“")
        gain += _SMALL_WORD_GAIN * ((first in FUNCTION_WORDS) - 1.5 * (before in FUNCTION_WORDS))
        gain -= 6.0 if min(sung, total - sung) < _MIN_PIECE_SYLLABLES else 0.0
        if gain > best_gain:
            best, best_gain = i, gain
    return best


def line_of(words: tuple[Word, ...], *, backing: bool, language: str) -> LyricLine:
    """A line from its words; Chinese and Japanese are written without spaces."""
    return LyricLine(("" if language in ("zh", "ja") else " ").join(w.text for w in words), words, backing)
