"""The sheet a song is written on: its facts, what is used up, and couplets filled so that they rhyme and scan.

Conventions
    A `Line` is a finished line with its scan. Of many ways to fill a couplet the one nearest to the wanted number of
    syllables wins, with noise from the song's generator; a filling that does not rhyme is thrown away.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from songwright.engine.lyrics.lexicon import Couplet, Diction, Lexicon, Theme, suits
from songwright.engine.lyrics.scan import Scan, Scanner, roughness

_FILLINGS = 10
_FREE = 1  #: syllables a line may be off the wanted length at no cost
_OPENED = 0.35  #: how often a line that may begin with a call does
_OPENERS = ("oh, ", "and ", "yes, ", "well, ")
_OPENABLE = re.compile(r"(?:the|a|I|I'm|I've|I'll|there's|there is|my|we|it's|you|your|they|<\w+>) ")
_DROPPED = re.compile(r"(?<!<)\b(\w*[aeiouy]\w*)ing\b(?<!\bthing)(?<!\bevening)(?<!\bmorning)(?<!\bceiling)")
_BARE_NOUN = re.compile(r"\b(the|a|my|your|our|this|that|every|one|some) ([a-z]+)\b(?!['-])(?= (\w+)|)")
_MANY = 1500  #: variants of a line that make it safe to use in many songs
_BEFORE = 0.45  #: how often a noun gets a word before it
_FACTS = 2  #: facts a couplet may name before it sounds like a list
_PILED = 0.45  #: how much seldomer a couplet is drawn for each fact above that, or named often already
_OFTEN = 3  #: namings of one fact in a song that are not yet too many
_RARE = 0.8  #: what a couplet of few variants costs, lest other songs have the same line
_TASTE = 1.3  #: noise between couplets, so that none is in every other song
_NOISE = 0.4
_OFF_PATTERN = 1.8
_UNEVEN = 0.7
_RHYME_AGAIN = 2.5


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line, without its capital letter."""

    words: str
    scan: Scan
    images: tuple[str, ...] = ()  #: drawn for it

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
    diction: Diction = field(default_factory=Diction)
    facts: dict[str, str] = field(default_factory=dict[str, str])
    used: set[str] = field(default_factory=set[str])
    rhymes: set[str] = field(default_factory=set[str])
    shown: set[str] = field(default_factory=set[str])
    named: Counter[str] = field(default_factory=Counter[str])

    def draw_facts(self, themes: Iterable[Theme]) -> None:
        """One value for each fact; a theme's own list goes before the style's, and that before the common one."""
        own = self.diction.lists
        lists: dict[str, tuple[str, ...]] = {name: own.get(name, row) for name, row in self.lexicon.facts.items()}
        for theme in reversed(list(themes)):
            lists |= theme.facts
        self.facts |= {name: self.one(values) for name, values in sorted(lists.items())}

    def one(self, options: Sequence[str]) -> str:
        """One of them."""
        return options[int(self.rng.integers(len(options)))]

    def couplet(
        self, options: Sequence[Couplet], syllables: int, *, tries: int = 10, slots: Mapping[str, str] | None = None
    ) -> tuple[Couplet, Pair] | None:
        """The best filling of a few of these couplets; None when no one of them rhymes within reach."""
        fresh = [c for c in options if c.first not in self.used and suits(c.valence, self.valence)]
        best: tuple[float, Couplet, Pair] | None = None
        for couplet in self._drawn(fresh, tries):
            rare = -_RARE * math.log(self._share(couplet) / _MANY) + _TASTE * float(self.rng.gumbel())
            for _ in range(_FILLINGS):
                pair = self.line(couplet.first, slots), self.line(couplet.second, slots)
                if not rhyme(*pair) or any(line.words.lower() in self.used for line in pair):
                    continue
                cost = self._cost(pair, syllables) + rare
                if best is None or cost < best[0]:
                    best = (cost, couplet, pair)
        if best is None:
            return None
        self.note(best[1], best[2])
        return best[1], best[2]

    def _drawn(self, couplets: Sequence[Couplet], count: int) -> list[Couplet]:
        """Some of the couplets in random order; those with few variants seldom, lest other songs have the same line."""
        weights = np.array([self._share(c) for c in couplets], np.float64)
        keys = self.rng.random(len(couplets)) ** (1.0 / np.maximum(weights, 0.1))
        return [couplets[int(i)] for i in np.argsort(-keys)[:count]]

    def _share(self, couplet: Couplet) -> float:
        """How often a couplet may be drawn: by its variants, less where it would pile up facts or repeat one again."""
        facts = _facts_in(couplet, self.lexicon)
        return min(self.lexicon.variants(couplet), _MANY) * _PILED ** (
            max(len(facts) - _FACTS, 0) + sum(self.named[fact] >= _OFTEN for fact in facts)
        )

    def free_line(self, templates: Sequence[str], syllables: int) -> Line:
        """A line that need not rhyme, near the wanted length."""
        fresh = [t for t in templates if t not in self.used] or list(templates)
        lines = [(t, self.line(t)) for t in (self.one(fresh) for _ in range(_FILLINGS))]
        new = [(t, x) for t, x in lines if x.words.lower() not in self.used] or lines
        template, line = min(new, key=lambda row: abs(row[1].scan.syllables - syllables))
        self.used |= {template, line.words.lower()}
        self.shown.update(line.images)
        return line

    def note(self, couplet: Couplet, pair: Pair) -> None:
        """Remember what is used up."""
        self.used |= {couplet.first, *(line.words.lower() for line in pair)}
        self.shown.update(image for line in pair for image in line.images)
        self.named.update(_facts_in(couplet, self.lexicon))
        self.rhymes.add(pair[0].scan.rhyme)

    def line(self, template: str, slots: Mapping[str, str] | None = None) -> Line:
        """A template with alternatives chosen and slots filled."""
        text = re.sub(r"\{([^{}]*)\}", lambda m: self._alternative(m[1]), template)
        text = self._varied(" ".join(text.split()))
        known = {**self.facts, **(slots or {})}
        images: list[str] = []

        def filled(slot: re.Match[str]) -> str:
            if slot[1] in known:
                return known[slot[1]]
            images.append(self._image(slot[1], images))
            return images[-1]

        text = re.sub(r"<(\w+)>", filled, text)
        text = re.sub(r"\s+([,.?!])", r"\1", " ".join(text.split()))
        text = re.sub(r"\b([Tt]he|[Mm]y|[Aa]) (?:the|my|an?) ", r"\1 ", text)
        text = re.sub(r"\b([Aa]) (?=[aeioAEIO]|un(?!i)|ul|um|up)", r"\1n ", text)
        return Line(text, self.scanner.scan(text), tuple(images))

    def _alternative(self, group: str) -> str:
        options, weights = self.lexicon.options(group)
        at = float(self.rng.random()) * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            at -= weight
            if at < 0:
                return option
        return options[-1]

    def _image(self, name: str, here: Sequence[str]) -> str:
        """An image that the song has not shown, as long as there are such."""
        every = self.diction.lists.get(name) or self.lexicon.images[name]
        fresh = [image for image in every if image not in self.shown and image not in here]
        return self.one(fresh or every)

    def as_written(self, text: str) -> Line:
        """A line of these very words."""
        return Line(text, self.scanner.scan(text))

    def _varied(self, text: str) -> str:
        """Some words exchanged for others that mean the same, or for the style's; not the last, which rhymes."""
        same, own = self.lexicon.same, self.diction
        head, _, last = text.rpartition(" ")
        head = _pattern_of_words(tuple(same)).sub(lambda m: self.one(same[m[0]]), head)
        if own.swaps:
            head = _pattern_of_words(tuple(own.swaps)).sub(lambda m: own.swaps[m[0]], head)
        if own.drops:
            head = _DROPPED.sub(lambda m: f"{m[1]}in'" if self.rng.random() < own.drops else m[0], head)
        varied = self._adorned(f"{head} {last}")
        if _OPENABLE.match(varied) and self.rng.random() < _OPENED:
            return self.one(own.calls or _OPENERS) + varied
        return varied

    def _adorned(self, text: str) -> str:
        """A noun without one gets a word before it, at most one in a line."""
        nouns = self.lexicon.before
        found = [m for m in _BARE_NOUN.finditer(text) if m[2] in nouns and m[3] not in nouns]
        if not found or self.rng.random() > _BEFORE:
            return text
        noun = found[int(self.rng.integers(len(found)))]
        return f"{text[: noun.start(2)]}{self.one(nouns[noun[2]])} {text[noun.start(2) :]}"

    def _cost(self, pair: Pair, syllables: int) -> float:
        a, b = (line.scan for line in pair)
        # One syllable more or less is no fault: choosing among all such lines keeps songs from having the same.
        off = sum(max(abs(scan.syllables - syllables) - _FREE, 0) for scan in (a, b))
        again = _RHYME_AGAIN * (a.rhyme in self.rhymes)
        rough = 0.5 * (roughness(a.stresses) + roughness(b.stresses))
        uneven = _UNEVEN * abs(a.syllables - b.syllables)
        return _OFF_PATTERN * off + uneven + again + rough + _NOISE * float(self.rng.gumbel())


def _facts_in(couplet: Couplet, store: Lexicon) -> frozenset[str]:
    """The facts a couplet names, as far as its alternatives name any."""
    return _slots_of(couplet) & store.facts.keys()


@lru_cache(maxsize=4096)
def _slots_of(couplet: Couplet) -> frozenset[str]:
    return frozenset(re.findall(r"<(\w+)>", f"{couplet.first} {couplet.second}"))


@lru_cache(maxsize=64)
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
