"""What runs inside a supervised child: `python -m songwright.workers.child MODULE:FUNCTION`.

The function is called once with the supervisor's options and a `send` for notes, and returns the handler that is called
with each job and a `send` for news. Lines of JSON come in on stdin and go out on the stdout of the start; anything the
job prints goes to stderr. When stdin closes, the supervisor is gone: the whole process group ends at once, busy or not.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from queue import SimpleQueue
from typing import Any, BinaryIO

from songwright.core.errors import ProviderError

Send = Callable[[Mapping[str, Any]], None]
Handler = Callable[[Mapping[str, Any], Send], Mapping[str, Any]]
Opener = Callable[[Mapping[str, Any]], tuple[Handler, Mapping[str, Any]]]
"""Called once with the options: the handler of jobs, and what there is to say about its readiness."""


def main(entry: str) -> None:
    """Serve jobs until the process is ended."""
    out = _private_stdout()
    jobs: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
    threading.Thread(target=_read_jobs, args=(jobs,), name="jobs", daemon=True).start()
    module, _, function = entry.partition(":")
    opener: Opener = getattr(import_module(module), function)
    handle, ready = opener(jobs.get())
    _write(out, {"ready": ready})
    while True:
        job = jobs.get()
        _write(out, _answer(handle, job, lambda news: _write(out, {"news": news})))


def _answer(handle: Handler, job: Mapping[str, Any], send: Send) -> Mapping[str, Any]:
    try:
        return {"result": handle(job, send)}
    except ProviderError as error:
        return _failure(error.message, permanent=error.permanent, code=error.code)
    except (MemoryError, OSError) as error:
        traceback.print_exc()
        return _failure(f"The song could not be made: {type(error).__name__}.", permanent=False, code="no_resources")
    except Exception:  # A job's own mistake would only repeat itself; the trace is on stderr, the child lives on.
        traceback.print_exc()
        return _failure("The song could not be made.", permanent=True, code="internal_error")


def _failure(message: str, *, permanent: bool, code: str) -> Mapping[str, Any]:
    return {"failure": {"message": message, "permanent": permanent, "code": code}}


def _private_stdout() -> BinaryIO:
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return out


def _write(out: BinaryIO, message: Mapping[str, Any]) -> None:
    try:
        out.write(json.dumps(message).encode() + b"\n")
    except BrokenPipeError:
        _end_group()


def _read_jobs(jobs: SimpleQueue[Mapping[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(json.loads(line))
    _end_group()


def _end_group() -> None:
    """End this process and every process it started; only where it leads a group of its own."""
    if os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
