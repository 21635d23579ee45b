"""Callbacks over HTTP: what was tried, sending again, the secret and its rotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from songwright import accounts
from songwright.core.clock import iso_utc
from songwright.core.exchange import Answer, Call, Endpoint, QueryParameter
from songwright.dialects.apione import types
from songwright.dialects.apione.account import render_secret
from songwright.dialects.apione.order_routes import task_id_of
from songwright.dialects.base import Services, read_strictly, refusal
from songwright.webhooks import outbox

_PATH = "/api/v1/webhooks"
_encode = msgspec.json.Encoder().encode


class ResendOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Which callbacks to send again: all of a task, or one by its event or `webhook-id`."""

    task_id: str = ""
    webhook_id: str = ""
    event: str = ""


class SecretRotateOrder(msgspec.Struct, forbid_unknown_fields=True):
    """How long callbacks are signed with the old secret too."""

    overlap_seconds: float = accounts.DEFAULT_OVERLAP_S


class AttemptRow(msgspec.Struct):
    """One try: `status` is null when no answer came; `reply` its first bytes as text."""

    at: str
    duration_seconds: float
    status: int | None
    error: str
    reply: str


class DeliveryRow(msgspec.Struct):
    """One callback and what was tried, the newest first. `disabled`: its address answered 410."""

    webhook_id: str
    task_id: str
    event: str
    url: str
    state: str
    disabled: bool
    created_at: str
    next_at: str | None
    last_status: int | None
    last_error: str
    attempts: list[AttemptRow]


class DeliveriesAnswer(msgspec.Struct):
    """The callbacks of a task, oldest first."""

    code: int
    message: str
    data: list[DeliveryRow]


class ResendData(msgspec.Struct):
    """How many callbacks begin anew."""

    resent: int


class ResendAnswer(msgspec.Struct):
    """What a resend began."""

    code: int
    message: str
    data: ResendData


class RotatedSecret(msgspec.Struct):
    """The new secret; until then callbacks carry a signature of the old one as well."""

    secret: str
    previous_valid_until: str


class RotatedSecretAnswer(msgspec.Struct):
    """A secret that was rotated."""

    code: int
    message: str
    data: RotatedSecret


@dataclass(frozen=True, slots=True)
class _WebhookRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    async def webhook_secret(self, call: Call) -> Answer:
        return Answer(render_secret(self.services.webhook_secret_of(call.caller.account_id)))

    async def webhook_attempts(self, call: Call) -> Answer:
        found = outbox.shown(self.services.doors.db, call.caller.account_id, task_id_of(call))
        return Answer(_encode(DeliveriesAnswer(200, "success", [_row(delivery) for delivery in found])))

    async def resend_webhooks(self, call: Call) -> Answer:
        wanted = read_strictly(call, ResendOrder)
        if not wanted.task_id:
            raise refusal("task_id", "is required")
        if wanted.webhook_id and wanted.event:
            raise refusal("event", "name the event or the webhook_id, not both")
        account_id, which = call.caller.account_id, wanted.webhook_id or wanted.event
        count = await self.services.doors.write(
            lambda c, now_s: outbox.send_again(c, account_id, wanted.task_id, which, now_s)
        )
        self.services.lifecycle.announced.set()
        return Answer(_encode(ResendAnswer(200, "success", ResendData(count))))

    async def rotate_webhook_secret(self, call: Call) -> Answer:
        overlap_s = read_strictly(call, SecretRotateOrder).overlap_seconds

        def operation(connection: Any, now_s: float) -> RotatedSecret:
            secret = accounts.rotate_webhook_secret(connection, call.caller.account_id, now_s, overlap_s)
            return RotatedSecret(secret, iso_utc(now_s + overlap_s))

        return Answer(_encode(RotatedSecretAnswer(200, "success", await self.services.doors.write(operation))))


def _row(delivery: outbox.Delivery) -> DeliveryRow:
    tries = [AttemptRow(iso_utc(t.at_s), round(t.duration_s, 3), t.status, t.error, t.reply) for t in delivery.tries]
    return DeliveryRow(
        webhook_id=delivery.id,
        task_id=delivery.task_id,
        event=delivery.event,
        url=delivery.url,
        state=delivery.state,
        disabled=delivery.disabled,
        created_at=iso_utc(delivery.created_at_s),
        next_at=iso_utc(delivery.next_at_s) if delivery.state == "pending" else None,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        attempts=tries,
    )


def webhook_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _WebhookRoutes(services)
    return (
        Endpoint(
            method="GET",
            path=f"{_PATH}/secret",
            handle=routes.webhook_secret,
            summary="Read the webhook secret",
            description="What callbacks of this account are signed with, in both dialects.",
            response=types.SecretAnswer,
            scope="webhooks",
        ),
        Endpoint(
            method="POST",
            path=f"{_PATH}/secret/rotate",
            handle=routes.rotate_webhook_secret,
            summary="Rotate the webhook secret",
            description="For `overlap_seconds` callbacks carry two signatures: receivers change when it suits them.",
            request=SecretRotateOrder,
            response=RotatedSecretAnswer,
            errors=(413,),
            scope="webhooks",
        ),
        Endpoint(
            method="GET",
            path=f"{_PATH}/attempts",
            handle=routes.webhook_attempts,
            summary="Read what was tried",
            description="Every callback of a task with its attempts: time, status, duration, the answer's first bytes.",
            query=(QueryParameter("task_id", "The task."),),
            response=DeliveriesAnswer,
            errors=(404,),
            scope="webhooks",
        ),
        Endpoint(
            method="POST",
            path=f"{_PATH}/resend",
            handle=routes.resend_webhooks,
            summary="Send callbacks again",
            description="The same bytes under the same `webhook-id`, the schedule from its beginning; an address that "
            "was disabled by 410 is tried again.",
            request=ResendOrder,
            response=ResendAnswer,
            errors=(404, 413),
            scope="webhooks",
        ),
    )
