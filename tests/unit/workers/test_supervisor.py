from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from songwright.core.errors import ProviderError, WorkerDied
from songwright.workers.supervisor import ChildPlan, Supervisor, family_rss_bytes

ENTRY = "obedient_child:open_worker"


def supervised(scenario, size: int = 1, **plan: Any):
    """Run a scenario with a supervisor that is stopped afterwards."""

    async def run():
        supervisor = Supervisor(ChildPlan(entry=ENTRY, **plan), size)
        try:
            return await scenario(supervisor)
        finally:
            await supervisor.stop()
            assert supervisor.process_ids == ()

    return asyncio.run(run())


async def ignore(news) -> None:
    return None


async def gone(pid: int) -> bool:
    """True when the process ends within ten seconds (a zombie has ended)."""
    for _ in range(200):
        if state_of(pid) in ("", "Z"):
            return True
        await asyncio.sleep(0.05)
    return False


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_a_child_stays_warm_between_jobs_and_sends_its_news_in_order() -> None:
    async def scenario(supervisor: Supervisor):
        heard: list[Any] = []

        async def hear(news) -> None:
            heard.append(news.get("number"))

        first = await supervisor.run({"do": "news", "count": 50}, hear)
        second = await supervisor.run({"do": "echo", "value": {"ü": [1, None, "\n"]}}, ignore)
        return heard, first, second

    heard, first, second = supervised(scenario)
    assert heard == [None, *range(50)]
    assert first["pid"] == second["pid"]
    assert second["jobs_done"] == 2
    assert second["value"] == {"ü": [1, None, "\n"]}


def test_children_say_what_they_are_when_they_are_ready() -> None:
    said = supervised(lambda supervisor: supervisor.start(), size=2, options={"name": "bass"})
    assert said == ({"notes": ["ready bass"]}, {"notes": ["ready bass"]})


def test_the_environment_of_a_child_can_be_set() -> None:
    answer = supervised(
        lambda s: s.run({"do": "environment", "name": "OMP_NUM_THREADS"}, ignore), environment={"OMP_NUM_THREADS": "1"}
    )
    assert answer["value"] == "1"


@pytest.mark.parametrize(
    ("job", "how"),
    [({"do": "die"}, "SIGKILL"), ({"do": "die", "signal": 11}, "SIGSEGV"), ({"do": "exit", "status": 75}, "75")],
)
def test_a_child_that_dies_fails_its_own_job_alone_and_is_replaced(job, how) -> None:
    async def scenario(supervisor: Supervisor):
        await supervisor.start()
        before = set(supervisor.process_ids)
        slow = asyncio.create_task(supervisor.run({"do": "news", "count": 3}, ignore))
        with pytest.raises(WorkerDied, match=how) as died:
            await supervisor.run(job, ignore)
        assert not died.value.permanent
        other = await slow
        again = await asyncio.gather(*(supervisor.run({"do": "echo", "value": n}, ignore) for n in range(4)))
        return before, other["pid"], {answer["pid"] for answer in again}

    before, survivor, after = supervised(scenario, size=2)
    assert survivor in before & after
    assert len(after - before) == 1


def test_a_child_that_died_while_idle_is_replaced_before_the_next_job() -> None:
    async def scenario(supervisor: Supervisor):
        await supervisor.start()
        [pid] = supervisor.process_ids
        os.kill(pid, signal.SIGKILL)
        assert await gone(pid)
        await asyncio.sleep(0.1)
        return pid, (await supervisor.run({"do": "echo", "value": 1}, ignore))["pid"]

    before, after = supervised(scenario)
    assert before != after


def test_a_job_past_its_time_limit_is_killed_with_everything_it_started() -> None:
    async def scenario(supervisor: Supervisor) -> list[int]:
        pids: list[int] = []

        async def hear(news) -> None:
            pids.extend(news.values())

        with pytest.raises(WorkerDied, match="longer than 2 s") as late:
            await supervisor.run({"do": "hang"}, hear)
        assert late.value.code == "time_limit"
        assert len(pids) == 2
        assert [await gone(pid) for pid in pids] == [True, True]
        return pids

    supervised(scenario, job_limit_s=2.0)


