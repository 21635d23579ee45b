"""How dialect A shows an error: the flat pair of older answers and the object of newer ones in one body."""

from __future__ import annotations

import msgspec

from songwright.core.errors import InvalidRequest, SongwrightError
from songwright.dialects.apione.types import ErrorAnswer, ErrorDetail, FieldProblem

_encode = msgspec.json.Encoder().encode


def render_error(error: SongwrightError, public_url: str) -> bytes:
    """The error's body."""
    found = error.fields if isinstance(error, InvalidRequest) else ()
    detail = ErrorDetail(
        code=error.status,
        type=error.type,
        message=error.message,
        param=error.param,
        doc_url=f"{public_url}/docs#{error.type}",
        fields=[FieldProblem(problem.field, problem.message) for problem in found],
    )
    return _encode(ErrorAnswer(code=error.status, msg=error.message, message=error.message, error=detail))
