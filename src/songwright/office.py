"""What an operator does from the command line, beside a running server or without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from songwright import accounts, keys, ledger, orders
from songwright.catalog import load_catalog
from songwright.core.clock import SystemClock, iso_utc
from songwright.core.errors import InvalidRequest, NotFound
from songwright.db import Database
from songwright.settings import Settings
from songwright.webhooks import outbox

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


def create_key(
    settings: Settings, account_name: str, *, credits: int, test: bool, powers: keys.Powers | None = None
) -> str:
    """A new key of the account, which is made when there is none, after `credits` were granted to it."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        account = accounts.find_or_create(connection, account_name, now_s)
        if credits:
            ledger.grant(connection, account.id, credits, f"with a key for {account_name}", now_s)
        return keys.create(connection, account.id, "test" if test else "live", now_s, account_name, powers)[0]

    return _write(settings, operation)


def powers_of(
    *, scopes: str, expires: str, models: str, limit_credits: int | None, month: int | None, rate: float | None
) -> keys.Powers:
    """What the command line says of a key; `expires` as `30d`, `12h`, `15m` or `90s`. Raises InvalidRequest."""
    catalog, allowed = load_catalog(), None
    if models:
        found = {name: catalog.find(name.strip()) for name in models.split(",")}
        if unknown := [name for name, model in found.items() if model is None]:
            raise InvalidRequest(f"There is no model called {unknown[0]!r}.", param="models")
        allowed = frozenset(model.name for model in found.values() if model is not None)
    return keys.Powers(
        scopes=keys.read_scopes(scopes.split(",")) if scopes else keys.DEFAULT_SCOPES,
        models=allowed,
        expires_at_s=SystemClock().now_s() + _seconds(expires) if expires else None,
        limit_credits=limit_credits,
        limit_month_credits=month,
        rate_per_s=rate,
    )


def list_keys(settings: Settings) -> list[str]:
    """One line a key, oldest account first."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> list[str]:
        return [
            f"{account.name}  {_line_of(key, now_s)}"
            for account in accounts.every(connection)
            for key in keys.every(connection, account.id)
        ]

    return _write(settings, operation)


def rotate_key(settings: Settings, key: str, overlap_s: float) -> str:
    """A new secret for a key given whole or by id; the old one works a while longer. Raises NotFound."""
    now_s = SystemClock().now_s()
    return _write(settings, lambda c: keys.rotate(c, _key_id(c, key), now_s, overlap_s)[0])


def revoke_key(settings: Settings, key: str) -> str:
    """Revoke a key given whole or by id. Raises NotFound."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        keys.revoke(connection, _key_id(connection, key), now_s)
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


def rotate_webhook_secret(settings: Settings, account_name: str, overlap_s: float) -> str:
    """A new secret for the account's callbacks; for `overlap_s` seconds they carry the old signature too."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        account_id = _account(connection, account_name).id
        return accounts.rotate_webhook_secret(connection, account_id, now_s, overlap_s)

    return _write(settings, operation)


def resend_webhooks(settings: Settings, task_id: str) -> str:
    """Send a task's callbacks again."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT account_id FROM task WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise NotFound("No such task.")
        return outbox.send_again(connection, row[0], task_id, "", now_s)

    return f"{_write(settings, operation)} callbacks begin anew"


def invite(settings: Settings, account_name: str, role: str) -> str:
    """An invitation into the account, which is made when there is none; for one person and a week."""
    now_s = SystemClock().now_s()

    def operation(connection: sqlite3.Connection) -> str:
        account = accounts.find_or_create(connection, account_name, now_s)
        return accounts.people.invite(connection, account.id, accounts.people.checked_role(role), now_s)

    return _write(settings, operation)


def limit_account(settings: Settings, account_name: str, limits: keys.AccountLimits) -> str:
    """Bounds for all keys of an account together."""
    _write(settings, lambda c: keys.set_account_limits(c, _account(c, account_name).id, limits))
    return "limited"


def verify_ledger(settings: Settings, account_name: str | None = None) -> list[str]:
    """A line for each invariant that does not hold; of one account only whether its statement is unbroken."""
    with open_database(settings) as database:
        if account_name is None:
            return database.reading(ledger.verify)
        return list(database.reading(lambda c: ledger.prove(c, _account(c, account_name).id)).problems)


def _key_id(connection: sqlite3.Connection, key: str) -> str:
    """The id of a key given whole, or what was given."""
    row = connection.execute("SELECT id FROM api_key WHERE hash = ?", (keys.token_hash(key),)).fetchone()
    return row[0] if row else key


def _line_of(key: keys.Key, now_s: float) -> str:
    state = "active" if key.active(now_s) else "revoked" if key.revoked_at_s else "expired"
    used = iso_utc(key.use.last_used_at_s) if key.use.last_used_at_s else "never used"
    scopes = " ".join(sorted(key.powers.scopes))
    return f"{key.prefix}...{key.last4}  {key.id}  {state}  {used}  {key.use.committed_credits} credits  {scopes}"


def _seconds(text: str) -> float:
    """`30d` -> 2,592,000. Raises InvalidRequest."""
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}.get(text[-1:])
    if unit is None or not text[:-1].isdecimal():
        raise InvalidRequest(f"{text!r} is no time such as 30d, 12h, 15m or 90s.", param="expires")
    return int(text[:-1]) * unit


def _account(connection: sqlite3.Connection, name: str) -> accounts.Account:
    account = accounts.find(connection, name)
    if account is None:
        raise NotFound(f"There is no account called {name!r}.")
    return account


def _write(settings: Settings, operation: Callable[[sqlite3.Connection], T]) -> T:
    with open_database(settings) as database:
        return database.write_blocking(operation)
