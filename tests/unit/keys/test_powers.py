"""Scopes, expiry, rotation and last use: decided where a key is resolved."""

from __future__ import annotations

import time
from typing import Any

import pytest

from songwright import accounts, keys
from songwright.core.caller import KEY_SCOPES
from songwright.core.errors import Conflict, InvalidRequest, NotAllowed, NotAuthenticated, NotFound


@pytest.fixture
def account(db: Any, clock: Any) -> accounts.Account:
    return db.write_blocking(lambda c: accounts.create(c, "ada", clock.now_s()))


@pytest.fixture
def make(db: Any, clock: Any, account: accounts.Account) -> Any:
    def new(mode: keys.KeyMode = "live", **powers: Any) -> tuple[str, keys.Key]:
        wanted = keys.Powers(**powers)
        return db.write_blocking(lambda c: keys.create(c, account.id, mode, clock.now_s(), "", wanted))

    return new


@pytest.fixture
def ring(db: Any, clock: Any) -> keys.KeyRing:
    return keys.KeyRing(db, clock)


@pytest.mark.parametrize("given", sorted(KEY_SCOPES))
def test_a_key_does_what_its_scopes_name_and_nothing_else(ring: keys.KeyRing, make: Any, given: Any) -> None:
    token, _ = make(scopes=frozenset({given}))
    for asked in (*sorted(KEY_SCOPES), "account"):
        if asked == given:
            assert ring.admit(token, asked).scopes == {given}
        else:
            with pytest.raises(NotAllowed):
                ring.admit(token, asked)


def test_a_plain_key_makes_no_keys(ring: keys.KeyRing, make: Any) -> None:
    with pytest.raises(NotAllowed):
        ring.admit(make()[0], "keys")


def test_a_key_ends_when_it_was_said_to(ring: keys.KeyRing, make: Any, clock: Any) -> None:
    token, _ = make(expires_at_s=clock.now_s() + 60)
    ring.resolve(token)
    clock.advance(60)
    with pytest.raises(NotAuthenticated):
        ring.resolve(token)


def test_after_a_rotation_both_keys_work_for_the_overlap_and_then_only_the_new_one(
    ring: keys.KeyRing, make: Any, db: Any, clock: Any
) -> None:
    old, key = make(limit_credits=70)
    new, rotated = db.write_blocking(lambda c: keys.rotate(c, key.id, clock.now_s(), 100.0))
    assert (rotated.id, rotated.powers) == (key.id, key.powers)
    assert new.endswith(rotated.last4) and new != old
    assert ring.resolve(old).key_id == ring.resolve(new).key_id == key.id
    clock.advance(100)
    assert ring.resolve(new).key_id == key.id
    with pytest.raises(NotAuthenticated):
        ring.resolve(old)


def test_without_overlap_the_old_key_ends_at_once_and_a_second_rotation_ends_the_first(
    ring: keys.KeyRing, make: Any, db: Any, clock: Any
) -> None:
    first, key = make()
    second = db.write_blocking(lambda c: keys.rotate(c, key.id, clock.now_s(), 0.0))[0]
    with pytest.raises(NotAuthenticated):
        ring.resolve(first)
    third = db.write_blocking(lambda c: keys.rotate(c, key.id, clock.now_s(), 50.0))[0]
    assert ring.resolve(second) == ring.resolve(third)
    db.write_blocking(lambda c: keys.revoke(c, key.id, clock.now_s()))
    clock.advance(1)
    for token in (second, third):
        with pytest.raises(NotAuthenticated):
            ring.resolve(token)
    with pytest.raises(Conflict):
        db.write_blocking(lambda c: keys.rotate(c, key.id, clock.now_s()))


def test_no_secret_of_a_rotated_key_is_stored(make: Any, db: Any, clock: Any) -> None:
    old, key = make()
    new = db.write_blocking(lambda c: keys.rotate(c, key.id, clock.now_s()))[0]
    stored = b"".join(path.read_bytes() for path in db.path.parent.glob(f"{db.path.name}*"))
    assert not [token for token in (old, new) if token[12:].encode() in stored]


def test_the_last_use_is_written_without_anybody_waiting_and_at_most_once_a_minute(
    ring: keys.KeyRing, make: Any, db: Any, clock: Any
) -> None:
    token, key = make()

    def last_use() -> float | None:
        db.write_blocking(lambda c: None)  # whatever was handed over before is on disk after this
        return db.reading(lambda c: keys.get(c, key.id)).use.last_used_at_s

    assert last_use() is None
    ring.resolve(token)
    first_s = clock.now_s()
    assert last_use() == first_s
    for _ in range(59):
        clock.advance(1)
        ring.resolve(token)
    assert last_use() == first_s
    clock.advance(1)
    ring.resolve(token)
    assert last_use() == first_s + 60


@pytest.mark.parametrize(
    "powers",
    [
        {"scopes": frozenset()},
        {"limit_credits": -1},
        {"limit_month_credits": 2**53},
        {"rate_per_s": 0.0},
        {"rate_per_s": float("nan")},
        {"expires_at_s": float("inf")},
        {"expires_at_s": 5.0},
    ],
)
def test_powers_that_make_no_sense_are_refused(make: Any, powers: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        make(**powers)


def test_a_scope_written_by_hand_opens_nothing(ring: keys.KeyRing, make: Any, db: Any) -> None:
    token, _ = make()
    db.write_blocking(lambda c: c.execute("UPDATE api_key SET scopes = 'read everything'").rowcount)
    with pytest.raises(NotAuthenticated):
        ring.resolve(token)


def test_nobody_hands_out_more_than_he_has(make: Any) -> None:
    caller = keys.Caller("a", "k", "test", frozenset({"keys", "read"}))
    own = keys.Powers(scopes=frozenset({"keys", "read"}))
    keys.check_may_hand_out(caller, own, "test", keys.Powers(scopes=frozenset({"read"})))
    for bounds in ({"limit_credits": 5}, {"models": frozenset({"x"})}, {"expires_at_s": time.time()}):
        bounded = keys.Powers(scopes=own.scopes, **bounds)
        with pytest.raises(NotAllowed):
            keys.check_may_hand_out(caller, bounded, "test", keys.Powers(scopes=frozenset({"read"})))
    for mode, scopes in (("live", {"read"}), ("test", {"create"})):
        with pytest.raises(NotAllowed):
            keys.check_may_hand_out(caller, own, mode, keys.Powers(scopes=frozenset(scopes)))


def test_keys_of_others_are_unknown(make: Any, db: Any) -> None:
    _, key = make()
    with pytest.raises(NotFound):
        db.reading(lambda c: keys.own(c, "somebody else", key.id))
