"""What an operator does from the command line, beside a running server or without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from songwright import accounts, keys, ledger, orders
from songwright.core.clock import SystemClock, iso_utc
from songwright.core.errors import InvalidRequest, NotFound
from songwright.db import Database
from songwright.settings import Settings

T = TypeVar("T")
DATABASE_NAME = "songwright.db"
MAX_CODE_DAYS = 3650


@contextmanager
def open_database(settings: Settings) -> Generator[Database]:
    """The data folder's database, at this version's schema; another process may have it open too."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.data / DATABASE_NAME)
    database.open()
    try:
        yield database
    finally:
        database.close()


def create_key(settings: Settings, account_name: str, *, credits: int, test: bool) -> str:
    """A new key of the account, which is made when there is none, after `credits` were granted to it."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        account = accounts.find_or_create(connection, account_name, now_s)
        if credits:
            ledger.grant(connection, account.id, credits, f"with a key for {account_name}", now_s)
        return keys.create(connection, account.id, "test" if test else "live", now_s, account_name)[0]

    return _write(settings, operation)


def list_keys(settings: Settings) -> list[str]:
    """One line a key, oldest account first."""

    def operation(connection: sqlite3.Connection) -> list[str]:
        return [
            f"{account.name}  {key.prefix}...{key.last4}  {key.id}  {'revoked' if key.revoked_at_s else 'active'}"
            for account in accounts.every(connection)
            for key in keys.every(connection, account.id)
        ]

    return _write(settings, operation)


def revoke_key(settings: Settings, key: str) -> str:
    """Revoke a key given whole or by id. Raises NotFound."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        row = connection.execute("SELECT id FROM api_key WHERE hash = ?", (keys.token_hash(key),)).fetchone()
        keys.revoke(connection, row[0] if row else key, now_s)
        return "revoked"

    return _write(settings, operation)


def show_credits(settings: Settings, account_name: str) -> str:
    """The account's balance in words."""

    def operation(connection: sqlite3.Connection) -> str:
        balance = ledger.balance(connection, _account(connection, account_name).id)
        return f"available {balance.available}, reserved {balance.reserved}, used {balance.used}"

    return _write(settings, operation)


def grant_credits(settings: Settings, account_name: str, credits: int, reason: str) -> str:
    """Grant credits and say what the account has now."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> None:
        ledger.grant(connection, _account(connection, account_name).id, credits, reason, now_s)

    _write(settings, operation)
    return show_credits(settings, account_name)


def refund_task(settings: Settings, task_id: str, reason: str) -> str:
    """Give back what a task had cost, once. Raises NotFound, Conflict."""
    now_s = SystemClock().now_s()
    amount = _write(settings, lambda connection: ledger.refund(connection, task_id, reason, now_s))
    return f"refunded {amount}"


def create_codes(
    settings: Settings, credits: int, *, count: int, account_name: str | None, expires_days: float | None
) -> list[str]:
    """New codes, shown only now; for one account or for anybody."""
    now_s = SystemClock().now_s()
    if expires_days is not None and not 0 < expires_days <= MAX_CODE_DAYS:
        raise InvalidRequest(f"A code is valid for more than 0 and at most {MAX_CODE_DAYS} days.")

    def operation(connection: sqlite3.Connection) -> list[str]:
        owner = _account(connection, account_name).id if account_name else None
        expires_at_s = None if expires_days is None else now_s + expires_days * 86_400
        return orders.create_codes(connection, credits, count, now_s, account_id=owner, expires_at_s=expires_at_s)

    return _write(settings, operation)


def list_codes(settings: Settings) -> list[str]:
    """One line a code, oldest first; the codes themselves are not stored."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> list[str]:
        names = {account.id: account.name for account in accounts.every(connection)}
        return [
            f"...{code.hint}  {code.credits} credits  for {names.get(code.account_id or '', 'anybody')}  "
            + _code_state(code, names, now_s)
            for code in orders.every_code(connection)
        ]

    return _write(settings, operation)


def _code_state(code: orders.Code, names: dict[str, str], now_s: float) -> str:
    if code.redeemed_by is not None:
        return f"redeemed by {names.get(code.redeemed_by, code.redeemed_by)}"
    if code.expires_at_s is None:
        return "open"
    return "expired" if now_s >= code.expires_at_s else f"open until {iso_utc(code.expires_at_s)}"


def list_orders(settings: Settings) -> list[str]:
    """One line an order of credits, the newest first."""

    def operation(connection: sqlite3.Connection) -> list[str]:
        names = {account.id: account.name for account in accounts.every(connection)}
        return [
            f"{iso_utc(order.created_at_s)}  {order.id}  {names.get(order.account_id, order.account_id)}  {order.state}"
            f"  {order.credits} credits  {order.provider}  {order.amount_minor} {order.currency}".rstrip()
            for order in orders.every_order(connection)
        ]

    return _write(settings, operation)


def webhook_secret(settings: Settings, account_name: str) -> str:
    """The secret that signs the account's callbacks."""
    return _write(settings, lambda connection: _account(connection, account_name).webhook_secret)


def verify_ledger(settings: Settings, account_name: str | None = None) -> list[str]:
    """A line for each invariant that does not hold; of one account only whether its statement is unbroken."""
    with open_database(settings) as database:
        if account_name is None:
            return database.reading(ledger.verify)
        return list(database.reading(lambda c: ledger.prove(c, _account(c, account_name).id)).problems)


def _account(connection: sqlite3.Connection, name: str) -> accounts.Account:
    account = accounts.find(connection, name)
    if account is None:
        raise NotFound(f"There is no account called {name!r}.")
    return account


def _write(settings: Settings, operation: Callable[[sqlite3.Connection], T]) -> T:
    with open_database(settings) as database:
        return database.write_blocking(operation)
