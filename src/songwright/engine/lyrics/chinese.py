"""Mandarin: characters to syllables by pinyin, one character a syllable.

Conventions
    Readings come from pypinyin (MIT); the table of sounds follows the singing model's own scheme (misaki, after
    pinyin-to-ipa, MIT). A tone mark (→ ↗ ↓ ↘ for tones 1 to 4) ends the coda. Digits are read as Chinese numerals.
"""

from __future__ import annotations

from songwright.engine.lyrics.syllabify import VOWELS
from songwright.engine.material import Syllable

_INITIALS = {
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "b": "p", "c": "ʦʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ",
    "l": "l", "m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "t": "tʰ", "x": "ɕ", "z": "ʦ",
}  # fmt: skip
_FINALS = {
    "a": "a", "ai": "ai", "an": "an", "ang": "aŋ", "ao": "au", "e": "ɤ", "ei": "ei", "en": "ən", "eng": "əŋ", "er": "ɚ",
    "i": "i", "ia": "ja", "ian": "jɛn", "iang": "jaŋ", "iao": "jau", "ie": "je", "in": "in", "iu": "jou", "ing": "iŋ",
    "iong": "jʊŋ", "ong": "ʊŋ", "ou": "ou", "u": "u", "ui": "wei", "ua": "wa", "uai": "wai", "uan": "wan", "un": "wən",
    "uang": "waŋ", "ueng": "wəŋ", "uo": "wo", "o": "wo", "v": "y", "ve": "ɥe", "van": "ɥɛn", "vn": "yn",
}  # fmt: skip
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘"}
_DIGITS = "零一二三四五六七八九"


def chinese_syllables(text: str) -> list[Syllable] | None:
    """One syllable for each character of `text` (Chinese characters only), or None where pypinyin is missing."""
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError:
        return None
    spoken = "".join(_DIGITS[int(c)] if c in "0123456789" else c for c in text)
    readings = lazy_pinyin(spoken, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False)
    return [_syllable(char, reading) for char, reading in zip(text, readings, strict=False)]


def _syllable(char: str, reading: str) -> Syllable:
    tone = _TONES.get(reading[-1:], "")
    plain = reading.rstrip("12345").replace("ü", "v")
    initial, final = _split(plain)
    onset = _INITIALS.get(initial, "")
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return Syllable(char, onset, "ɨ", tone, 2)
    sounds = _FINALS.get(final, "a")
    nucleus = next((i for i, c in enumerate(sounds) if c in "aɛeoɤəɚ"), None)
    if nucleus is None:
        nucleus = next(i for i, c in enumerate(sounds) if c in VOWELS)
    return Syllable(char, onset + sounds[:nucleus], sounds[nucleus], sounds[nucleus + 1 :] + tone, 2)


def _split(plain: str) -> tuple[str, str]:
    """Initial and final of a toneless pinyin syllable; y and w only stand in for i, u and ü."""
    if plain[:1] in ("y", "w"):
        return "", _WITHOUT_INITIAL.get(plain, plain[1:])
    for initial in _INITIALS:
        if plain.startswith(initial):
            final = plain[len(initial) :]
            return initial, "v" + final[1:] if initial in "jqx" and final.startswith("u") else final
    return "", plain


_WITHOUT_INITIAL = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in", "you": "iu",
    "ying": "ing", "yong": "iong", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn", "wu": "u", "wa": "ua",
    "wai": "uai", "wan": "uan", "wang": "uang", "wei": "ui", "wen": "un", "weng": "ueng", "wo": "uo", "yo": "ou",
}  # fmt: skip
