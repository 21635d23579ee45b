"""Letters to sounds: English spelling rules for words that no dictionary knows.

Conventions
    Own rules, longest grapheme first, read left to right with one letter of context on each side; the output is the
    singing model's alphabet. Stress falls on the first syllable that is not a weak prefix, and on the one before
    `-tion`, `-ic` and their kin. Bounded: a word is read in one pass, linear in its length.
"""

from __future__ import annotations

import re

_VOWEL = "aeiouy"
#: (grapheme, what must follow as regular expression, phonemes); first match wins.
_RULES: tuple[tuple[str, str, str], ...] = (
    ("tion", "", "ʃən"), ("sion", "", "ʒən"), ("cian", "", "ʃən"), ("tious", "", "ʃəs"), ("cious", "", "ʃəs"),
    ("ture", "s?$", "ʧəɹ"), ("sure", "s?$", "ʒəɹ"), ("ough", "t", "ɔ"), ("ough", "", "O"), ("augh", "", "ɔ"),
    ("eigh", "", "A"), ("igh", "", "I"), ("tch", "", "ʧ"), ("dge", "", "ʤ"), ("sch", "", "sk"),
    ("ious", "$", "iəs"), ("ous", "$", "əs"), ("able", "$", "əbᵊl"), ("ible", "$", "əbᵊl"), ("ing", "s?$", "ɪŋ"),
    ("eer", "", "ɪɹ"), ("ear", "", "ɪɹ"), ("air", "", "ɛɹ"), ("are", "s?$", "ɛɹ"), ("oor", "", "ɔɹ"),
    ("oar", "", "ɔɹ"), ("our", "", "ɔɹ"), ("ire", "[sd]?$", "Iɹ"), ("ure", "$", "jʊɹ"), ("ore", "s?$", "ɔɹ"),
    ("ar", f"[^{_VOWEL}]|$", "ɑɹ"), ("er", f"[^{_VOWEL}]|$", "əɹ"), ("ir", f"[^{_VOWEL}]|$", "ɜɹ"),
    ("or", f"[^{_VOWEL}]|$", "ɔɹ"), ("ur", f"[^{_VOWEL}]|$", "ɜɹ"), ("le", "s?$", "ᵊl"),
    ("ai", "", "A"), ("ay", "", "A"), ("au", "", "ɔ"), ("aw", "", "ɔ"), ("ee", "", "i"), ("ea", "", "i"),
    ("ei", "", "A"), ("ey", "$", "i"), ("ey", "", "A"), ("eu", "", "ju"), ("ew", "", "u"), ("ie", "[^t]|$", "i"),
    ("oa", "", "O"), ("oe", "", "O"), ("oi", "", "Y"), ("oy", "", "Y"), ("oo", "k", "ʊ"), ("oo", "", "u"),
    ("ou", "", "W"), ("ow", "$", "O"), ("ow", "", "W"), ("ue", "", "u"), ("ui", "", "u"),
    ("ch", "", "ʧ"), ("ck", "", "k"), ("gh", "", ""), ("gn", "$", "n"), ("ng", "", "ŋ"), ("nk", "", "ŋk"),
    ("kn", "", "n"), ("ph", "", "f"), ("qu", "", "kw"), ("sh", "", "ʃ"), ("th", "er|$|e$", "ð"), ("th", "", "θ"),
    ("wh", "", "w"), ("wr", "", "ɹ"), ("cc", "[eiy]", "ks"), ("sc", "[eiy]", "s"), ("mb", "$", "m"),
    ("ed", "$", "d"), ("es", "$", "z"),
    ("c", "[eiy]", "s"), ("g", "[eiy]", "ʤ"), ("s", "$", "z"), ("x", "", "ks"), ("y", f"[{_VOWEL}]", "j"),
    ("b", "", "b"), ("c", "", "k"), ("d", "", "d"), ("f", "", "f"), ("g", "", "ɡ"), ("h", "", "h"), ("j", "", "ʤ"),
    ("k", "", "k"), ("l", "", "l"), ("m", "", "m"), ("n", "", "n"), ("p", "", "p"), ("q", "", "k"), ("r", "", "ɹ"),
    ("s", "", "s"), ("t", "", "t"), ("v", "", "v"), ("w", "", "w"), ("z", "", "z"),
)  # fmt: skip
_LONG = {"a": "A", "e": "i", "i": "I", "o": "O", "u": "u", "y": "I"}
_SHORT = {"a": "æ", "e": "ɛ", "i": "ɪ", "o": "ɑ", "u": "ʌ", "y": "ɪ"}
_FINAL = {"a": "ə", "e": "", "i": "i", "o": "O", "u": "u", "y": "i"}
_MAGIC_E = re.compile(r"[bcdfgklmnprstvz]e(?:$|[sd]$)")
_SOUNDS = frozenset("AIOWYæɑəɛɜiɪɔuʊʌᵊ")
_WEAK_PREFIX = re.compile(
    r"^(?:a(?=[bcdglmpr][^aeiouy])|be|de|re|un|in|ex|con|com|pre|pro|dis|mis)(?=[^aeiouy][a-z]{3})"
)
_STRESS_BEFORE = re.compile(r"(?:tion|sion|cian|ic|ical|ity|ious|ian|ial)s?$")
_BY_FIRST: dict[str, list[tuple[str, re.Pattern[str] | None, str]]] = {}
for _grapheme, _follow, _phonemes in _RULES:
    _BY_FIRST.setdefault(_grapheme[0], []).append((_grapheme, re.compile(_follow) if _follow else None, _phonemes))

