"""Every bound of the main job, with its default."""

from __future__ import annotations

from dataclasses import dataclass, field

from songwright.idempotency import KEPT_S
from songwright.tasks.screening import WordFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what one key may have under way and on how long anything may take. Times in seconds."""

    unfinished_per_key: int = 100  #: tasks of one key that are waiting or being made
    queue_limit: int = 10_000  #: unfinished tasks of everybody; beyond it submits are turned away
    dedupe_s: float = 10.0  #: how long an identical submit is answered with the first task
    idempotency_s: float = KEPT_S  #: how long an idempotency key is remembered
    lease_s: float = 30.0  #: how long a silent worker is believed
    retry_first_s: float = 2.0  #: wait before the second attempt; doubles with each further one
    retry_last_s: float = 60.0
    task_age_s: float = 86_400.0  #: an unfinished task older than this is given up and not charged
    words: WordFilter = field(default_factory=WordFilter)  #: what no order may say

    def retry_after_s(self, crashes: int) -> float:
        """How long a task waits after its attempts ended badly `crashes` times."""
        return min(self.retry_first_s * 2 ** max(crashes - 1, 0), self.retry_last_s)
