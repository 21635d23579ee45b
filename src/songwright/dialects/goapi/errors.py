"""How dialect B shows an error: no data, and a message that names every bad field."""

from __future__ import annotations

import msgspec

from songwright.core.errors import SongwrightError
from songwright.dialects.goapi.types import SunoError

_encode = msgspec.json.Encoder().encode


def render_error(error: SongwrightError) -> bytes:
    """The error's body."""
    return _encode(SunoError(error.status, None, error.message))
