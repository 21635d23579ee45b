"""Spanish, Italian and Portuguese words to phonemes by their own regular spelling, where espeak-ng is not installed.

Conventions
    One table of graphemes a language, longest first; stress by the written accent, else by the usual rule (last but one
    after a vowel, n or s; last otherwise). Unstressed i and u beside a vowel are glides. The same Spanish table reads
    romanised text of any other language, as the nearest thing to one letter, one sound.
"""

from __future__ import annotations

import re
import unicodedata

_SHARED = {"qu": "k", "ph": "f", "b": "b", "d": "d", "f": "f", "k": "k", "l": "l", "m": "m", "n": "n", "p": "p",
"q": "k",
           "t": "t", "w": "w", "a": "a", "e": "e", "i": "i", "o": "o", "u": "u"}  # fmt: skip
_TABLES: dict[str, dict[str, str]] = {
    "es": {
        "güe": "ɡwe", "güi": "ɡwi", "gue": "ɡe", "gui": "ɡi", "que": "ke", "qui": "ki", "ch": "ʧ", "ll": "ʎ", "rr": "r",
        "ce": "θe", "ci": "θi", "ge": "xe", "gi": "xi", "c": "k", "g": "ɡ", "h": "", "j": "x", "ñ": "ɲ", "r": "ɾ",
        "s": "s", "v": "b", "x": "ks", "y": "j", "z": "θ",
    },
    "it": {
        "scia": "ʃa", "scio": "ʃo", "sciu": "ʃu", "sce": "ʃe", "sci": "ʃi", "cia": "ʧa", "cio": "ʧo", "ciu": "ʧu",
        "ce": "ʧe", "ci": "ʧi", "gia": "ʤa", "gio": "ʤo", "giu": "ʤu", "ge": "ʤe", "gi": "ʤi", "che": "ke", "chi": "ki",
        "ghe": "ɡe", "ghi": "ɡi", "glia": "ʎa", "glio": "ʎo", "gliu": "ʎu", "glie": "ʎe", "gli": "ʎi", "gn": "ɲ",
        "qu": "kw", "zz": "ʦ", "c": "k", "g": "ɡ", "h": "", "j": "j", "r": "r", "s": "s", "v": "v", "x": "ks", "y": "i",
        "z": "ʦ",
    },
    "pt": {
        "ção": "sɐ̃w", "ções": "sõjs", "ão": "ɐ̃w", "ões": "õjs", "ãe": "ɐ̃j", "lh": "ʎ", "nh": "ɲ", "ch": "ʃ", "rr": "x",
        "gue": "ɡe", "gui": "ɡi", "que": "ke", "qui": "ki", "ss": "s", "ce": "se", "ci": "si", "ç": "s", "ge": "ʒe",
        "gi": "ʒi", "de$": "ʤi", "te$": "ʧi", "di": "ʤi", "ti": "ʧi", "ã": "ɐ̃", "õ": "õ", "c": "k", "g": "ɡ", "h": "",
        "j": "ʒ", "r": "ɾ", "s": "s", "v": "v", "x": "ʃ", "y": "i", "z": "z", "e$": "i", "o$": "u", "os$": "us",
    },
}  # fmt: skip
_ACCENTS = {"á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "à": "a", "è": "ɛ", "ì": "i", "ò": "ɔ", "ù": "u",
"â": "a",
            "ê": "e", "ô": "o", "ü": "u"}  # fmt: skip
_VOWELS = "aeiouɛɔɐ"
_FINAL_LAST = re.compile(r"[^aeiouns]$")


