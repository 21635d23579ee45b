"""Every POST of every dialect, as the endpoint tables name them: an idempotency key makes it once; twins are merged."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import soundfile
from tests.contract.serving import Running, wait_until_final
from tests.integration.money_banks import reached
from tests.integration.stripe_stand_in import API_KEY, SECRET, StandIn

from songwright import ledger, orders
from songwright.core.clock import SystemClock
from songwright.orders.stripe_payments import StripePayments, StripeSettings
from songwright.providers.base import Job, Outcome, Report
from songwright.providers.fake import FakeProvider

A, B = "/api/v1/audio/music", "/api/suno/v1"
PARALLEL = 20
_numbers = itertools.count(1)


class Holding(FakeProvider):
    """Makes what says so, and holds everything else: a twin is one only while the first is unfinished."""

    async def make(self, job: Job, report: Report) -> Outcome:
        if "now" not in getattr(job.request, "description", ""):
            await asyncio.sleep(3600)
        return await super().make(job, report)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    opened = StandIn()
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[Running]:
    settings = StripeSettings(api_key=API_KEY, webhook_secret=SECRET, api_base=stand_in.url)
    running = Running(
        tmp_path_factory.mktemp("once"),
        provider=Holding(),
        slots=1_000,
        payments=lambda public_url: StripePayments(settings, public_url, SystemClock()),
    ).start()
    yield running
    assert running.db.reading(ledger.verify) == []
    running.stop()


@dataclass(frozen=True)
class Shop:
    """One account, and how to come by what an order starts from."""

    server: Running
    client: httpx2.Client

    def song(self) -> dict[str, Any]:
        answer = self.client.post(A, json={"prompt": f"now {next(_numbers)}", "model": "chirp-v4-5"})
        return wait_until_final(self.client, answer.json()["task_id"])

    def clip(self) -> str:
        return self.song()["result"][0]["id"]

    def task(self) -> str:
        return self.client.post(A, json={"prompt": f"held {next(_numbers)}"}).json()["task_id"]

    def code(self) -> str:
        return self.server.db.write_blocking(lambda c: orders.create_codes(c, 5, 1, time.time()))[0]

    def extension(self) -> str:
        song = self.clip()
        order = {
            "input": {"gpt_description_prompt": f"now {next(_numbers)}", "continue_at": 1, "continue_clip_id": song}
        }
        task = wait_until_final(self.client, self.client.post(f"{B}/music", json=order).json()["data"]["task_id"])
        return task["result"][0]["id"]


@pytest.fixture
def shop(server: Running) -> Iterator[Shop]:
    yield from a_shop(server)


@pytest.fixture
def other_shop(server: Running) -> Iterator[Shop]:
    yield from a_shop(server)


def a_shop(server: Running) -> Iterator[Shop]:
    customer = server.customer(f"shop {next(_numbers)}")
    with httpx2.Client(base_url=server.url, headers=customer.bearer, trust_env=False, timeout=60) as client:
        yield Shop(server, client)


def sound() -> str:
    content = io.BytesIO()
    soundfile.write(content, [next(_numbers) % 90 / 100] * 8000, 8000, "PCM_16", format="WAV")
    return "data:audio/wav;base64," + base64.b64encode(content.getvalue()).decode()


def words() -> str:
    return f"about {next(_numbers)}"


Body = Callable[[Shop], dict[str, Any]]
ORDERS: dict[str, Body] = {
    A: lambda shop: {"prompt": words()},
    f"{A}/extend": lambda shop: {"origin_task_id": shop.song()["task_id"], "extend_audio_index": 0},
    f"{A}/replace-section": lambda shop: replacing(shop.song()),
    f"{A}/concat": lambda shop: {"clip_id": shop.extension()},
    f"{A}/upload": lambda shop: {"audio_url": sound()},
    f"{A}/upload-cover/generate": lambda shop: {"upload_url": sound(), "prompt": words(), "style": "pop", "title": "x"},
    f"{A}/cover/generate": lambda shop: {"task_id": shop.song()["task_id"]},
    f"{A}/timestamped-lyrics": lambda shop: timed(shop.song()),
    f"{A}/lyrics": lambda shop: {"prompt": words()},
    f"{A}/separate": lambda shop: {"clip_id": shop.clip()},
    f"{B}/music": lambda shop: {"input": {"gpt_description_prompt": words()}},
    f"{B}/music/concat": lambda shop: {"clip_id": shop.extension()},
    f"{B}/lyrics": lambda shop: {"prompt": words()},
    f"{B}/upload_audio": lambda shop: {"audio_url": sound()},
}
OTHERS: dict[str, Body] = {
    "/api/v1/quote": lambda shop: {"prompt": words()},
    "/api/v1/redeem": lambda shop: {"code": shop.code()},
    "/api/v1/orders": lambda shop: {"credits": 100 + next(_numbers)},
    "/api/v1/tasks/{task_id}/cancel": lambda shop: {"task_id": shop.task()},
}
EVERY = ORDERS | OTHERS
#: Keys, people, secrets and callbacks: most of these answers hold a secret, and a secret is not kept to be given twice.
DOORS = ("/api/v1/keys", "/api/v1/account/", "/api/v1/webhooks/", "/api/v1/verify")
#: What is answered at once has no unfinished twin; a song has one set of pictures, which is said first.
NEVER_TWINS = {f"{A}/timestamped-lyrics", f"{A}/cover/generate"}


def replacing(song: dict[str, Any]) -> dict[str, Any]:
    place = {"infillStartS": 0.5, "infillEndS": 1.75, "prompt": "[Verse]\nNew"}
    return {"task_id": song["task_id"], "audio_id": song["result"][0]["id"], **place}


def timed(song: dict[str, Any]) -> dict[str, Any]:
    return {"task_id": song["task_id"], "audio_id": song["result"][0]["id"]}


def send(shop: Shop, path: str, body: dict[str, Any], key: str | None) -> httpx2.Response:
    headers = {} if key is None else {"idempotency-key": key}
    if "{task_id}" in path:
        return shop.client.post(path.format(**body), headers=headers)
    return shop.client.post(path, json=body, headers=headers)


def footprint(shop: Shop) -> tuple[Any, ...]:
    """Everything a second answer must not change."""
    rows = shop.client.get("/api/v1/ledger?limit=1000").json()["data"]
    orders_there = shop.client.get("/api/v1/orders").json()["data"]
    [quotes] = shop.server.db.read_one("SELECT count(*) FROM quote")  # type: ignore[misc]
    return len(rows), rows[-1]["hash"], len(orders_there), shop.server.tasks(), quotes


def test_the_table_here_names_every_post_there_is(server: Running) -> None:
    paths = httpx2.get(f"{server.url}/openapi.json").json()["paths"]
    posts = {path: methods["post"] for path, methods in paths.items() if "post" in methods}
    doors = {path for path in posts if path.startswith(DOORS)}
    assert posts.keys() - doors == EVERY.keys()
    reached("idempotency", f"{len(EVERY)} of {len(EVERY)} POSTs")
    for path, operation in ((path, posts[path]) for path in EVERY):
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert "Idempotency-Key" in named and "422" in operation["responses"], path


@pytest.mark.parametrize("path", EVERY)
def test_a_key_makes_it_once_and_another_body_is_refused(shop: Shop, other_shop: Shop, path: str) -> None:
    body, key = EVERY[path](shop), f"key {next(_numbers)}"
    first = send(shop, path, body, key)
    assert first.status_code == 200, first.text
    assert "idempotent-replayed" not in first.headers
    before = footprint(shop)
    again = send(shop, path, body, key)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true"), again.text
    assert again.json() == first.json()
    assert footprint(shop) == before
    another = EVERY[path](shop)
    before = footprint(shop)
    refused = send(shop, path, another, key)
    assert refused.status_code == 422, refused.text
    assert footprint(shop) == before
    theirs = send(other_shop, path, EVERY[path](other_shop), key)
    assert theirs.status_code == 200 and "idempotent-replayed" not in theirs.headers, theirs.text


@pytest.mark.parametrize("path", EVERY)
def test_one_key_sent_by_many_at_once_has_one_effect(server: Running, shop: Shop, path: str) -> None:
    body, key = EVERY[path](shop), f"key {next(_numbers)}"
    before = footprint(shop)
    headers = {**shop.client.headers, "idempotency-key": key}

    async def all_at_once() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as many:
            how = {"headers": headers} if "{task_id}" in path else {"headers": headers, "json": body}
            url = path.format(**body)
            return await asyncio.gather(*(many.post(url, **how) for _ in range(PARALLEL)))

    answers = asyncio.run(all_at_once())
    good = [answer for answer in answers if answer.status_code == 200]
    assert good and len({answer.text for answer in good}) == 1
    # In flight is 409; of files only so many are taken in at once, others are asked to come again.
    later = {409, 503} if "upload" in path else {409}
    assert {answer.status_code for answer in answers} <= {200} | later
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code in later)
    assert sum("idempotent-replayed" not in answer.headers for answer in good) == 1
    after = footprint(shop)
    assert sum(b - a for a, b in zip((before[2:]), after[2:], strict=True)) == (0 if "cancel" in path else 1)


def test_a_key_used_on_one_route_is_refused_on_every_other(shop: Shop) -> None:
    assert send(shop, A, {"prompt": "the first"}, "shared").status_code == 200
    for path, body in EVERY.items():
        if path != A:
            assert send(shop, path, body(shop), "shared").status_code == 422, path


@pytest.mark.parametrize("path", EVERY)
def test_what_was_refused_does_not_use_the_key_up(shop: Shop, path: str) -> None:
    key = f"key {next(_numbers)}"
    bad = {"task_id": "unknown"} if "{task_id}" in path else {"prompt": 5, "input": 5, "credits": -1, "code": 5}
    if path != "/api/v1/quote":  # A quote refuses nothing: it says what would be refused.
        assert send(shop, path, bad, key).status_code in (400, 404)
    good = send(shop, path, EVERY[path](shop), key)
    assert good.status_code == 200 and "idempotent-replayed" not in good.headers, good.text


@pytest.mark.parametrize("path", ORDERS)
def test_an_identical_order_is_merged_while_the_first_is_unfinished(shop: Shop, path: str) -> None:
    body = ORDERS[path](shop)
    first = send(shop, path, body, None)
    before = footprint(shop)
    again = send(shop, path, body, None)
    if path in NEVER_TWINS:
        assert "songwright-deduplicated" not in again.headers
        assert (again.status_code == 400) == path.endswith("cover/generate"), again.text
        return
    assert again.headers["songwright-deduplicated"] == "true" and again.json() == first.json()
    assert footprint(shop) == before
    apart = send(shop, path, body, f"key {next(_numbers)}")
    assert apart.status_code == 200 and "songwright-deduplicated" not in apart.headers
    assert apart.json() != first.json()


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_task_is_never_merged(shop: Shop, path: str) -> None:
    body = OTHERS[path](shop)
    send(shop, path, body, None)
    assert "songwright-deduplicated" not in send(shop, path, body, None).headers
