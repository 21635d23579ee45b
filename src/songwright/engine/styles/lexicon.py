"""What each word about style means: the lexicon file and the names of all styles as one table of phrases.

Conventions
    A phrase may have several meanings (a choir is both a hint of gospel and a manner of singing); all of them hold.
    `kind` says what `value` is: a style's name, an entry of `lexicon.yaml` or a plain word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import msgspec

from songwright.engine.material import Gender
from songwright.engine.styles.book import read_data, read_entry, style_names
from songwright.engine.styles.words import squash

TYPO_LETTERS = 5  #: shorter phrases are not guessed
_GUESSED = frozenset(("genre", "mood", "instrument", "tempo", "manner", "voice", "drums", "blend"))


class _Words(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    words: tuple[str, ...]


class Mood(_Words, frozen=True):
    """A mood and where it pulls."""

    mood: str
    minor: float
    tempo: float
    style: str
    reverb_db: float = 0.0


class TempoWord(_Words, frozen=True):
    """A tempo as a word: a place in the style's range, or an absolute one."""

    lean: float | None = None
    bpm: float | None = None


class Feel(_Words, frozen=True):
    """Half time (2) and double time (0.5)."""

    factor: float


class Metre(_Words, frozen=True):
    """A metre by its names."""

    metre: str


class Instrument(_Words, frozen=True):
    """An instrument, and how it plays when it is hired."""

    name: str
    programs: tuple[int, ...]
    role: Literal["comp", "pad", "arp", "riff"]
    range: tuple[int, int]


class DrumWord(_Words, frozen=True):
    """The drums or some of their voices."""

    voices: tuple[str, ...] = ()


class Kit(_Words, frozen=True):
    """A drum kit by its names."""

    kit: str


class BassWord(_Words, frozen=True):
    """A kind of bass."""

    program: int


class Era(_Words, frozen=True):
    """A decade: the style it stands for and the instruments it used instead."""

    name: str
    style: str | None = None
    kit: str | None = None
    reverb_db: float = 0.0
    swap: dict[int, int] = {}


class Voice(_Words, frozen=True):
    """Words for a singer's gender."""

    gender: Gender


class Manner(_Words, frozen=True):
    """A manner of singing."""

    manner: str
    rap: float | None = None
    doubles: str | None = None
    harmonies: tuple[str, ...] | None = None


class LexiconFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`lexicon.yaml`."""

    moods: list[Mood]
    tempos: list[TempoWord]
    feels: list[Feel]
    metres: list[Metre]
    odd_metres: list[str]
    modes: dict[str, list[str]]
    instruments: list[Instrument]
    drums: list[DrumWord]
    kits: list[Kit]
    basses: list[BassWord]
    bass_words: list[str]
    eras: list[Era]
    voices: list[Voice]
    manners: list[Manner]
    instrumental: list[str]
    vocals: list[str]
    blends: dict[str, tuple[str, str]]
    everyday: list[str]
    music_words: list[str]
    negators: list[str]
    negation_ends: list[str]
    only: list[str]
    plain: list[str]


Value = str | tuple[str, str] | _Words


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a phrase means."""

    kind: str
    value: Value


@cache
def read_lexicon() -> LexiconFile:
    """The lexicon as it is written."""
    return read_data("lexicon.yaml", LexiconFile)


@cache
def phrases() -> dict[str, tuple[Meaning, ...]]:
    """Squashed phrase -> its meanings."""
    table: defaultdict[str, list[Meaning]] = defaultdict(list)
    for phrase, meaning in _pairs(read_lexicon()):
        if meaning not in table[squash(phrase)]:
            table[squash(phrase)].append(meaning)
    return {phrase: tuple(meanings) for phrase, meanings in table.items()}


def _pairs(lexicon: LexiconFile) -> Iterator[tuple[str, Meaning]]:
    for name in style_names():
        entry = read_entry(name)
        yield from _all((*entry.synonyms, name), "genre", name)
        yield from _all(entry.hints, "hint", name)
    for phrase, pair in lexicon.blends.items():
        yield phrase, Meaning("blend", pair)
    for mode, words in lexicon.modes.items():
        yield from _all(words, "mode", mode)
    groups: tuple[tuple[str, Iterable[_Words]], ...] = (
        ("mood", lexicon.moods),
        ("tempo", lexicon.tempos),
        ("feel", lexicon.feels),
        ("metre", lexicon.metres),
        ("instrument", lexicon.instruments),
        ("drums", lexicon.drums),
        ("kit", lexicon.kits),
        ("bass sound", lexicon.basses),
        ("era", lexicon.eras),
        ("voice", lexicon.voices),
        ("manner", lexicon.manners),
    )
    for kind, entries in groups:
        for entry in entries:
            yield from _all(entry.words, kind, entry)
    words_alone: tuple[tuple[str, list[str]], ...] = (
        ("odd metre", lexicon.odd_metres),
        ("bass", lexicon.bass_words),
        ("instrumental", lexicon.instrumental),
        ("vocals", lexicon.vocals),
        ("negator", lexicon.negators),
        ("negation end", lexicon.negation_ends),
        ("only", lexicon.only),
        ("plain", lexicon.plain),
    )
    for kind, words in words_alone:
        for word in words:
            yield word, Meaning(kind, word)


def _all(words: Iterable[str], kind: str, value: Value) -> Iterator[tuple[str, Meaning]]:
    for word in words:
        yield word, Meaning(kind, value)


def typo_of(word: str) -> str | None:
    """The phrase `word` differs from by one letter missing, added, changed or swapped; None when there is none."""
    if len(word) < TYPO_LETTERS - 1:
        return None
    candidates = {phrase for cut in _with_one_cut(word) for phrase in _cuts().get(cut, ())}
    near = [phrase for phrase in candidates if abs(len(phrase) - len(word)) <= 1]
    return min(near, key=lambda phrase: (phrase[0] != word[0], abs(len(phrase) - len(word)), phrase), default=None)


@cache
def _cuts() -> dict[str, tuple[str, ...]]:
    """Every guessable phrase under itself and itself with one letter cut out."""
    table: defaultdict[str, list[str]] = defaultdict(list)
    for phrase, meanings in phrases().items():
        if len(phrase) >= TYPO_LETTERS and phrase.isascii() and any(m.kind in _GUESSED for m in meanings):
            for cut in _with_one_cut(phrase):
                table[cut].append(phrase)
    return {cut: tuple(sorted(set(found))) for cut, found in table.items()}


def _with_one_cut(word: str) -> set[str]:
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
