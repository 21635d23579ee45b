"""Which endpoint serves a path: by the whole path, by all but its last segment, or by a pattern, in this order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from songwright.core.errors import NotFound, SongwrightError
from songwright.core.exchange import Endpoint

_PARAMETER = re.compile(r"\{(\w+)\}")
_Methods = dict[str, Endpoint]


class MethodNotAllowed(SongwrightError):
    """This path does not know that method."""

    status = 405
    type: ClassVar[str] = "method_not_allowed"


@dataclass(frozen=True, slots=True)
class Match:
    """An endpoint and the path's parameters."""

    endpoint: Endpoint
    path: dict[str, str]


class Routes:
    """Finds endpoints. The hot ones are one or two dictionary look-ups away."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._exact: dict[str, _Methods] = {}
        self._with_parameter: dict[str, tuple[str, _Methods]] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], _Methods]] = {}
        for endpoint in endpoints:
            self._methods(endpoint.path)[endpoint.method] = endpoint

    def _methods(self, path: str) -> _Methods:
        parent, _, last = path.rpartition("/")
        if "{" not in path:
            return self._exact.setdefault(path, {})
        if "{" not in parent and last.endswith("}"):
            return self._with_parameter.setdefault(parent, (last.strip("{}"), {}))[1]
        pattern = "".join(
            f"(?P<{part}>[^/.]+)" if index % 2 else re.escape(part) for index, part in enumerate(_PARAMETER.split(path))
        )
        return self._patterns.setdefault(path, (re.compile(pattern), {}))[1]

    def find(self, method: str, path: str) -> Match:
        """Raises NotFound for an unknown path, MethodNotAllowed for a known one."""
        methods, parameters = self._found(path)
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            raise MethodNotAllowed(f"This path knows {', '.join(sorted(methods))}.")
        return Match(endpoint, parameters)

    def _found(self, path: str) -> tuple[_Methods, dict[str, str]]:
        methods = self._exact.get(path)
        if methods is not None:
            return methods, {}
        parent, _, last = path.rpartition("/")
        name, methods = self._with_parameter.get(parent, ("", None))
        if methods is not None and last:
            return methods, {name: last}
        for pattern, methods in self._patterns.values():
            if (match := pattern.fullmatch(path)) is not None:
                return methods, match.groupdict()
        raise NotFound("There is no such path.")
