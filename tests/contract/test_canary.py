"""Marked secrets are sent through every door, well and badly; afterwards nothing that is kept or said holds one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from serving import Customer, Running, wait_until_final

from songwright.providers.fake import FakeProvider

PASSWORD = "canary-password-5f1d9c"
WRONG_PASSWORD = "canary-wrong-77aa31"


class _Breaking(FakeProvider):
    """Breaks in a way nobody foresaw, with a secret at hand."""

    async def make(self, job: Any, report: Any) -> Any:
        if "break" in job.request.description:
            raise RuntimeError("unforeseen")
        return await super().make(job, report)


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Running]) -> Running:
    return start_server(provider=_Breaking())


def _drive(client: httpx2.Client, ada: Customer) -> tuple[list[str], list[httpx2.Response]]:
    """Every way in, right and wrong: the secrets that were handed out, and the answers that may not repeat one."""
    shown: list[httpx2.Response] = []
    key = client.post("/api/v1/keys", headers=ada.bearer, json={"name": "canary"}).json()["data"]
    rotated = client.post(f"/api/v1/keys/{key['id']}/rotate", headers=ada.bearer).json()["data"]["key"]
    person = {"email": "canary@example.org", "password": PASSWORD, "name": "canary"}
    session = client.post("/api/v1/account/sign-up", json=person).json()["data"]["session"]
    as_person = {"authorization": f"Bearer {session}"}
    invited = client.post("/api/v1/account/invitations", headers=as_person, json={}).json()["data"]["invitation"]
    secret = client.get("/api/v1/webhooks/secret", headers=ada.bearer).json()["data"]["secret"]
    wrong = ada.token[:-1] + ("a" if ada.token[-1] != "a" else "b")
    for headers in ({"x-api-key": wrong}, {"cookie": ada.token}, {**ada.bearer, "x-api-key": rotated}):
        shown.append(client.get("/api/v1/credits", headers=headers))
    shown.append(client.get("/api/v1/credits", params={"key": ada.token}, headers=ada.bearer))
    shown.append(client.get(f"/api/v1/tasks/{ada.token}", headers=ada.bearer))
    shown.append(client.post("/api/v1/account/log-in", json={**person, "password": WRONG_PASSWORD}))
    shown.append(client.post("/api/v1/account/log-in", json={"email": PASSWORD, "password": PASSWORD}))
    shown.append(client.post("/api/v1/account/sign-up", json={**person, "invitation": invited}))
    shown.append(client.post("/api/v1/account/sign-up", json=person))
    for path in ("/api/v1/keys", "/api/v1/account", "/api/v1/account/export"):
        shown.append(client.get(path, headers=ada.bearer if path.endswith("keys") else as_person))
    body = {"prompt": "please break", "callback_url": "http://127.0.0.1:1/hook"}
    shown.append(client.post("/api/v1/audio/music", headers={"x-api-key": rotated}, json=body))
    done = client.post("/api/v1/audio/music", headers=ada.bearer, json={**body, "prompt": "a song"})
    with httpx2.Client(base_url=str(client.base_url), headers=ada.bearer, trust_env=False) as own:
        wait_until_final(own, done.json()["task_id"])
    shown.append(client.get("/api/v1/usage", headers=ada.bearer))
    return [ada.token, key["key"], rotated, session, invited, secret, PASSWORD, WRONG_PASSWORD], shown


def test_no_secret_is_found_in_logs_answers_database_or_files(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    ada = server.customer("ada")
    caplog.set_level(logging.DEBUG, logger="songwright")
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        secrets, shown = _drive(client, ada)
    assert "unforeseen" in caplog.text, "the log was not captured"
    kept = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
    assert b"canary" in kept, "the database was not read"
    spoken = caplog.text + "".join(answer.text for answer in shown)
    hits = [secret for secret in secrets if secret in spoken or secret[12:] in spoken]
    signs = secrets[5]  # what signs callbacks has to be kept; everything else only as a hash
    hits += [secret for secret in secrets if secret != signs and secret.encode()[12:] in kept]
    assert hits == []
