"""Fetch audio that an order names, in terms of the order: what cannot be had ends the task, uncharged."""

from __future__ import annotations

import asyncio
from pathlib import Path

from songwright.core.errors import ProviderError
from songwright.egress.client import Egress, TooManyBytesError, UnreachableError
from songwright.egress.dial import EgressRefused

MAX_BYTES = 100 * 2**20
TIMEOUT_S = 120.0
TRIES = 2
PAUSE_S = 1.0


async def fetch_audio(egress: Egress, url: str, path: Path) -> None:
    """Fetch `url` into `path`, at most 100 MB in two minutes, tried twice. Raises ProviderError, permanent."""
    for remaining in reversed(range(TRIES)):
        try:
            await egress.download(url, path, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES)
            return
        except EgressRefused as refused:
            raise _failed(f"The address may not be fetched: {refused.message}") from refused
        except TooManyBytesError as error:
            raise _failed(f"The file is larger than {MAX_BYTES // 2**20} MB.") from error
        except UnreachableError as error:
            if not remaining:
                raise _failed(f"The file could not be fetched: {error}.") from error
            await asyncio.sleep(PAUSE_S)


def _failed(message: str) -> ProviderError:
    return ProviderError(message, permanent=True, code="download_failed")
