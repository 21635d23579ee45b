"""The operator's word filter: orders whose text has a listed word or pattern are refused before they cost anything.

The file has an entry a line: a word or phrase, found as whole words in any case or width; or `re:` and a regular
expression, searched in the same folded text. Empty lines and lines that begin with `#` mean nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from songwright.core.errors import ConfigurationError, ContentRefused
from songwright.core.task import Order

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class WordFilter:
    """Patterns over folded text; without any it refuses nothing."""

    patterns: tuple[re.Pattern[str], ...] = ()

    def check(self, order: Order) -> None:
        """Raises ContentRefused, which names the field but not the word: it teaches nobody the list."""
        if not self.patterns:
            return
        for field, text in _texts("", order.body):
            folded = fold(text)
            if any(pattern.search(folded) for pattern in self.patterns):
                raise ContentRefused(param=field or None)


def load_word_filter(path: Path) -> WordFilter:
    """The filter in a file. Raises ConfigurationError that names the line which is no pattern."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The word filter {path} cannot be read: {error}.") from error
    found: list[re.Pattern[str]] = []
    for number, line in enumerate(lines, 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        try:
            found.append(_pattern(entry))
        except re.error as error:
            raise ConfigurationError(f"{path}, line {number}: {error}.") from error
    return WordFilter(tuple(found))


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms and cases made one, invisible characters gone, spaces single."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(visible.split())


def _pattern(entry: str) -> re.Pattern[str]:
    if entry.startswith("re:"):
        return re.compile(entry[3:].strip())
    return re.compile(rf"(?<!\w){re.escape(fold(entry))}(?!\w)")


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text of a body with the name of its field."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(str(name), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(field, inner)
