from __future__ import annotations

import random
import string
import subprocess
import sys

import pytest

from songwright import accounts, keys
from songwright.core.errors import NotAuthenticated, NotFound
from songwright.keys.token import PATTERN, checksum


@pytest.fixture
def account(db, clock):
    return db.write_blocking(lambda c: accounts.create(c, "ada", clock.now_s()))


def make_key(db, clock, account, mode="live"):
    return db.write_blocking(lambda c: keys.create(c, account.id, mode, clock.now_s()))


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_key_has_its_prefix_30_random_characters_and_6_of_checksum(mode) -> None:
    tokens = {keys.new_token(mode) for _ in range(500)}
    assert len(tokens) == 500
    for token in tokens:
        assert PATTERN.fullmatch(token)
        assert token.startswith(f"sw_{mode}_")
        assert len(token) == 8 + 36
        assert keys.is_well_formed(token)


def test_the_checksum_is_crc32_in_base62() -> None:
    assert checksum("") == "000000"
    assert checksum("123456789") == base62(0xCBF43926)  # The check value of every CRC32 table.


def base62(value: int) -> str:
    alphabet = string.digits + string.ascii_uppercase + string.ascii_lowercase
    return "".join(alphabet[value // 62**power % 62] for power in (5, 4, 3, 2, 1, 0))


def test_one_wrong_character_is_always_noticed() -> None:
    rng = random.Random(7)
    for _ in range(300):
        token = keys.new_token("live")
        position = rng.randrange(8, len(token))
        other = rng.choice([letter for letter in string.ascii_letters + string.digits if letter != token[position]])
        assert not keys.is_well_formed(token[:position] + other + token[position + 1 :])


def test_a_key_resolves_to_its_caller(db, clock, account) -> None:
    token, key = make_key(db, clock, account, "test")
    assert keys.KeyRing(db, clock).resolve(token) == keys.Caller(account.id, key.id, "test")


def test_a_bad_checksum_is_refused_without_reading_anything(db, clock, account, monkeypatch) -> None:
    token, _ = make_key(db, clock, account)
    ring = keys.KeyRing(db, clock)
    monkeypatch.setattr(db, "read_one", lambda *_: pytest.fail("the database was asked"))
    for bad in ("", "x", token[:-1] + ("a" if token[-1] != "a" else "b"), token + "\n", token.upper(), "\ud800" * 44):
        with pytest.raises(NotAuthenticated):
            ring.resolve(bad)


def test_a_well_formed_stranger_is_refused(db, clock, account) -> None:
    with pytest.raises(NotAuthenticated):
        keys.KeyRing(db, clock).resolve(keys.new_token("live"))


def test_only_the_hash_is_stored(db, clock, account) -> None:
    token, key = make_key(db, clock, account)
    stored = b"".join(path.read_bytes() for path in db.path.parent.glob(f"{db.path.name}*"))
    assert key.id.encode() in stored
    assert token.encode() not in stored
    assert token[12:].encode() not in stored


def test_a_revoked_key_is_refused_within_a_second_and_for_good(db, clock, account) -> None:
    token, key = make_key(db, clock, account)
    ring = keys.KeyRing(db, clock)
    ring.resolve(token)
    db.write_blocking(lambda c: keys.revoke(c, key.id, clock.now_s()))
    clock.advance(0.99)
    with pytest.raises(NotAuthenticated):
        ring.resolve(token)


def test_a_clock_set_back_does_not_keep_a_revoked_key_alive(db, clock, account) -> None:
    token, key = make_key(db, clock, account)
    ring = keys.KeyRing(db, clock)
    ring.resolve(token)
    db.write_blocking(lambda c: keys.revoke(c, key.id, clock.now_s()))
    clock.advance(-3600)
    with pytest.raises(NotAuthenticated):
        ring.resolve(token)


def test_a_key_made_by_another_process_is_valid_at_once(db, clock, account) -> None:
    ring = keys.KeyRing(db, clock)
    code = f"""
from pathlib import Path
from songwright import keys
from songwright.db import Database
db = Database(Path({str(db.path)!r})); db.open()
print(db.write_blocking(lambda c: keys.create(c, {account.id!r}, "live", 0.0))[0]); db.close()"""
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    token = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ring.resolve(token.stdout.strip()).account_id == account.id


def test_a_remembered_key_costs_no_reading(db, clock, account, monkeypatch) -> None:
    token, _ = make_key(db, clock, account)
    ring = keys.KeyRing(db, clock)
    first = ring.resolve(token)
    monkeypatch.setattr(db, "read_one", lambda *_: pytest.fail("the database was asked"))
    assert ring.resolve(token) is first


def test_keys_are_listed_without_their_secret(db, clock, account) -> None:
    token, key = make_key(db, clock, account)
    [listed] = db.reading(lambda c: keys.every(c, account.id))
    assert listed == key
    assert token.startswith(listed.prefix)
    assert token.endswith(listed.last4)
    assert len(listed.prefix) + len(listed.last4) < 20


def test_revoking_an_unknown_key_says_so(db) -> None:
    with pytest.raises(NotFound):
        db.write_blocking(lambda c: keys.revoke(c, "nothing", 0.0))
