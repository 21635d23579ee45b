"""Who may do what over HTTP, generated from the OpenAPI: every route, every scope, either header, every foreign id."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from serving import Customer, Running, wait_until_final

from songwright import accounts, keys
from songwright.core.caller import KEY_SCOPES

BODIES = {"/api/v1/account/sign-up": {"email": "x@example.org", "password": "x"}}
FOREIGN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def operations(server: Running) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of every route that asks for a key."""
    described = httpx2.get(f"{server.url}/openapi.json", trust_env=False).json()
    return [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if "x-scope" in operation
    ]


@pytest.fixture
def bare(server: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def song(server: Running, ada: Customer) -> dict[str, Any]:
    """A finished task of ada's with a callback."""
    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False, timeout=30) as client:
        body = {"prompt": "mine alone", "callback_url": f"{server.url}/nowhere"}
        task_id = client.post("/api/v1/audio/music", json=body).json()["task_id"]
        return wait_until_final(client, task_id)


def _clips(song: dict[str, Any]) -> list[dict[str, Any]]:
    return song["result"] if isinstance(song["result"], list) else song["result"]["clips"]


def _filled(path: str, value: str) -> str:
    return path.split("{")[0] + value + path.split("}")[1] if "{" in path else path


def test_every_scope_opens_exactly_its_routes_whichever_header_carries_the_key(
    server: Running, bare: httpx2.Client, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    decisions = 0
    for scope in sorted(KEY_SCOPES):
        token = server.customer("scoped", powers=keys.Powers(scopes=frozenset({scope}))).token  # type: ignore[arg-type]
        for method, path, operation in operations:
            if operation["x-scope"] == "open":
                continue
            allowed = operation["x-scope"] == scope
            for headers in ({"authorization": f"Bearer {token}"}, {"x-api-key": token}):
                answer = bare.request(method, _filled(path, FOREIGN), headers=headers)
                assert ("has not the scope" not in answer.text) is allowed, (scope, method, path, answer.text)
                decisions += 1
    assert decisions > 300


def test_what_is_about_people_is_closed_to_every_key(
    bare: httpx2.Client, ada: Customer, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    routes = [(method, path) for method, path, operation in operations if operation["x-scope"] == "account"]
    assert len(routes) >= 7
    for method, path in routes:
        assert bare.request(method, path, headers=ada.bearer).status_code == 403


IDS = {"task_id", "origin_task_id", "audio_id", "clip_id", "continue_clip_id", "webhook_id"}
#: What such orders need beside the id.
REST = {
    "extend_audio_index": 0,
    "infillStartS": 0.2,
    "infillEndS": 0.6,
    "infill_start_s": 0.2,
    "infill_end_s": 0.6,
    "continue_at": 1,
    "prompt": "more",
}


def _fields(schema: Any, components: dict[str, Any]) -> set[str]:
    """Every property a schema has, however deep."""
    found: set[str] = set()
    waiting, seen = [schema], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if (ref := each.get("$ref")) and ref not in seen:
                seen.add(ref)
                waiting.append(components[ref.rpartition("/")[2]])
            found |= set(each.get("properties", {}))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _foreign_requests(
    described: dict[str, Any], song: dict[str, Any], key_id: str
) -> Iterator[tuple[str, str, dict[str, str], dict[str, Any] | None]]:
    """Every route that takes an id, in its path, query or body, with ada's."""
    clip_id = _clips(song)[0]["id"]
    task_id = song["task_id"]
    ids = {"key_id": key_id, "clip_id": clip_id, "audio_id": clip_id, "continue_clip_id": clip_id}
    for path, methods in described["paths"].items():
        for method, operation in ((m.upper(), o) for m, o in methods.items() if "x-scope" in o):
            if operation["x-scope"] in ("open", "account"):
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            fields = _fields(body, described["components"]["schemas"])
            query = {p["name"]: task_id for p in operation["parameters"] if p["name"] == "task_id"}
            if "{" in path:
                name = path.split("{")[1].split("}")[0]
                yield method, _filled(path, ids.get(name, task_id)), {}, {} if method == "POST" else None
            elif method == "POST" and (found := fields & IDS) and path != "/api/v1/quote":
                given = {name: ids.get(name, task_id) for name in found}
                given = given | {name: value for name, value in REST.items() if name in fields}
                if path == "/api/v1/webhooks/resend":
                    given.pop("webhook_id")
                yield method, path, {}, {"input": given} if "input" in fields else given
            elif query:
                yield method, path, query, None


def test_every_route_with_an_id_answers_404_for_another_accounts(
    server: Running, bare: httpx2.Client, ada: Customer, bob: Customer, song: dict[str, Any]
) -> None:
    key_id = bare.get("/api/v1/keys", headers=ada.bearer).json()["data"][0]["id"]
    requests = list(_foreign_requests(bare.get("/openapi.json").json(), song, key_id))
    before = server.balance(ada)
    for method, path, query, body in requests:
        answer = bare.request(method, path, headers=bob.bearer, params=query, json=body)
        assert answer.status_code == 404, (method, path, body, answer.status_code, answer.text)
        assert song["task_id"] not in answer.text
    assert len(requests) >= 25, len(requests)
    assert server.balance(ada) == before
    assert bare.get("/api/v1/credits", headers=ada.bearer).status_code == 200, "bob revoked ada's key"


# ----------------------------------------------------------------------------------------------------- keys


def test_keys_are_made_listed_rotated_and_revoked_over_http(bare: httpx2.Client, server: Running) -> None:
    eve = server.customer("eve of keys")
    made = bare.post(
        "/api/v1/keys",
        headers=eve.bearer,
        json={"name": "app", "scopes": ["create", "read"], "expires_in": 3600, "limit_credits": 10, "models": ["suno"]},
    ).json()["data"]
    token = {"authorization": f"Bearer {made['key']}"}
    assert made["scopes"] == ["create", "read"] and made["models"] == ["chirp-v4-5"] and made["active"]
    order = {"prompt": "a song", "model": "suno"}
    assert bare.post("/api/v1/audio/music", headers=token, json=order).status_code == 200
    refused = bare.post("/api/v1/audio/music", headers=token, json={**order, "prompt": "another"})
    assert refused.status_code == 402 and "0 are left" in refused.json()["message"]
    other_model = bare.post("/api/v1/audio/music", headers=token, json={"prompt": "x", "model": "chirp-v5"})
    assert other_model.status_code == 403
    assert bare.post("/api/v1/keys", headers=token, json={}).status_code == 403
    listed = bare.get("/api/v1/keys", headers=eve.bearer).json()["data"]
    assert [row["name"] for row in listed] == ["", "app"]
    assert all(row["key"] is None for row in listed) and listed[1]["committed_credits"] == 10
    rotated = bare.post(f"/api/v1/keys/{made['id']}/rotate", headers=eve.bearer, json={"overlap_seconds": 0}).json()
    assert rotated["data"]["id"] == made["id"] and rotated["data"]["key"] != made["key"]
    time.sleep(0.6)
    assert bare.get("/api/v1/tasks", headers=token).status_code == 401
    new = {"x-api-key": rotated["data"]["key"]}
    assert bare.get("/api/v1/tasks", headers=new).status_code == 200
    assert bare.delete(f"/api/v1/keys/{made['id']}", headers=eve.bearer).json()["data"]["active"] is False
    time.sleep(0.6)
    assert bare.get("/api/v1/tasks", headers=new).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": ["account"]},
        {"scopes": []},
        {"limit_credits": -1},
        {"limit_credits": 1.5},
        {"limit_credits": 10**30},
        {"models": ["no such"]},
        {"expires_in": -5},
        {"expires_in": "soon"},
        {"mode": "admin"},
        {"account_id": "somebody's"},
        {"hash": "x"},
        {"committed_credits": 0},
        {"name": "a\nb"},
    ],
)
def test_a_key_that_makes_no_sense_is_400_and_every_unknown_field_is_refused(
    client: httpx2.Client, body: dict[str, Any]
) -> None:
    answer = client.post("/api/v1/keys", json=body)
    assert answer.status_code == 400, answer.text


