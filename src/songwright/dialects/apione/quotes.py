"""What an order would cost: for every endpoint, with everything it would be refused for; nothing is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from songwright.catalog import Catalog, Model
from songwright.core.caller import Caller
from songwright.core.errors import FieldError, InvalidRequest, SongwrightError
from songwright.core.task import TaskKind
from songwright.dialects.apione.orders import READERS
from songwright.dialects.apione.types import DEFAULT_MODEL, FieldProblem, QuoteAnswer, QuoteData
from songwright.dialects.base import Desk, Services
from songwright.tasks import Quote

CREATE_ENDPOINT = "audio/music"
_PREFIXES = ("/api/v1/", "api/v1/", "/")
_MAKES_A_SONG = {TaskKind.MUSIC, TaskKind.EXTEND, TaskKind.REPLACE_SECTION, TaskKind.UPLOAD_COVER}
_SHORT_S = 5.0  #: what every other kind takes before one has been measured
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Assessed:
    """An order as it would be taken."""

    kind: TaskKind
    model: Model
    problems: tuple[FieldError, ...]


async def quote(body: Mapping[str, Any], caller: Caller, services: Services) -> bytes:
    """`POST /api/v1/quote`: price, time and refusals. The price is kept for an order that names the quote."""
    lifecycle = services.lifecycle
    assessed = assess(body, Desk(lifecycle, services.catalog, caller.account_id))
    told = await lifecycle.quote(caller, assessed.kind, assessed.model)
    available = services.balance_of(caller.account_id).available
    problems = list(assessed.problems)
    if available < told.credits:
        problems.append(FieldError("credits", f"this costs {told.credits}, the account has {available}"))
    measured_s = lifecycle.records.seconds_taken(assessed.kind)
    return render_quote(told, measured_s or _expected_s(assessed), available, problems)


def assess(body: Mapping[str, Any], desk: Desk) -> Assessed:
    """Which order a body is, and what is wrong with it."""
    endpoint, problems = _endpoint(body.get("endpoint"))
    kind, reader = READERS[endpoint]
    rest = {name: value for name, value in body.items() if name != "endpoint"}
    model: Model | None = None
    try:
        model = desk.catalog.find(reader(rest, desk).request.model)
    except InvalidRequest as error:
        problems += error.fields or (FieldError(error.param or "body", error.message),)
    except SongwrightError as error:  # Unknown, foreign or unfinished: refused as it would be when it is ordered.
        problems.append(FieldError(error.param or "task_id", error.message))
    return Assessed(kind, model or _named_model(rest, desk.catalog), tuple(_one_a_field(problems)))


def _endpoint(given: Any) -> tuple[str, list[FieldError]]:
    if given is None:
        return CREATE_ENDPOINT, []
    if isinstance(given, str):
        name = given
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        if name in READERS:
            return name, []
        message = f"there is no price for {given[:60]!r}; there is one for {', '.join(READERS)}"
    else:
        message = "must be str"
    return CREATE_ENDPOINT, [FieldError("endpoint", message)]


def _named_model(body: Mapping[str, Any], catalog: Catalog) -> Model:
    for name in ("model", "mv", "model_name"):
        value = body.get(name)
        if isinstance(value, str) and (model := catalog.find(value)) is not None:
            return model
    default = catalog.find(DEFAULT_MODEL)
    assert default is not None, "the default model is in the catalog"
    return default


def _one_a_field(problems: list[FieldError]) -> list[FieldError]:
    return list({problem.field: problem for problem in reversed(problems)}.values())[::-1]


def _expected_s(assessed: Assessed) -> float:
    return assessed.model.estimated_s if assessed.kind in _MAKES_A_SONG else _SHORT_S


def render_quote(told: Quote, seconds: float, available: int, problems: list[FieldError]) -> bytes:
    """The answer."""
    data = QuoteData(
        quote_id=told.id,
        credits=told.credits,
        estimated_seconds=max(1, round(seconds)),
        balance_after=available - told.credits,
        errors=[FieldProblem(each.field, each.message) for each in problems],
    )
    return _encode(QuoteAnswer(code=200, message="success", data=data))
