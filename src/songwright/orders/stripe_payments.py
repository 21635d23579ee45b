"""Stripe Checkout: a page where an order is paid, and the signed events that say it was.

Amounts are in the currency's smallest unit. An event is read from the very bytes that were signed, and only as far as
the types below say; events and objects we know nothing about are none of our business and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import msgspec
import stripe

from songwright.core.clock import Clock
from songwright.core.errors import ConfigurationError, InvalidRequest, Unavailable
from songwright.orders.events import Effect, PaymentEvent
from songwright.orders.records import CreditOrder

TOLERANCE_S = 300.0  #: how far an event's time may be from ours, in either direction
MIN_SECRET = 16
API_BASE = "https://api.stripe.com"
_SESSION_EFFECTS: dict[str, Effect] = {
    "checkout.session.completed": "paid",
    "checkout.session.async_payment_succeeded": "paid",
    "checkout.session.expired": "expired",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSettings:
    """What an operator has from Stripe."""

    api_key: str
    webhook_secret: str
    api_base: str = API_BASE

    def check(self) -> None:
        """Raises ConfigurationError: without a real secret anybody could sign events."""
        if not self.api_key.strip():
            raise ConfigurationError("SONGWRIGHT_STRIPE_WEBHOOK_SECRET is set but SONGWRIGHT_STRIPE_API_KEY is not.")
        if len(self.webhook_secret.strip()) < MIN_SECRET:
            raise ConfigurationError(
                "SONGWRIGHT_STRIPE_API_KEY is set, so SONGWRIGHT_STRIPE_WEBHOOK_SECRET must be the signing secret of "
                f"the endpoint /webhooks/stripe ('whsec_...', at least {MIN_SECRET} characters)."
            )


class _Metadata(msgspec.Struct):
    order_id: str | None = None
    account_id: str | None = None


class _Session(msgspec.Struct):
    id: str
    object: Literal["checkout.session"]
    mode: Literal["payment"]
    payment_status: str
    amount_total: int
    currency: str
    client_reference_id: str | None = None
    payment_intent: str | None = None
    metadata: _Metadata | None = None


class _Charge(msgspec.Struct):
    object: Literal["charge"]
    amount: int
    amount_refunded: int
    currency: str
    payment_intent: str | None = None
    metadata: _Metadata | None = None


class _Dispute(msgspec.Struct):
    object: Literal["dispute"]
    amount: int
    currency: str
    payment_intent: str | None = None


class _Data(msgspec.Struct):
    object: msgspec.Raw


class _Event(msgspec.Struct):
    id: str
    object: Literal["event"]
    type: str
    livemode: bool
    data: _Data


class StripePayments:
    """Stripe, as the till sees it."""

    provider: Literal["stripe"] = "stripe"

    def __init__(self, settings: StripeSettings, public_url: str, clock: Clock) -> None:
        settings.check()
        self._secret = settings.webhook_secret.strip()
        self._live = settings.api_key.strip().startswith(("sk_live_", "rk_live_"))
        self._public_url = public_url
        self._clock = clock
        self._client = stripe.StripeClient(
            settings.api_key.strip(), base_addresses={"api": settings.api_base.rstrip("/")}, max_network_retries=2
        )

    def begin(self, order: CreditOrder) -> tuple[str, str]:
        """A page to pay an order on: its id and its address. The same order always gets the same page. Blocks.

        Raises Unavailable.
        """
        metadata = {"order_id": order.id, "account_id": order.account_id}
        price = {
            "currency": order.currency,
            "unit_amount": order.amount_minor,
            "product_data": {"name": f"{order.credits} credits"},
        }
        try:
            session = self._client.v1.checkout.sessions.create(
                params={
                    "mode": "payment",
                    "line_items": [{"quantity": 1, "price_data": price}],  # type: ignore[typeddict-item]
                    "client_reference_id": order.account_id,
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata},
                    "success_url": f"{self._public_url}/?order={order.id}",
                    "cancel_url": f"{self._public_url}/?order={order.id}",
                },
                options={"idempotency_key": order.id},
            )
        except stripe.StripeError as error:
            raise Unavailable("The payment provider cannot be used now; nothing was paid.", retry_after_s=10) from error
        if not session.url:
            raise Unavailable("The payment provider gave no page to pay on; nothing was paid.", retry_after_s=10)
        return session.id, session.url

    def read(self, body: bytes, signature: str) -> PaymentEvent | None:
        """The event in a callback's body; None for one that is none of our business. Raises InvalidRequest."""
        self._verify(body, signature)
        event = _decoded(body, _Event)
        if event.livemode != self._live:
            raise InvalidRequest("The event is of another mode (live or test) than this server's key.")
        if event.type in _SESSION_EFFECTS:
            return _session_event(event, _decoded(event.data.object, _Session))
        if event.type == "charge.refunded":
            return _refund_event(event, _decoded(event.data.object, _Charge))
        if event.type == "charge.dispute.created":
            dispute = _decoded(event.data.object, _Dispute)
            return _event(event, "refunded", dispute.payment_intent, dispute.amount, dispute.currency, None)
        return None

    def _verify(self, body: bytes, signature: str) -> None:
        """That the body was signed with our secret, now. Raises InvalidRequest."""
        try:
            text = body.decode("utf-8")
            stripe.WebhookSignature.verify_header(text, signature, self._secret, tolerance=None)
            times = [int(part[2:]) for part in signature.split(",") if part.startswith("t=")]
        except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
            raise InvalidRequest("The signature of this event is not right.", param="Stripe-Signature") from error
        if len(times) != 1 or abs(times[0] - self._clock.now_s()) > TOLERANCE_S:
            raise InvalidRequest("The signature of this event is of another time.", param="Stripe-Signature")


def _decoded(content: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InvalidRequest(f"The event cannot be read: {error}.") from error


def _session_event(event: _Event, session: _Session) -> PaymentEvent | None:
    effect = _SESSION_EFFECTS[event.type]
    if session.metadata is None or session.metadata.order_id is None:
        return None  # Somebody sells other things with the same Stripe account.
    if effect == "paid" and session.payment_status != "paid":
        return None  # A bank transfer on its way: another event says when it has come.
    if session.client_reference_id != session.metadata.account_id:
        raise InvalidRequest("The event names two owners.")
    made = _event(event, effect, session.payment_intent, session.amount_total, session.currency, session.metadata)
    return replace(made, payment=session.id)


def _refund_event(event: _Event, charge: _Charge) -> PaymentEvent | None:
    if charge.amount_refunded < charge.amount:
        return None  # A part of it: what that is worth in credits is the operator's to say.
    return _event(event, "refunded", charge.payment_intent, charge.amount, charge.currency, charge.metadata)


def _event(
    event: _Event, effect: Effect, intent: str | None, amount: int, currency: str, metadata: _Metadata | None
) -> PaymentEvent:
    return PaymentEvent(
        provider="stripe",
        id=event.id,
        type=event.type,
        effect=effect,
        order_id=metadata.order_id if metadata else None,
        account_id=metadata.account_id if metadata and metadata.order_id else None,
        payment=None,
        payment_intent=intent,
        amount_minor=amount,
        currency=currency,
    )
