"""Outgoing webhooks: bytes frozen once in the outbox, signed at each attempt, delivered at least once.

The task's last transaction puts the row into the outbox; this room only sends. A failing callback fails no task.
"""

from songwright.webhooks import outbox
from songwright.webhooks.delivery import Deliverer
from songwright.webhooks.schedule import DEFAULT_SCHEDULE_S
from songwright.webhooks.signing import signed_headers

__all__ = ["DEFAULT_SCHEDULE_S", "Deliverer", "outbox", "signed_headers"]
