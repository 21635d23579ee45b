"""Text as people type it, cut into clauses of words that can be looked up.

Conventions
    `squash` makes the key a phrase is looked up by: without case, accents, spaces and hyphens, so that "Lo-Fi",
    "lo fi" and "lofi" are one. Chinese, Japanese and Korean characters are words of one character each.
"""

from __future__ import annotations

import re
import unicodedata

_CLAUSE_END = re.compile(r"[,;.\n\r|()\[\]{}!?:+*•·、，。；]+")
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|\d+/\d+|[^\W_]+(?:[&'][^\W_]+)*")
_NOT_IN_KEY = re.compile(r"[^\w&/]|_")


def fold(text: str) -> str:
    """`text` in one case, without accents and typographic variants."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"\s+&\s+", " and ", unicodedata.normalize("NFC", bare))


def squash(phrase: str) -> str:
    """The key of a phrase."""
    return _NOT_IN_KEY.sub("", fold(phrase))


def clauses(text: str) -> list[list[str]]:
    """The words of each clause of the text; a comma or stop of any kind ends a clause."""
    parts = (_WORD.findall(part) for part in _CLAUSE_END.split(fold(text)))
    return [words for words in parts if words]
