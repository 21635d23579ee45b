"""Metre and rhyme of a text: syllables, stresses, what its end rhymes with.

Conventions
    Stresses are a string of digits, one a syllable: 0 none, 1 secondary, 2 primary. A rhyme key is the phonemes from
    the last stressed vowel to the end; two lines rhyme when their keys are equal and their last words are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from songwright.engine.lyrics.dictionary import Dictionary
from songwright.engine.lyrics.english import FUNCTION_WORDS
from songwright.engine.lyrics.pronounce import Speaker, make_speaker
from songwright.engine.material import Assets, LyricLine, Syllable

_SAME = str.maketrans({"ɾ": "t", "ᵊ": "ə", "ᵻ": "ɪ", "ɐ": "ə"})
_LIGHT = FUNCTION_WORDS | frozenset(
    "don't can't won't i'm it's there's we're you're never ever still now out up down back".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Scan:
    """The measured text. `ending` tells apart words that sound the same; `content` are its weighty words, as stems."""

    syllables: int
    stresses: str
    rhyme: str
    ending: str
    content: frozenset[str]


class Scanner:
    """Scans English texts with one dictionary, remembering every word and text."""

    def __init__(self, assets: Assets) -> None:
        self._speaker: Speaker = make_speaker(assets, "en", ())
        self._texts: dict[str, Scan] = {}
        self._words: dict[str, tuple[Syllable, ...]] = {}

    @property
    def dictionary(self) -> Dictionary:
        """The dictionary behind it."""
        return self._speaker.dictionary

    def word(self, text: str) -> tuple[Syllable, ...]:
        """Syllables of one word."""
        if text not in self._words:
            self._words[text] = tuple(s for w in self._speaker.words(text) for s in w.syllables)
        return self._words[text]

    def scan(self, text: str) -> Scan:
        """The text's metre, rhyme and weighty words."""
        if text not in self._texts:
            words = text.split()
            syllables = [s for w in words for s in self.word(w)]
            key, ending = rhyme_of(self.word(words[-1])) if words else ("", "")
            stresses = "".join(str(s.stress) for s in syllables)
            self._texts[text] = Scan(len(syllables), stresses, key, ending, content_of(text))
        return self._texts[text]

    def joined(self, clause: str, tail: str) -> Scan:
        """The scan of `clause tail`, from the scans of both."""
        a, b = self.scan(clause), self.scan(tail)
        return Scan(a.syllables + b.syllables, a.stresses + b.stresses, b.rhyme, b.ending, a.content | b.content)


@lru_cache(maxsize=4)
def scanner_for(assets: Assets) -> Scanner:
    """The scanner of these assets, kept for the process."""
    return Scanner(assets)


def rhyme_of(syllables: tuple[Syllable, ...]) -> tuple[str, str]:
    """(rhyme key, key with its onset: equal only for words that sound the same)."""
    if not syllables:
        return "", ""
    start = max((i for i, s in enumerate(syllables) if s.stress), default=len(syllables) - 1)
    tail = syllables[start:]
    key = tail[0].nucleus + tail[0].coda + "".join(s.onset + s.nucleus + s.coda for s in tail[1:])
    key = key.translate(_SAME).replace("Iəɹ", "Iɹ").replace("Wəɹ", "Wɹ")
    return key, tail[0].onset + key


def rhymes(first: LyricLine, second: LyricLine) -> bool:
    """Whether two lines rhyme: equal from the last stressed vowel on, and not by the same word."""
    a, b = first.words[-1], second.words[-1]
    bare = [re.sub(r"\W", "", w.text.lower()) for w in (a, b)]
    return bare[0] != bare[1] and rhyme_of(a.syllables)[0] == rhyme_of(b.syllables)[0]


def content_of(text: str) -> frozenset[str]:
    """Stems of the weighty words of a text."""
    words = re.findall(r"[a-z']+", text.lower())
    return frozenset(stem(w) for w in words if w not in _LIGHT and len(w) > 2)


def stem(word: str) -> str:
    """A rough stem: enough to see that `dancing` and `dance` are one word."""
    word = re.sub(r"'s$|'$", "", word)
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def roughness(stresses: str) -> float:
    """How far a line is from alternating: stressed neighbours and long runs of unstressed syllables."""
    clashes = len(re.findall(r"(?=22)", stresses))
    lapses = len(re.findall(r"(?=000)", stresses))
    return 0.45 * clashes + 0.35 * lapses
