"""What supervised children do in tests; imported by them, not by pytest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from songwright.core.errors import ProviderError

Send = Callable[[Mapping[str, Any]], None]


def open_worker(options: Mapping[str, Any]) -> tuple[Callable[[Mapping[str, Any], Send], Mapping[str, Any]], Any]:
    if (flag := options.get("refuse_while")) and Path(flag).exists():
        raise RuntimeError("not now")
    jobs_done = 0

    def handle(job: Mapping[str, Any], send: Send) -> Mapping[str, Any]:
        nonlocal jobs_done
        jobs_done += 1
        send({"pid": os.getpid()})
        return {"pid": os.getpid(), "jobs_done": jobs_done, "value": ACTIONS[job["do"]](job, send)}

    return handle, {"notes": [f"ready {options.get('name', '')}"]}


def news(job: Mapping[str, Any], send: Send) -> None:
    print("a stray print must not disturb the conversation")
    for number in range(job["count"]):
        send({"number": number})


def die(job: Mapping[str, Any], send: Send) -> None:
    os.kill(os.getpid(), job.get("signal", 9))
    time.sleep(60)


def exit_with(job: Mapping[str, Any], send: Send) -> None:
    os._exit(job["status"])


def hang(job: Mapping[str, Any], send: Send) -> None:
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    send({"helper": helper.pid})
    time.sleep(300)


def grow(job: Mapping[str, Any], send: Send) -> int:
    hoard = bytearray(os.urandom(1024)) * (job["mib"] * 1024)
    time.sleep(60)
    return len(hoard)


def refuse(job: Mapping[str, Any], send: Send) -> None:
    raise ProviderError("no", permanent=job["permanent"], code="refused")


def divide(job: Mapping[str, Any], send: Send) -> float:
    return 1 / 0


def no_disk(job: Mapping[str, Any], send: Send) -> None:
    raise OSError(28, "No space left on device")


def environment(job: Mapping[str, Any], send: Send) -> str | None:
    return os.environ.get(job["name"])


def echo(job: Mapping[str, Any], send: Send) -> Any:
    return job["value"]


ACTIONS: Mapping[str, Callable[[Mapping[str, Any], Send], Any]] = {
    "news": news,
    "die": die,
    "exit": exit_with,
    "hang": hang,
    "grow": grow,
    "refuse": refuse,
    "divide": divide,
    "no_disk": no_disk,
    "environment": environment,
    "echo": echo,
}
