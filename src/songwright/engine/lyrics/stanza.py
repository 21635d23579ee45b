"""A stanza from templates: choose clauses, fill their slots, end them so that they rhyme and keep the metre.

Conventions
    A `Clause` is a filled half of a template; a `Line` is a clause with its tail. Units are two clauses that belong
    together. Rhyme is found by intersecting the rhyme keys that the clauses' possible tails offer; among all rhymes
    the best lines win by `_cost` (smaller is better), with noise from the song's generator.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from songwright.engine.lyrics.lexicon import Half, Lexicon, Tail, Template, Theme, kinds_for
from songwright.engine.lyrics.scan import Scan, Scanner, content_of, roughness

_KEYS_TRIED = 7
_TAILS_TRIED = 6
_NOISE = 0.7
_OFF_PATTERN = 1.1
_REPEATED_IN_LINE = 3.0
_REPEATED_IN_SONG = 0.6
#: The theme's own phrases are welcome; those that fit anywhere say least.
_OF_KIND = {"x": -0.6, "a": 0.5}
_BARE = -0.25
_RHYME_AGAIN = 1.2
_WITH_SLOT = 6
_MANY = 60  #: variants of a line that make it safe to use without a tail


@dataclass(frozen=True, slots=True)
class Clause:
    """A filled half: its text, the kinds of tail it takes, its scan, and the template it came from."""

    text: str
    kinds: str
    scan: Scan
    source: str
    rarity: float = 0.0  #: cost of standing without a tail: few variants would be heard again in other songs


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line."""

    clause: Clause
    tail: str
    scan: Scan
    cost: float

    @property
    def text(self) -> str:
        """The words, with a capital letter."""
        text = f"{self.clause.text} {self.tail}".strip()
        return text[0].upper() + text[1:]


Unit = tuple[Clause, Clause]


@dataclass(slots=True)
class Sheet:
    """The song so far: what must not come again."""

    lexicon: Lexicon
    scanner: Scanner
    rng: np.random.Generator
    themes: tuple[Theme, ...]
    valence: str
    tails: dict[int, dict[str, list[Tail]]] = field(default_factory=dict[int, dict[str, list[Tail]]])
    used: set[str] = field(default_factory=set[str])
    words: Counter[str] = field(default_factory=Counter[str])
    rhymes: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        """Sort the tails this song may use by length and rhyme."""
        own = [t for theme in self.themes for t in theme.tails]
        for tail in (*own, *self.lexicon.tails):
            if suits(tail.valence, self.valence):
                scan = self.scanner.scan(tail.text)
                self.tails.setdefault(scan.syllables, defaultdict(list))[scan.rhyme].append(tail)

    def note(self, lines: Iterable[Line]) -> None:
        """Remember finished lines."""
        for line in lines:
            self.used |= {line.tail, line.clause.source, line.scan.ending, line.text.lower()}
            self.words.update(line.scan.content)
            self.rhymes[line.scan.rhyme] += 1

    def choose(self, options: Sequence[Template], count: int) -> list[Template]:
        """Some templates that suit the mood and are not used up, in random order."""
        fit = [t for t in options if suits(t.valence, self.valence) and t.halves[0].text not in self.used]
        order = self.rng.permutation(len(fit))[:count]
        return [fit[int(i)] for i in order]

    def fill(self, half: Half, *, source: str = "", **slots: str) -> Clause:
        """Choose alternatives and fill slots. `source` names the template where `half` is a variation of it."""
        text = self._alternatives(half.text)
        for name, value in slots.items():
            text = text.replace(f"<{name}>", value, 1)
        text = re.sub(r"<(\w+)>", lambda m: self.slot(m[1]), text)
        text = re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text)
        return Clause(text, kinds_for(text, half.kinds), self.scanner.scan(text), source or half.text, _rarity(half))

    def _alternatives(self, text: str) -> str:
        return re.sub(r"\{([^{}]*)\}", lambda m: self._alternative(m[1].split("|")), text)

    def _alternative(self, options: list[str]) -> str:
        """One of the alternatives; those with a slot come more often, since they are never twice the same."""
        return self._one([o for o in options for _ in range(_WITH_SLOT if "<" in o else 1)])

    def slot(self, name: str) -> str:
        """A word of the theme for this slot, a new one while there are any."""
        theme = self.themes[0] if len(self.themes) == 1 or self.rng.random() < 0.7 else self.themes[1]
        words = self.lexicon.slots.get(name) or theme.slots[name]
        fresh = [w for w in words if not any(self.words[s] for s in content_of(w))]
        return self._one(fresh or list(words))

    def _one(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]


