"""Syllables -> the tokens of the speech model.

Conventions
    Token 0 pads both ends and `.` closes the line. A stress mark stands before every vowel, stressed or not: the model
    holds a vowel on its mark, and the mark's start is where the vowel begins. Phonemes outside the model's vocabulary
    are dropped; a syllable left without a vowel gets a schwa.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from songwright.engine.material import Syllable, Word

PAD = 0
_REPAIRS = str.maketrans({"g": "ɡ"})
_STRESS = "ˈˌ"
SHORT_OF_LIMIT = 8  #: room for padding and marks below the model's limit


@dataclass(frozen=True, slots=True)
class SyllableTokens:
    """Where a syllable's sounds lie in the token row: indices of its first onset, mark, first coda, first after it."""

    onset: int
    vowel: int
    coda: int
    end: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One row for the model and the syllables in it."""

    ids: tuple[int, ...]
    syllables: tuple[SyllableTokens, ...]


def token_rows(words: Sequence[Word], vocabulary: Mapping[str, int], *, limit: int) -> tuple[TokenRow, ...]:
    """The words as rows of at most `limit` tokens, broken between syllables where they must be."""
    rows: list[TokenRow] = []
    chunk: list[tuple[bool, Syllable]] = []
    size = 0
    for starts_word, syllable in _syllables(words):
        length = len(_sounds(syllable, vocabulary)) + 1
        if chunk and size + length > limit - SHORT_OF_LIMIT:
            rows.append(_row(chunk, vocabulary))
            chunk, size = [], 0
        chunk.append((starts_word, syllable))
        size += length
    if chunk:
        rows.append(_row(chunk, vocabulary))
    return tuple(rows)


def _syllables(words: Sequence[Word]) -> Iterator[tuple[bool, Syllable]]:
    for word in words:
        for index, syllable in enumerate(word.syllables):
            yield index == 0, syllable


def _known(phonemes: str, vocabulary: Mapping[str, int]) -> list[int]:
    return [vocabulary[p] for p in phonemes.translate(_REPAIRS) if p in vocabulary and p not in _STRESS and p != " "]


def _sounds(syllable: Syllable, vocabulary: Mapping[str, int]) -> list[int]:
    return [
        *_known(syllable.onset, vocabulary),
        vocabulary["ˈ" if syllable.stress == 2 else "ˌ"],
        *(_known(syllable.nucleus, vocabulary) or [vocabulary["ə"]]),
        *_known(syllable.coda, vocabulary),
    ]


def _row(chunk: Sequence[tuple[bool, Syllable]], vocabulary: Mapping[str, int]) -> TokenRow:
    ids = [PAD]
    spans: list[SyllableTokens] = []
    for index, (starts_word, syllable) in enumerate(chunk):
        if starts_word and index:
            ids.append(vocabulary[" "])
        sounds = _sounds(syllable, vocabulary)
        onset = len(ids)
        vowel = onset + len(_known(syllable.onset, vocabulary))
        ids += sounds
        spans.append(SyllableTokens(onset, vowel, len(ids) - len(_known(syllable.coda, vocabulary)), len(ids)))
    ids += [vocabulary["."], PAD]
    return TokenRow(tuple(ids), tuple(spans))
