"""The score as plain JSON, to be stored with a clip and read again when it is extended or covered."""

from __future__ import annotations

from typing import Any

import msgspec

from songwright.engine.material import Arrangement, Score

FORMAT = 1


def score_json(score: Score, arrangement: Arrangement | None = None) -> dict[str, Any]:
    """Score and, if given, arrangement as dicts, lists, strings and numbers."""
    plain: dict[str, Any] = {"format": FORMAT, "score": msgspec.to_builtins(score)}
    if arrangement is not None:
        plain["arrangement"] = msgspec.to_builtins(arrangement)
    return plain


def score_from_json(plain: dict[str, Any]) -> tuple[Score, Arrangement | None]:
    """What `score_json` made. Raises msgspec.ValidationError for anything else."""
    score = msgspec.convert(plain.get("score"), Score)
    stored = plain.get("arrangement")
    return score, None if stored is None else msgspec.convert(stored, Arrangement)
