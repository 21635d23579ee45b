"""Reading the fields of a body by the types that also document it; every bad field is collected, none hides another.

Conventions: `null` means absent; a field is known by its own name and by the names older generations used, its own
wins; types are strict (no number as text, no 1 as true); text is counted in Unicode code points after NFC; every field
has a default, so that reading goes on after a bad one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import msgspec

from songwright.core.errors import FieldError, InvalidRequest

S = TypeVar("S", bound=msgspec.Struct)
Aliases = Mapping[str, tuple[str, ...]]
MAX_IGNORED = 50
MAX_NAME = 100


@dataclass(slots=True)
class Problems:
    """What is wrong with a request, field by field."""

    found: list[FieldError] = field(default_factory=list[FieldError])

    def add(self, name: str, message: str) -> None:
        """One more; a field is complained about once."""
        if all(problem.field != name for problem in self.found):
            self.found.append(FieldError(name, message))

    def check(self) -> None:
        """Raise InvalidRequest when anything was found."""
        if self.found:
            raise InvalidRequest(fields=self.found)


@dataclass(frozen=True, slots=True)
class Fields:
    """The known fields of a body, under the names they came by."""

    names: Mapping[str, str]  #: the documented name -> the name the caller used
    ignored: tuple[str, ...]

    def name(self, documented: str) -> str:
        """What the caller called it."""
        return self.names.get(documented, documented)


def read(
    body: Mapping[str, Any], kind: type[S], aliases: Aliases, problems: Problems, prefix: str = ""
) -> tuple[S, Fields]:
    """The body as a `kind`, with defaults for what is absent or wrong; what is wrong is added to `problems`."""
    values: dict[str, Any] = {}
    names: dict[str, str] = {}
    known = _names(kind, tuple(aliases.items()))
    ignored: list[str] = []
    for used, value in body.items():
        documented = known.get(used)
        if documented is None:
            ignored.append(prefix + used)
        elif value is not None and (documented not in values or used == documented):
            values[documented] = value
            names[documented] = prefix + used
    fields = Fields(names, tuple(name[:MAX_NAME] for name in ignored[:MAX_IGNORED]))
    try:
        return msgspec.convert(values, kind), fields
    except msgspec.ValidationError:
        return _read_one_by_one(values, kind, fields, problems), fields


def _read_one_by_one(values: Mapping[str, Any], kind: type[S], fields: Fields, problems: Problems) -> S:
    good: dict[str, Any] = {}
    for each in msgspec.structs.fields(kind):
        if each.encode_name not in values:
            continue
        try:
            good[each.name] = msgspec.convert(values[each.encode_name], each.type)
        except msgspec.ValidationError as error:
            problems.add(fields.name(each.encode_name), _sentence(error))
    return kind(**good)


@cache
def _names(kind: type[msgspec.Struct], aliases: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    names = {each.encode_name: each.encode_name for each in msgspec.structs.fields(kind)}
    for documented, others in aliases:
        names.update(dict.fromkeys(others, documented))
    return names


def _sentence(error: msgspec.ValidationError) -> str:
    return str(error).replace("`", "").replace("Expected ", "must be ").split(" - at ")[0]


def clean(text: str) -> str:
    """The text as it is counted, stored and sung: NFC, one kind of line break, nothing around it."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def check_length(text: str, limit: int, name: str, problems: Problems) -> None:
    """Complain about a text that is longer than its limit."""
    length = len(text) if text.isascii() else len(unicodedata.normalize("NFC", text))
    if length > limit:
        problems.add(name, f"is {length} characters long, at most {limit} are allowed")
