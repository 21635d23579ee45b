"""Phonemes of one word -> syllables, and its letters shared out among them.

Conventions
    Phonemes are the singing model's alphabet: IPA, with the English diphthongs as single capitals (A I O W Y Q) and the
    affricates as single characters (ʤ ʧ ʦ ʣ ʥ ʨ). Stress marks `ˈ` (primary) and `ˌ` (secondary) stand somewhere before
    their vowel. Consonants between two vowels go to the second one as far as they can begin a word (maximal legal
    onset).
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from songwright.engine.material import Syllable

VOWELS = frozenset("AIOWYQæɑɐəɚɛɜiɪɔuʊʌeoaᵊᵻɒyøœɨɯɤ")
GLIDES = "jwɥ"
#: What follows a vowel and belongs to it: length, nasality, tone, aspiration.
_MARKS = frozenset("ː̃→↗↘↓ʲʰ")
_STRESS = {"ˈ": 2, "ˌ": 1}
_ONSETS = frozenset(
    "p b t d k ɡ f v θ ð s z ʃ ʒ h m n l ɹ w j ʧ ʤ ɾ ʔ "  # noqa: SIM905
    "pl pɹ bl bɹ tɹ dɹ kl kɹ ɡl ɡɹ fl fɹ θɹ ʃɹ sl sm sn sp st sk sw tw dw kw ɡw θw hw "
    "spl spɹ stɹ skɹ skw hj mj fj pj kj vj bj ɡj nj spj skj".split()
)
_LIQUIDS = "ɾrlʁjwɹɥ"
_STOPS = "ptkbdɡfv"
_LETTER_VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœ"

Units = list[tuple[str, bool, int]]


def phonemes_of(syllable: Syllable) -> str:
    """The syllable's phonemes in order, without stress."""
    return syllable.onset + syllable.nucleus + syllable.coda


@lru_cache(maxsize=65536)
def syllabify(phonemes: str, letters: str, *, english: bool = True) -> tuple[Syllable, ...]:
    """Divide one word's phonemes into syllables; a word without a vowel gets a schwa, so that it can be sung."""
    units = _units(phonemes)
    nuclei = [i for i, (_, is_vowel, _) in enumerate(units) if is_vowel]
    if not nuclei:
        onset = "".join(symbol for symbol, _, _ in units)
        return (Syllable(letters, onset, "ə", "", 0),) if onset else ()
    texts = divide_letters(letters, len(nuclei))
    syllables: list[Syllable] = []
    start = 0
    for k, nucleus in enumerate(nuclei):
        following = nuclei[k + 1] if k + 1 < len(nuclei) else len(units)
        between = [symbol for symbol, _, _ in units[nucleus + 1 : following]]
        split = _coda_length(between, english) if following < len(units) else len(between)
        onset = "".join(symbol for symbol, _, _ in units[start:nucleus])
        syllables.append(Syllable(texts[k], onset, units[nucleus][0], "".join(between[:split]), units[nucleus][2]))
        start = nucleus + 1 + split
    return tuple(syllables)


def _units(phonemes: str) -> Units:
    """[(symbol with its marks, is a vowel, stress)]; a stress mark waits for the next vowel."""
    units: Units = []
    stress = 0
    for symbol in phonemes:
        if symbol in _STRESS:
            stress = _STRESS[symbol]
        elif symbol in _MARKS:
            if units:
                units[-1] = (units[-1][0] + symbol, *units[-1][1:])
        else:
            is_vowel = symbol in VOWELS
            units.append((symbol, is_vowel, stress if is_vowel else 0))
            stress = 0 if is_vowel else stress
    return units


def _coda_length(between: list[str], english: bool) -> int:
    """How many consonants between two vowels stay with the first."""
    for k in range(len(between)):
        onset = between[k:]
        if english and "".join(onset) in _ONSETS:
            return k
        if not english and (len(onset) == 1 or _begins_elsewhere(onset)):
            return k
    return len(between)


def _begins_elsewhere(onset: list[str]) -> bool:
    """Whether a cluster can begin a syllable in the Romance languages."""
    return len(onset) == 2 and onset[1][0] in _LIQUIDS and (onset[0][0] in _STOPS or onset[1][0] in GLIDES)


def divide_letters(letters: str, count: int) -> list[str]:
    """Share a word's letters among `count` syllables: by vowel groups where their number fits, else evenly."""
    if count == 1:
        return [letters]
    groups = _vowel_groups(letters)
    while len(groups) > count and (silent := _silent_e(letters, groups)) is not None:
        groups.pop(silent)
    if len(groups) != count:
        cuts = [round(i * len(letters) / count) for i in range(count + 1)]
        return [letters[a:b] for a, b in itertools.pairwise(cuts)]
    cuts = [0]
    for (_, end), (start, _) in itertools.pairwise(groups):
        cuts.append(_cut(letters, end, start))
    return [letters[a:b] for a, b in zip(cuts, [*cuts[1:], len(letters)], strict=True)]


def _vowel_groups(letters: str) -> list[tuple[int, int]]:
    """Spans of vowel letters; a `y` before a vowel, or the `u` of `qu`, is no vowel."""
    groups = [m.span() for m in re.finditer(f"(?<![qQ])[{_LETTER_VOWELS}]+", letters, re.IGNORECASE)]
    out: list[tuple[int, int]] = []
    for start, end in groups:
        begin = start + 1 if letters[start] in "yY" and end - start > 1 else start
        out.append((begin, end))
    return out


def _silent_e(letters: str, groups: list[tuple[int, int]]) -> int | None:
    """Index of a vowel group that is only a silent `e`: the last one of `home`, the middle one of `moved`."""
    for index in (len(groups) - 1, len(groups) - 2):
        if index > 0 and letters[groups[index][0] : groups[index][1]].lower() == "e":
            return index
    return None


def _cut(letters: str, end: int, start: int) -> int:
    """Where to cut the consonants letters[end:start] between two vowels."""
    cluster = letters[end:start].lower()
    for mark in ("-", "'", "’"):
        if mark in cluster:
            return end + cluster.index(mark) + 1
    if len(cluster) <= 1 or cluster in ("ch", "sh", "th", "ph", "wh"):
        return end
    if len(cluster) == 2 or cluster[-2:] in ("ch", "sh", "th", "ph"):
        return start - 2 if cluster[-2:] in ("ch", "sh", "th", "ph") else start - 1
    return start - 2 if cluster[-1] in "rl" else start - 1
