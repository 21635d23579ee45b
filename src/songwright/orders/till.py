"""Where credits are bought: what routes and the operator's commands call.

Every change is one transaction. A payment page is asked for between two of them, under the order's own id: however
often that is repeated, there is one page and one order.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from songwright import idempotency, ledger
from songwright.core.caller import Caller
from songwright.core.clock import Clock
from songwright.core.errors import InvalidRequest, NotAllowed, NotSupported, TooManyRequests, Unavailable
from songwright.core.ids import new_id
from songwright.db import Database
from songwright.orders import codes, events, records
from songwright.orders.records import CreditOrder, Page, Provider

MIN_ORDER_CREDITS, MAX_ORDER_CREDITS = 100, 1_000_000
MAX_UNPAID, UNPAID_WINDOW_S = 50, 86_400.0  #: orders an account may begin in a day without paying
_log = logging.getLogger(__name__)


class Payments(Protocol):
    """A payment provider."""

    @property
    def provider(self) -> Provider:
        """Its name in the orders."""
        ...

    def begin(self, order: CreditOrder) -> tuple[str, str]:
        """A page to pay an order on: its id and its address. Blocks; raises Unavailable."""
        ...

    def read(self, body: bytes, signature: str) -> events.PaymentEvent | None:
        """The signed event in a callback's body, None for one that is not ours. Raises InvalidRequest."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """What a credit costs, in the currency's smallest unit."""

    minor_per_credit: int = 1
    currency: str = "usd"


@dataclass(frozen=True, slots=True)
class Done:
    """An order, and whether an idempotency key had made it before."""

    order: CreditOrder
    replayed: bool = False


class Till:
    """Takes orders of credits, codes and the events of payments."""

    def __init__(
        self, db: Database, clock: Clock, payments: Payments | None = None, price: Price | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._payments = payments
        self._price = price or Price()

    async def redeem(self, caller: Caller, code: str, key: str | None, mark: bytes) -> Done:
        """Turn a code into credits, once. Raises NotFound, Conflict, InvalidRequest (expired), NotAllowed."""
        _refuse_test_keys(caller)
        now_s = self._clock.now_s()

        def make(connection: sqlite3.Connection) -> CreditOrder:
            used = codes.use(connection, code, caller.account_id, now_s)
            order = CreditOrder(
                id=new_id(),
                account_id=caller.account_id,
                provider="code",
                state="paid",
                credits=used.credits,
                amount_minor=0,
                currency="",
                payment=used.id,
                created_at_s=now_s,
                changed_at_s=now_s,
            )
            records.insert(connection, order)
            ledger.grant(connection, order.account_id, order.credits, f"code ...{used.hint}", now_s, order.id)
            return order

        return await self._db.write(lambda c: _once(c, caller.account_id, key, mark, now_s, make))

    async def order(self, caller: Caller, credits: object, key: str | None, mark: bytes) -> Done:
        """Begin to buy credits: an order with the address where it is paid.

        Raises InvalidRequest, NotAllowed, NotSupported without a payment provider, TooManyRequests, Unavailable.
        """
        _refuse_test_keys(caller)
        if self._payments is None:
            raise NotSupported("This server sells no credits; ask its operator for a code.")
        if type(credits) is not int or not MIN_ORDER_CREDITS <= credits <= MAX_ORDER_CREDITS:
            raise InvalidRequest(
                f"Credits are sold in whole numbers, {MIN_ORDER_CREDITS} to {MAX_ORDER_CREDITS}.", param="credits"
            )
        order = CreditOrder(
            id=new_id(),
            account_id=caller.account_id,
            provider=self._payments.provider,
            state="created",
            credits=credits,
            amount_minor=credits * self._price.minor_per_credit,
            currency=self._price.currency,
            created_at_s=self._clock.now_s(),
            changed_at_s=self._clock.now_s(),
        )

        def make(connection: sqlite3.Connection) -> CreditOrder:
            if records.unpaid(connection, order.account_id, order.created_at_s - UNPAID_WINDOW_S) >= MAX_UNPAID:
                raise TooManyRequests(f"There are {MAX_UNPAID} unpaid orders of today.", retry_after_s=3600)
            records.insert(connection, order)
            return order

        done = await self._db.write(lambda c: _once(c, caller.account_id, key, mark, order.created_at_s, make))
        return Done(await self._with_page(done.order, self._payments), done.replayed)

    async def _with_page(self, order: CreditOrder, payments: Payments) -> CreditOrder:
        if order.checkout_url is not None or order.state != "created":
            return order
        payment, url = await asyncio.to_thread(payments.begin, order)

        def keep(connection: sqlite3.Connection) -> CreditOrder | None:
            records.know_checkout(connection, order.id, payment, url)
            return records.find(connection, order.id)

        return await self._db.write(keep) or order

    async def take_event(self, body: bytes, signature: str) -> events.Outcome:
        """A payment provider's callback. Raises InvalidRequest (forged, or not agreeing), Unavailable without one."""
        if self._payments is None:
            raise Unavailable("This server takes no payments.")
        event = self._payments.read(body, signature)
        if event is None:
            return "ignored"
        try:
            outcome: events.Outcome = await self._db.write(lambda c: events.apply(c, event, self._clock.now_s()))
        except events.Refused as error:
            _log.warning("payment event %s %s was refused: %s", event.type, event.id, error.message)
            raise
        _log.info("payment event %s %s: %s", event.type, event.id, outcome)
        return outcome

    def orders(self, account_id: str, limit: int, cursor: str | None) -> Page:
        """An account's orders, newest first. Raises InvalidRequest for a cursor we never gave."""
        return self._db.reading(lambda c: records.page(c, account_id, limit, cursor))


def _once(
    connection: sqlite3.Connection,
    account_id: str,
    key: str | None,
    mark: bytes,
    now_s: float,
    make: Callable[[sqlite3.Connection], CreditOrder],
) -> Done:
    """The order that this key has made, or a new one, remembered in the same transaction."""
    if key is not None:
        known = idempotency.recall_same(connection, account_id, key, mark, now_s - idempotency.KEPT_S)
        if known is not None and known.order_id is not None:
            order = records.find(connection, known.order_id)
            assert order is not None, "an order is never deleted"
            return Done(order, replayed=True)
    order = make(connection)
    if key is not None:
        idempotency.remember(connection, account_id, key, mark, now_s, order_id=order.id)
    return Done(order)


def _refuse_test_keys(caller: Caller) -> None:
    if caller.mode == "test":
        raise NotAllowed("A test key moves no money; use a live key.")
