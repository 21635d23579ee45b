"""Credits that are bought or redeemed: a real server, the real Stripe library, a stand-in for what it talks to."""

from __future__ import annotations

import asyncio
import copy
import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from tests.contract.serving import Customer, Running
from tests.integration.money_banks import asked, reached
from tests.integration.stripe_stand_in import API_KEY, SECRET, StandIn, event, signed

from songwright import ledger, orders
from songwright.app import build_app
from songwright.core.clock import FixedClock, SystemClock
from songwright.core.errors import ConfigurationError, InvalidRequest
from songwright.db import Database
from songwright.orders.stripe_payments import StripePayments, StripeSettings
from songwright.settings import Settings

FORGED = asked("FORGED", 500)
HOOK = "/webhooks/stripe"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    opened = StandIn()
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[Running]:
    settings = StripeSettings(api_key=API_KEY, webhook_secret=SECRET, api_base=stand_in.url)
    running = Running(
        tmp_path_factory.mktemp("orders"),
        perform=False,
        payments=lambda public_url: StripePayments(settings, public_url, SystemClock()),
    ).start()
    yield running
    assert running.db.reading(ledger.verify) == []
    running.stop()


@pytest.fixture
def ada(server: Running) -> Customer:
    return server.customer(f"ada {time.monotonic_ns()}", credits=0)


@pytest.fixture
def client(server: Running, ada: Customer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=ada.bearer, trust_env=False, timeout=30) as opened:
        yield opened


@pytest.fixture
def stranger(server: Running) -> Iterator[httpx2.Client]:
    """Who calls without a key, as Stripe does."""
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=30) as opened:
        yield opened


