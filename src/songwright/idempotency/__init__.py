"""Idempotency keys: a POST that is sent again with its key is answered as the first time and changes nothing."""

from songwright.idempotency.exchanges import Exchanges, mark_of
from songwright.idempotency.store import KEPT_S, Remembered, forget, recall, recall_same, remember

__all__ = ["KEPT_S", "Exchanges", "Remembered", "forget", "mark_of", "recall", "recall_same", "remember"]
