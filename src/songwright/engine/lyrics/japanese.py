"""Japanese: kana to morae; kanji by Janome's readings (Apache-2.0) where it is installed.

Conventions
    One syllable a mora of kana, `ん` and `っ` closing the syllable before them; the table of sounds follows the singing
    model's own scheme.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from songwright.engine.material import Syllable

if TYPE_CHECKING:
    from janome.tokenizer import Tokenizer

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "ɡ": "ガギグゲゴ", "s": "サ_スセソ", "z": "ザ_ズゼゾ", "t": "タ__テト",
    "d": "ダ__デド",
    "n": "ナニヌネノ", "h": "ハヒ_ヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "j": "ヤ_ユ_ヨ",
    "ɾ": "ラリルレロ", "w": "ワ___ヲ", "v": "__ヴ__",
}  # fmt: skip
_REGULAR = {kana: (onset, vowel) for onset, row in _ROWS.items() for kana, vowel in zip(row, "aiɯeo", strict=True)}
_KANA = _REGULAR | {"シ": ("ɕ", "i"), "ジ": ("ʥ", "i"), "チ": ("ʨ", "i"), "ヂ": ("ʥ", "i"), "ツ": ("ʦ", "ɯ"),
"ヅ": ("z",
"ɯ"),
          "フ": ("f", "ɯ"), "ヲ": ("", "o"), "ヰ": ("", "i"), "ヱ": ("", "e")}  # fmt: skip
_NUMERALS = "零一二三四五六七八九"
_DIGIT = re.compile(r"[0-9]+")
_SMALL_Y = {"ャ": "a", "ュ": "ɯ", "ョ": "o"}
_SMALL_VOWEL = dict(zip("ァィゥェォ", "aiɯeo", strict=True))


def to_katakana(text: str) -> str:
    """Hiragana -> katakana; the rest stays."""
    return "".join(chr(ord(c) + 96) if "ぁ" <= c <= "ゖ" else c for c in text)


def kana_syllables(reading: str) -> list[Syllable]:
    """Syllables of a katakana reading; other characters are skipped."""
    out: list[Syllable] = []
    for char in to_katakana(reading):
        if char in _KANA:
            onset, vowel = _KANA[char]
            out.append(Syllable(char, onset, vowel, "", 1))
        elif out and char in _SMALL_Y:
            last = out[-1]
            glide = "" if last.onset in ("ɕ", "ʥ", "ʨ") else "j"
            out[-1] = Syllable(last.text + char, last.onset + glide, _SMALL_Y[char], "", 1)
        elif out and char in _SMALL_VOWEL:
            last = out[-1]
            onset = last.onset or {"ɯ": "w"}.get(last.nucleus, "")
            out[-1] = Syllable(last.text + char, onset, _SMALL_VOWEL[char], "", 1)
        elif out and char in "ンッ":
            last = out[-1]
            out[-1] = Syllable(
                last.text + char, last.onset, last.nucleus, last.coda + ("ɴ" if char == "ン" else "ʔ"), 1
            )
        elif out and char == "ー":
            out.append(Syllable(char, "", out[-1].nucleus, "", 0))
        elif char == "ン":
            out.append(Syllable(char, "n", "ɯ", "", 1))
    return out


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer | None:
    try:
        from janome.tokenizer import Tokenizer
    except ImportError:
        return None
    return Tokenizer(mmap=True)


def _numeral(digits: str) -> str:
    """Digits in Chinese characters, which the reader knows: 3 -> 三, 25 -> 二十五; long ones digit by digit."""
    number = int(digits)
    if len(digits) > 4 or digits[0] == "0":
        return "".join(_NUMERALS[int(d)] for d in digits)
    out = ""
    for size, sign in ((1000, "千"), (100, "百"), (10, "十")):
        count, number = divmod(number, size)
        out += ("" if count == 1 else _NUMERALS[count]) + sign if count else ""
    return out + (_NUMERALS[number] if number else "")


def japanese_words(text: str) -> list[tuple[str, list[Syllable]]] | None:
    """[(written word, syllables)] of a run of Japanese, or None where kanji occur and no reader is installed."""
    tokenizer = _tokenizer()
    if tokenizer is None:
        is_kana = all(c in _KANA or c in "ンッーャュョァィゥェォ" for c in to_katakana(text))
        return [(text, kana_syllables(text))] if is_kana else None
    words: list[tuple[str, list[Syllable]]] = []
    written = [(_numeral(digits), digits) for digits in _DIGIT.findall(text)]
    for token in tokenizer.tokenize(_DIGIT.sub(lambda m: _numeral(m[0]), text)):
        if isinstance(token, str):
            continue
        shown = token.surface
        if written and written[0][0] in shown:
            shown = shown.replace(*written.pop(0), 1)
        reading = token.phonetic if token.phonetic != "*" else token.surface
        words.append((shown, kana_syllables(reading)))
    return words
