"""Whole stanzas in rhyme, filled with the images of the song.

Conventions
    A set piece is a couplet (AA) or a quatrain (ABCB) of the store. It is taken only when every line comes within one
    syllable of the pattern and the rhyming lines do rhyme. One thing and one kind of stuff go through a whole stanza, so
    that it speaks of the same things from beginning to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from songwright.engine.lyrics.describe import Subject
from songwright.engine.lyrics.scan import roughness
from songwright.engine.lyrics.stanza import Clause, Line, Sheet

COUPLET_PATTERN = (10, 10)
QUATRAIN_PATTERN = (9, 8, 9, 8)
_TEMPLATES_TRIED = 9
_FILLINGS_TRIED = 5
_OF_SUBJECT = 0.4  #: how often a stanza speaks of the description's own things


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


def set_piece(sheet: Sheet, role: str, own: OwnThings, pattern: Sequence[int]) -> list[Line] | None:
    """A filled stanza of this role, or None when none fits the metre."""
    best: tuple[float, list[Line]] | None = None
    for template in sheet.choose(sheet.lexicon.stanzas[role], _TEMPLATES_TRIED):
        for _ in range(_FILLINGS_TRIED):
            thing, stuff = _one_of(sheet, own.things, "thing"), _one_of(sheet, own.stuff, "stuff")
            clauses = [sheet.fill(half, thing=thing, stuff=stuff) for half in template.halves]
            if not _fits(clauses, pattern, sheet):
                continue
            lines = [Line(c, "", c.scan, _cost(c, n)) for c, n in zip(clauses, pattern, strict=True)]
            cost = sum(line.cost for line in lines) + float(sheet.rng.gumbel())
            if best is None or cost < best[0]:
                best = (cost, lines)
    if best:
        sheet.used.add(best[1][0].clause.source)
        sheet.note(best[1])
        return best[1]
    return None


def _one_of(sheet: Sheet, own: Sequence[str], slot: str) -> str:
    if own and sheet.rng.random() < _OF_SUBJECT:
        return own[int(sheet.rng.integers(len(own)))]
    return sheet.slot(slot)


def _fits(clauses: Sequence[Clause], pattern: Sequence[int], sheet: Sheet) -> bool:
    a, b = clauses[-1 if len(clauses) == 2 else 3].scan, clauses[0 if len(clauses) == 2 else 1].scan
    in_metre = all(abs(c.scan.syllables - n) <= 1 for c, n in zip(clauses, pattern, strict=True))
    is_new = all(c.text.lower() not in sheet.used for c in clauses)
    return in_metre and is_new and a.rhyme == b.rhyme and a.ending != b.ending


def _cost(clause: Clause, wanted: int) -> float:
    return 0.3 * abs(clause.scan.syllables - wanted) + roughness(clause.scan.stresses)
