"""Models, prices and limits, read from `models.toml` beside this file.

Conventions: prices in whole credits, 1 credit = $0.01 shown; text limits in Unicode code points after NFC.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from songwright.core.task import TaskKind

CREDIT_USD = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model as callers see it, and what it means for the embedded engine."""

    name: str
    aliases: tuple[str, ...]
    credits: int  #: price of a create (two clips)
    prompt_limit: int
    description_limit: int
    style_limit: int
    title_limit: int
    max_duration_s: float
    depth: int  #: 1 a single lead, 2 with harmonies, 3 with doubles and harmonies as the style has them
    major_version: str  #: as dialect B shows it
    estimated_s: float  #: what two clips of two minutes take on two cores

    @property
    def price_usd(self) -> float:
        """The price of a create in US dollars."""
        return round(self.credits * CREDIT_USD, 2)


_AT_MODELS_PRICE = frozenset({TaskKind.MUSIC, TaskKind.EXTEND, TaskKind.REPLACE_SECTION})


class Catalog:
    """All models, found by name, alias, or either with dots for dashes."""

    def __init__(self, models: tuple[Model, ...], operations: Mapping[str, int]) -> None:
        self.models = models
        self.operations = operations
        self._by_name = {_normal(name): m for m in models for name in (m.name, *m.aliases)}

    def find(self, name: str) -> Model | None:
        """The model called `name`, or None."""
        return self._by_name.get(_normal(name))

    def price(self, kind: TaskKind, model: Model) -> int:
        """Credits for a task of this kind with this model, all its clips delivered."""
        if kind in _AT_MODELS_PRICE:
            return model.credits
        if kind is TaskKind.UPLOAD_COVER:
            return max(self.operations["upload_cover_minimum"], model.credits)
        return self.operations[kind.value]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)


def _normal(name: str) -> str:
    return name.strip().lower().replace(".", "-")


def _model(row: Mapping[str, Any]) -> Model:
    limits, engine = row["limits"], row["engine"]
    return Model(
        name=row["name"],
        aliases=tuple(row["aliases"]),
        credits=row["credits"],
        prompt_limit=limits["prompt"],
        description_limit=limits["description"],
        style_limit=limits["style"],
        title_limit=limits["title"],
        max_duration_s=engine["max_duration_s"],
        depth=engine["depth"],
        major_version=engine["major_version"],
        estimated_s=engine["estimated_s"],
    )


@cache
def load_catalog() -> Catalog:
    """The catalog shipped with this version."""
    data = tomllib.loads((files("songwright.catalog") / "models.toml").read_text(encoding="utf-8"))
    return Catalog(tuple(_model(row) for row in data["model"]), data["operations"])
