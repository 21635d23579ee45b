"""A song from order to file, in both dialects, over real sockets."""

from __future__ import annotations

import json
import time
import uuid

import httpx2
import pytest
from serving import Customer, Running, wait_until_final

SUMMER = {
    "model": "chirp-v4-5",
    "prompt": "A cheerful pop song about summer days, with catchy melody and upbeat rhythm",
    "style": "pop, upbeat",
    "make_instrumental": False,
    "title": "Summer Days",
}
SUNSHINE = {
    "custom_mode": False,
    "mv": "chirp-v3-5",
    "input": {"gpt_description_prompt": "sunshine", "make_instrumental": False},
}


def test_the_first_documents_order_becomes_two_songs(client: httpx2.Client) -> None:
    accepted = client.post("/api/v1/audio/music", json=SUMMER)
    assert accepted.status_code == 200
    answer = accepted.json()
    assert answer["code"] == 200 and answer["status"] == "pending" and answer["model"] == "chirp-v4-5"
    assert answer["task_id"] == answer["id"] == answer["workId"] == answer["data"]["task_id"]

    task = wait_until_final(client, answer["task_id"])
    assert task["status"] == "completed" and task["progress"] == 100 and task["error"] is None
    assert (task["credits_reserved"], task["credits_consumed"]) == (0, 10)
    assert task["metadata"]["reading"] == "description"
    assert [clip["status"] for clip in task["result"]] == ["complete", "complete"]
    for clip in task["result"]:
        assert clip["title"] == "Summer Days" and clip["duration"] == 2.0
        song = client.get(clip["audio_url"], headers={"authorization": ""})
        assert song.status_code == 200 and song.headers["content-type"] == "audio/mpeg"
    first, second = (client.get(clip["audio_url"]).content for clip in task["result"])
    assert first != second


def test_the_feed_ends_with_the_words_clients_wait_for(client: httpx2.Client) -> None:
    task_id = client.post("/api/v1/audio/music", json=SUMMER).json()["task_id"]
    wait_until_final(client, task_id)
    for name in ("task_id", "workId"):
        feed = client.get("/api/v1/audio/music/feed", params={name: task_id}).json()
        assert feed["data"]["type"] == "SUCCESS"
        assert feed["data"]["request_body"] == SUMMER
        assert {clip["extra_message"] for clip in feed["data"]["response_data"]} == {"All generated successfully."}
        assert all(clip["fail_message"] == clip["error_message"] == "" for clip in feed["data"]["response_data"])


def test_the_second_documents_order_becomes_two_songs(server: Running, ada: Customer, client: httpx2.Client) -> None:
    with httpx2.Client(base_url=server.url, headers={"X-API-Key": ada.token}) as goapi:
        answer = goapi.post("/api/suno/v1/music", json=SUNSHINE).json()
        assert answer == {"code": 200, "data": {"task_id": answer["data"]["task_id"]}, "message": "success"}
        wait_until_final(client, answer["data"]["task_id"])
        task = goapi.get(f"/api/suno/v1/music/{answer['data']['task_id']}").json()["data"]
    assert task["status"] == "completed"
    assert json.loads(task["input"]) == {
        "custom_mode": False,
        "gpt_description_prompt": "sunshine",
        "make_instrumental": False,
        "prompt": "",
        "title": "",
        "continue_at": 0,
        "continue_clip_id": "",
        "mv": "chirp-v3-5",
        "tags": "",
    }
    assert len(task["clips"]) == 2
    for clip_id, clip in task["clips"].items():
        assert uuid.UUID(clip_id) and clip["id"] == clip_id and clip["status"] == "complete"
        assert clip["metadata"]["gpt_description_prompt"] == "sunshine" and clip["metadata"]["type"] == "gen"


def test_a_task_of_one_dialect_is_read_through_the_other(client: httpx2.Client) -> None:
    of_a = client.post("/api/v1/audio/music", json=SUMMER | {"seed": 1}).json()["task_id"]
    of_b = client.post("/api/suno/v1/music", json=SUNSHINE).json()["data"]["task_id"]
    wait_until_final(client, of_a)
    wait_until_final(client, of_b)
    through_b = client.get(f"/api/suno/v1/music/{of_a}").json()["data"]
    assert through_b["status"] == "completed" and len(through_b["clips"]) == 2
    assert json.loads(through_b["input"])["tags"] == "pop, upbeat"
    through_a = client.get("/api/v1/audio/music/feed", params={"task_id": of_b}).json()["data"]
    assert through_a["type"] == "SUCCESS"
    assert through_a["request_body"]["gpt_description_prompt"] == "sunshine"


