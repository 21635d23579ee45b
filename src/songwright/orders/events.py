"""What an event of a payment provider does to an order: nothing, unless everything about it is right.

An event was signed by the provider before it comes here. It counts when it names an order of ours and agrees with it
in provider, payment, amount, currency and owner; it counts once. What it does to order and ledger is one change.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from songwright import ledger
from songwright.core.errors import InvalidRequest
from songwright.orders import records
from songwright.orders.records import CreditOrder, Provider

Effect = Literal["paid", "expired", "refunded"]
Outcome = Literal["done", "known", "ignored"]
_KNOWN = "SELECT 1 FROM payment_event WHERE provider = ? AND event_id = ?"
_REMEMBER = "INSERT INTO payment_event (provider, event_id, order_id, type, received_at_s) VALUES (?, ?, ?, ?, ?)"


class Refused(InvalidRequest):
    """A payment event does not agree with the order it names; nothing was credited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A provider's word about a payment, as far as it matters here."""

    provider: Provider
    id: str
    type: str
    effect: Effect
    order_id: str | None  #: None where only the payment intent names the order
    account_id: str | None
    payment: str | None  #: the checkout session
    payment_intent: str | None
    amount_minor: int
    currency: str


def apply(connection: sqlite3.Connection, event: PaymentEvent, now_s: float) -> Outcome:
    """Take an event in, once. `ignored`: no order of ours, or a state that the event cannot change any more.

    Raises Refused, with nothing changed.
    """
    order = _order_of(connection, event)
    if order is None:
        return "ignored"
    _check(event, order)
    if connection.execute(_KNOWN, (event.provider, event.id)).fetchone():
        return "known"
    connection.execute(_REMEMBER, (event.provider, event.id, order.id, event.type, now_s))
    if not records.move(connection, order.id, event.effect, now_s):
        return "ignored"
    records.know_payment(connection, order.id, event.payment, event.payment_intent)
    if event.effect == "paid":
        ledger.grant(connection, order.account_id, order.credits, f"{order.provider} payment", now_s, order.id)
    elif event.effect == "refunded" and order.state == "paid":
        ledger.take_back(connection, order.account_id, order.id, order.credits, now_s)
    return "done"


def _order_of(connection: sqlite3.Connection, event: PaymentEvent) -> CreditOrder | None:
    if event.order_id is not None:
        order = records.find(connection, event.order_id)
        if order is None:
            raise Refused("There is no such order.")
        return order
    if event.payment_intent is None:
        return None
    return records.find_by_intent(connection, event.provider, event.payment_intent)


def _check(event: PaymentEvent, order: CreditOrder) -> None:
    agreed = {
        "provider": event.provider == order.provider,
        "payment": None in (event.payment, order.payment) or event.payment == order.payment,
        "payment intent": None in (event.payment_intent, order.payment_intent)
        or event.payment_intent == order.payment_intent,
        "amount": event.amount_minor == order.amount_minor,
        "currency": event.currency == order.currency,
        "owner": event.account_id == order.account_id if event.order_id is not None else event.account_id is None,
    }
    wrong = [name for name, right in agreed.items() if not right]
    if wrong:
        raise Refused(f"The event does not agree with order {order.id} in: {', '.join(wrong)}.")
