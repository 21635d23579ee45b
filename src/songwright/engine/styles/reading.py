"""A person's words about style, read: every phrase that means something, in order, and what was passed over.

Conventions
    A phrase is `negated` from a word such as "without" to the end of its clause, `only` when its clause says so.
    The text is bounded by `TEXT_LIMIT` characters and read in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from songwright.engine.styles.lexicon import Meaning, phrases, typo_of
from songwright.engine.styles.numbers import Key, find_bpm, find_key
from songwright.engine.styles.words import clauses, squash

TEXT_LIMIT = 1_000
PHRASE_WORDS = 8
TYPOS_READ = 40  #: unknown words that are looked at for typing errors


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase and one of its meanings."""

    meaning: Meaning
    text: str
    negated: bool
    only: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read."""

    found: tuple[Found, ...]
    bpm: float | None
    key: Key | None
    unknown: tuple[str, ...]
    refused: tuple[str, ...]

    def of(self, kind: str, *, negated: bool = False) -> tuple[Found, ...]:
        """The phrases of one kind."""
        return tuple(f for f in self.found if f.meaning.kind == kind and f.negated == negated)


def read(text: str, *, negated: bool = False) -> Reading:
    """Reads a text; with `negated` everything in it is what is not wanted."""
    refused = ("all beyond 1,000 characters",) if len(text) > TEXT_LIMIT else ()
    bpm, bad_bpm, rest = find_bpm(text[:TEXT_LIMIT])
    key, rest = find_key(rest)
    if bad_bpm:
        refused += (f"{bad_bpm} (outside 40 to 240)",)
    found: list[Found] = []
    unknown: list[str] = []
    guesses = TYPOS_READ
    for words in clauses(rest):
        clause, strangers, guesses = _read_clause(words, negated, guesses)
        found += clause
        unknown += strangers
    return Reading(tuple(found), bpm, key, tuple(dict.fromkeys(unknown)), refused)


def _read_clause(words: list[str], negated: bool, guesses: int) -> tuple[list[Found], list[str], int]:
    only = any("only" in _kinds(word) and not _is_passage(words, at) for at, word in enumerate(words))
    found: list[Found] = []
    unknown: list[str] = []
    turned = negated
    for text, meanings in _phrases_of(words):
        kinds = {meaning.kind for meaning in meanings}
        if not meanings:
            guess = _without_ending(text) or (typo_of(squash(text)) if guesses > 0 else None)
            guesses -= 1
            if guess is None:
                unknown.append(text[:40])
            else:
                less = text.endswith("less") and not squash(guess).endswith("less")
                found += [Found(m, f"{text} ({guess})", turned or less, only) for m in phrases()[guess]]
        elif "negator" in kinds:
            turned = True
        elif "negation end" in kinds:
            turned = negated
        found += [Found(meaning, text, turned, only) for meaning in meanings]
    return found, unknown, guesses


def _kinds(text: str) -> frozenset[str]:
    return frozenset(meaning.kind for meaning in phrases().get(squash(text), ()))


def _is_passage(words: list[str], at: int) -> bool:
    """Whether `solo` is a passage for an instrument, as in "guitar solo", and not one alone, as in "solo guitar"."""
    return words[at] == "solo" and at > 0 and "instrument" in _kinds(words[at - 1])


def _phrases_of(words: list[str]) -> Iterator[tuple[str, tuple[Meaning, ...]]]:
    """The clause as its longest known phrases; a word in no phrase has no meanings."""
    table = phrases()
    at = 0
    while at < len(words):
        for length in range(min(PHRASE_WORDS, len(words) - at), 0, -1):
            text = " ".join(words[at : at + length])
            meanings = table.get(squash(text))
            if meanings or length == 1:
                yield text, meanings or ()
                at += length
                break


def _without_ending(word: str) -> str | None:
    """`drumless` -> `drum`, `rhodeses` -> `rhodes`: a known word with an ending people add."""
    key = squash(word)
    for ending in ("less", "free", "es", "s", "y", "ish", "esque", "based", "heavy", "style"):
        stem = key.removesuffix(ending)
        if stem != key and len(stem) >= 3 and stem in phrases():
            return stem
    return None
