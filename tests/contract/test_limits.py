"""Too much of anything is refused with a word, and what was accepted is not lost."""

from __future__ import annotations

import errno
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from serving import Running, wait_until_final

from songwright import keys, ledger
from songwright.core.errors import Unavailable
from songwright.web.shedding import Shedder


@pytest.fixture(scope="module")
def idle(start_server: Callable[..., Running]) -> Running:
    return start_server(perform=False, max_body_bytes=4096)


def test_a_body_that_is_too_large_is_answered_and_not_read_to_its_end(idle: Running) -> None:
    token = idle.customer("large").token
    head = (
        f"POST /api/v1/audio/music HTTP/1.1\r\nHost: x\r\nX-API-Key: {token}\r\n"
        f"Content-Length: {2**40}\r\nContent-Type: application/json\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", idle.port), timeout=20) as raw:
        raw.sendall(head.encode())
        began_s = time.monotonic()
        answer = raw.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 413") and "connection: close" in answer.lower()
        sent = 0
        block = b"x" * 65536
        with pytest.raises(OSError):
            while sent < 64 * 2**20:
                sent += raw.send(block)
            raise AssertionError("64 MB were read after the refusal")
        assert time.monotonic() - began_s < 15


def test_a_client_that_sends_a_little_too_much_gets_to_read_why(idle: Running) -> None:
    ada = idle.customer("ada")
    for _ in range(5):
        answer = httpx2.post(
            f"{idle.url}/api/v1/audio/music", headers=ada.bearer, content=b"x" * 2**20, trust_env=False
        )
        assert answer.status_code == 413 and answer.json()["error"]["type"] == "payload_too_large"


def test_orders_are_shed_first_and_reads_last() -> None:
    shedder = Shedder(orders_at=2, reads_at=3)
    with shedder.place("POST"), shedder.place("POST"):
        with pytest.raises(Unavailable) as shed, shedder.place("POST"):
            pass
        assert shed.value.retry_after_s
        with shedder.place("GET"), pytest.raises(Unavailable), shedder.place("GET"):
            pass
    with shedder.place("POST"):
        assert shedder.under_way == 1


def test_a_full_queue_sheds_orders_with_a_time_to_wait_while_polls_are_answered(
    start_server: Callable[..., Running],
) -> None:
    server = start_server(perform=False, queue_limit=2)
    ada = server.customer("ada")
    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False) as client:
        ids = [client.post("/api/v1/audio/music", json={"prompt": f"{i}"}).json().get("task_id") for i in range(2)]
        shed = client.post("/api/v1/audio/music", json={"prompt": "one more"})
        assert shed.status_code == 503 and int(shed.headers["retry-after"]) >= 1
        assert [client.get(f"/api/v1/tasks/{task_id}").status_code for task_id in ids] == [200, 200]
    assert server.balance(ada).reserved == 10 and server.db.reading(ledger.verify) == []


def test_a_full_disk_answers_503_loses_nothing_and_goes_on_when_there_is_room(
    start_server: Callable[..., Running],
) -> None:
    server = start_server()
    ada = server.customer("ada")

    def cap(pages: int | None) -> None:
        def set_cap(connection: sqlite3.Connection) -> None:
            count = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {count + (2**20 if pages is None else pages)}")

        server.db.write_blocking(set_cap)

    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False, timeout=30) as client:
        cap(3)
        accepted: list[str] = []
        for i in range(60):
            answer = client.post("/api/v1/audio/music", json={"prompt": f"song {i} " + "la " * 1500})
            if answer.status_code != 200:
                break
            accepted.append(answer.json()["task_id"])
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1, answer.text
        assert "disk is full" in answer.json()["message"]
        assert all(client.get(f"/api/v1/tasks/{task_id}").status_code == 200 for task_id in accepted)
        assert server.db.reading(ledger.verify) == []
        cap(None)
        after = client.post("/api/v1/audio/music", json={"prompt": "there is room again"}).json()["task_id"]
        for task_id in (*accepted, after):
            assert wait_until_final(client, task_id, 60)["status"] == "completed"
    assert server.db.reading(ledger.verify) == []
    assert server.balance(ada).reserved == 0


def test_a_busy_database_answers_503_and_loses_nothing(idle: Running) -> None:
    bob = idle.customer("bob")
    before = idle.balance(bob)
    idle.db.write_blocking(lambda c: c.execute("PRAGMA busy_timeout = 200").fetchall())
    holder = sqlite3.connect(idle.db.path, isolation_level=None)
    with httpx2.Client(base_url=idle.url, headers=bob.bearer, trust_env=False, timeout=30) as client:
        holder.execute("BEGIN IMMEDIATE")
        busy = client.post("/api/v1/audio/music", json={"prompt": "while it is locked"})
        assert busy.status_code == 503 and int(busy.headers["retry-after"]) >= 1
        assert client.get("/api/v1/credits").status_code == 200
        holder.execute("ROLLBACK")
        assert idle.balance(bob) == before
        assert client.post("/api/v1/audio/music", json={"prompt": "now it is free"}).status_code == 200
    holder.close()


def test_an_upload_that_finds_no_room_is_503_and_leaves_nothing(
    idle: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def no_room(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("songwright.web.spool.write_body", no_room)
    eve = idle.customer("eve")
    answer = httpx2.post(
        f"{idle.url}/api/v1/audio/music/upload", headers=eve.bearer, files={"file": b"x" * 999}, trust_env=False
    )
    assert answer.status_code == 503 and "No space left" in answer.json()["message"]
    assert idle.balance(eve).reserved == 0


def test_no_page_is_longer_than_it_may_be(idle: Running) -> None:
    max_ = idle.customer("max", powers=keys.FULL)
    with httpx2.Client(base_url=idle.url, headers=max_.bearer, trust_env=False) as client:
        for path in ("/api/v1/tasks", "/api/v1/usage"):
            for limit in ("-1", "0", "1e9", "99999999999999999999", "x"):
                assert client.get(path, params={"limit": limit}).status_code in (200, 400)
