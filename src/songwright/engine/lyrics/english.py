"""English words to phonemes: dictionary, endings, compounds, acronyms; spelling rules for the rest.

Conventions
    Words are spoken forms (letters and apostrophes). `known_phonemes` returns None for a word that neither the
    dictionary nor its endings explain; the caller may ask espeak-ng for many of these at once before `sound_out`.
"""

from __future__ import annotations

import re

from songwright.engine.lyrics.dictionary import Dictionary
from songwright.engine.lyrics.letters import LETTER_NAMES, spell
from songwright.engine.lyrics.syllabify import VOWELS

FUNCTION_WORDS = frozenset(
    "a an the to of in on at by for from with and or nor but so as if i you he she it we they me him us them my your "  # noqa: SIM905
    "his its our their her is am are was were be been do does did have has had will would can could shall should may "
    "might must that this than then there i'm you're it's we're they're he's she's i'll you'll we'll they'll i've "
    "you've we've i'd you'd he'd she'd we'd they'd let's there's that's just too like oh til 'til till 'cause some "
    "one's".split()
)
_VERB_AFTER = frozenset(
    "to i you we they will can can't don't let's would could should must i'll you'll we'll gonna wanna never not won't "  # noqa: SIM905
    "who may might".split()
)
_NOUN_AFTER = frozenset("a an the my your his her our their this that these those no every some of".split())  # noqa: SIM905
_HISS = frozenset("szʃʒʧʤ")
_VOICELESS = frozenset("ptkfθ")
_ENDINGS = (
    "'s", "s'", "s", "ed", "in'", "ing", "er", "est", "ly", "n't", "'ll", "'ve", "'re", "'d", "y", "ness",
    "less", "ful",
)  # fmt: skip
_SOUND = {
    "in'": "ɪn", "ing": "ɪŋ", "er": "əɹ", "est": "əst", "ly": "li", "n't": "ᵊnt", "'ll": "əl", "'ve": "əv", "'re": "əɹ",
    "'d": "d", "y": "i", "ness": "nəs", "less": "ləs", "ful": "fəl",
}  # fmt: skip
_PREFIXES = {"un": "ˌʌn", "re": "ɹˌi", "over": "ˌOvəɹ", "out": "ˌWt", "mis": "mˌɪs", "non": "nˌɑn", "super": "sˌupəɹ"}
_MAX_DERIVED = 30  #: letters; longer words go straight to the spelling rules


def part_of_speech(previous: str) -> str:
    """A guess at NOUN or VERB for a heteronym, by the word before it."""
    return "VERB" if previous in _VERB_AFTER else "NOUN" if previous in _NOUN_AFTER else ""


def known_phonemes(word: str, dictionary: Dictionary, previous: str = "", *, shouted: bool = False) -> str | None:
    """Phonemes by dictionary and word formation. `shouted`: the whole line is in capitals, so these spell nothing."""
    plain = word.replace("’", "'")
    if len(plain) > _MAX_DERIVED:
        return None
    found = _derived(plain, dictionary, part_of_speech(previous), depth=2)
    if found:
        return found
    if _is_acronym(plain, shouted):
        return spell(plain)
    return _drawn_out(plain.lower(), dictionary)


def _is_acronym(word: str, shouted: bool) -> bool:
    letters = re.sub(r"'?s$", "", word)
    if len(letters) == 1:
        return letters.lower() in LETTER_NAMES
    has_vowel = any(c in "AEIOUY" for c in letters.upper())
    return letters.isascii() and letters.isupper() and len(letters) <= 5 and (not has_vowel or not shouted)


def _derived(word: str, dictionary: Dictionary, pos: str, depth: int) -> str | None:
    direct = dictionary.look_up(word, pos)
    if direct or not depth or len(word) < 3:
        return direct
    lower = word.lower()
    stripped = lower.strip("'")
    if stripped != lower and (found := dictionary.look_up(stripped, pos)) and not lower.endswith("in'"):
        return found
    for ending in _ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending) + 1:
            found = _with_ending(lower, ending, dictionary, depth)
            if found:
                return found
    return _prefixed(lower, dictionary, depth) or _compound(lower, dictionary)


def _with_ending(lower: str, ending: str, dictionary: Dictionary, depth: int) -> str | None:
    base = lower[: -len(ending)]
    if ending == "in'" and (whole := dictionary.look_up(base + "ing")):
        return whole[:-1] + "n" if whole.endswith("ŋ") else whole
    candidates = [base]
    if ending in ("ed", "ing", "in'", "er", "est", "y"):
        candidates.append(base + "e")
        if len(base) > 2 and base[-1] == base[-2]:
            candidates.append(base[:-1])
    if ending in ("s", "ed", "er", "est", "ly", "ness", "ful", "less") and base.endswith("i"):
        candidates.append(base[:-1] + "y")
    if ending == "s" and base.endswith(("e", "ie")):
        candidates += [base[:-1], base[:-2] + "y"]
    for candidate in candidates:
        stem = _derived(candidate, dictionary, "", depth - 1) if len(candidate) > 1 else None
        if stem:
            return stem + _ending_sound(ending, stem)
    return None


def _ending_sound(ending: str, stem: str) -> str:
    """Plural, possessive and past endings take their voice from the sound before them."""
    last = stem[-1]
    if ending in ("'s", "s'", "s"):
        return "ᵻz" if last in _HISS else "s" if last in _VOICELESS else "z"
    if ending == "ed":
        return "ᵻd" if last in "td" else "t" if last in _VOICELESS or last in "sʃʧ" else "d"
    if ending in ("'ll", "'ve", "'re", "'d") and last in VOWELS:
        return {"'ll": "l", "'ve": "v", "'re": "ɹ", "'d": "d"}[ending]
    return _SOUND[ending]


def _prefixed(lower: str, dictionary: Dictionary, depth: int) -> str | None:
    for prefix, sound in _PREFIXES.items():
        rest = lower.removeprefix(prefix)
        if rest != lower and len(rest) >= 3 and (stem := _derived(rest, dictionary, "", depth - 1)):
            return sound + stem
    return None


def _compound(lower: str, dictionary: Dictionary) -> str | None:
    """`sunlit` = sun + lit: both halves known, the first stressed."""
    for cut in range(len(lower) - 3, 2, -1):
        left, right = dictionary.look_up(lower[:cut]), dictionary.look_up(lower[cut:])
        if left and right:
            return left + right.replace("ˈ", "ˌ")
    return None


def _drawn_out(lower: str, dictionary: Dictionary) -> str | None:
    """`sooooo`, `yeahhh`: letters written more than twice are one or two."""
    for keep in (2, 1):
        short = re.sub(rf"(.)\1{{{keep},}}", r"\1" * keep, lower)
        if short != lower and (found := dictionary.look_up(short)):
            return found
    return None
