"""Headers of one delivery, as the Standard Webhooks specification writes them, plus the task's id.

Conventions: the timestamp is the attempt's, in whole Unix seconds; what is signed is `id.timestamp.body`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from standardwebhooks import Webhook

USER_AGENT = "Songwright-Webhooks/1"


def signed_headers(secret: str, delivery_id: str, task_id: str, body: bytes, now_s: float) -> dict[str, str]:
    """The headers that prove where a body comes from. `delivery_id` stays the same over all attempts."""
    moment = datetime.fromtimestamp(int(now_s), UTC)
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now_s)),
        "webhook-signature": Webhook(secret).sign(delivery_id, moment, body.decode("utf-8")),
        "songwright-task-id": task_id,
    }
