"""Orders of credits: redeem codes and card payments. Credits come only from a code or from a signed, matching event."""

from songwright.orders.codes import Code, create_codes, every_code
from songwright.orders.events import PaymentEvent, Refused, apply
from songwright.orders.records import CreditOrder, Page, State, every_order
from songwright.orders.stripe_payments import StripePayments, StripeSettings
from songwright.orders.till import MAX_ORDER_CREDITS, MIN_ORDER_CREDITS, Done, Payments, Price, Till

__all__ = [
    "MAX_ORDER_CREDITS",
    "MIN_ORDER_CREDITS",
    "Code",
    "CreditOrder",
    "Done",
    "Page",
    "PaymentEvent",
    "Payments",
    "Price",
    "Refused",
    "State",
    "StripePayments",
    "StripeSettings",
    "Till",
    "apply",
    "create_codes",
    "every_code",
    "every_order",
]
