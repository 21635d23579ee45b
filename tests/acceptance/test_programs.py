"""The programs beside the songs: a second server, workers of their own, keys, and what an operator is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.acceptance.serving import Server

ORDER = {"prompt": "A song about rain", "title": "Rain"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes nothing itself."""
    running = Server(tmp_path_factory.mktemp("programs"), provider="fake", render_workers="0")
    running.start()
    yield running
    running.stop()


def client(server: Server, token: str) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, headers={"X-API-Key": token})


def test_a_worker_beside_the_server_makes_what_was_ordered(server: Server) -> None:
    token = server.command("keys", "create", "ann", "--credits", "10")
    with client(server, token) as api:
        task_id = api.post("/api/v1/audio/music", json=ORDER | {"model": "chirp-v3-5"}).json()["task_id"]
        time.sleep(1.5)
        assert api.get(f"/api/v1/tasks/{task_id}").json()["status"] == "pending"
        server.environment["SONGWRIGHT_RENDER_WORKERS"] = "1"
        worker = server.program("work")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and api.get(f"/api/v1/tasks/{task_id}").json()["status"] != "completed":
            time.sleep(0.2)
        assert api.get(f"/api/v1/tasks/{task_id}").json()["status"] == "completed"
        worker.terminate()
        assert worker.wait(30) == 0
    assert server.command("credits", "show", "ann") == "available 5, reserved 0, used 5"


def test_a_revoked_key_is_refused_within_a_second(server: Server) -> None:
    token = server.command("keys", "create", "bea", "--credits", "1")
    with client(server, token) as api:
        assert api.get("/api/v1/credits").status_code == 200
        server.command("keys", "revoke", token)
        time.sleep(1.0)
        assert api.get("/api/v1/credits").status_code == 401


def test_a_second_server_on_the_same_data_folder_is_refused_with_a_clear_word(server: Server) -> None:
    refused = server.run("serve", "--port", "0")
    assert refused.returncode == 2
    assert "already uses the data folder" in refused.stderr


def test_a_port_in_use_is_named(server: Server, tmp_path: Path) -> None:
    refused = server.run("serve", "--data", str(tmp_path / "other"))
    assert refused.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{server.port}" in refused.stderr


def test_the_books_and_the_schema_can_be_checked_beside_the_server(server: Server) -> None:
    assert server.command("ledger", "verify") == "ledger ok"
    assert "schema" in server.command("migrate")
    assert server.run("credits", "grant", "ann", "-5").returncode == 2


def test_the_doctor_says_what_is_missing_and_what_that_costs(server: Server, tmp_path: Path) -> None:
    server.environment["SONGWRIGHT_ASSETS"] = str(tmp_path / "nothing")
    examined = server.run("doctor")
    assert examined.returncode == 1
    assert "make fetch" in examined.stdout
