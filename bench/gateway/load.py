"""How many durable submits and polls a second the server takes: `python bench/gateway/load.py [--seconds 3]`.

The server is a process of its own (uvicorn with uvloop, SQLite with synchronous=FULL on a real disk, no workers), the
load comes from `wrk -t1 -c64` on the same machine, or from an asyncio client when wrk is missing. A submit is the whole
way: key, validation, reservation, row on disk. Prints requests a second, latency, and the server's CPU time a request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

CONNECTIONS = 64
LUA = """
local count = 0
request = function()
  count = count + 1
  return wrk.format("POST", PATH, HEADERS, string.format(BODY, count))
end
"""
SUBMITS = {
    "submit, dialect A": ("/api/v1/audio/music", '{"model": "chirp-v4-5", "title": "Bench", "prompt": "song %d"}'),
    "submit, dialect B": ("/api/suno/v1/music", '{"mv": "chirp-v3-5", "input": {"gpt_description_prompt": "song %d"}}'),
}
WANTED = {"submit": 3_000, "poll": 10_000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(Path(arguments.serve))
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        server = subprocess.Popen(
            [sys.executable, __file__, "--serve", folder], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        try:
            assert server.stdout
            measure(json.loads(server.stdout.readline()), server.pid, arguments.seconds)
        finally:
            server.terminate()
            server.wait(30)


def measure(started: dict[str, str], pid: int, seconds: float) -> None:
    url, token = started["url"], started["token"]
    task_id = _first_task(url, token)
    polls = {
        "poll, tasks": f"/api/v1/tasks/{task_id}",
        "poll, feed": f"/api/v1/audio/music/feed?task_id={task_id}",
        "poll, dialect B": f"/api/suno/v1/music/{task_id}",
    }
    print(f"{'':20}{'requests/s':>12}{'wanted':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}{'errors':>8}")
    for name, (path, body) in SUBMITS.items():
        _row(name, pid, _load(url, path, token, seconds, body))
    for name, path in polls.items():
        _row(name, pid, _load(url, path, token, seconds, None))


def _row(name: str, pid: int, run: Any) -> None:
    before_s = _cpu_s(pid)
    result = run()
    cpu_us = (_cpu_s(pid) - before_s) * 1e6 / max(result["requests"], 1)
    wanted = WANTED[name.split(",")[0]]
    print(
        f"{name:20}{result['rate']:12,.0f}{wanted:9,}{result['p50_ms']:9.1f}{result['p99_ms']:9.1f}"
        f"{cpu_us:9.0f}{result['errors']:8}"
    )


def _load(url: str, path: str, token: str, seconds: float, body: str | None) -> Any:
    if shutil.which("wrk"):
        return lambda: _by_wrk(url, path, token, seconds, body)
    return lambda: asyncio.run(_by_asyncio(url, path, token, seconds, body))


def _by_wrk(url: str, path: str, token: str, seconds: float, body: str | None) -> dict[str, Any]:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if body is None:
            command += ["-H", f"X-API-Key: {token}"]
        else:
            names = {"PATH": json.dumps(path), "BODY": json.dumps(body), "HEADERS": f'{{["X-API-Key"] = "{token}"}}'}
            script.write("".join(f"{name} = {value}\n" for name, value in names.items()) + LUA)
            script.flush()
            command += ["-s", script.name]
        text = subprocess.run([*command, url + path], capture_output=True, text=True, check=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests": int(_found(r"(\d+) requests in", text)),
        "rate": float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        "p50_ms": _milliseconds(_found(r"(?m)^\s+50%\s+([\d.]+[mu]?s)", text)),
        "p99_ms": _milliseconds(_found(r"(?m)^\s+99%\s+([\d.]+[mu]?s)", text)),
        "errors": int(errors[1]) if errors else 0,
    }


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk printed something unexpected:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


async def _by_asyncio(url: str, path: str, token: str, seconds: float, body: str | None) -> dict[str, Any]:
    host, port = url.removeprefix("http://").split(":")
    times_ms: list[float] = []
    errors = 0
    end_s = time.perf_counter() + seconds

    async def one(number: int) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(host, int(port))
        count = 0
        while time.perf_counter() < end_s:
            count += 1
            content = b"" if body is None else (body % (number * 10_000_000 + count)).encode()
            head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {token}\r\n"
            began_s = time.perf_counter()
            writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", answer)[1]))  # type: ignore[index]
            times_ms.append((time.perf_counter() - began_s) * 1e3)
            errors += not answer.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    times_ms.sort()
    total = len(times_ms)
    return {
        "requests": total,
        "rate": total / seconds,
        "p50_ms": times_ms[total // 2],
        "p99_ms": times_ms[total * 99 // 100],
        "errors": errors,
    }


def _first_task(url: str, token: str) -> str:
    request = urllib.request.Request(
        f"{url}/api/v1/audio/music",
        data=b'{"prompt": "the one that is polled", "style": "pop", "title": "Polled"}',
        headers={"X-API-Key": token},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["task_id"]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(folder: Path) -> None:
    """The server alone, until it is told to stop; its address and a key are the first line printed."""
    import uvicorn

    from songwright import accounts, keys, ledger
    from songwright.catalog import load_catalog
    from songwright.core.clock import SystemClock
    from songwright.db import Database
    from songwright.dialects.base import Doors, Services, build_dialects, callback_renderers
    from songwright.idempotency import Exchanges
    from songwright.keys import KeyRing
    from songwright.orders import Till
    from songwright.providers.fake import FakeProvider
    from songwright.storage import LocalStorage
    from songwright.tasks import Lifecycle, Limits
    from songwright.web import WebSettings, build_asgi

    db, catalog, clock = Database(folder / "bench.db"), load_catalog(), SystemClock()
    db.open()

    def open_account(connection: Any) -> str:
        account = accounts.create(connection, "bench", time.time())
        ledger.grant(connection, account.id, 10**9, "bench", time.time())
        return keys.create(connection, account.id, "live", time.time())[0]

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    storage = LocalStorage(folder / "media")
    lifecycle = Lifecycle(
        db,
        catalog,
        FakeProvider(),
        storage,
        callback_renderers(catalog, url),
        clock,
        folder / "work",
        Limits(unfinished_per_key=10**9, queue_limit=10**9),
    )
    services = Services(
        lifecycle=lifecycle,
        catalog=catalog,
        public_url=url,
        balance_of=lambda account_id: db.reading(lambda c: ledger.balance(c, account_id)),
        webhook_secret_of=lambda account_id: db.reading(lambda c: accounts.get(c, account_id)).webhook_secret,
        doors=Doors(db, clock),
        exchanges=Exchanges(db, clock),
        till=Till(db, clock),
        statement=ledger.StatementReader(db),
    )
    app = build_asgi(
        dialects=build_dialects(services),
        lifecycle=lifecycle,
        keyring=KeyRing(db, clock),
        db=db,
        storage=storage,
        settings=WebSettings(public_url=url, version="bench", requests_per_s=1e9, burst=10**9),
    )
    token = db.write_blocking(open_account)
    print(json.dumps({"url": url, "token": token}), flush=True)
    config = uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listener])
    db.close()


if __name__ == "__main__":
    main()