def test_a_failed_task_says_so_in_both_dialects_and_costs_nothing(
    client: httpx2.Client, server: Running, ada: Customer
) -> None:
    before = server.balance(ada)
    task_id = client.post("/api/v1/audio/music", json={"prompt": "test:fail"}).json()["task_id"]
    task = wait_until_final(client, task_id)
    assert task["status"] == "failed" and task["credits_consumed"] == 0
    assert task["error"] == {"code": "moderation", "type": "generation_error", "message": "The prompt was refused."}
    feed = client.get(f"/api/v1/audio/music/feed?task_id={task_id}").json()["data"]
    assert feed["type"] == "FAILED"
    assert {clip["fail_message"] for clip in feed["response_data"]} == {"The prompt was refused."}
    through_b = client.get(f"/api/suno/v1/music/{task_id}").json()["data"]
    assert through_b["status"] == "failed" and through_b["error_message"] == "The prompt was refused."
    assert all(clip["metadata"]["refund_credits"] for clip in through_b["clips"].values())
    assert server.balance(ada) == before


def test_one_clip_of_two_is_delivered_and_half_is_paid(client: httpx2.Client) -> None:
    task_id = client.post("/api/v1/audio/music", json={"model": "suno", "prompt": "test:partial"}).json()["task_id"]
    task = wait_until_final(client, task_id)
    assert task["status"] == "completed" and task["credits_consumed"] == 5
    assert [clip["status"] for clip in task["result"]] == ["complete", "failed"]
    assert task["result"][1]["audio_url"] == "" and task["result"][1]["fail_message"]


def test_stages_pass_text_before_complete(client: httpx2.Client) -> None:
    task_id = client.post("/api/v1/audio/music", json={"prompt": "test:slow:1"}).json()["task_id"]
    seen: list[str] = []
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and seen[-1:] != ["SUCCESS complete"]:
        data = client.get(f"/api/v1/audio/music/feed?task_id={task_id}").json()["data"]
        word = f"{data['type']} {data['response_data'][0]['status'] if data['response_data'] else '-'}"
        if not seen or seen[-1] != word:
            seen.append(word)
        time.sleep(0.02)
    assert "IN_PROGRESS text" in seen
    assert seen[-1] == "SUCCESS complete"


def test_credits_models_quote_and_secret_answer(client: httpx2.Client, server: Running, ada: Customer) -> None:
    balance = server.balance(ada)
    assert client.get("/api/v1/credits").json() == {
        "code": 200,
        "message": "success",
        "data": {"credits": balance.available, "reserved": balance.reserved, "used_credits": balance.used},
    }
    models = {row["id"]: row for row in client.get("/api/v1/models").json()["data"]}
    assert models["chirp-v4-5"]["credits"] == 10 and "suno" in models["chirp-v4-5"]["aliases"]
    quote = client.post("/api/v1/quote", json=SUMMER).json()["data"]
    assert quote["credits"] == 10 and quote["errors"] == []
    assert quote["balance_after"] == balance.available - 10
    assert client.get("/api/v1/webhooks/secret").json()["data"]["secret"].startswith("whsec_")


def test_a_quote_lists_what_would_be_refused(client: httpx2.Client) -> None:
    body = {"endpoint": "audio/film", "model": "chirp-v9", "prompt": "x" * 5001, "style_weight": 2}
    data = client.post("/api/v1/quote", json=body).json()["data"]
    assert {problem["field"] for problem in data["errors"]} == {"endpoint", "model", "prompt", "style_weight"}


@pytest.mark.parametrize("model", ["chirp-v3-0", "chirp-v3-5", "chirp-v4-0", "suno", "chirp-v4.5-plus", "chirp-v5.5"])
def test_every_models_price_is_reserved(client: httpx2.Client, server: Running, model: str) -> None:
    poor = server.customer(f"poor {model}", credits=12)
    price = {row["id"]: row for row in client.get("/api/v1/models").json()["data"]}
    with httpx2.Client(base_url=server.url, headers=poor.bearer) as own:
        answer = own.post("/api/v1/audio/music", json={"model": model, "prompt": "test:slow:1"}).json()
        assert server.balance(poor).reserved == price[answer["model"]]["credits"]
        assert own.post("/api/v1/audio/music", json={"model": "chirp-v5", "prompt": "another"}).status_code == 402
