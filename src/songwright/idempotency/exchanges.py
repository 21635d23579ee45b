"""POSTs that make neither a task nor an order of credits (a quote, a cancellation): their answer is kept.

Such a POST must be harmless when it is done twice: a crash between its change and this note does it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from songwright.core.clock import Clock
from songwright.core.errors import Conflict
from songwright.db import Database
from songwright.idempotency.store import KEPT_S, recall_same, remember


def mark_of(route: str, body: Mapping[str, Any]) -> bytes:
    """What makes two requests the same: where they went and what they said, however the fields were sorted."""
    return hashlib.sha256(json.dumps([route, body], sort_keys=True).encode()).digest()


class Exchanges:
    """Remembers answers by idempotency key."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._in_flight: set[tuple[str, str]] = set()

    async def once(
        self, account_id: str, key: str | None, mark: bytes, act: Callable[[], Awaitable[bytes]]
    ) -> tuple[bytes, bool]:
        """The answer of `act`, or that of its first time, and whether it is the latter. Errors are not kept.

        Raises IdempotencyMismatch; Conflict while the first request with the key is still being answered.
        """
        if key is None:
            return await act(), False
        since_s = self._clock.now_s() - KEPT_S
        known = self._db.reading(lambda c: recall_same(c, account_id, key, mark, since_s))
        if known is not None and known.answer is not None:
            return known.answer, True
        if (account_id, key) in self._in_flight:
            raise Conflict("A request with this idempotency key is being answered.", param="Idempotency-Key")
        self._in_flight.add((account_id, key))
        try:
            answer = await act()
            await self._db.write(
                lambda c: (
                    remember(c, account_id, key, mark, self._clock.now_s(), answer=answer)
                    if recall_same(c, account_id, key, mark, since_s) is None
                    else None
                )
            )
            return answer, False
        finally:
            self._in_flight.discard((account_id, key))
