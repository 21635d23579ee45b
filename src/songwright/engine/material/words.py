"""Lyrics: sections, lines, words and their sung syllables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SectionKind = Literal[
    "intro", "verse", "prechorus", "chorus", "postchorus", "bridge", "rap", "solo", "break", "build", "drop", "outro"
]


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung syllable; phonemes are in the singing model's alphabet (IPA with one-character diphthongs)."""

    text: str  #: the letters of the word it stands for, as well as they can be divided
    onset: str
    nucleus: str
    coda: str
    stress: int  #: 0 none (also function words), 1 secondary, 2 primary


@dataclass(frozen=True, slots=True)
class Word:
    """A written word, punctuation included, and its syllables (never empty; a word nobody can sing is not a Word)."""

    text: str
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line as it will be sung. `backing` lines stood in parentheses: the choir sings them, not the lead."""

    text: str
    words: tuple[Word, ...]
    backing: bool = False

    @property
    def syllables(self) -> tuple[Syllable, ...]:
        """All syllables in order."""
        return tuple(s for w in self.words for s in w.syllables)


@dataclass(frozen=True, slots=True)
class LyricSection:
    """A stanza. `label` is the tag as written (`Verse 1`); a section without lines is played, not sung."""

    kind: SectionKind
    label: str
    lines: tuple[LyricLine, ...]
    hint: str = ""  #: what else the tag asked for, such as `guitar` in `[Guitar solo]`


@dataclass(frozen=True, slots=True, kw_only=True)
class Lyrics:
    """The words of a song."""

    title: str
    language: str  #: ISO 639-1
    sections: tuple[LyricSection, ...]  #: in order; empty for an instrumental
    origin: Literal["given", "written", "none"]
    text: str  #: as shown to people, with section tags
    notes: tuple[str, ...] = ()  #: what could not be sung or was guessed, one sentence each
