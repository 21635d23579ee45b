"""Where the words of the description go: the hook, and the lines that name what the song is about.

Conventions
    The hook is at most `MAX_HOOK_SYLLABLES` long; a longer phrase is divided at its prepositions, so that every part
    can be named in a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from songwright.engine.lyrics.describe import Phrase, Subject
from songwright.engine.lyrics.lexicon import Half
from songwright.engine.lyrics.stanza import Clause, Sheet, suits

MAX_HOOK_SYLLABLES = 7
_TOLD_MORE = 3  #: syllables by which a sentence about a person may outgrow the line; its stanza grows with it
_TELLING = ("", "{once|one day|one night}, ", "{oh|well}, ", "{they|some} say ", "{I heard|I know} ", "{and so|so} ")
_ROLES = {"np": "np", "person": "person", "ing": "ing", "adj": "adj", "rel": "np"}
_PREPOSITIONS = (
    r"\s+(?:in|of|at|on|by|under|to|from|with|into|through|over|for|between|without|across|near|after|up|down)\s+"
)
_SMALL = frozenset("a an the and or of in on at to for with by from but as".split())  # noqa: SIM905
_ARTICLE = re.compile(r"^(?:a|an|the)\s+", re.IGNORECASE)


def title_case(text: str) -> str:
    """`dancing in the rain` -> `Dancing in the Rain`."""
    words = text.split()
    return " ".join(
        w if w.lower() in _SMALL and 0 < i < len(words) - 1 else w[0].upper() + w[1:] for i, w in enumerate(words)
    )


def hook_of(title: str, subject: Subject, sheet: Sheet) -> str:
    """The words the chorus turns on: the given title, else a phrase of the subject, else an image of the theme."""
    given = " ".join(re.findall(r"[^\W\d_][\w'-]*", title.replace("’", "'"))[:8])
    if given and given.isascii():
        return given
    short = [
        p for p in subject.phrases if p.kind in ("np", "ing", "person") and _length(p.bare, sheet) <= MAX_HOOK_SYLLABLES
    ]
    if short:
        soft = [p for p in short if not p.hard] or short
        acting = [p for p in soft if p.kind == "ing"]
        return (acting or soft)[0].bare
    long = [part for p in subject.phrases if p.kind in ("np", "ing", "person") for part in divided(p.bare)]
    fitting = [part for part in long if _length(part, sheet) <= MAX_HOOK_SYLLABLES]
    return fitting[0] if fitting else _image(sheet)


def _image(sheet: Sheet) -> str:
    """Such as `golden porch swing` or `fireflies`."""
    return sheet.fill(Half("{<adj> <thing>|<adj> <stuff>}", "")).text


def _length(text: str, sheet: Sheet) -> int:
    return sheet.scanner.scan(text).syllables


def divided(text: str) -> list[str]:
    """A long phrase in its parts, without articles."""
    return [_ARTICLE.sub("", part) for part in re.split(_PREPOSITIONS, text) if part]


def subject_clauses(phrase: Phrase, sheet: Sheet, syllables: int) -> list[list[Clause]]:
    """Candidates for lines that name this phrase; more than one list where it had to be divided."""
    if phrase.kind == "rel" and _length(phrase.text, sheet) <= syllables + _TOLD_MORE:
        order = sheet.rng.permutation(len(_TELLING))[:2]
        return [[sheet.fill(Half(f"{_TELLING[int(i)]}{phrase.text}", "atp")) for i in order]]
    if _length(phrase.text, sheet) > syllables + 1:
        parts = [Phrase("np", part, part, phrase.hard) for part in divided(phrase.bare)]
        if len(parts) > 1:
            return [clauses for part in parts for clauses in subject_clauses(part, sheet, syllables)]
        words = phrase.bare.split()
        if len(words) > 1:
            halves = (" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :]))
            return [c for h in halves for c in subject_clauses(Phrase("np", h, h, phrase.hard), sheet, syllables)]
    return [_filled(phrase, sheet, syllables)]


def _filled(phrase: Phrase, sheet: Sheet, syllables: int) -> list[Clause]:
    role = "np_hard" if phrase.hard and phrase.kind == "np" else _ROLES[phrase.kind]
    gerund_or_np = {"np": phrase.text, "gerund": phrase.bare, "word": phrase.bare}
    templates = [t for t in sheet.choose(sheet.lexicon.lines[role], 12) if not (phrase.hard and t.valence == "+")]
    clauses = [sheet.fill(t.halves[0], **gerund_or_np) for t in templates if suits(t.valence, sheet.valence)]
    fitting = [c for c in clauses if c.scan.syllables <= syllables + 1]
    return fitting or [sheet.fill(Half(phrase.text, "atp"))]


def spread(phrases: Sequence[Phrase], hook: str) -> list[Phrase]:
    """The phrases that need lines of their own: what neither the hook nor a sentence about a person already says."""
    said = set(re.findall(r"[\w'-]+", hook.lower()))
    small = _SMALL | {"my", "your", "our"}
    told = {k for k, p in enumerate(phrases) if p.kind == "rel"}
    return [
        p for k, p in enumerate(phrases)
        if k + 1 not in told and set(re.findall(r"[\w'-]+", p.bare.lower())) - said - small
    ]  # fmt: skip
