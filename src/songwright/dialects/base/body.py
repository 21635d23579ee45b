"""A request body becomes a JSON object here, or an error a caller can read. Nothing hostile gets past this gate.

Conventions: UTF-8, with or without a byte-order mark; integers within 64 bits; finite numbers; no key twice; no NUL and
no lone surrogate in any text; nesting at most `MAX_DEPTH` deep. What the content type says does not matter.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from songwright.core.errors import InvalidRequest

MAX_DEPTH = 32
MAX_INTEGER_DIGITS = 19
_MAX_INTEGER = 2**63 - 1
_BOM = b"\xef\xbb\xbf"
_BRACKET = re.compile(rb"[\[\]{}]")
# Possessive, with the closing quote optional: it never backtracks, so no body can make it slow.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`. Raises InvalidRequest that says what is wrong with it."""
    if not raw.strip():
        raise InvalidRequest("The request has no body: send a JSON object.")
    _refuse_deep_nesting(raw)
    try:
        text = raw.removeprefix(_BOM).decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"The body is not valid UTF-8 (at byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON: {error.msg} (line {error.lineno}).") from error
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    if "\\u" in text:
        # Only an escape can bring a lone surrogate or NUL into JSON text that is valid UTF-8.
        refuse_bad_text(value)
    return value


def _refuse_deep_nesting(raw: bytes) -> None:
    """Bound the depth before the parser recurses. Most bodies have too few brackets to be looked at."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKET.finditer(_TEXT.sub(b"", raw)):
        depth += 1 if match.group() in b"{[" else -1
        if depth > MAX_DEPTH:
            raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} deep.")


def refuse_bad_text(value: object) -> None:
    """Raises InvalidRequest when any text in `value` cannot be stored or shown."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "\0" in item or any("\ud800" <= char <= "\udfff" for char in item):
                raise InvalidRequest("Text must not hold NUL or lone surrogates.")
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise InvalidRequest(f"The key {twice[:100]!r} appears twice.", param=twice[:100])
    return made


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS or abs(int(digits)) > _MAX_INTEGER:
        raise InvalidRequest("A number in the body is too large.")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise InvalidRequest("A number in the body is too large.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidRequest(f"The body is not valid JSON: {name} is no JSON number.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_refuse_constant
)
