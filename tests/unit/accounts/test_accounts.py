from __future__ import annotations

import base64

import pytest

from songwright import accounts
from songwright.core.errors import Conflict, InvalidRequest, NotFound


def test_an_account_is_found_by_name_and_by_id(db) -> None:
    made = db.write_blocking(lambda c: accounts.create(c, "  Ada & Söhne ", 5.0))
    assert made.name == "Ada & Söhne"
    assert db.reading(lambda c: accounts.find(c, "Ada & Söhne")) == made
    assert db.reading(lambda c: accounts.get(c, made.id)) == made
    assert db.write_blocking(lambda c: accounts.find_or_create(c, "Ada & Söhne", 9.0)) == made
    assert db.reading(accounts.every) == [made]


def test_a_name_is_taken_only_once(db) -> None:
    db.write_blocking(lambda c: accounts.create(c, "ada", 0.0))
    with pytest.raises(Conflict, match="ada"):
        db.write_blocking(lambda c: accounts.create(c, "ada", 0.0))


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "two\nlines", "bell\a"])
def test_bad_names_are_refused(db, name) -> None:
    with pytest.raises(InvalidRequest):
        db.write_blocking(lambda c: accounts.create(c, name, 0.0))


def test_an_unknown_account_is_not_found(db) -> None:
    assert db.reading(lambda c: accounts.find(c, "ben")) is None
    with pytest.raises(NotFound):
        db.reading(lambda c: accounts.get(c, "ben"))


def test_every_account_signs_with_its_own_secret(db) -> None:
    both = [db.write_blocking(lambda c, n=name: accounts.create(c, n, 0.0)) for name in ("ada", "ben")]
    assert both[0].webhook_secret != both[1].webhook_secret
    for account in both:
        assert account.webhook_secret.startswith("whsec_")
        assert len(base64.b64decode(account.webhook_secret.removeprefix("whsec_"))) == 24
