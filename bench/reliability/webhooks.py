"""Callbacks under faults: many deliveries, receivers that fail, a sender that is killed again and again.

    python bench/reliability/webhooks.py --write         10,000 deliveries (minutes), written into RELIABILITY.md
    python bench/reliability/webhooks.py --deliveries 500 --kills 5

A sender (a process of its own: database, guard, signing, sockets, all real) empties the outbox of a data folder and is
killed with SIGKILL at random moments. A receiver answers 30 % of all requests badly: 500, 503 with `Retry-After: 0`,
a redirect, a connection closed without an answer, or half of one. The schedule is compressed to fractions of a second;
nothing else differs from the real sender. Afterwards every delivery must have arrived at least once, always under the
one id it was given, with the bytes that were frozen and a signature that the specification's own library accepts.
Exit status 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

from songwright import accounts
from songwright.core.clock import SystemClock
from songwright.db import Database
from songwright.egress import Egress, parse_allowed
from songwright.webhooks import Deliverer, outbox

PAGE, TITLE = Path(__file__).parents[2] / "RELIABILITY.md", "## Webhooks"
INTRODUCTION = """# What was tried to break Songwright, and what came of it

Each row is a test that prints its number; the command runs it again. `make test` runs all of them in smaller numbers.
"""
COMMAND = "make reliability-webhooks"
FAULTS = 0.3
SCHEDULE_S = (0.0, *[0.05] * 39)  #: forty attempts: 0.3 ** 40 of a chance to be given up
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
_TASK = """
INSERT INTO task (id, account_id, key_id, mode, dialect, kind, request, body, ignored_fields, seed, digest, status,
  stage, price_credits, clips, metadata, created_at_s, vt)
VALUES (?, ?, '', 'test', 'apione', 'music', x'', x'', x'', 0, 0, 'completed', 'complete', 0, x'', x'', 0, 0)
"""


@dataclass
class Receiver:
    """Answers badly now and then, and writes down what it got."""

    secret: str
    luck: random.Random
    bodies: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))  #: by webhook-id
    accepted: Counter[str] = field(default_factory=Counter)  #: how often each id was answered with 2xx
    requests: int = 0
    unverified: int = 0
    followed: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._one(reader, writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests += 1
        self.followed += "/elsewhere" in lines[0]
        try:
            Webhook(self.secret).verify(body, headers, json_parse=False)
        except WebhookVerificationError:
            self.unverified += 1
        self.bodies[headers["webhook-id"]].add(body)
        if self.luck.random() < FAULTS:
            await self._fail(writer)
            return
        self.accepted[headers["webhook-id"]] += 1
        writer.write(b"HTTP/1.1 204 Fine\r\n\r\n")
        await writer.drain()

    async def _fail(self, writer: asyncio.StreamWriter) -> None:
        answers = (
            b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 302 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Le",
        )
        answer = self.luck.choice(answers)
        writer.write(answer)
        await writer.drain()
        if not answer.endswith(b"\r\n\r\n"):
            raise ConnectionError("hung up")


@dataclass(frozen=True)
class Result:
    """What came of it."""

    deliveries: int
    kills: int
    lost: int
    pending: int
    exhausted: int
    more_than_one_id: int
    other_bytes: int
    unverified: int
    followed: int
    unknown_ids: int
    requests: int
    twice: int
    wall_s: float

    @property
    def right(self) -> bool:
        """True when nothing was lost, changed, forged or followed."""
        return not (
            self.lost
            or self.pending
            or self.exhausted
            or self.more_than_one_id
            or self.other_bytes
            or self.unverified
            or self.followed
            or self.unknown_ids
        )


def fill(path: Path, port: int, deliveries: int) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """An outbox with one callback a task; the account's secret, and (id, body) by task."""
    database = Database(path)
    database.open()

    def operation(connection: sqlite3.Connection) -> str:
        account = accounts.create(connection, "receiver", 0.0)
        for number in range(deliveries):
            task_id = f"task-{number}"
            connection.execute(_TASK, (task_id, account.id))
            url = f"http://{HOSTS[number % len(HOSTS)]}:{port}/hook"
            body = json.dumps({"task_id": task_id, "title": "Über 🎵"}).encode()
            outbox.put(connection, task_id, account.id, url, "complete", body, 0.0)
        return account.webhook_secret

    secret = database.write_blocking(operation)
    rows = database.read("SELECT task_id, id, body FROM webhook_delivery")
    database.close()
    return secret, {row[0]: (row[1], bytes(row[2])) for row in rows}


async def send(path: Path) -> None:
    """What the server does, until it is killed."""
    database = Database(path)
    database.open()
    egress = Egress(parse_allowed(HOSTS))
    await Deliverer(database, egress, SystemClock(), schedule_s=SCHEDULE_S, timeout_s=2.0).run()


