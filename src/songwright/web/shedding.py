"""When too much is asked at once, orders are turned away first and reads last: what was accepted can be fetched."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from songwright.core.errors import Unavailable

_READS = frozenset({"GET", "HEAD"})
RETRY_AFTER_S = 2


@dataclass(slots=True)
class Shedder:
    """Counts requests that are being answered. Downloads count only until they begin."""

    orders_at: int = 1_000  #: with this many under way, whatever is no read answers 503
    reads_at: int = 4_000  #: with this many, reads too
    under_way: int = 0

    @contextmanager
    def place(self, method: str) -> Generator[None]:
        """A place among them. Raises Unavailable."""
        if self.under_way >= (self.reads_at if method in _READS else self.orders_at):
            raise Unavailable("Too many requests at once; nothing was charged.", retry_after_s=RETRY_AFTER_S)
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