def test_a_cancelled_job_is_killed_and_the_next_gets_a_new_child() -> None:
    async def scenario(supervisor: Supervisor):
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def hear(news) -> None:
            if "helper" in news:
                started.set_result(news["helper"])

        job = asyncio.create_task(supervisor.run({"do": "hang"}, hear))
        helper = await started
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert await gone(helper)
        return (await supervisor.run({"do": "echo", "value": 5}, ignore))["value"]

    assert supervised(scenario) == 5


def test_a_listener_that_raises_stops_the_job_and_is_heard() -> None:
    class ClaimLost(Exception):
        pass

    async def refuse(news) -> None:
        raise ClaimLost

    async def scenario(supervisor: Supervisor):
        with pytest.raises(ClaimLost):
            await supervisor.run({"do": "hang"}, refuse)
        return (await supervisor.run({"do": "echo", "value": 5}, ignore))["value"]

    assert supervised(scenario) == 5


def test_a_child_that_grows_too_large_is_killed() -> None:
    async def scenario(supervisor: Supervisor) -> None:
        with pytest.raises(WorkerDied, match="MiB") as died:
            await supervisor.run({"do": "grow", "mib": 300}, ignore)
        assert died.value.code == "memory_limit"

    supervised(scenario, memory_limit_bytes=200 * 2**20)


def test_memory_is_that_of_the_whole_session() -> None:
    code = "import subprocess, sys; x = b'x' * 10**8; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as leader:
        assert leader.stdout is not None
        leader.stdout.readline()
        assert 10**8 < family_rss_bytes(leader.pid) < 3 * 10**8
        leader.kill()
    assert family_rss_bytes(leader.pid) == 0


@pytest.mark.parametrize(
    ("job", "permanent", "code"),
    [
        ({"do": "refuse", "permanent": True}, True, "refused"),
        ({"do": "refuse", "permanent": False}, False, "refused"),
        ({"do": "divide"}, True, "internal_error"),
        ({"do": "no_disk"}, False, "no_resources"),
    ],
)
def test_a_job_that_raises_keeps_its_child(job, permanent, code) -> None:
    async def scenario(supervisor: Supervisor):
        await supervisor.start()
        [pid] = supervisor.process_ids
        with pytest.raises(ProviderError) as failed:
            await supervisor.run(job, ignore)
        after = await supervisor.run({"do": "echo", "value": 1}, ignore)
        return failed.value, pid, after["pid"]

    error, before, after = supervised(scenario)
    assert (error.permanent, error.code, before) == (permanent, code, after)
    assert "ZeroDivision" not in error.message


def test_a_child_that_cannot_start_fails_the_job_not_the_server(tmp_path) -> None:
    flag = tmp_path / "refuse"
    flag.touch()

    async def scenario(supervisor: Supervisor):
        [said] = await supervisor.start()
        assert isinstance(said, WorkerDied)
        with pytest.raises(WorkerDied):
            await supervisor.run({"do": "echo", "value": 1}, ignore)
        flag.unlink()
        return (await supervisor.run({"do": "echo", "value": 1}, ignore))["value"]

    assert supervised(scenario, options={"refuse_while": str(flag)}) == 1


def test_children_end_with_their_supervisor_even_when_it_is_killed() -> None:
    code = f"""
import asyncio
from songwright.workers.supervisor import ChildPlan, Supervisor
async def main():
    supervisor = Supervisor(ChildPlan(entry={ENTRY!r}), 1)
    async def hear(news): print(*news.values(), flush=True)
    await supervisor.run({{"do": "hang"}}, hear)
asyncio.run(main())"""
    environment = os.environ | {"PYTHONPATH": ":".join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout is not None
        pids = [int(server.stdout.readline()) for _ in range(2)]
        server.kill()
    assert [asyncio.run(gone(pid)) for pid in pids] == [True, True]
