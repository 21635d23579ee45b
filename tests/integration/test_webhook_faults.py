"""Callbacks survive bad receivers and a sender that is killed; the long run is `make reliability-webhooks`."""

from __future__ import annotations

import asyncio

from bench.reliability.webhooks import measure


def test_500_callbacks_with_30_percent_faults_and_a_sender_killed_5_times_all_arrive_under_one_id() -> None:
    result = asyncio.run(measure(500, kills=5, seed=7))
    assert result.right, result
    assert result.kills == 5 and result.requests > 600