def test_no_key_makes_or_takes_over_a_more_powerful_one(server: Running, bare: httpx2.Client) -> None:
    owner = server.customer("mallet")
    full_id = bare.get("/api/v1/keys", headers=owner.bearer).json()["data"][0]["id"]
    weak = server.customer("mallet", powers=keys.Powers(scopes=frozenset({"keys", "read"}))).bearer
    assert bare.post("/api/v1/keys", headers=weak, json={"scopes": ["create"]}).status_code == 403
    assert bare.post(f"/api/v1/keys/{full_id}/rotate", headers=weak, json={}).status_code == 403
    assert bare.post("/api/v1/keys", headers=weak, json={"scopes": ["read"]}).status_code == 200
    test_key = server.customer("mallet", mode="test").bearer
    assert bare.post("/api/v1/keys", headers=test_key, json={"mode": "live"}).status_code == 403
    assert bare.post("/api/v1/keys", headers=test_key, json={"mode": "test"}).status_code == 200
    assert bare.delete(f"/api/v1/keys/{full_id}", headers=test_key).status_code == 403


def test_a_key_in_the_address_is_refused(client: httpx2.Client, ada: Customer) -> None:
    answer = client.get("/api/v1/credits", params={"api_key": ada.token})
    assert answer.status_code == 400 and ada.token not in answer.text


