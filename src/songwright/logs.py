"""Logs: one line an event, on stderr; keys and secrets never stand in one."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET = re.compile(r"(sw_(?:live|test)_|whsec_)[0-9A-Za-z+/=]{8,}")


def configure_logging(level: str) -> None:
    """Send our own and the libraries' logs through one redacting formatter."""
    shared = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _redact]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
                _redact_line,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def _redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: SECRET.sub(r"\1...", value) if isinstance(value, str) else value for name, value in event.items()}


def _redact_line(_logger: object, _method: str, line: Any) -> Any:
    return SECRET.sub(r"\1...", line) if isinstance(line, str) else line