def buy(client: httpx2.Client, stand_in: StandIn, credits: int = 500) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order and its checkout session."""
    answer = client.post("/api/v1/orders", json={"credits": credits})
    assert answer.status_code == 200, answer.text
    order = answer.json()["data"]
    return order, next(s for s in stand_in.sessions.values() if s["metadata"]["order_id"] == order["order_id"])


def send(client: httpx2.Client, content: dict[str, Any] | bytes, **how: Any) -> httpx2.Response:
    body, signature = signed(content, **how)
    return client.post(HOOK, content=body, headers={"stripe-signature": signature})


def outcome(client: httpx2.Client, content: dict[str, Any]) -> str:
    answer = send(client, content)
    assert answer.status_code == 200, answer.text
    return answer.json()["outcome"]


def available(client: httpx2.Client) -> int:
    return client.get("/api/v1/credits").json()["data"]["credits"]


def state_of(client: httpx2.Client, order_id: str) -> str:
    return next(o["state"] for o in client.get("/api/v1/orders").json()["data"] if o["order_id"] == order_id)


def code(server: Running, credits: int = 50, **how: Any) -> str:
    return server.db.write_blocking(lambda c: orders.create_codes(c, credits, 1, time.time(), **how))[0]


# ------------------------------------------------------------------------------------------------------ orders


def test_an_order_is_paid_on_stripes_page_and_credited_once(client, stranger, stand_in) -> None:
    order, session = buy(client, stand_in)
    assert (order["state"], order["credits"], order["amount"], order["currency"]) == ("created", 500, 500, "usd")
    assert order["checkout_url"] == session["url"] and session["amount_total"] == 500
    assert available(client) == 0
    paid = stand_in.paid(session["id"])
    assert [outcome(stranger, paid) for _ in range(3)] == ["done", "known", "known"]
    assert outcome(stranger, stand_in.paid(session["id"], "evt_other_of_the_same_payment")) == "ignored"
    assert available(client) == 500 and state_of(client, order["order_id"]) == "paid"
    assert client.get("/api/v1/orders").json()["data"][0]["checkout_url"] == ""
    [row] = client.get("/api/v1/ledger").json()["data"]
    assert (row["kind"], row["available"], row["order_id"]) == ("grant", 500, order["order_id"])


def test_an_event_that_comes_a_hundred_times_at_once_credits_once(server, client, stand_in) -> None:
    _, session = buy(client, stand_in)
    body, signature = signed(stand_in.paid(session["id"]))

    async def hundred() -> Counter[str]:
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as many:
            posts = (many.post(HOOK, content=body, headers={"stripe-signature": signature}) for _ in range(100))
            return Counter([answer.json()["outcome"] for answer in await asyncio.gather(*posts)])

    assert asyncio.run(hundred()) == Counter(done=1, known=99)
    assert available(client) == 500


def test_a_refund_or_a_dispute_takes_back_what_is_there_and_the_rest_is_owed(client, stranger, stand_in) -> None:
    for undo in (stand_in.refunded, stand_in.disputed):
        order, session = buy(client, stand_in, 100)
        outcome(stranger, stand_in.paid(session["id"]))
        task = client.post("/api/v1/audio/music", json={"model": "chirp-v5", "prompt": f"spend {order['order_id']}"})
        assert task.status_code == 200
        assert outcome(stranger, undo(session["id"])) == "done"
        assert outcome(stranger, undo(session["id"])) == "known"
        assert (available(client), state_of(client, order["order_id"])) == (0, "refunded")
        refused = client.post("/api/v1/audio/music", json={"prompt": f"on credit {order['order_id']}"})
        assert refused.status_code == 402
        client.post(f"/api/v1/tasks/{task.json()['task_id']}/cancel")  # Gives back 12: the debt is paid by it.
        assert available(client) == 0


def test_a_part_of_a_payment_given_back_moves_no_credits_by_itself(client, stranger, stand_in) -> None:
    order, session = buy(client, stand_in)
    outcome(stranger, stand_in.paid(session["id"]))
    assert outcome(stranger, stand_in.refunded(session["id"], share=0.5)) == "ignored"
    assert (available(client), state_of(client, order["order_id"])) == (500, "paid")


@pytest.mark.parametrize("first", ["expired", "refunded"])
def test_events_out_of_order_end_where_the_money_is(client, stranger, stand_in, first) -> None:
    """A payment that was made counts although the page had expired; one that was given back before does not."""
    order, session = buy(client, stand_in)
    assert outcome(stranger, getattr(stand_in, first)(session["id"])) == "done"
    assert state_of(client, order["order_id"]) == first and available(client) == 0
    came = outcome(stranger, stand_in.paid(session["id"]))
    assert (came, available(client)) == (("done", 500) if first == "expired" else ("ignored", 0))
    late = outcome(stranger, stand_in.expired(session["id"])) if first == "refunded" else "ignored"
    assert late == "ignored"


def test_a_transfer_on_its_way_is_not_money_yet(client, stranger, stand_in) -> None:
    _, session = buy(client, stand_in)
    assert outcome(stranger, stand_in.paid(session["id"], payment_status="unpaid")) == "ignored"
    assert available(client) == 0
    later = event("checkout.session.async_payment_succeeded", session | {"payment_status": "paid"}, "evt_async")
    assert outcome(stranger, later) == "done"
    assert available(client) == 500


def test_what_others_sell_with_the_same_stripe_account_is_none_of_our_business(stranger, stand_in, client) -> None:
    _, session = buy(client, stand_in)
    for content in (
        stand_in.paid(session["id"], metadata={}),
        stand_in.refunded(session["id"], payment_intent="pi_of_others", metadata={}),
        event("customer.created", {"id": "cus_1"}, "evt_c"),
    ):
        assert outcome(stranger, content) == "ignored"
    assert available(client) == 0


def test_when_stripe_cannot_be_used_nothing_is_lost_and_the_same_key_goes_on(client, stand_in) -> None:
    stand_in.broken = True
    headers = {"idempotency-key": "buy-1"}
    try:
        first = client.post("/api/v1/orders", json={"credits": 100}, headers=headers)
        assert first.status_code == 503 and int(first.headers["retry-after"]) > 0
    finally:
        stand_in.broken = False
    again = client.post("/api/v1/orders", json={"credits": 100}, headers=headers)
    assert again.status_code == 200 and again.json()["data"]["checkout_url"]
    assert len(client.get("/api/v1/orders").json()["data"]) == 1


@pytest.mark.parametrize(
    "credits", [-1, 0, 1, 99, 1_000_001, 2**53, 2**63 - 1, 0.5, 100.0, "100", "1e3", True, None, [100]]
)
def test_no_amount_that_is_no_amount_is_sold(client, stand_in, credits) -> None:
    before = len(stand_in.sessions)
    answer = client.post("/api/v1/orders", json={"credits": credits})
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "credits"
    raw = client.post("/api/v1/orders", content=b'{"credits": 1e3}')
    assert raw.status_code == 400
    assert len(stand_in.sessions) == before and client.get("/api/v1/orders").json()["data"] == []


def test_unpaid_orders_have_an_end(client) -> None:
    statuses = [client.post("/api/v1/orders", json={"credits": 100}).status_code for _ in range(52)]
    assert statuses == [200] * 50 + [429] * 2


def test_orders_and_statements_of_others_are_not_shown(server, client, stand_in) -> None:
    buy(client, stand_in)
    ben = server.customer(f"ben {time.monotonic_ns()}", credits=7)
    with httpx2.Client(base_url=server.url, headers=ben.bearer) as other:
        assert other.get("/api/v1/orders").json()["data"] == []
        assert [row["account_id"] for row in other.get("/api/v1/ledger").json()["data"]] == [ben.account_id]
        for query in ("cursor=x", "cursor=99", "limit=0", "limit=1001", "cursor=-1"):
            assert other.get(f"/api/v1/ledger?{query}").status_code == 400, query
        assert other.get("/api/v1/orders?cursor=x").status_code == 400


# -------------------------------------------------------------------------------------------------- forgeries


def forge(rng: random.Random, good: dict[str, Any]) -> tuple[bytes, list[tuple[str, str]], str]:
    """A callback that must not credit: its body, its headers, and what is wrong with it."""
    content = copy.deepcopy(good)
    content["id"] = f"evt_forged_{rng.getrandbits(64):x}"
    name, make = rng.choice(FORGERIES)
    body, signature = make(rng, content)
    return body, [("stripe-signature", value) for value in signature], name


def changed(path: str, *values: Any) -> Callable[[random.Random, dict[str, Any]], tuple[bytes, list[str]]]:
    """An event that Stripe itself signed, but which does not fit the order it names."""

    def make(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
        *folders, last = path.split(".")
        there = content
        for name in folders:
            there = there[name]
        old = there.get(last)
        choices = [v for v in values if v != old or type(v) is not type(old)]
        choices += (
            [old + rng.randrange(1, 10**6), old - rng.randrange(1, 400), -old, old + 0.5] if type(old) is int else []
        )
        there[last] = rng.choice(choices)
        body, signature = signed(content)
        return body, [signature]

    return make


def with_secret(*secrets: str) -> Callable[[random.Random, dict[str, Any]], tuple[bytes, list[str]]]:
    def make(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
        body, signature = signed(content, rng.choice(secrets))
        return body, [signature]

    return make


def changed_after_signing(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
    body, signature = signed(content)
    at = rng.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << rng.randrange(8)]) + body[at + 1 :], [signature]


def signature_changed(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
    body, signature = signed(content)
    stamp, mac = signature.split(",")
    wrong = rng.choice(
        [
            [],
            [""],
            [stamp],
            [mac],
            [f"{stamp},{mac[:-1]}"],
            [f"{stamp},v0={mac[3:]}"],
            [f"{stamp},v1="],
            [f"t={int(stamp[2:]) + 1},{mac}"],
            [f"t=0x1,{mac}"],
            [f"t=,{mac}"],
            [f"{stamp},v1={'0' * 64}"],
            [f"{stamp},{mac[:-1]}{'0' if mac[-1] != '0' else '1'}"],
            [signature, signature],
            [f"t=1,{stamp},{mac}"],
            ["\x80\xff"],
        ]
    )
    return body, wrong


def of_another_owner(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
    """The event agrees with itself, but not with the order."""
    owner = rng.choice(["somebody", "", None])
    content["data"]["object"]["client_reference_id"] = content["data"]["object"]["metadata"]["account_id"] = owner
    body, signature = signed(content)
    return body, [signature]


def of_another_time(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
    seconds = rng.choice([-86_400, -3_600, -301, 302, 3_600, 86_400, -(10**9), 10**9])
    body, signature = signed(content, at_s=time.time() + seconds)
    return body, [signature]


def no_event_at_all(rng: random.Random, content: dict[str, Any]) -> tuple[bytes, list[str]]:
    junk = rng.choice([b"", b"{}", b"null", b"[]", b'{"a":' * 5_000, json.dumps(content).encode("utf-16"), b"\xff\xfe"])
    stamp = int(time.time())
    return junk, [signed(junk if junk != b"\xff\xfe" else b"", at_s=stamp)[1]]


FORGERIES: list[tuple[str, Callable[[random.Random, dict[str, Any]], tuple[bytes, list[str]]]]] = [
    (
        "another secret",
        with_secret("", " ", "whsec_", "whsec_other", SECRET[:-1], SECRET + " x", SECRET.upper(), API_KEY),
    ),
    ("changed after signing", changed_after_signing),
    ("signature", signature_changed),
    ("time", of_another_time),
    ("no event", no_event_at_all),
    ("amount", changed("data.object.amount_total", 0, 1, "500", None, 2**63, True)),
    ("currency", changed("data.object.currency", "eur", "jpy", "USD", "", None, 840)),
    ("owner", changed("data.object.client_reference_id", "somebody", "", None)),
    ("owner in metadata", changed("data.object.metadata.account_id", "somebody", "", None)),
    ("another owner everywhere", of_another_owner),
    ("order", changed("data.object.metadata.order_id", "unknown", "", 5)),
    ("session", changed("data.object.id", "cs_test_other", "", None)),
    ("mode", changed("data.object.mode", "subscription", "setup", None)),
    ("object", changed("data.object.object", "payment_link", None)),
    ("live", changed("livemode", True, None, "false")),
    ("status", changed("data.object.payment_status", "unpaid", "no_payment_required", "", None)),
    ("type", changed("type", "checkout.session.paid", "payment_intent.succeeded", "", None)),
]


def test_no_forged_or_foreign_callback_ever_credits(server, client, stranger, stand_in) -> None:
    _, session = buy(client, stand_in)
    good, rng = stand_in.paid(session["id"]), random.Random(4319)
    seen, statuses = Counter[str](), Counter[int]()
    for _ in range(FORGED):
        body, headers, name = forge(rng, good)
        answer = stranger.post(HOOK, content=body, headers=[(k, v.encode("latin-1")) for k, v in headers])
        seen[name] += 1
        statuses[answer.status_code] += 1
        assert answer.status_code == 400 or answer.json() == {"outcome": "ignored"}, (name, answer.text)
    assert available(client) == 0
    assert seen.keys() == {name for name, _ in FORGERIES}
    assert server.db.read_one("SELECT count(*) FROM payment_event WHERE event_id LIKE 'evt_forged%'")[0] == 0
    reached("forged callbacks", f"0 of {FORGED} credited, 0 server errors ({dict(statuses)})")
    assert outcome(stranger, good) == "done" and available(client) == 500  # The real one still counts.


def test_a_code_is_no_stripe_payment_and_an_order_of_another_is_not_paid(server, client, stranger, stand_in) -> None:
    _, session = buy(client, stand_in)
    redeemed = client.post("/api/v1/redeem", json={"code": code(server)}).json()["data"]
    before = available(client)
    metadata = {"order_id": redeemed["order_id"], "account_id": session["metadata"]["account_id"]}
    answer = send(stranger, stand_in.paid(session["id"], "evt_code", metadata=metadata, amount_total=0, currency=""))
    assert answer.status_code == 400 and "provider" in answer.json()["message"]
    ben = server.customer(f"ben {time.monotonic_ns()}", credits=0)
    with httpx2.Client(base_url=server.url, headers=ben.bearer) as other:
        _, his = buy(other, stand_in)
        mixed = stand_in.paid(session["id"], "evt_mixed", metadata=his["metadata"], client_reference_id=ben.account_id)
        assert send(stranger, mixed).status_code == 400  # Her payment for his order.
        assert available(other) == 0
    assert available(client) == before


def test_without_stripe_callbacks_are_refused_and_nothing_is_sold(tmp_path) -> None:
    bare = Running(tmp_path, perform=False).start()
    try:
        ada = bare.customer("ada", credits=0)
        with httpx2.Client(base_url=bare.url, headers=ada.bearer) as client:
            assert send(client, event("checkout.session.completed", {}, "evt_1"), secret="").status_code == 503
            assert client.post("/api/v1/orders", json={"credits": 100}).status_code == 501
    finally:
        bare.stop()


@pytest.mark.parametrize(
    ("api_key", "secret"),
    [
        ("sk_test_x", ""),
        ("sk_test_x", "   "),
        ("sk_live_x", "whsec_"),
        ("", SECRET),
        ("  ", SECRET),
        ("sk_test_x", "x"),
    ],
)
def test_stripe_set_up_by_half_does_not_start(tmp_path, api_key: str, secret: str) -> None:
    settings = Settings(data=tmp_path, provider="fake", stripe_api_key=api_key, stripe_webhook_secret=secret)
    with pytest.raises(ConfigurationError, match="STRIPE"):
        build_app(settings, Database(tmp_path / "x.db"), "server")


@pytest.mark.parametrize("seconds", [3_600, -3_600, 86_400, -86_400])
def test_a_clock_that_is_wrong_refuses_events_and_takes_them_again_when_it_is_right(tmp_path, seconds) -> None:
    clock = FixedClock(time.time() + seconds)
    payments = StripePayments(StripeSettings(api_key=API_KEY, webhook_secret=SECRET), "http://x", clock)
    body, signature = signed(event("customer.created", {"id": "cus_1"}, "evt_c"))
    with pytest.raises(InvalidRequest, match="another time"):
        payments.read(body, signature)
    clock.advance(-seconds)
    assert payments.read(body, signature) is None


# ------------------------------------------------------------------------------------------------------- codes


def test_a_code_is_redeemed_once_however_it_is_typed(server, client) -> None:
    text = code(server, 50)
    answer = client.post("/api/v1/redeem", json={"code": f" {text.lower().replace('-', ' ')} "})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["state"], data["provider"], data["credits"], data["amount"]) == ("paid", "code", 50, 0)
    assert available(client) == 50
    assert client.post("/api/v1/redeem", json={"code": text}).status_code == 409
    assert available(client) == 50
    stored = server.db.read("SELECT * FROM redeem_code")
    assert not any(text.replace("-", "")[2:] in str(value) for row in stored for value in tuple(row))


def test_a_code_of_another_account_is_unknown_and_one_already_used_too(server, client, ada) -> None:
    ben = server.customer(f"ben {time.monotonic_ns()}", credits=0)
    mine, his, free = code(server, account_id=ada.account_id), code(server, account_id=ben.account_id), code(server)
    with httpx2.Client(base_url=server.url, headers=ben.bearer) as other:
        assert other.post("/api/v1/redeem", json={"code": free}).status_code == 200
    answers = [client.post("/api/v1/redeem", json={"code": text}) for text in (his, free, "SW-00000-00000-00000-00000")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.json()["message"] for answer in answers}) == 1
    assert available(client) == 0
    assert client.post("/api/v1/redeem", json={"code": mine}).status_code == 200


@pytest.mark.parametrize("seconds", [3_600, 86_400])
def test_an_expired_code_is_refused_and_not_used_up(server, client, seconds) -> None:
    """Expired by a clock that runs ahead by an hour or a day: refused; when the clock is right again it counts."""
    text = code(server, expires_at_s=time.time() - seconds)
    answer = client.post("/api/v1/redeem", json={"code": text})
    assert answer.status_code == 400 and "expired" in answer.json()["message"]
    server.db.write_blocking(
        lambda c: (
            c.execute(
                "UPDATE redeem_code SET expires_at_s = expires_at_s + ? WHERE redeemed_by IS NULL", (2 * seconds,)
            ).rowcount
        )
    )
    assert client.post("/api/v1/redeem", json={"code": text}).status_code == 200
    assert available(client) == 50


@pytest.mark.parametrize(
    "value", ["", " ", "x" * 101, "SW-", 5, None, True, ["a"], {"a": 1}, "'; DROP TABLE redeem_code; --", "\u202e"]
)
def test_what_is_no_code_is_refused(client, value) -> None:
    assert client.post("/api/v1/redeem", json={"code": value}).status_code in (400, 404)
    assert available(client) == 0


def test_64_who_redeem_one_code_at_once_get_it_once(server) -> None:
    customers = [server.customer(f"c{n} {time.monotonic_ns()}", credits=0) for n in range(8)]
    text = code(server, 50)

    async def all_at_once() -> Counter[int]:
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as many:
            posts = [
                many.post("/api/v1/redeem", json={"code": text}, headers=customers[n % 8].bearer) for n in range(64)
            ]
            return Counter([answer.status_code for answer in await asyncio.gather(*posts)])

    statuses = asyncio.run(all_at_once())
    assert statuses[200] == 1 and statuses[409] == 7 and statuses[404] == 56
    assert sum(server.balance(customer).available for customer in customers) == 50


def test_a_test_key_moves_no_money(server) -> None:
    from songwright import accounts, keys

    def test_key(connection: sqlite3.Connection) -> str:
        account = accounts.find_or_create(connection, "tester", 0.0)
        return keys.create(connection, account.id, "test", 0.0)[0]

    token = server.db.write_blocking(test_key)
    with httpx2.Client(base_url=server.url, headers={"x-api-key": token}) as client:
        assert client.post("/api/v1/redeem", json={"code": code(server)}).status_code == 403
        assert client.post("/api/v1/orders", json={"credits": 100}).status_code == 403


@pytest.mark.parametrize(
    "numbers", [(0, 1), (-1, 1), (1_000_001, 1), (0.5, 1), (1, 0), (1, 1_001), (True, 1), (2**63, 1)]
)
def test_no_code_is_made_for_what_is_no_amount(server, numbers) -> None:
    with pytest.raises(InvalidRequest):
        server.db.write_blocking(lambda c: orders.create_codes(c, *numbers, 0.0))
