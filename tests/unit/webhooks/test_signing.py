"""What we sign, the specification's own library verifies."""

from __future__ import annotations

import json
import random
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from songwright.accounts.store import new_webhook_secret
from songwright.webhooks import signed_headers

ALPHABET = 'aZ09 \n"\\/é漢字🎵\u2028\u202e{}[]:,'


def test_any_body_is_verified() -> None:
    rng = random.Random(1)
    for _ in range(300):
        body = json.dumps(["".join(rng.choices(ALPHABET, k=rng.randrange(60)))], ensure_ascii=False).encode()
        secret = new_webhook_secret()
        headers = signed_headers([secret], "msg_1", "task-1", body, time.time())
        Webhook(secret).verify(body, headers, json_parse=False)
        with pytest.raises(WebhookVerificationError):
            Webhook(new_webhook_secret()).verify(body, headers, json_parse=False)


def test_the_specifications_own_vector_is_met() -> None:
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "t",
        b'{"test": 2432232314}',
        1614265330.9,
    )
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["songwright-task-id"] == "t"


def test_while_a_secret_is_replaced_holders_of_either_verify_and_nobody_else() -> None:
    old, new = new_webhook_secret(), new_webhook_secret()
    headers = signed_headers([new, old], "msg_1", "task-1", b'{"a": 1}', time.time())
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Webhook(secret).verify(b'{"a": 1}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_webhook_secret()).verify(b'{"a": 1}', headers)
