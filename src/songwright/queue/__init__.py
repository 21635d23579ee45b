"""Who works on what next: the port, and its form inside the database of one machine."""

from songwright.queue.base import Claim, Queue
from songwright.queue.local import LocalQueue

__all__ = ["Claim", "LocalQueue", "Queue"]
