"""Who may call, how often, and what a repeated call costs: the same on every route, whichever header has the key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx2
import pytest
from serving import Customer, Running

GETS = (
    "/api/v1/credits",
    "/api/v1/models",
    "/api/v1/webhooks/secret",
    "/api/v1/tasks/none",
    "/api/v1/audio/music/feed?task_id=none",
    "/api/suno/v1/music/none",
)
POSTS = ("/api/v1/audio/music", "/api/v1/quote", "/api/suno/v1/music")
ROUTES = [("GET", path) for path in GETS] + [("POST", path) for path in POSTS]


@pytest.fixture
def bare(server: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, trust_env=False) as opened:
        yield opened


def _check_shape(path: str, status: int, body: dict[str, object]) -> None:
    assert body["code"] == status and body["message"]
    if path.startswith("/api/suno/"):
        assert body == {"code": status, "data": None, "message": body["message"]}
    else:
        error = body["error"]
        assert isinstance(error, dict)
        assert error.keys() == {"code", "type", "message", "param", "doc_url", "fields"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_good_key_every_route_answers_401_in_its_dialects_shape(
    bare: httpx2.Client, method: str, path: str
) -> None:
    wrong = "sw_live_" + "0" * 36
    for headers in (
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": f"Basic {wrong}"},
        {"authorization": f"Bearer {wrong}"},
        {"x-api-key": wrong},
        {"x-api-key": "'; DROP TABLE task; --"},
        {"x-api-key": b"\xff\xfe\x80"},
        {"cookie": f"key={wrong}"},
    ):
        answer = bare.request(method, path, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 401, headers
        _check_shape(path, 401, answer.json())


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_two_different_keys_are_refused_and_one_twice_is_fine(
    bare: httpx2.Client, ada: Customer, bob: Customer, method: str, path: str
) -> None:
    both = bare.request(method, path, headers=ada.bearer | {"x-api-key": bob.token})
    assert both.status_code == 400
    _check_shape(path, 400, both.json())
    twice = bare.request(method, path, headers=[("x-api-key", ada.token), ("x-api-key", bob.token)])
    assert twice.status_code == 400
    for headers in (
        ada.bearer | {"x-api-key": ada.token},
        {"X-API-KEY": ada.token},
        {"authorization": f"bearer {ada.token}"},
    ):
        assert bare.request(method, path, headers=headers).status_code in (200, 400, 404), headers
        assert "API key" not in bare.request(method, path, headers=headers).text


def test_a_revoked_key_is_refused_within_a_second(server: Running, bare: httpx2.Client) -> None:
    eve = server.customer("eve")
    assert bare.get("/api/v1/credits", headers=eve.bearer).status_code == 200
    server.db.write_blocking(
        lambda c: c.execute("UPDATE api_key SET revoked_at_s = 1 WHERE account_id = ?", (eve.account_id,)).rowcount
    )
    time.sleep(1.0)
    assert bare.get("/api/v1/credits", headers=eve.bearer).status_code == 401


def test_tasks_of_others_are_unknown(client: httpx2.Client, bob: Customer) -> None:
    task_id = client.post("/api/v1/audio/music", json={"prompt": "mine alone"}).json()["task_id"]
    for path in (
        f"/api/v1/tasks/{task_id}",
        f"/api/v1/audio/music/feed?task_id={task_id}",
        f"/api/suno/v1/music/{task_id}",
    ):
        assert client.get(path).status_code == 200
        answer = client.get(path, headers={"authorization": f"Bearer {bob.token}"})
        assert answer.status_code == 404
        _check_shape(path, 404, answer.json())


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/suno/v1/nothing", "/api/v1/tasks/a/b", "/api/v1/clips/a"])
def test_unknown_paths_are_404_in_the_shape_of_the_dialect_they_lie_in(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    _check_shape(path, 404, answer.json())


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/audio/music"), ("DELETE", "/api/suno/v1/music/x")])
def test_wrong_methods_are_405(client: httpx2.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    _check_shape(path, 405, answer.json())


def test_the_feed_needs_a_task(client: httpx2.Client) -> None:
    answer = client.get("/api/v1/audio/music/feed")
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "task_id"


@pytest.mark.parametrize("path", ["/", "/docs", "/livez", "/nothing", "/api/v1/credits", "/api/suno/v1/music/x"])
def test_every_answer_has_an_id_of_its_own(client: httpx2.Client, path: str) -> None:
    ids = {client.get(path).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_pages_elsewhere_may_call_without_cookies(bare: httpx2.Client) -> None:
    preflight = bare.options(
        "/api/v1/audio/music",
        headers={"origin": "https://app.example", "access-control-request-headers": "authorization,content-type"},
    )
    assert preflight.status_code == 204 and preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    assert bare.get("/api/v1/credits").headers["access-control-allow-origin"] == "*"


def test_head_is_get_without_a_body(client: httpx2.Client) -> None:
    answer = client.head("/api/v1/credits")
    assert answer.status_code == 200 and answer.content == b""
    assert int(answer.headers["content-length"]) > 0


def test_too_many_requests_are_429_with_a_time_to_wait(start_server: Callable[..., Running]) -> None:
    server = start_server(perform=False, requests_per_s=1.0, burst=5)
    ada, bob = server.customer("ada"), server.customer("bob")
    with httpx2.Client(base_url=server.url) as client:
        statuses = [client.get("/api/v1/credits", headers=ada.bearer).status_code for _ in range(8)]
        assert statuses[:5] == [200] * 5 and 429 in statuses[5:]
        refused = client.post("/api/suno/v1/music", headers=ada.bearer, json={})
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        _check_shape("/api/suno/v1/music", 429, refused.json())
        assert client.get("/api/v1/credits", headers=bob.bearer).status_code == 200


@pytest.fixture(scope="module")
def idle(start_server: Callable[..., Running]) -> Running:
    return start_server(perform=False)


def test_the_same_idempotency_key_answers_with_the_first_task(idle: Running) -> None:
    ada = idle.customer("ada")
    with httpx2.Client(base_url=idle.url, headers=ada.bearer | {"idempotency-key": "k-1"}) as client:
        first = client.post("/api/v1/audio/music", json={"prompt": "once"})
        again = client.post("/api/v1/audio/music", json={"prompt": "once"})
        assert again.content == first.content
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert idle.balance(ada).reserved == 5
        other = client.post("/api/v1/audio/music", json={"prompt": "twice"})
        assert other.status_code == 422 and other.json()["error"]["type"] == "idempotency_error"


def test_an_identical_order_within_seconds_is_one_task(idle: Running) -> None:
    bob = idle.customer("bob")
    with httpx2.Client(base_url=idle.url, headers=bob.bearer) as client:
        body = {"input": {"gpt_description_prompt": "rain"}}
        first = client.post("/api/suno/v1/music", json=body)
        again = client.post("/api/suno/v1/music", json=body)
        assert again.json() == first.json()
        assert again.headers["songwright-deduplicated"] == "true"
        assert idle.balance(bob).reserved == 5
        for seed in (1, 2):
            client.post("/api/suno/v1/music", json={"input": {"gpt_description_prompt": "rain", "seed": seed}})
        assert idle.balance(bob).reserved == 15


@pytest.mark.parametrize("key", ["x" * 256, "caf\x85e"])
def test_a_bad_idempotency_key_is_refused(idle: Running, key: str) -> None:
    eve = idle.customer("eve")
    with httpx2.Client(base_url=idle.url, headers=eve.bearer) as client:
        answer = client.post(
            "/api/v1/audio/music", json={"prompt": "x"}, headers={"idempotency-key": key.encode("latin-1")}
        )
        assert answer.status_code == 400 and answer.json()["error"]["param"] == "Idempotency-Key"
    assert idle.balance(eve).reserved == 0


def test_too_few_credits_are_402_and_nothing_is_kept(idle: Running) -> None:
    poor = idle.customer("poor", credits=4)
    before = idle.tasks()
    with httpx2.Client(base_url=idle.url, headers=poor.bearer) as client:
        a = client.post("/api/v1/audio/music", json={"prompt": "x"})
        assert a.status_code == 402 and a.json()["error"]["type"] == "insufficient_credits"
        b = client.post("/api/suno/v1/music", json={"input": {"gpt_description_prompt": "x"}})
        assert b.status_code == 402 and b.json()["data"] is None
    assert idle.tasks() == before and idle.balance(poor).available == 4
