"""People: passwords, sessions, invitations and the brake on guessing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from songwright import accounts
from songwright.accounts import people
from songwright.accounts.passwords import hash_password, is_outdated, is_password
from songwright.core.clock import FixedClock
from songwright.core.errors import Conflict, InvalidRequest, NotAllowed, NotAuthenticated, TooManyRequests
from songwright.db import Database

GOOD = "long enough to be one"


class Moment:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def door(db: Database, clock: FixedClock, moment: Moment) -> accounts.Door:
    return accounts.Door(db, clock, "open", moment)


def stored(db: Database) -> bytes:
    return b"".join(path.read_bytes() for path in db.path.parent.glob(f"{db.path.name}*"))


def test_a_password_is_kept_as_argon2id_with_more_than_the_least_that_is_asked_for() -> None:
    hashed = hash_password(GOOD)
    assert hashed.startswith("$argon2id$")
    cost = dict(part.split("=") for part in hashed.split("$")[3].split(","))
    assert int(cost["m"]) >= 19 * 1024 and int(cost["t"]) >= 2
    assert is_password(hashed, GOOD) and not is_password(hashed, GOOD + "x")
    assert not is_password(None, GOOD) and not is_password("rubbish", GOOD)
    assert not is_outdated(hashed)
    assert is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + hashed.split("$")[5])


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_passwords_that_are_too_short_or_long_are_refused(password: str) -> None:
    with pytest.raises(InvalidRequest):
        hash_password(password)


def test_a_session_is_kept_only_as_a_hash_and_ends_in_time(
    db: Database, clock: FixedClock, door: accounts.Door
) -> None:
    user, session = asyncio.run(door.sign_up("Ada@Example.org", GOOD))
    sessions = accounts.Sessions(db, clock)
    caller = sessions.admit(session, "account")
    assert (caller.account_id, caller.user_id) == (user.account_id, user.id)
    assert user.email == "ada@example.org"
    assert session.encode() not in stored(db) and GOOD.encode() not in stored(db)
    with pytest.raises(NotAllowed):
        sessions.admit(session, "create")
    clock.advance(people.SESSION_S)
    with pytest.raises(NotAuthenticated):
        sessions.admit(session, "account")


def test_a_new_password_ends_every_session_and_logging_in_ends_the_old_one(
    db: Database, clock: FixedClock, door: accounts.Door
) -> None:
    user, first = asyncio.run(door.sign_up("ada@example.org", GOOD))
    sessions = accounts.Sessions(db, clock)
    _, second = asyncio.run(door.log_in("ADA@example.org ", GOOD, first))
    with pytest.raises(NotAuthenticated):
        sessions.admit(first, "account")
    with pytest.raises(InvalidRequest):
        asyncio.run(door.change_password(user.id, "wrong password", GOOD + "2"))
    asyncio.run(door.change_password(user.id, GOOD, GOOD + "2"))
    with pytest.raises(NotAuthenticated):
        sessions.admit(second, "account")
    with pytest.raises(NotAuthenticated):
        asyncio.run(door.log_in("ada@example.org", GOOD))


def test_guessing_is_slowed_to_five_a_minute_for_each_address_also_for_unknown_ones(
    door: accounts.Door, moment: Moment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("songwright.accounts.door.is_password", lambda *_: False)

    def guess(email: str) -> type[Exception]:
        with pytest.raises((NotAuthenticated, TooManyRequests)) as refused:
            asyncio.run(door.log_in(email, "guess"))
        return refused.type

    for email in ("ada@example.org", "nobody@example.org"):
        assert [guess(email) for _ in range(7)] == [NotAuthenticated] * 5 + [TooManyRequests] * 2
    moment.now_s += 12
    assert [guess("ADA@example.org") for _ in range(2)] == [NotAuthenticated, TooManyRequests]


@pytest.mark.parametrize("sign_up", ["invited", "off"])
def test_who_may_sign_up_is_a_setting(db: Database, clock: FixedClock, sign_up: accounts.SignUp) -> None:
    door = accounts.Door(db, clock, sign_up)
    with pytest.raises(NotAllowed):
        asyncio.run(door.sign_up("ada@example.org", GOOD))
    account = db.write_blocking(lambda c: accounts.create(c, "house", 0.0))
    token = db.write_blocking(lambda c: people.invite(c, account.id, "admin", clock.now_s()))
    if sign_up == "off":
        with pytest.raises(NotAllowed):
            asyncio.run(door.sign_up("ada@example.org", GOOD, invitation=token))
    else:
        user, _ = asyncio.run(door.sign_up("ada@example.org", GOOD, invitation=token))
        assert (user.account_id, user.role) == (account.id, "admin")


def test_an_invitation_is_good_once_and_for_a_week(db: Database, clock: FixedClock, door: accounts.Door) -> None:
    account = db.write_blocking(lambda c: accounts.create(c, "house", 0.0))
    token, late = (db.write_blocking(lambda c: people.invite(c, account.id, "member", clock.now_s())) for _ in range(2))
    assert token.encode() not in stored(db)
    asyncio.run(door.sign_up("ada@example.org", GOOD, invitation=token))
    with pytest.raises(InvalidRequest):
        asyncio.run(door.sign_up("bob@example.org", GOOD, invitation=token))
    clock.advance(people.INVITATION_S)
    with pytest.raises(InvalidRequest):
        asyncio.run(door.sign_up("bob@example.org", GOOD, invitation=late))
    assert [user.email for user in db.reading(lambda c: people.users_of(c, account.id))] == ["ada@example.org"]


def test_a_sign_up_that_fails_leaves_no_account_behind(db: Database, door: accounts.Door) -> None:
    asyncio.run(door.sign_up("ada@example.org", GOOD, "one"))
    with pytest.raises(Conflict):
        asyncio.run(door.sign_up("ada@example.org", GOOD, "two"))
    assert [account.name for account in db.reading(accounts.every)] == ["one"]


def test_the_last_admin_cannot_be_removed(db: Database, door: accounts.Door) -> None:
    user, _ = asyncio.run(door.sign_up("ada@example.org", GOOD))
    with pytest.raises(Conflict):
        db.write_blocking(lambda c: people.remove_user(c, user.account_id, user.id))


@pytest.mark.parametrize("email", ["", "ada", "a@b", "a b@c.de", "a@b.c\n", "x" * 250 + "@a.de", "a@@b.c"])
def test_what_is_no_address_is_refused(email: Any) -> None:
    if email == "a@b.c\n":
        assert people.checked_email(email) == "a@b.c"
        return
    with pytest.raises(InvalidRequest):
        people.checked_email(email)
