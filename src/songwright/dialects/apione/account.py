"""What costs what and what is left: quotes, models, credits, the webhook secret. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from songwright.catalog import Catalog, Model
from songwright.core.errors import FieldError, InvalidRequest
from songwright.core.ids import new_id
from songwright.dialects.apione.types import (
    DEFAULT_MODEL,
    MUSIC_ALIASES,
    CreditsAnswer,
    CreditsData,
    FieldProblem,
    ModelRow,
    ModelsAnswer,
    QuoteAnswer,
    QuoteData,
    QuoteOrder,
    SecretAnswer,
    SecretData,
    TextLimits,
)
from songwright.dialects.apione.wire import read_music
from songwright.dialects.base import Problems, read
from songwright.ledger import Balance

CREATE_ENDPOINT = "audio/music"
_PREFIXES = ("/api/v1/", "api/v1/", "/")
_encode = msgspec.json.Encoder().encode


def render_quote(body: Mapping[str, Any], catalog: Catalog, balance: Balance) -> bytes:
    """A quote. What would be refused is listed, not raised."""
    problems = Problems()
    wanted, _ = read(body, QuoteOrder, MUSIC_ALIASES, problems)
    endpoint = wanted.endpoint
    for prefix in _PREFIXES:
        endpoint = endpoint.removeprefix(prefix)
    if endpoint != CREATE_ENDPOINT:
        problems.add("endpoint", f"there is no price for {wanted.endpoint[:60]!r}; there is one for {CREATE_ENDPOINT}")
    model = catalog.find(wanted.model) or catalog.find(DEFAULT_MODEL)
    assert model is not None, "the default model is in the catalog"
    found = [*problems.found, *_refusals({name: value for name, value in body.items() if name != "endpoint"}, catalog)]
    if balance.available < model.credits:
        found.append(FieldError("credits", f"this costs {model.credits}, the account has {balance.available}"))
    unique = {problem.field: problem for problem in reversed(found)}
    return _encode(
        QuoteAnswer(
            code=200,
            message="success",
            data=QuoteData(
                quote_id=new_id(),
                credits=model.credits,
                estimated_seconds=round(model.estimated_s),
                balance_after=balance.available - model.credits,
                errors=[FieldProblem(each.field, each.message) for each in reversed(unique.values())],
            ),
        )
    )


def _refusals(body: Mapping[str, Any], catalog: Catalog) -> tuple[FieldError, ...]:
    try:
        read_music(body, catalog)
    except InvalidRequest as error:
        return error.fields
    return ()


def render_credits(balance: Balance) -> bytes:
    """`GET /api/v1/credits`."""
    data = CreditsData(credits=balance.available, reserved=balance.reserved, used_credits=balance.used)
    return _encode(CreditsAnswer(200, "success", data))


def render_models(catalog: Catalog) -> bytes:
    """`GET /api/v1/models`."""
    return _encode(ModelsAnswer(200, "success", "list", [_row(model) for model in catalog]))


def _row(model: Model) -> ModelRow:
    return ModelRow(
        id=model.name,
        aliases=list(model.aliases),
        endpoint=f"/api/v1/{CREATE_ENDPOINT}",
        credits=model.credits,
        price_usd=model.price_usd,
        limits=TextLimits(model.prompt_limit, model.description_limit, model.style_limit, model.title_limit),
        max_duration=model.max_duration_s,
        arrangement_depth=model.depth,
        estimated_seconds=round(model.estimated_s),
    )


def render_secret(secret: str) -> bytes:
    """`GET /api/v1/webhooks/secret`."""
    return _encode(SecretAnswer(200, "success", SecretData(secret)))
