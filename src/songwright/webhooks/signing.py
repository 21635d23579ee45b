"""Headers of one delivery, as the Standard Webhooks specification writes them, plus the task's id.

Conventions: the timestamp is the attempt's, in whole Unix seconds; what is signed is `id.timestamp.body`. While a
secret is being replaced there are two: the header then has a signature of each, the newer first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

USER_AGENT = "Songwright-Webhooks/1"


def signed_headers(secrets: Sequence[str], delivery_id: str, task_id: str, body: bytes, now_s: float) -> dict[str, str]:
    """The headers that prove where a body comes from. `delivery_id` stays the same over all attempts."""
    moment = datetime.fromtimestamp(int(now_s), UTC)
    text = body.decode("utf-8")
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now_s)),
        "webhook-signature": " ".join(Webhook(secret).sign(delivery_id, moment, text) for secret in secrets),
        "songwright-task-id": task_id,
    }
