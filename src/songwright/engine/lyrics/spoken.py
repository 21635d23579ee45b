"""What is written -> what is said, in English: numbers, money, times, years, ordinals, abbreviations, signs.

Conventions
    `spoken("$5.50")` = ["five", "dollars", "fifty"]. The result is lower-case words of letters and apostrophes; it is
    empty for a token with nothing to say (punctuation, emoji). Every rule is linear in the length of the token.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ONES = (  # noqa: SIM905
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_GROUPS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_SIGNS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number", "w/": "with", "w/o": "without",
    "b/c": "because", "°": "degrees", "×": "times", "n'": "and", "'n'": "and", "’n’": "and",
}  # fmt: skip
_ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "st": "saint", "vs": "versus", "etc": "etcetera",
    "jr": "junior", "sr": "senior", "prof": "professor", "sgt": "sergeant", "capt": "captain", "lt": "lieutenant",
    "mt": "mount", "ft": "featuring", "feat": "featuring", "pt": "part", "approx": "approximately",
    "dept": "department",
}  # fmt: skip
_ALWAYS = frozenset(("mr", "mrs", "dr", "vs", "etc", "jr", "prof", "sgt", "capt"))
_MONEY = {"$": ("dollar", "cent"), "£": ("pound", "p"), "€": ("euro", "cent"), "¥": ("yen", "sen")}
_MAGNITUDES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_DIGIT_SPELLINGS = {
    "4ever": "forever", "4get": "forget", "b4": "before", "2nite": "tonight", "2night": "tonight", "2day": "today",
    "2morrow": "tomorrow", "gr8": "great", "m8": "mate", "l8r": "later", "h8": "hate", "w8": "wait",
}  # fmt: skip
_MAX_DIGITS = 15
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+"


def spoken(token: str) -> list[str]:
    """The words said for one written token."""
    plain = token.strip().replace("’", "'").replace("‘", "'")
    if plain.lower() in _SIGNS:
        return [_SIGNS[plain.lower()]]
    core = plain.strip('"“”„«»()[]{}<>.,;:!?…*_~^|\\—–').strip()
    if core.lower() in _SIGNS:
        return [_SIGNS[core.lower()]]
    lower = core.lower().rstrip(".")
    if lower in _ABBREVIATIONS and (lower in _ALWAYS or plain.rstrip(",;:!?").endswith(".")):
        return [_ABBREVIATIONS[lower]]
    if any(c.isdigit() and c.isascii() for c in core):
        return _with_digits(core)
    return _plain_words(core)


def _plain_words(text: str) -> list[str]:
    """Letters only; hyphens, slashes and other signs divide; `R.E.M.` stays together."""
    if re.fullmatch(r"(?:[A-Za-z]\.){2,}[A-Za-z]?", text + "." if re.search(r"\.[A-Za-z]$", text) else text):
        return [text.replace(".", "").upper()]
    words: list[str] = []
    for piece in re.split(r"[^\w'&+@%]+|_", text):
        if piece in _SIGNS:
            words.append(_SIGNS[piece])
            continue
        words += [w for w in re.split(r"[^\w']+", piece) if any(c.isalpha() for c in w)]
    return words


def _with_digits(core: str) -> list[str]:
    """A token with digits: the shape decides how it is read."""
    for pattern, read in _SHAPES:
        if match := re.fullmatch(pattern, core, re.IGNORECASE):
            return read(match)
    words: list[str] = []
    pieces: list[str] = re.findall(rf"{_NUMBER}|[^\W\d_]+(?:'[^\W\d_]+)*|[%&@+#°]", core)
    for piece in pieces:
        words += _cardinal_of(piece) if piece[0].isdigit() else [_SIGNS.get(piece, piece)]
    return words


def _cardinal_of(digits: str) -> list[str]:
    digits = digits.replace(",", "")
    if len(digits) > _MAX_DIGITS or (len(digits) >= 7 and not digits.endswith("000")) or digits.startswith("00"):
        return [_ONES[int(d)] for d in digits]
    return cardinal(int(digits))


def cardinal(number: int) -> list[str]:
    """1042 -> one thousand forty two."""
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10], *([_ONES[number % 10]] if number % 10 else [])]
    if number < 1000:
        return [_ONES[number // 100], "hundred", *(cardinal(number % 100) if number % 100 else [])]
    for size, name in _GROUPS:
        if number >= size:
            return [*cardinal(number // size), name, *(cardinal(number % size) if number % size else [])]
    return []


def ordinal(number: int) -> list[str]:
    """21 -> twenty first."""
    *head, last = cardinal(number)
    if last in _ORDINALS:
        return [*head, _ORDINALS[last]]
    return [*head, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def year(number: int) -> list[str]:
    """1999 -> nineteen ninety nine; 2005 -> two thousand five."""
    high, low = divmod(number, 100)
    if 2000 <= number < 2010 or number % 1000 == 0:
        return cardinal(number)
    if low == 0:
        return [*cardinal(high), "hundred"]
    return [*cardinal(high), *(["oh"] if low < 10 else []), *cardinal(low)]


def _read_money(m: re.Match[str]) -> list[str]:
    unit, small = _MONEY[m["unit"]]
    whole = _cardinal_of(m["whole"])
    magnitude = _MAGNITUDES.get((m["size"] or "").lower())
    if magnitude:
        return [*whole, magnitude, unit + "s"]
    words = [*whole, unit if m["whole"] == "1" or unit == "yen" else unit + "s"]
    if m["part"] and int(m["part"]):
        cents = cardinal(int(m["part"].ljust(2, "0")[:2]))
        return [*words, *cents] if int(m["whole"].replace(",", "")) else [*cents, small + "s"]
    return words


def _read_time(m: re.Match[str]) -> list[str]:
    minutes = int(m["minutes"] or 0)
    half = [c.upper() for c in (m["half"] or "").replace(".", "").lower()]
    if not minutes:
        return [*cardinal(int(m["hours"])), *(half or (["o'clock"] if m["minutes"] else []))]
    return [*cardinal(int(m["hours"])), *(["oh"] if minutes < 10 else []), *cardinal(minutes), *half]


def _read_decimal(m: re.Match[str]) -> list[str]:
    words = [*_cardinal_of(m["whole"] or "0"), "point", *(_ONES[int(d)] for d in m["part"][:_MAX_DIGITS])]
    return [*words, "percent"] if m["sign"] else words


def _read_decade(m: re.Match[str]) -> list[str]:
    tens = int(m["digits"][-2:])
    century = cardinal(int(m["digits"][:2])) if len(m["digits"]) == 4 else []
    if tens == 0:
        return [*(century or ["two", "thousand"]), *(["hundreds"] if century else [])]
    *head, last = cardinal(tens)
    return [*century, *head, last[:-1] + "ies" if last.endswith("y") else last + "s"]


def _read_fraction(m: re.Match[str]) -> list[str]:
    top, bottom = int(m["top"]), int(m["bottom"])
    if (top, bottom) == (1, 2):
        return ["one", "half"]
    if top == 1 and 2 < bottom <= 20:
        return ["one", *ordinal(bottom)]
    return [*cardinal(top), *cardinal(bottom)]


def _read_letters(m: re.Match[str]) -> list[str]:
    """`4ever`, `b4`, `gr8`: the digit stands for its sound when the result is a word people write so."""
    if word := _DIGIT_SPELLINGS.get(m[0].lower()):
        return [word]
    return [w for p in re.findall(r"\d+|[a-z']+", m[0].lower()) for w in (_cardinal_of(p) if p[0].isdigit() else [p])]


def _read_ordinal(m: re.Match[str]) -> list[str]:
    return ordinal(int(m[1]))


def _read_year(m: re.Match[str]) -> list[str]:
    return year(int(m[0]))


def _read_percent(m: re.Match[str]) -> list[str]:
    return [*_cardinal_of(m[1]), "percent"]


def _read_numbered(m: re.Match[str]) -> list[str]:
    return ["number", *_cardinal_of(m[1])]


def _read_negative(m: re.Match[str]) -> list[str]:
    return ["minus", *_cardinal_of(m[1])]


def _read_cardinal(m: re.Match[str]) -> list[str]:
    return _cardinal_of(m[1])


def _read_multiple(m: re.Match[str]) -> list[str]:
    return [*_cardinal_of(m[1]), "times" if m[2].lower() == "x" else "thousand"]


_SHAPES: tuple[tuple[str, Callable[[re.Match[str]], list[str]]], ...] = (
    (rf"-?(?P<unit>[$£€¥])(?P<whole>{_NUMBER})(?:\.(?P<part>\d{{1,2}}))?(?P<size>k|m|bn|b)?", _read_money),
    (r"(?P<hours>[01]?\d|2[0-4]):(?P<minutes>[0-5]\d)(?P<half>[ap]\.?m\.?)?", _read_time),
    (r"(?P<hours>\d{1,2})(?P<minutes>)(?P<half>[ap]\.?m\.?)", _read_time),
    (r"'?(?P<digits>\d0|[12]\d\d0)'?s", _read_decade),
    (r"(\d{1,9})(?:st|nd|rd|th)", _read_ordinal),
    (r"(?:1[1-9]|20)\d\d", _read_year),
    (rf"(?P<whole>{_NUMBER})?\.(?P<part>\d+)(?P<sign>%)?", _read_decimal),
    (rf"({_NUMBER})%", _read_percent),
    (r"(?P<top>\d{1,3})/(?P<bottom>\d{1,3})", _read_fraction),
    (rf"#({_NUMBER})", _read_numbered),
    (rf"-({_NUMBER})", _read_negative),
    (rf"({_NUMBER})", _read_cardinal),
    (r"(\d+)(k|x)", _read_multiple),
    (r"[a-z']+\d[a-z']*|\d[a-z']{2,}", _read_letters),
)  # fmt: skip
