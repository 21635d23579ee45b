"""Dialect A: the Suno routes of API in One, under `/api/v1`."""

from songwright.dialects.apione.callbacks import callback_renderer
from songwright.dialects.apione.routes import build
from songwright.dialects.apione.wire import NAME

__all__ = ["NAME", "build", "callback_renderer"]