LETTER_NAMES = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi", "h": "ˈAʧ", "i": "ˈI", "j": "ʤˈA",
    "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈO", "p": "pˈi", "q": "kjˈu", "r": "ˈɑɹ", "s": "ˈɛs",
    "t": "tˈi", "u": "jˈu", "v": "vˈi", "w": "dˈʌbᵊljˌu", "x": "ˈɛks", "y": "wˈI", "z": "zˈi",
}  # fmt: skip


def spell(letters: str) -> str:
    """An acronym, letter by letter; only the last keeps primary stress, as speakers do."""
    names = [LETTER_NAMES[c] for c in letters.lower() if c in LETTER_NAMES]
    return "".join(name.replace("ˈ", "ˌ") for name in names[:-1]) + "".join(names[-1:])


def sound_out(word: str) -> str:
    """Phonemes of an unknown lower-case English word by spelling rules."""
    pieces: list[str] = []
    position = 0
    while position < len(word):
        grapheme, phonemes = _next_grapheme(word, position)
        # A doubled consonant is said once.
        if not (pieces and phonemes and pieces[-1] == phonemes and phonemes not in _SOUNDS):
            pieces.append(phonemes)
        position += len(grapheme)
    return _with_stress("".join(pieces), word)


def _next_grapheme(word: str, position: int) -> tuple[str, str]:
    for grapheme, follow, phonemes in _BY_FIRST.get(word[position], ()):
        end = position + len(grapheme)
        silent_start = grapheme in ("gn", "kn", "wr") and position > 0
        if word.startswith(grapheme, position) and not silent_start and (not follow or follow.match(word, end)):
            return grapheme, _ending(word, position, grapheme, phonemes)
    letter = word[position]
    return letter, _single_vowel(word, position) if letter in _VOWEL else ""


def _ending(word: str, position: int, grapheme: str, phonemes: str) -> str:
    """`-ed` and `-es` after t, d or a hiss are a syllable; after a voiceless sound they are voiceless."""
    before = word[position - 1] if position else ""
    if grapheme == "ed" and not re.search(f"[{_VOWEL}]", word[:position]):
        return "ɛd"
    if grapheme == "ed":
        return "ᵻd" if before in "td" else "t" if before in "pkfsxh" else "d"
    if grapheme == "es":
        return "ᵻz" if before in "sxzhcg" else "s" if before in "pktf" else "z"
    if grapheme == "s" and position == len(word) - 1:
        return "s" if before in "ptkfs" or not position else "z"
    return phonemes


def _single_vowel(word: str, position: int) -> str:
    letter, rest = word[position], word[position + 1 :]
    if not rest:
        only = not re.search(f"[{_VOWEL}]", word[:position])
        return _LONG[letter] if only else _FINAL[letter]
    if _MAGIC_E.match(rest):
        return _LONG[letter]
    if len(rest) >= 2 and rest[0] not in _VOWEL and rest[1] in _VOWEL and position <= 1 and letter != "i":
        return _LONG[letter]
    return _SHORT[letter]


def _with_stress(phonemes: str, word: str) -> str:
    vowels = [i for i, c in enumerate(phonemes) if c in _SOUNDS]
    if not vowels:
        return phonemes
    stressed = 0
    if _STRESS_BEFORE.search(word) and len(vowels) >= 2:
        stressed = max(0, len(vowels) - (3 if re.search(r"(?:ical|ity|ious)s?$", word) else 2))
    elif _WEAK_PREFIX.match(word) and len(vowels) >= 2:
        stressed = 1
    at = vowels[stressed]
    return phonemes[:at] + "ˈ" + phonemes[at:]
