"""Orders of credits: redeem codes and card payments. Credits come only from a code or from a signed, matching event.

`stripe_payments` is imported by whoever sets it up: the library takes a third of a second to load.
"""

from songwright.orders.codes import Code, create_codes, every_code
from songwright.orders.events import PaymentEvent, Refused, apply
from songwright.orders.records import CreditOrder, Page, State, every_order
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
    "Till",
    "apply",
    "create_codes",
    "every_code",
    "every_order",
]
