"""Callbacks: signed, at least once, retried, never followed elsewhere, and never the task's problem."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from serving import Customer, Running, wait_until_final
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug import Request, Response


@pytest.fixture
def secret(client: httpx2.Client) -> str:
    return client.get("/api/v1/webhooks/secret").json()["data"]["secret"]


def _order(client: httpx2.Client, url: str, **fields: Any) -> str:
    body = {"prompt": f"a song for {time.monotonic_ns()}", "callback_url": url, **fields}
    return client.post("/api/v1/audio/music", json=body).json()["task_id"]


def _deliveries(server: Running, task_id: str, until: Callable[[list[Any]], bool]) -> list[Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        rows = server.db.read(
            "SELECT event, state, attempts, last_status, last_error FROM webhook_delivery WHERE task_id = ?"
            " ORDER BY rowid",
            (task_id,),
        )
        if until(rows):
            return rows
        time.sleep(0.03)
    raise AssertionError(f"the deliveries stand at {[tuple(row) for row in rows]}")


def _settled(rows: list[Any]) -> bool:
    return bool(rows) and rows[-1]["event"] in ("complete", "failed") and all(r["state"] != "pending" for r in rows)


def test_dialect_a_is_told_of_every_stage_with_a_bare_array_of_clips(
    client: httpx2.Client, server: Running, secret: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    task_id = _order(client, httpserver.url_for("/hook"))
    rows = _deliveries(server, task_id, _settled)
    assert [row["event"] for row in rows] == ["text", "first", "complete"]
    assert {row["state"] for row in rows} == {"delivered"}
    requests = [request for request, _ in httpserver.log]
    for request in requests:
        assert Webhook(secret).verify(request.data, dict(request.headers))
        assert request.headers["songwright-task-id"] == task_id
        assert request.headers["content-type"] == "application/json"
    assert len({request.headers["webhook-id"] for request in requests}) == 3
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(requests[0].data + b" ", dict(requests[0].headers))
    bodies = [json.loads(request.data) for request in requests]
    assert [[clip["status"] for clip in body] for body in bodies] == [
        ["text", "text"],
        ["first", "text"],
        ["complete", "complete"],
    ]
    assert {clip["extra_message"] for clip in bodies[0]} == {"Text generated successfully."}
    assert {clip["extra_message"] for clip in bodies[2]} == {"All generated successfully."}
    assert bodies[0][0]["audio_url"] == "" and bodies[0][0]["duration"] == ""
    assert client.get(bodies[2][0]["audio_url"]).status_code == 200


def test_dialect_b_is_told_once_what_a_read_would_answer(
    client: httpx2.Client, server: Running, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    body = {"input": {"gpt_description_prompt": "b is called"}, "notify_hook": httpserver.url_for("/hook")}
    task_id = client.post("/api/suno/v1/music", json=body).json()["data"]["task_id"]
    _deliveries(server, task_id, _settled)
    (request,) = [request for request, _ in httpserver.log]
    assert json.loads(request.data) == client.get(f"/api/suno/v1/music/{task_id}").json()


def test_a_failed_task_is_told_too(client: httpx2.Client, server: Running, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    task_id = _order(client, httpserver.url_for("/hook"), prompt="test:fail")
    _deliveries(server, task_id, _settled)
    clips = json.loads(httpserver.log[-1][0].data)
    assert [clip["fail_message"] for clip in clips] == ["The prompt was refused."] * 2


def test_a_failing_receiver_is_tried_again_under_the_same_id_and_fails_no_task(
    client: httpx2.Client, server: Running, httpserver: HTTPServer
) -> None:
    seen: dict[str, int] = {}

    def third_time_lucky(request: Request) -> Response:
        name = request.headers["webhook-id"]
        seen[name] = seen.get(name, 0) + 1
        return Response("" if seen[name] == 3 else "no", status=200 if seen[name] == 3 else 500)

    httpserver.expect_request("/hook").respond_with_handler(third_time_lucky)
    task_id = _order(client, httpserver.url_for("/hook"))
    assert wait_until_final(client, task_id)["status"] == "completed"
    rows = _deliveries(server, task_id, _settled)
    assert [(row["state"], row["attempts"]) for row in rows] == [("delivered", 3)] * 3
    assert set(seen.values()) == {3}


def test_an_unreachable_receiver_is_given_up_after_the_schedule(client: httpx2.Client, server: Running) -> None:
    task_id = _order(client, "http://127.0.0.1:9/hook")
    assert wait_until_final(client, task_id)["status"] == "completed"
    rows = _deliveries(server, task_id, _settled)
    assert [(row["state"], row["attempts"]) for row in rows] == [("exhausted", 5)] * 3


def test_a_redirect_is_a_failure_and_is_not_followed(
    client: httpx2.Client, server: Running, httpserver: HTTPServer
) -> None:
    target = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/hook").respond_with_data("", status=302, headers={"location": target})
    httpserver.expect_request("/elsewhere").respond_with_data("")
    rows = _deliveries(server, _order(client, httpserver.url_for("/hook")), _settled)
    assert {(row["state"], row["last_status"]) for row in rows} == {("exhausted", 302)}
    assert not any(request.path == "/elsewhere" for request, _ in httpserver.log)


def test_a_receiver_that_is_gone_is_asked_no_more(
    client: httpx2.Client, server: Running, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/gone").respond_with_data("", status=410)
    rows = _deliveries(server, _order(client, httpserver.url_for("/gone")), _settled)
    assert rows[0]["attempts"] == 1 and {row["state"] for row in rows} == {"exhausted"}


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "http://[::1]:80/", "http://10.0.0.1/hook"],
)
def test_a_private_receiver_is_accepted_and_never_called(client: httpx2.Client, server: Running, url: str) -> None:
    task_id = _order(client, url)
    assert wait_until_final(client, task_id)["status"] == "completed"
    rows = _deliveries(server, task_id, _settled)
    assert {row["last_error"] for row in rows} == {"The address is private or reserved."}


def test_what_a_key_may_not_name_is_refused_at_once(client: httpx2.Client, ada: Customer) -> None:
    for url in (
        "ftp://example.com/",
        "javascript:alert(1)",
        "/hook",
        "http://",
        "http://a b/",
        "http://x/" + "a" * 2048,
    ):
        answer = client.post("/api/v1/audio/music", json={"prompt": "x", "callback_url": url})
        assert answer.status_code == 400 and answer.json()["error"]["param"] == "callback_url", url
