"""Whole stanzas in rhyme, filled with the images of the song.

Conventions
    A set piece is a couplet (AA) or a quatrain (ABCB) of the store. It is taken only when its lines keep an alternating
    pattern within one syllable and the rhyming lines do rhyme.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from songwright.engine.lyrics.describe import Subject
from songwright.engine.lyrics.lexicon import Half, Template
from songwright.engine.lyrics.scan import Scan, roughness
from songwright.engine.lyrics.stanza import Line, Sheet

QUATRAIN_PATTERN = (9, 8, 9, 8)
_TEMPLATES_TRIED = 4
_FILLINGS_TRIED = 8
_WITH_EPITHET = 0.85  #: share of the theme's words with an adjective; half as often for general words
_OFF_PATTERN = 0.3
_NOISE = 2.5
_MANY = 400  #: variants of a line that make it safe to use in many songs
_OF_SUBJECT = 0.3  #: how often a stanza speaks of the description's own things


@dataclass(frozen=True, slots=True)
class OwnThings:
    """Nouns of the description that may fill slots: `things` after "the", `stuff` in the plural."""

    things: tuple[str, ...]
    stuff: tuple[str, ...]


def own_things(subject: Subject) -> OwnThings:
    """The description's own nouns, as far as they are short and harmless."""
    plain = [p for p in subject.phrases if p.kind == "np" and not p.hard and len(p.bare.split()) <= 2]
    things = [p.bare for p in plain if p.text.startswith(("a ", "an ", "the ")) and not p.bare.endswith("s")]
    stuff = [p.bare for p in plain if p.bare.endswith("s") and not p.bare.endswith("ss") and p.bare.islower()]
    return OwnThings(tuple(things), tuple(stuff))


def set_piece(sheet: Sheet, role: str, own: OwnThings) -> tuple[list[Line], tuple[int, ...]] | None:
    """A filled stanza of this role and its syllable pattern, or None when none keeps a metre."""
    best: tuple[float, list[Line], Template] | None = None
    for template in sheet.choose(sheet.lexicon.stanzas[role], _TEMPLATES_TRIED):
        lines = _filled(sheet, template, own)
        if lines is None or pattern_of(lines) is None:
            continue
        cost = sum(line.cost for line in lines) + _sameness(template) + _NOISE * float(sheet.rng.gumbel())
        if best is None or cost < best[0]:
            best = (cost, lines, template)
    pattern = pattern_of(best[1]) if best else None
    if best is None or pattern is None:
        return None
    sheet.used.add(best[2].halves[0].text)
    sheet.note(best[1])
    return best[1], pattern


@lru_cache(maxsize=512)
def _sameness(template: Template) -> float:
    """How soon a line of this stanza would be heard again in another song."""
    return sum(0.15 * max(0.0, math.log(_MANY / half.variants)) for half in template.halves)


def pattern_of(lines: Sequence[Line]) -> tuple[int, ...] | None:
    """The alternating pattern these lines keep within one syllable; None when they keep none."""
    counts = [line.scan.syllables for line in lines]
    if len(counts) == 2:
        middle = round(sum(counts) / 2)
        return (middle, middle) if max(counts) - min(counts) <= 2 else None
    odd, even = round((counts[0] + counts[2]) / 2), round((counts[1] + counts[3]) / 2)
    near = abs(counts[0] - counts[2]) <= 2 and abs(counts[1] - counts[3]) <= 2 and abs(odd - even) <= 2
    return (odd, even, odd, even) if near else None


def _filled(sheet: Sheet, template: Template, own: OwnThings) -> list[Line] | None:
    """Each line filled to come near the metre, the last also to rhyme."""
    rhyming = (0, 1) if len(template.halves) == 2 else (1, 3)
    lines: list[Line] = []
    for k, half in enumerate(template.halves):
        # The third and fourth line follow the first and second.
        wanted = lines[k - 2].scan.syllables if k >= 2 else QUATRAIN_PATTERN[k]
        partner = lines[rhyming[0]].scan if k == rhyming[1] else None
        found: Line | None = None
        for _ in range(_FILLINGS_TRIED):
            slots = {"thing": _one_of(sheet, own.things, "thing"), "stuff": _one_of(sheet, own.stuff, "stuff")}
            clause = sheet.fill(_with_epithets(half, sheet), **slots)
            off = abs(clause.scan.syllables - wanted)
            if off > 2 or clause.text.lower() in sheet.used or (partner and not _rhyme(partner, clause.scan)):
                continue
            line = Line(clause, "", clause.scan, _OFF_PATTERN * off + roughness(clause.scan.stresses))
            found = line if found is None or line.cost < found.cost else found
        if found is None:
            return None
        lines.append(found)
    return lines


def _with_epithets(half: Half, sheet: Sheet) -> Half:
    """Some of the general nouns get an adjective: one more line that no other song has."""
    seldom = _WITH_EPITHET / 2

    def lit(match: re.Match[str]) -> str:
        return f"<epithet> {match[0]}" if sheet.rng.random() < seldom else match[0]

    return Half(re.sub(r"<(?:hour|spot|noun)>", lit, half.text), half.kinds)


def _rhyme(a: Scan, b: Scan) -> bool:
    return a.rhyme == b.rhyme and a.ending != b.ending


def _one_of(sheet: Sheet, own: Sequence[str], slot: str) -> str:
    if own and sheet.rng.random() < _OF_SUBJECT:
        return own[int(sheet.rng.integers(len(own)))]
    word = sheet.slot(slot)
    # An adjective now and then shows the same image in another light.
    return f"{sheet.slot('epithet')} {word}" if " " not in word and sheet.rng.random() < _WITH_EPITHET else word