async def measure(deliveries: int, kills: int, seed: int = 1) -> Result:
    """Deliver everything, killing the sender `kills` times on the way."""
    began_s, luck = time.monotonic(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "songwright.db"
        receiver = Receiver("", luck)
        server = await asyncio.start_server(receiver.handle, "0.0.0.0", 0)
        port = server.sockets[0].getsockname()[1]
        receiver.secret, given = await asyncio.to_thread(fill, path, port, deliveries)
        killed = await _send_and_kill(path, receiver, deliveries, kills, luck)
        server.close()
        return _judge(path, receiver, given, killed, time.monotonic() - began_s)


async def _send_and_kill(path: Path, receiver: Receiver, deliveries: int, kills: int, luck: random.Random) -> int:
    killed = 0
    while _left(path):
        command = [sys.executable, __file__, "--send", str(path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        sender = await asyncio.to_thread(subprocess.Popen, command, env=environment)
        # The next kill comes after a random share of what is left for all of them.
        until = receiver.requests + luck.randint(1, max(2, 2 * deliveries // (kills + 1)))
        while sender.poll() is None and _left(path) and not (killed < kills and receiver.requests >= until):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if sender.poll() is not None:
            raise RuntimeError(f"the sender ended by itself with {sender.returncode}")
        killed += bool(_left(path))
        sender.send_signal(signal.SIGKILL)
        await asyncio.to_thread(sender.wait)
    return killed


def _left(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT 1 FROM webhook_delivery WHERE state = 'pending'").fetchone() is not None


def _judge(path: Path, receiver: Receiver, given: dict[str, tuple[str, bytes]], killed: int, wall_s: float) -> Result:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM webhook_delivery GROUP BY state").fetchall())
    ids: dict[str, set[str]] = defaultdict(set)
    for delivery_id, bodies in receiver.bodies.items():
        for body in bodies:
            ids[json.loads(body)["task_id"]].add(delivery_id)
    known = dict(given.values())
    return Result(
        deliveries=len(given),
        kills=killed,
        lost=sum(receiver.accepted[delivery_id] == 0 for delivery_id in known),
        pending=states.get("pending", 0),
        exhausted=states.get("exhausted", 0),
        more_than_one_id=sum(len(found) != 1 for found in ids.values()),
        other_bytes=sum(bodies != {known.get(name)} for name, bodies in receiver.bodies.items()),
        unverified=receiver.unverified,
        followed=receiver.followed,
        unknown_ids=len(set(receiver.bodies) - set(known)),
        requests=receiver.requests,
        twice=sum(count > 1 for count in receiver.accepted.values()),
        wall_s=wall_s,
    )


def section(result: Result) -> str:
    """The rows of RELIABILITY.md."""
    asked, many = f"{result.deliveries:,}", f"{result.deliveries:,} of {result.deliveries:,}"
    rows = (
        (
            f"callbacks with 30 % faults, sender killed {result.kills} times: lost, still pending, given up",
            f"{asked}: 0, 0, 0",
            f"{asked}: {result.lost}, {result.pending}, {result.exhausted}"
            f" ({result.requests:,} requests, {result.twice:,} arrived twice)",
        ),
        (
            "the same id, the frozen bytes and a valid signature at every attempt",
            many,
            f"{many}: {result.more_than_one_id} ids too many, {result.other_bytes} other bytes,"
            f" {result.unverified} not verified",
        ),
        ("redirects followed", "0", str(result.followed)),
    )
    today = datetime.now(UTC).date()
    lines = [f"| {what} | {wanted} | {reached} | `{COMMAND}` | {today} |" for what, wanted, reached in rows]
    return "\n".join([TITLE, "", "| what | asked | reached | command | date |", "|---|---|---|---|---|", *lines, ""])


def write(text: str) -> None:
    """Put the section in the place of the old one."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else INTRODUCTION
    before, _, rest = page.partition(TITLE)
    _, heading, after = rest.partition("\n## ")
    PAGE.write_text(before.rstrip() + "\n\n" + text + heading + after, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--send", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.send is not None:
        asyncio.run(send(options.send))
        return
    result = asyncio.run(measure(options.deliveries, options.kills))
    for name in Result.__dataclass_fields__:
        value = getattr(result, name)
        print(
            f"{name.replace('_', ' '):18} {value:,.1f}"
            if name == "wall_s"
            else f"{name.replace('_', ' '):18} {value:,}"
        )
    if options.write:
        write(section(result))
    print("webhooks: every delivery arrived" if result.right else "webhooks: WRONG")
    sys.exit(0 if result.right else 1)


if __name__ == "__main__":
    main()
