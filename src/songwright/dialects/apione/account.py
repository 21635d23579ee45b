"""What there is and what is left: models with their prices, credits, the webhook secret. Pure."""

from __future__ import annotations

import msgspec

from songwright.catalog import Catalog, Model
from songwright.core.task import TaskKind
from songwright.dialects.apione.types import (
    CreditsAnswer,
    CreditsData,
    ModelRow,
    ModelsAnswer,
    SecretAnswer,
    SecretData,
    TextLimits,
)
from songwright.ledger import Balance

_encode = msgspec.json.Encoder().encode


def render_credits(balance: Balance) -> bytes:
    """`GET /api/v1/credits`."""
    data = CreditsData(credits=balance.available, reserved=balance.reserved, used_credits=balance.used)
    return _encode(CreditsAnswer(200, "success", data))


def render_models(catalog: Catalog) -> bytes:
    """`GET /api/v1/models`."""
    return _encode(ModelsAnswer(200, "success", "list", [_row(model, catalog) for model in catalog]))


def _row(model: Model, catalog: Catalog) -> ModelRow:
    return ModelRow(
        id=model.name,
        aliases=list(model.aliases),
        endpoint="/api/v1/audio/music",
        credits=model.credits,
        price_usd=model.price_usd,
        limits=TextLimits(model.prompt_limit, model.description_limit, model.style_limit, model.title_limit),
        max_duration=model.max_duration_s,
        arrangement_depth=model.depth,
        estimated_seconds=round(model.estimated_s),
        prices={kind.value: catalog.price(kind, model) for kind in TaskKind},
    )


def render_secret(secret: str) -> bytes:
    """`GET /api/v1/webhooks/secret`."""
    return _encode(SecretAnswer(200, "success", SecretData(secret)))
