"""The bodies and answers of dialect A about money, as types."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class RedeemBody(msgspec.Struct):
    """A code that is worth credits."""

    code: Annotated[str, Meta(description="The code; case, blanks and hyphens do not matter.")] = ""


class CreditOrderBody(msgspec.Struct):
    """Credits to buy."""

    credits: Annotated[int, Meta(description="How many; 100 to 1000000.")] = 0


class CreditOrderRow(msgspec.Struct):
    """One order of credits."""

    order_id: str
    provider: Annotated[str, Meta(description="`stripe` or `code`.")]
    state: Annotated[str, Meta(description="`created`, `paid`, `expired` or `refunded`.")]
    credits: int
    amount: Annotated[int, Meta(description="In the currency's smallest unit; 0 for a code.")]
    currency: str
    checkout_url: Annotated[str, Meta(description="Where it is paid; empty when there is nothing to pay.")]
    created_at: str


class CreditOrderAnswer(msgspec.Struct):
    """An order of credits."""

    code: int
    message: str
    data: CreditOrderRow


class CreditOrderList(msgspec.Struct):
    """Orders of credits, newest first."""

    code: int
    message: str
    data: list[CreditOrderRow]
    next_cursor: str | None


class StatementRow(msgspec.Struct):
    """One movement. `hash` is SHA-256 over the lines that the endpoint's description names."""

    number: int
    account_id: str
    created_at_ms: int
    kind: Annotated[str, Meta(description="`grant`, `reserve`, `post`, `void`, `refund` or `take_back`.")]
    task_id: str | None
    order_id: str | None
    reason: str
    available: int
    reserved: int
    used: int
    owed: int
    issued: int
    previous_hash: str
    hash: str


class StatementAnswer(msgspec.Struct):
    """A part of the account's statement, oldest first."""

    code: int
    message: str
    data: list[StatementRow]
    next_cursor: str | None


class ProofData(msgspec.Struct):
    """What a walk along the whole statement found."""

    ok: bool
    movements: int
    head: Annotated[str, Meta(description="The last movement's hash: keep it, and compare it later.")]
    problems: list[str]


class ProofAnswer(msgspec.Struct):
    """Whether the account's statement is an unbroken chain."""

    code: int
    message: str
    data: ProofData
