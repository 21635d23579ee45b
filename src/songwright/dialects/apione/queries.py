"""Reading the query of a list: filters, cursor and limit; every bad one is named. Pure.

Conventions: times are Unix seconds or ISO 8601 (UTC when nothing is said), `to` is excluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

from songwright.catalog import Catalog
from songwright.core.exchange import QueryParameter
from songwright.core.task import TaskKind, TaskStatus
from songwright.dialects.base import Problems
from songwright.tasks import Filter

E = TypeVar("E", bound=Enum)
LIST_QUERY = (
    QueryParameter("status", "Only tasks with this status.", required=False),
    QueryParameter("type", "Only tasks of this kind: `music`, `extend`, `lyrics` ...", required=False),
    QueryParameter("model", "Only tasks with this model.", required=False),
    QueryParameter("key_id", "Only tasks ordered with this key.", required=False),
    QueryParameter("from", "Only tasks from this moment on: Unix seconds or ISO 8601.", required=False),
    QueryParameter("to", "Only tasks before this moment.", required=False),
    QueryParameter("limit", "How many at most.", required=False),
    QueryParameter("cursor", "What `next_cursor` said.", required=False),
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which tasks, how many, and from where on."""

    wanted: Filter
    limit: int
    cursor: str | None


def read_list_query(query: Mapping[str, str], catalog: Catalog, default_limit: int, max_limit: int) -> ListQuery:
    """The query of a list. Raises InvalidRequest that names every bad parameter."""
    problems = Problems()
    model_name = query.get("model") or None
    model = catalog.find(model_name) if model_name else None
    if model_name and model is None:
        problems.add("model", f"there is no model called {model_name[:60]!r}")
    wanted = Filter(
        status=_word(query, "status", TaskStatus, problems),
        kind=_word(query, "type", TaskKind, problems),
        model=model.name if model else None,
        key_id=query.get("key_id") or None,
        since_s=_moment(query, "from", problems),
        until_s=_moment(query, "to", problems),
    )
    limit = _limit(query.get("limit") or str(default_limit), max_limit, problems)
    problems.check()
    return ListQuery(wanted, limit, query.get("cursor") or None)


def _word(query: Mapping[str, str], name: str, words: type[E], problems: Problems) -> E | None:
    value = query.get(name)
    if not value:
        return None
    try:
        return words(value.lower())
    except ValueError:
        problems.add(name, f"must be one of {', '.join(word.value for word in words)}")
        return None


def _moment(query: Mapping[str, str], name: str, problems: Problems) -> float | None:
    value = query.get(name)
    if not value:
        return None
    try:
        if value.replace(".", "", 1).isdigit() and len(value) < 20:
            return float(value)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        problems.add(name, "must be Unix seconds or ISO 8601")
        return None


def _limit(value: str, most: int, problems: Problems) -> int:
    if value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= most:
        return int(value)
    problems.add("limit", f"must be 1 to {most}")
    return most
