"""Dialect B: the Suno routes of GoAPI, under `/api/suno/v1`."""

from songwright.dialects.goapi.answers import callback_renderer
from songwright.dialects.goapi.routes import build
from songwright.dialects.goapi.wire import NAME

__all__ = ["NAME", "build", "callback_renderer"]
