from __future__ import annotations

import sqlite3
import threading

import pytest

from songwright import ledger
from songwright.core.errors import InsufficientCredits, InvalidRequest, NotFound, SongwrightError
from songwright.db import Database


def test_a_reservation_moves_credits_and_a_settlement_spends_what_was_consumed(house) -> None:
    ada = house.customer(credits=100)
    house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t", 10, 0.0))
    assert house.balance(ada) == (90, 10, 0)
    house.db.write_blocking(lambda c: ledger.settle(c, ada.account_id, "t", 10, 4, 1.0))
    assert house.balance(ada) == (96, 0, 4)


def test_too_few_credits_change_nothing(house) -> None:
    ada = house.customer(credits=9)
    with pytest.raises(InsufficientCredits, match=r"costs 10.*has 9"):
        house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t", 10, 0.0))
    assert house.balance(ada) == (9, 0, 0)
    assert house.db.read("SELECT * FROM journal WHERE kind = 'reserve'") == []


@pytest.mark.parametrize("amount", [0, -1, 2**53, 2**63, 1.5, True, "10", None])
def test_only_whole_positive_credits_are_granted(house, amount) -> None:
    ada = house.customer(credits=1)
    with pytest.raises(InvalidRequest):
        house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, amount, "", 0.0))
    assert house.balance(ada) == (1, 0, 0)


def test_an_account_never_holds_more_than_any_reader_can_count(house) -> None:
    ada = house.customer(credits=2**53 - 2)
    house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 1, "", 0.0))
    with pytest.raises(InvalidRequest, match="that many"):
        house.db.write_blocking(lambda c: ledger.grant(c, ada.account_id, 1, "", 0.0))


def test_an_unknown_account_has_no_balance(db: Database) -> None:
    with pytest.raises(NotFound):
        db.reading(lambda c: ledger.balance(c, "nobody"))


def test_64_threads_with_credits_for_10_get_exactly_10(house) -> None:
    ada = house.customer(credits=100)
    together = threading.Barrier(64)
    accepted: list[int] = []

    def spend(number: int) -> None:
        together.wait()
        try:
            house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, f"t{number}", 10, 0.0))
            accepted.append(number)
        except InsufficientCredits:
            pass

    run_all([threading.Thread(target=spend, args=(n,)) for n in range(64)])
    assert len(accepted) == 10
    assert house.balance(ada) == (0, 100, 0)


def test_64_connections_of_their_own_with_credits_for_10_get_exactly_10(house) -> None:
    """The guard is in the statement, not in the writer thread: it holds between processes too."""
    ada = house.customer(credits=100)
    together = threading.Barrier(64)
    accepted: list[int] = []

    def spend(number: int) -> None:
        connection = sqlite3.connect(house.db.path, isolation_level=None, timeout=60)
        together.wait()
        connection.execute("BEGIN IMMEDIATE")
        try:
            ledger.reserve(connection, ada.account_id, f"t{number}", 10, 0.0)
            connection.execute("COMMIT")
            accepted.append(number)
        except InsufficientCredits:
            connection.execute("ROLLBACK")
        connection.close()

    run_all([threading.Thread(target=spend, args=(n,)) for n in range(64)])
    assert len(accepted) == 10
    assert house.balance(ada) == (0, 100, 0)


def test_the_second_settlement_of_a_task_is_refused_and_changes_nothing(house) -> None:
    ada = house.customer(credits=100)
    house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t", 10, 0.0))
    house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "u", 10, 0.0))
    together = threading.Barrier(8)
    outcomes: list[str] = []

    def end(consumed: int) -> None:
        together.wait()
        try:
            house.db.write_blocking(lambda c: ledger.settle(c, ada.account_id, "t", 10, consumed, 1.0))
            outcomes.append("settled")
        except sqlite3.IntegrityError:
            outcomes.append("refused")

    run_all([threading.Thread(target=end, args=(n,)) for n in range(8)])
    assert sorted(outcomes) == ["refused"] * 7 + ["settled"]
    available, reserved, used = house.balance(ada)
    assert (available + used, reserved) == (90, 10)


def test_more_cannot_be_consumed_than_was_reserved(house) -> None:
    ada = house.customer(credits=100)
    house.db.write_blocking(lambda c: ledger.reserve(c, ada.account_id, "t", 10, 0.0))
    for consumed in (11, -1):
        with pytest.raises(ValueError, match="cannot consume"):
            house.db.write_blocking(lambda c, n=consumed: ledger.settle(c, ada.account_id, "t", 10, n, 1.0))
    with pytest.raises(ValueError, match="reserved"):
        house.db.write_blocking(lambda c: ledger.settle(c, ada.account_id, "t", 11, 0, 1.0))
    assert house.balance(ada) == (90, 10, 0)


@pytest.mark.parametrize("table", ["journal", "entry"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid", "UPDATE {} SET kind = 'grant'"])
def test_what_is_booked_is_never_changed(house, table, statement) -> None:
    house.customer(credits=100)
    statement = statement.format(table)
    if table == "entry":  # Without a rowid, and with other columns.
        statement = statement.replace("rowid = rowid", "amount = 1").replace("kind = 'grant'", "journal_id = 5")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        house.db.write_blocking(lambda c: c.execute(statement))


def test_credits_are_whole_numbers_in_the_file_too(house) -> None:
    ada = house.customer(credits=100)
    for statement in ("UPDATE account SET available = 0.5", "UPDATE account SET available = 'many'"):
        with pytest.raises(sqlite3.IntegrityError):
            house.db.write_blocking(lambda c, s=statement: c.execute(s))
    assert house.balance(ada) == (100, 0, 0)


TAMPERING = {
    "a balance": "UPDATE account SET available = available + 1",
    "a used total": "UPDATE account SET used = used + 1, available = available - 1",
    "an entry": "DROP TRIGGER entry_never_changes; UPDATE entry SET amount = amount + 1 WHERE amount < -50",
    "a lost entry": "DROP TRIGGER entry_never_shrinks; DELETE FROM entry WHERE ledger_account = 'issued'",
    "a lost movement": "DROP TRIGGER journal_never_shrinks; PRAGMA foreign_keys = OFF; DELETE FROM journal",
    "a guard": "DROP TRIGGER journal_never_changes",
    "a price": "UPDATE task SET price_credits = 11",
    "a charge": "UPDATE task SET consumed_credits = 5 WHERE status = 'completed'",
    "a status": "UPDATE task SET status = 'pending'",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_proof_finds_what_was_tampered_with(house, order, what) -> None:
    import asyncio

    ada = house.customer(credits=100)
    life = house.lifecycle()

    async def one_task() -> None:
        await life.submit(ada, order())
        [claim] = await life.claim("server-1", 1)
        await life.perform(claim)

    asyncio.run(one_task())
    assert house.wrong_in_books() == []
    connection = sqlite3.connect(house.db.path)
    connection.executescript(TAMPERING[what])
    connection.close()
    assert house.wrong_in_books() != []


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_every_refusal_is_an_error_with_a_status() -> None:
    assert issubclass(InsufficientCredits, SongwrightError)
    assert InsufficientCredits.status == 402