def _compile(table: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    merged = _SHARED | table
    keys = sorted(merged, key=lambda k: (-len(k.rstrip("$")), not k.endswith("$")))
    return re.compile("|".join(re.escape(k.rstrip("$")) + ("$" if k.endswith("$") else "") for k in keys)), merged


_READERS = {language: _compile(table) for language, table in _TABLES.items()}


def romance_phonemes(word: str, language: str) -> str:
    """Phonemes with a stress mark before the stressed vowel; letters without a rule are silent."""
    pattern, table = _READERS.get(language, _READERS["es"])
    lower = unicodedata.normalize("NFC", word.lower())
    accent = next((i for i, c in enumerate(lower) if c in _ACCENTS and c not in "üãõ"), None)
    plain = "".join(_ACCENTS.get(c, c) for c in lower)
    out: list[tuple[int, str]] = []
    position = 0
    while position < len(plain):
        match = pattern.match(plain, position)
        if not match:
            position += 1
            continue
        piece = match[0]
        out.append(
            (
                position,
                table.get(piece + "$", "") if match.end() == len(plain) and piece + "$" in table else table[piece],
            )
        )
        position = match.end()
    phonemes, stressed = _place_accent(out, accent, plain)
    return _glides(phonemes, stressed)


def _place_accent(out: list[tuple[int, str]], accent: int | None, plain: str) -> tuple[str, int | None]:
    """(phonemes, index of the stressed vowel)."""
    text, stressed, starts = "", None, [position for position, _ in out]
    for k, (_, phonemes) in enumerate(out):
        end = starts[k + 1] if k + 1 < len(starts) else len(plain)
        if accent is not None and starts[k] <= accent < end:
            vowels = [i for i, c in enumerate(phonemes) if c in _VOWELS]
            stressed = len(text) + vowels[-1] if vowels else stressed
        text += phonemes
    if stressed is None:
        nuclei = [i for i, c in enumerate(text) if c in _VOWELS and not _is_glide(text, i)]
        last = "̃" in text[-3:] or bool(_FINAL_LAST.search(plain))
        if nuclei:
            stressed = nuclei[-1] if last or len(nuclei) == 1 else nuclei[-2]
    return text, stressed


def _is_glide(text: str, i: int) -> bool:
    """An i or u next to another vowel."""
    neighbours = (text[i - 1] if i else "") + (text[i + 1] if i + 1 < len(text) else "")
    return text[i] in "iu" and any(c in "aeoɛɔɐ" for c in neighbours) and not (i == len(text) - 2 and text[-1] in "ao")


def _glides(text: str, stressed: int | None) -> str:
    out = ""
    for i, c in enumerate(text):
        if i == stressed:
            out += "ˈ" + c
        elif c in "iu" and _is_glide(text, i):
            out += {"i": "j", "u": "w"}[c]
        else:
            out += c
    return out


_NAME = re.compile(r"(?:LETTER|SYLLABLE|VOWEL SIGN|IDEOGRAPH|MODIFIER)\s+(?:FINAL )?([A-Z]+)")
_SPELLED = {"BE": "b", "VE": "v", "GHE": "g", "DE": "d", "ZHE": "j", "ZE": "z", "KA": "k", "EL": "l", "EM": "m",
            "EN": "n", "PE": "p", "ER": "r", "ES": "s", "TE": "t", "EF": "f", "HA": "h", "TSE": "ts", "CHE": "ch",
            "SHA": "sh", "SHCHA": "sh", "YERU": "i", "SOFT": "", "HARD": "", "SHORT": "i", "YU": "yu", "YA": "ya",
            "IE": "e", "IO": "yo"}  # fmt: skip


def romanise(word: str) -> str:
    """Letters of any script by their Unicode names: exact for Korean, near for Cyrillic and Indic, rough for the
    rest."""
    out = ""
    for char in word:
        name = unicodedata.name(char, "")
        if char.isascii() or name.startswith("LATIN"):
            out += unicodedata.normalize("NFD", char)[0].lower()
        elif match := _NAME.search(name):
            out += _romanised(match[1], name)
    return out


def _romanised(said: str, name: str) -> str:
    if name.startswith("CYRILLIC"):
        return _SPELLED.get(said, said.lower())
    if name.startswith(("HANGUL", "DEVANAGARI", "BENGALI", "TAMIL")):
        return said.lower()
    return {"OMEGA": "o", "ALEF": "a", "AYIN": "a", "AIN": "a"}.get(said, said[0].lower())
