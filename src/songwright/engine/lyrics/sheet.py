"""The sheet a song is written on: its facts, what is used up, and couplets filled so that they rhyme and scan.

Conventions
    A `Line` is a finished line with its scan. Of many ways to fill a couplet the one nearest to the wanted number of
    syllables wins, with noise from the song's generator; a filling that does not rhyme is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from songwright.engine.lyrics.lexicon import Couplet, Lexicon, Theme, suits
from songwright.engine.lyrics.scan import Scan, Scanner, roughness

_FILLINGS = 14
_FREE = 1  #: syllables a line may be off the wanted length at no cost
_OPENED = 0.35  #: how often a line that may begin with a call does
_OPENERS = ("oh, ", "and ", "yes, ", "well, ")
_OPENABLE = re.compile(r"(?:the|a|I|I'm|I've|I'll|there's|there is|my|we|it's|you|your|they|<\w+>) ")
_MANY = 300  #: variants of a line that make it safe to use in many songs
_NOISE = 0.7
_OFF_PATTERN = 1.1
_UNEVEN = 0.7
_RHYME_AGAIN = 2.5


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line, without its capital letter."""

    words: str
    scan: Scan

    @property
    def text(self) -> str:
        """The words, with a capital letter."""
        return re.sub(r"[^\W\d_]", lambda m: m[0].upper(), self.words, count=1)


Pair = tuple[Line, Line]


@dataclass(slots=True)
class Sheet:
    """The song so far: what holds for all of it, and what must not come again."""

    lexicon: Lexicon
    scanner: Scanner
    rng: np.random.Generator
    valence: str
    facts: dict[str, str] = field(default_factory=dict[str, str])
    used: set[str] = field(default_factory=set[str])
    rhymes: set[str] = field(default_factory=set[str])

    def draw_facts(self, themes: Iterable[Theme]) -> None:
        """One value for each fact; a theme's own list goes before the common one."""
        lists: dict[str, tuple[str, ...]] = dict(self.lexicon.facts)
        for theme in reversed(list(themes)):
            lists |= theme.facts
        self.facts |= {name: self.one(values) for name, values in sorted(lists.items())}

    def one(self, options: Sequence[str]) -> str:
        """One of them."""
        return options[int(self.rng.integers(len(options)))]

    def couplet(
        self, options: Sequence[Couplet], syllables: int, *, tries: int = 4, slots: Mapping[str, str] | None = None
    ) -> tuple[Couplet, Pair] | None:
        """The best filling of a few of these couplets; None when no one of them rhymes within reach."""
        fresh = [c for c in options if c.first not in self.used and suits(c.valence, self.valence)]
        best: tuple[float, Couplet, Pair] | None = None
        for couplet in self._drawn(fresh, tries):
            for _ in range(_FILLINGS):
                pair = self.line(couplet.first, slots), self.line(couplet.second, slots)
                if not rhyme(*pair) or any(line.words.lower() in self.used for line in pair):
                    continue
                cost = self._cost(pair, syllables)
                if best is None or cost < best[0]:
                    best = (cost, couplet, pair)
        if best is None:
            return None
        self.note(best[1], best[2])
        return best[1], best[2]

    def _drawn(self, couplets: Sequence[Couplet], count: int) -> list[Couplet]:
        """Some of the couplets in random order; those with few variants seldom, lest other songs have the same line."""
        weights = np.array([min(c.variants(self.lexicon.facts), _MANY) for c in couplets], np.float64)
        keys = self.rng.random(len(couplets)) ** (1.0 / np.maximum(weights, 1.0))
        return [couplets[int(i)] for i in np.argsort(-keys)[:count]]

    def note(self, couplet: Couplet, pair: Pair) -> None:
        """Remember what is used up."""
        self.used |= {couplet.first, *(line.words.lower() for line in pair)}
        self.rhymes.add(pair[0].scan.rhyme)

    def line(self, template: str, slots: Mapping[str, str] | None = None) -> Line:
        """A template with alternatives chosen and slots filled."""
        text = re.sub(r"\{([^{}]*)\}", lambda m: self.one(m[1].split("|")), template)
        text = self._varied(text)
        known = {**self.facts, **(slots or {})}
        text = re.sub(r"<(\w+)>", lambda m: known[m[1]], text)
        text = re.sub(r"\s+([,.?!])", r"\1", " ".join(text.split()))
        text = re.sub(r"\b([Tt]he|[Mm]y|[Aa]) (?:the|my) ", r"\1 ", text)
        text = re.sub(r"\b([Aa]) (?=[aeioAEIO]|un(?!i)|um|up)", r"\1n ", text)
        return Line(text, self.scanner.scan(text))

    def as_written(self, text: str) -> Line:
        """A line of these very words."""
        return Line(text, self.scanner.scan(text))

    def _varied(self, text: str) -> str:
        """Some words exchanged for others that mean the same; not the last, which rhymes."""
        same = self.lexicon.same
        pattern = _pattern_of_words(tuple(same))
        head, _, last = text.rpartition(" ")
        varied = pattern.sub(lambda m: self.one(same[m[0]]), head) + f" {last}"
        if _OPENABLE.match(varied) and self.rng.random() < _OPENED:
            return self.one(_OPENERS) + varied
        return varied

    def _cost(self, pair: Pair, syllables: int) -> float:
        a, b = (line.scan for line in pair)
        # One syllable more or less is no fault: choosing among all such lines keeps songs from having the same.
        off = sum(max(abs(scan.syllables - syllables) - _FREE, 0) for scan in (a, b))
        again = _RHYME_AGAIN * (a.rhyme in self.rhymes)
        rough = 0.5 * (roughness(a.stresses) + roughness(b.stresses))
        uneven = _UNEVEN * abs(a.syllables - b.syllables)
        return _OFF_PATTERN * off + uneven + again + rough + _NOISE * float(self.rng.gumbel())


@lru_cache(maxsize=4)
def _pattern_of_words(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(r"(?<![\w'<])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w'>])")


def rhyme(a: Line, b: Line) -> bool:
    """Whether two lines rhyme: not by the same sound with the same beginning."""
    last = [re.sub(r"\W", "", line.words.split()[-1]) for line in (a, b)]
    return a.scan.rhyme == b.scan.rhyme and a.scan.ending != b.scan.ending and last[0] != last[1]


def pattern_of(counts: Sequence[int], wanted: int) -> int:
    """The number of syllables most of these lines keep within one; the one nearest to `wanted` among equals."""
    lowest, highest = min(counts), max(counts)
    return max(range(lowest, highest + 1), key=lambda n: (sum(abs(c - n) <= 1 for c in counts), -abs(n - wanted)))
