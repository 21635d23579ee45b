"""What a dialect's routes are given to work with, and the face a dialect's folder shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from songwright.catalog import Catalog
from songwright.core.exchange import Answer, Call, Dialect, HeaderList, RenderCallback
from songwright.dialects.base.doors import Doors
from songwright.idempotency import Exchanges, mark_of
from songwright.ledger import Balance, Line, Proof
from songwright.orders import Till
from songwright.tasks import Lifecycle, Submission


class Statement(Protocol):
    """An account's lines in the books."""

    def lines(self, account_id: str, after: int, limit: int) -> list[Line]:
        """Up to `limit` movements after the one numbered `after`, oldest first."""
        ...

    async def prove(self, account_id: str) -> Proof:
        """Walk the account's whole chain."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The rooms below, as far as a dialect may see them."""

    lifecycle: Lifecycle
    catalog: Catalog
    public_url: str  #: without a slash at the end
    balance_of: Callable[[str], Balance]  #: by account id
    webhook_secret_of: Callable[[str], str]  #: by account id
    doors: Doors  #: for keys, people, callbacks
    exchanges: Exchanges
    till: Till
    statement: Statement


REPLAYED: HeaderList = ((b"idempotent-replayed", b"true"),)


class DialectRoom(Protocol):
    """A folder of this room: everything another dialect needs is a folder that shows these three."""

    NAME: str

    def build(self, services: Services) -> Dialect:
        """Its routes."""
        ...

    def callback_renderer(self, catalog: Catalog, public_url: str) -> RenderCallback:
        """Its callbacks' bodies."""
        ...


async def once(
    services: Services, call: Call, route: str, body: Mapping[str, Any], act: Callable[[], Awaitable[bytes]]
) -> Answer:
    """The answer to a POST that is no order; with an idempotency key, that of the first time."""
    mark = mark_of(route, body)
    answer, again = await services.exchanges.once(call.caller.account_id, call.idempotency_key, mark, act)
    return Answer(answer, headers=REPLAYED if again else ())


def created(submission: Submission, body: bytes) -> Answer:
    """The answer to a create; two headers say when the task is an earlier one."""
    headers: HeaderList = ()
    if submission.replayed:
        headers += REPLAYED
    if submission.deduplicated:
        headers += ((b"songwright-deduplicated", b"true"),)
    return Answer(body, headers=headers)