def suits(valence: str, of_song: str) -> bool:
    """Whether a line of this mood may stand in a song of that one."""
    return valence == "0" or valence == of_song or (of_song == "0" and valence == "+")


class Verses:
    """Writes stanzas onto one sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._endings: dict[tuple[str, int], dict[str, list[Line]]] = {}

    def stanza(self, units: Sequence[Sequence[Unit]], syllables: Sequence[int], scheme: str) -> list[Line] | None:
        """Lines for `scheme` (AA, or ABAB/ABCB/AABB over two units); each unit has candidates. None if nothing fits."""
        self._endings.clear()
        if scheme in ("AABB", "AA"):
            out: list[Line] = []
            for k, candidates in enumerate(units):
                pair = self._couplet(candidates, syllables[2 * k : 2 * k + 2])
                if pair is None:
                    return None
                self.sheet.note(pair)
                out += pair
            return out
        lines = self._quatrain(units, syllables, scheme)
        if lines:
            self.sheet.note(lines)
        return lines

    def loose(self, units: Sequence[Sequence[Unit]], syllables: Sequence[int]) -> list[Line]:
        """Lines without rhyme, when no rhyme could be found: the first unit of each, ended as well as can be."""
        out: list[Line] = []
        for k, candidates in enumerate(units):
            for clause, wanted in zip(next(iter(candidates), ()), syllables[2 * k : 2 * k + 2], strict=False):
                options = [line for lines in self.endings(clause, wanted).values() for line in lines]
                bare = Line(clause, "", clause.scan, 0.0)
                out.append(min(options, key=lambda line: line.cost, default=bare))
        self.sheet.note(out)
        return out

    def _couplet(self, candidates: Sequence[Unit], syllables: Sequence[int]) -> list[Line] | None:
        best: tuple[float, list[Line]] | None = None
        for first, second in candidates:
            a, b = self.endings(first, syllables[0]), self.endings(second, syllables[1])
            for key in self._some(sorted(a.keys() & b.keys())):
                pair = _best_pair(a[key], b[key])
                cost = self._again(key) + sum(line.cost for line in pair) if pair else 0.0
                if pair and (best is None or cost < best[0]):
                    best = (cost, pair)
        return best[1] if best else None

    def _quatrain(self, units: Sequence[Sequence[Unit]], syllables: Sequence[int], scheme: str) -> list[Line] | None:
        best: tuple[float, list[Line]] | None = None
        for first in units[0]:
            for second in units[1]:
                if first[0].source == second[0].source:
                    continue
                lines = self._fit((*first, *second), syllables, scheme)
                if lines is None:
                    continue
                cost = sum(line.cost for line in lines) + _overlap(lines)
                if best is None or cost < best[0]:
                    best = (cost, lines)
        return best[1] if best else None

    def _fit(self, clauses: Sequence[Clause], syllables: Sequence[int], scheme: str) -> list[Line] | None:
        options = [self.endings(c, n) for c, n in zip(clauses, syllables, strict=True)]
        even = self._rhyming(options[1], options[3])
        if even is None:
            return None
        if scheme == "ABAB":
            odd = self._rhyming(options[0], options[2], avoid=even[0].scan.rhyme)
        else:
            odd = self._free(options[0], options[2], avoid=even[0].scan.rhyme)
        return [odd[0], even[0], odd[1], even[1]] if odd else None

    def _rhyming(self, a: dict[str, list[Line]], b: dict[str, list[Line]], avoid: str = "") -> list[Line] | None:
        best: tuple[float, list[Line]] | None = None
        for key in self._some(sorted((a.keys() & b.keys()) - {avoid})):
            pair = _best_pair(a[key], b[key])
            cost = self._again(key) + sum(line.cost for line in pair) if pair else 0.0
            if pair and (best is None or cost < best[0]):
                best = (cost, pair)
        return best[1] if best else None

    def _free(self, a: dict[str, list[Line]], b: dict[str, list[Line]], avoid: str) -> list[Line] | None:
        first = min(
            (lines[0] for key, lines in a.items() if key != avoid and lines), key=lambda x: x.cost, default=None
        )
        rest = [
            lines[0] for key, lines in b.items() if lines and key != avoid and (not first or key != first.scan.rhyme)
        ]
        second = min(rest, key=lambda x: x.cost, default=None)
        return [first, second] if first and second else None

    def _again(self, key: str) -> float:
        return _RHYME_AGAIN * self.sheet.rhymes[key]

    def _some(self, keys: Sequence[str]) -> list[str]:
        if len(keys) <= _KEYS_TRIED:
            return list(keys)
        return [keys[int(i)] for i in self.sheet.rng.choice(len(keys), _KEYS_TRIED, replace=False)]

    def endings(self, clause: Clause, syllables: int) -> dict[str, list[Line]]:
        """All ways to end a clause near this length, by rhyme key, best first."""
        at = (clause.text, syllables)
        if at not in self._endings:
            self._endings[at] = self._ended(clause, syllables)
        return self._endings[at]

    def _ended(self, clause: Clause, syllables: int) -> dict[str, list[Line]]:
        sheet, room = self.sheet, syllables - clause.scan.syllables
        out: dict[str, list[Line]] = {}
        if clause.source in sheet.used:
            return out
        if abs(room) <= 1 and clause.scan.ending not in sheet.used:
            out[clause.scan.rhyme] = [Line(clause, "", clause.scan, self._cost(clause.scan, clause, None, room))]
        wanted = (room,) if len(sheet.tails.get(room, ())) > 6 else (room, room - 1, room + 1)
        for length in (n for n in wanted if n > 0 and clause.kinds):
            for key, tails in sheet.tails.get(length, {}).items():
                fit = [t for t in tails if t.kind in clause.kinds and t.text not in sheet.used]
                if len(fit) > _TAILS_TRIED:
                    fit = [fit[int(i)] for i in sheet.rng.choice(len(fit), _TAILS_TRIED, replace=False)]
                lines = [self._with_tail(clause, tail, syllables) for tail in fit]
                out.setdefault(key, []).extend(x for x in lines if x.scan.ending not in sheet.used)
        for lines in out.values():
            lines.sort(key=lambda line: line.cost)
        return {key: lines for key, lines in out.items() if lines}

    def _with_tail(self, clause: Clause, tail: Tail, syllables: int) -> Line:
        scan = self.sheet.scanner.joined(clause.text, tail.text)
        return Line(clause, tail.text, scan, self._cost(scan, clause, tail, syllables - scan.syllables))

    def _cost(self, scan: Scan, clause: Clause, tail: Tail | None, off: int) -> float:
        sheet = self.sheet
        cost = _OFF_PATTERN * abs(off) + roughness(scan.stresses) + _NOISE * float(sheet.rng.gumbel())
        cost += _REPEATED_IN_SONG * sum(min(sheet.words[w], 2) for w in scan.content)
        if tail is None:
            return cost + _BARE + clause.rarity
        tail_words = sheet.scanner.scan(tail.text).content
        cost += _REPEATED_IN_LINE * len(tail_words & clause.scan.content)
        return cost + _OF_KIND.get(tail.kind, 0.0)


@lru_cache(maxsize=4096)
def _rarity(half: Half) -> float:
    return 0.7 * max(0.0, math.log(_MANY / half.variants))


def _best_pair(a: list[Line], b: list[Line]) -> list[Line] | None:
    """The cheapest two that do not end on the same sound with the same beginning."""
    pairs = [[x, y] for x in a[:3] for y in b[:3] if x.scan.ending != y.scan.ending]
    return min(pairs, key=lambda p: p[0].cost + p[1].cost + _overlap(p), default=None)


def _overlap(lines: Sequence[Line]) -> float:
    """Weighty words that come twice among neighbouring lines."""
    counts = Counter(w for line in lines for w in line.scan.content)
    return 1.2 * sum(n - 1 for n in counts.values() if n > 1)
