"""The routes of dialect A about money: the statement and its proof, codes, orders of credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from songwright.core.clock import iso_utc
from songwright.core.exchange import Answer, Call, Endpoint, QueryParameter
from songwright.dialects.apione import money_types as types
from songwright.dialects.base import REPLAYED, Problems, Services, parse_object, read, refusal
from songwright.idempotency import mark_of
from songwright.ledger import START, Line, Proof
from songwright.orders import CreditOrder, Done, Page

MAX_ROWS, DEFAULT_ROWS = 1_000, 100
MAX_CODE_LENGTH = 100
_HASHED = (
    "Each movement's `hash` is SHA-256 of these lines in UTF-8, joined by a line feed: `previous_hash` (64 zeros for "
    "the first), `account_id`, `number`, `created_at_ms`, `kind`, `task_id`, `order_id`, `available`, `reserved`, "
    "`used`, `owed`, `issued`, `reason`; null is an empty line. Balances are the sums of the columns."
)
_PAGE = (
    QueryParameter("limit", "How many at most.", required=False),
    QueryParameter("cursor", "What `next_cursor` said.", required=False),
)
S = TypeVar("S", bound=msgspec.Struct)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class _MoneyRoutes:
    services: Services

    async def statement(self, call: Call) -> Answer:
        limit, after = _limit(call.query), _number(call.query)
        before = self.services.statement.lines(call.caller.account_id, after - 1, 1) if after else []
        if after and not before:
            raise refusal("cursor", "this cursor was not given by this server")
        found = self.services.statement.lines(call.caller.account_id, after, limit + 1)
        return Answer(_statement(found, limit, before[0].hash if before else START))

    async def prove(self, call: Call) -> Answer:
        return Answer(_proof(await self.services.statement.prove(call.caller.account_id)))

    async def redeem(self, call: Call) -> Answer:
        body = parse_object(call.body)
        code = _read(body, types.RedeemBody).code.strip()
        if not 0 < len(code) <= MAX_CODE_LENGTH:
            raise refusal("code", f"must have 1 to {MAX_CODE_LENGTH} characters")
        mark = mark_of("redeem", body)
        return _done(await self.services.till.redeem(call.caller, code, call.idempotency_key, mark))

    async def order_credits(self, call: Call) -> Answer:
        body = parse_object(call.body)
        credits = _read(body, types.CreditOrderBody).credits
        mark = mark_of("orders", body)
        return _done(await self.services.till.order(call.caller, credits, call.idempotency_key, mark))

    async def list_orders(self, call: Call) -> Answer:
        limit, cursor = _limit(call.query), call.query.get("cursor") or None
        return Answer(_orders(self.services.till.orders(call.caller.account_id, limit, cursor)))


def _read(body: Mapping[str, Any], kind: type[S]) -> S:
    problems = Problems()
    value, _ = read(body, kind, {}, problems)
    problems.check()
    return value


def _limit(query: Mapping[str, str]) -> int:
    value = query.get("limit") or str(DEFAULT_ROWS)
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= MAX_ROWS):
        raise refusal("limit", f"must be 1 to {MAX_ROWS}")
    return int(value)


def _number(query: Mapping[str, str]) -> int:
    value = query.get("cursor") or "0"
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise refusal("cursor", "this cursor was not given by this server")
    return int(value)


def _statement(found: list[Line], limit: int, before: bytes) -> bytes:
    rows: list[types.StatementRow] = []
    for line in found[:limit]:
        movement, amounts = line.movement, line.movement.amounts
        rows.append(
            types.StatementRow(
                number=movement.number,
                account_id=movement.account_id,
                created_at_ms=movement.created_at_ms,
                kind=movement.kind,
                task_id=movement.task_id,
                order_id=movement.order_id,
                reason=movement.reason,
                available=amounts.available,
                reserved=amounts.reserved,
                used=amounts.used,
                owed=amounts.owed,
                issued=amounts.issued,
                previous_hash=before.hex(),
                hash=line.hash.hex(),
            )
        )
        before = line.hash
    following = str(rows[-1].number) if len(found) > limit else None
    return _encode(types.StatementAnswer(200, "success", rows, following))


def _proof(proof: Proof) -> bytes:
    data = types.ProofData(not proof.problems, proof.movements, proof.head.hex(), list(proof.problems))
    return _encode(types.ProofAnswer(200, "success", data))


def _done(done: Done) -> Answer:
    answer = types.CreditOrderAnswer(200, "success", _row(done.order))
    return Answer(_encode(answer), headers=REPLAYED if done.replayed else ())


def _orders(page: Page) -> bytes:
    rows = [_row(order) for order in page.orders]
    return _encode(types.CreditOrderList(200, "success", rows, page.next_cursor))


def _row(order: CreditOrder) -> types.CreditOrderRow:
    return types.CreditOrderRow(
        order_id=order.id,
        provider=order.provider,
        state=order.state,
        credits=order.credits,
        amount=order.amount_minor,
        currency=order.currency,
        checkout_url=(order.checkout_url or "") if order.state == "created" else "",
        created_at=iso_utc(order.created_at_s),
    )


def money_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _MoneyRoutes(services)
    return (
        Endpoint(
            method="GET",
            path="/api/v1/ledger",
            handle=routes.statement,
            summary="Read the statement",
            description=f"Every movement of the account's credits, oldest first. {_HASHED}",
            query=_PAGE,
            response=types.StatementAnswer,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/ledger/verify",
            handle=routes.prove,
            summary="Verify the statement",
            description="Walks the whole chain of the account's movements and says whether it is unbroken.",
            response=types.ProofAnswer,
        ),
        Endpoint(
            method="POST",
            path="/api/v1/redeem",
            handle=routes.redeem,
            summary="Redeem a code",
            description="A code from the operator becomes credits, once.",
            request=types.RedeemBody,
            response=types.CreditOrderAnswer,
            errors=(403, 404, 409, 413, 422),
        ),
        Endpoint(
            method="POST",
            path="/api/v1/orders",
            handle=routes.order_credits,
            summary="Buy credits",
            description="An order with the address where it is paid. Credits come when the payment is confirmed.",
            request=types.CreditOrderBody,
            response=types.CreditOrderAnswer,
            errors=(403, 413, 422, 501),
        ),
        Endpoint(
            method="GET",
            path="/api/v1/orders",
            handle=routes.list_orders,
            summary="List orders of credits",
            description="Codes redeemed and credits bought, newest first.",
            query=_PAGE,
            response=types.CreditOrderList,
        ),
    )