def test_a_rate_of_its_own_holds_for_a_key(server: Running, bare: httpx2.Client) -> None:
    slow = server.customer("slow", powers=keys.Powers(rate_per_s=1.0)).bearer
    statuses = [bare.get("/api/v1/credits", headers=slow).status_code for _ in range(5)]
    assert statuses[:2] == [200, 200] and 429 in statuses[2:]


# ------------------------------------------------------------------------------------------------- webhooks


def test_attempts_resend_and_secret_over_http(bare: httpx2.Client, ada: Customer, song: dict[str, Any]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        rows = bare.get("/api/v1/webhooks/attempts", headers=ada.bearer, params={"task_id": song["task_id"]}).json()[
            "data"
        ]
        if rows and all(row["state"] == "exhausted" for row in rows):
            break
        time.sleep(0.1)
    assert rows and rows[-1]["attempts"][0]["status"] in (404, 405), rows
    assert len(rows[-1]["attempts"]) == 5 and rows[-1]["attempts"][0]["duration_seconds"] >= 0
    one = {"task_id": song["task_id"], "webhook_id": rows[-1]["webhook_id"]}
    assert bare.post("/api/v1/webhooks/resend", headers=ada.bearer, json=one).json()["data"]["resent"] == 1
    missing = {**one, "webhook_id": "msg_x"}
    assert bare.post("/api/v1/webhooks/resend", headers=ada.bearer, json=missing).status_code == 404
    assert bare.post("/api/v1/webhooks/resend", headers=ada.bearer, json={}).status_code == 400
    old = bare.get("/api/v1/webhooks/secret", headers=ada.bearer).json()["data"]["secret"]
    new = bare.post("/api/v1/webhooks/secret/rotate", headers=ada.bearer).json()["data"]["secret"]
    assert new != old and bare.get("/api/v1/webhooks/secret", headers=ada.bearer).json()["data"]["secret"] == new


def test_a_test_key_may_ask_for_a_callback_twice_and_is_never_charged(server: Running, bare: httpx2.Client) -> None:
    tester = server.customer("tester", credits=1, mode="test")
    body = {"prompt": "test:webhook-twice", "callback_url": f"{server.url}/livez"}
    with httpx2.Client(base_url=server.url, headers=tester.bearer, trust_env=False) as client:
        task = wait_until_final(client, client.post("/api/v1/audio/music", json=body).json()["task_id"])
        assert task["credits_consumed"] == 0
    balance = server.balance(tester)
    assert (balance.available, balance.reserved, balance.used) == (1, 0, 0)
    row = server.db.read("SELECT repeats FROM webhook_delivery WHERE task_id = ?", (task["task_id"],))
    assert row, "no callback was frozen"


# --------------------------------------------------------------------------------------------------- people


@pytest.fixture(scope="module")
def eve(server: Running) -> dict[str, Any]:
    answer = httpx2.post(
        f"{server.url}/api/v1/account/sign-up",
        json={"email": "Eve@Example.org", "password": "correct horse", "name": "eve & co"},
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def _as(session: str) -> dict[str, str]:
    return {"authorization": f"Bearer {session}"}


def test_a_person_sees_the_account_but_orders_nothing_and_a_cookie_is_nobody(
    bare: httpx2.Client, eve: dict[str, Any]
) -> None:
    me = bare.get("/api/v1/account", headers=_as(eve["session"])).json()["data"]
    assert (me["name"], me["you"]["email"], me["you"]["role"]) == ("eve & co", "eve@example.org", "admin")
    assert bare.get("/api/v1/credits", headers=_as(eve["session"])).status_code == 200
    order = bare.post("/api/v1/audio/music", headers=_as(eve["session"]), json={"prompt": "x"})
    assert order.status_code == 403
    for name in ("session", "authorization", "sw_session"):
        cookie = {"cookie": f"{name}={eve['session']}"}
        assert bare.get("/api/v1/account", headers=cookie).status_code == 401


def test_an_invited_member_reads_but_makes_no_keys_and_an_invitation_is_good_once(
    bare: httpx2.Client, eve: dict[str, Any]
) -> None:
    asked = bare.post("/api/v1/account/invitations", headers=_as(eve["session"]), json={"role": "member"})
    invitation = asked.json()["data"]["invitation"]
    person = {"email": "max@example.org", "password": "also long enough", "invitation": invitation}
    joined = bare.post("/api/v1/account/sign-up", json=person).json()["data"]
    assert joined["account_id"] == eve["account_id"]
    again = bare.post("/api/v1/account/sign-up", json={**person, "email": "other@example.org"})
    assert again.status_code == 400
    for path, body in (("/api/v1/account/invitations", {}), ("/api/v1/account/delete", {"confirm": "eve & co"})):
        assert bare.post(path, headers=_as(joined["session"]), json=body).status_code == 403
    assert bare.post("/api/v1/keys", headers=_as(joined["session"]), json={}).status_code == 403
    assert bare.get("/api/v1/account", headers=_as(joined["session"])).status_code == 200
    gone = bare.post(
        "/api/v1/account/users/remove", headers=_as(eve["session"]), json={"user_id": joined["user"]["id"]}
    )
    assert gone.status_code == 200
    assert bare.get("/api/v1/account", headers=_as(joined["session"])).status_code == 401


def test_logging_in_gives_a_new_session_and_out_ends_it(bare: httpx2.Client, eve: dict[str, Any]) -> None:
    def log_in(**more: str) -> httpx2.Response:
        return bare.post(
            "/api/v1/account/log-in", json={"email": "eve@example.org", "password": "correct horse", **more}
        )

    first = log_in().json()["data"]["session"]
    second = log_in(session=first).json()["data"]["session"]
    assert first != second
    assert bare.get("/api/v1/account", headers=_as(first)).status_code == 401
    bare.post("/api/v1/account/log-out", headers=_as(second), json={"session": second})
    assert bare.get("/api/v1/account", headers=_as(second)).status_code == 401
    assert bare.get("/api/v1/account", headers=_as(eve["session"])).status_code == 200
    wrong = bare.post("/api/v1/account/log-in", json={"email": "eve@example.org", "password": "wrong horse"})
    nobody = bare.post("/api/v1/account/log-in", json={"email": "nobody@example.org", "password": "wrong horse"})
    assert wrong.status_code == nobody.status_code == 401 and wrong.json()["message"] == nobody.json()["message"]
    tries = [log_in().status_code for _ in range(5)]
    assert 429 in tries, "guessing is not slowed down"


def test_an_account_takes_everything_along_and_leaves_nothing_but_the_books(
    server: Running, bare: httpx2.Client
) -> None:
    import io
    import json
    import zipfile

    from songwright import ledger

    signed = bare.post(
        "/api/v1/account/sign-up", json={"email": "zoe@example.org", "password": "long enough!", "name": "zoe"}
    ).json()["data"]
    session, account_id = _as(signed["session"]), signed["account_id"]
    server.db.write_blocking(lambda c: ledger.grant(c, account_id, 100, "gift", time.time()))
    token = bare.post("/api/v1/keys", headers=session, json={}).json()["data"]["key"]
    with httpx2.Client(base_url=server.url, headers={"x-api-key": token}, trust_env=False) as client:
        order = client.post("/api/v1/audio/music", json={"prompt": "my very own words about zebras"})
        done = wait_until_final(client, order.json()["task_id"])
    exported = bare.get("/api/v1/account/export", headers=session, params={"files": "true"})
    archive = zipfile.ZipFile(io.BytesIO(exported.content))
    names = archive.namelist()
    assert {"account.json", "users.json", "keys.json", "tasks.json", "ledger.json"} <= set(names)
    assert sum(name.endswith("song.mp3") for name in names) == 2
    assert "zebras" in archive.read("tasks.json").decode()
    assert sum(row["amount"] for row in json.loads(archive.read("ledger.json"))) == 0
    assert "password" not in archive.read("users.json").decode()
    wrong = bare.post("/api/v1/account/delete", headers=session, json={"confirm": "zo"})
    assert wrong.status_code == 409
    assert bare.post("/api/v1/account/delete", headers=session, json={"confirm": "zoe"}).status_code == 200
    time.sleep(0.6)
    assert bare.get("/api/v1/account", headers=session).status_code == 401
    assert bare.get("/api/v1/credits", headers={"x-api-key": token}).status_code == 401
    server.db.write_blocking(lambda c: c.execute("SELECT 1").fetchall())
    for table, column in (("task", "account_id"), ("user", "account_id"), ("webhook_delivery", "account_id")):
        assert server.db.read(f"SELECT 1 FROM {table} WHERE {column} = ?", (account_id,)) == []
    clip_ids = {name.split("/")[1] for name in names if name.startswith("clips/")}
    assert len(clip_ids) == 2 and done["status"] == "completed"
    assert not [clip_id for clip_id in clip_ids if list(server.folder.glob(f"media/clips/{clip_id}/*"))]
    assert server.db.reading(ledger.verify) == []
    assert server.db.reading(lambda c: accounts.get(c, account_id)).name == f"deleted {account_id}"


# ------------------------------------------------------------------------------------------------ provenance


def test_every_file_of_a_song_is_marked_known_and_verified(
    bare: httpx2.Client, ada: Customer, bob: Customer, song: dict[str, Any]
) -> None:
    clips = _clips(song)
    clip_id = clips[0]["id"]

    def verify(headers: dict[str, str], content: bytes) -> dict[str, Any]:
        answer = bare.post("/api/v1/verify", headers=headers, files={"file": ("x", content, "audio/mpeg")})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    for name in ("audio_url", "video_url", "image_url"):
        content = bare.get(clips[0][name]).content
        own, others = verify(ada.bearer, content), verify(bob.bearer, content)
        assert (own["ours"], own["marked"], own["known"], own["clip_id"]) == (True, True, True, clip_id), name
        assert (others["ours"], others["known"], others["clip_id"]) == (True, True, "")
    for ending in ("wav", "flac"):
        content = bare.get(f"/api/v1/clips/{clip_id}.{ending}", headers=ada.bearer).content
        found = verify(ada.bearer, content)
        assert found["ours"] and found["marked"], ending
    assert verify(bob.bearer, b"RIFF\x24\0\0\0WAVEfmt nothing of ours")["ours"] is False
    by_id = bare.post("/api/v1/verify", headers=ada.bearer, json={"clip_id": clip_id}).json()["data"]
    assert by_id["ours"] and len(by_id["files"]["song.mp3"]) == 64
    digest = {"sha256": by_id["files"]["song.mp3"]}
    assert bare.post("/api/v1/verify", headers=bob.bearer, json=digest).json()["data"]["known"] is True
    assert bare.post("/api/v1/verify", headers=ada.bearer, json={}).status_code == 400
