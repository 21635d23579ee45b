"""Signing up, in and out, and who may come in: `open` (everybody), `invited` (with an invitation), `off` (nobody)."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from songwright.accounts import people, store
from songwright.accounts.passwords import hash_password, is_outdated, is_password
from songwright.accounts.people import Role, User
from songwright.core.caller import Caller, Scope
from songwright.core.clock import Clock
from songwright.core.errors import InvalidRequest, NotAllowed, NotAuthenticated, TooManyRequests
from songwright.db import Database

SignUp = Literal["open", "invited", "off"]
TRIES_A_MINUTE = 5
_MAX_WATCHED = 10_000
_WRONG = "The e-mail address or the password is wrong."
_SCOPES: dict[Role, frozenset[Scope]] = {
    "admin": frozenset({"account", "read", "billing", "webhooks", "keys"}),
    "member": frozenset({"account", "read", "billing"}),
}


class Sessions:
    """Turns a session into its caller, as `KeyRing` does a key; never remembered, so that a logout is felt at once."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def admit(self, token: str, scope: Scope) -> Caller:
        """The person, who may do what `scope` names. Raises NotAuthenticated, NotAllowed."""
        user = self._db.reading(lambda c: people.find_session(c, token, self._clock.now_s()))
        if user is None:
            raise NotAuthenticated("This session has ended; log in again.")
        if scope not in _SCOPES[user.role]:
            raise NotAllowed("Your role may not do that; orders are placed with a key.")
        return Caller(user.account_id, f"user:{user.id}", "live", _SCOPES[user.role], user_id=user.id)


def is_session(token: str) -> bool:
    """True for what `Door` handed out, valid or not."""
    return token.startswith(people.SESSION_PREFIX)


@dataclass(slots=True)
class Door:
    """What a person does before he is somebody."""

    db: Database
    clock: Clock
    sign_up_by: SignUp = "invited"
    now_s: Callable[[], float] = time.monotonic  #: for the brake on guessing
    _tries: dict[str, float] = field(default_factory=dict[str, float])

    async def sign_up(self, email: str, password: str, name: str = "", invitation: str = "") -> tuple[User, str]:
        """A new user with a session; without invitation in an account of his own. Raises NotAllowed, InvalidRequest."""
        if self.sign_up_by == "off":
            raise NotAllowed("This server takes no new users.")
        if self.sign_up_by == "invited" and not invitation:
            raise NotAllowed("This server takes new users by invitation only.", param="invitation")
        email = people.checked_email(email)
        self._brake(f"sign-up {email}")
        hashed = await asyncio.to_thread(hash_password, password)
        now_s = self.clock.now_s()

        def operation(connection: sqlite3.Connection) -> tuple[User, str]:
            if invitation:
                account_id, role = people.accept(connection, invitation, now_s)
            else:
                account_id, role = store.create(connection, name or email, now_s).id, "admin"
            user = people.add_user(connection, account_id, email, hashed, role, now_s)
            return user, people.begin_session(connection, user.id, now_s)

        return await self.db.write(operation)

    async def log_in(self, email: str, password: str, old_session: str = "") -> tuple[User, str]:
        """The user and a new session; the one he came with ends. Raises NotAuthenticated, TooManyRequests."""
        self._brake(f"log-in {email.strip().lower()}")
        user = self.db.reading(lambda c: people.find_user(c, email))
        if not await asyncio.to_thread(is_password, user.password_hash if user else None, password) or user is None:
            raise NotAuthenticated(_WRONG)
        renewed = await asyncio.to_thread(hash_password, password) if is_outdated(user.password_hash) else None
        now_s = self.clock.now_s()

        def operation(connection: sqlite3.Connection) -> str:
            if old_session:
                people.end_session(connection, old_session)
            if renewed is not None:
                connection.execute("UPDATE user SET password_hash = ? WHERE id = ?", (renewed, user.id))
            return people.begin_session(connection, user.id, now_s)

        return user, await self.db.write(operation)

    async def change_password(self, user_id: str, old: str, new: str) -> None:
        """Ends every session of the user. Raises NotAuthenticated for a wrong old password, InvalidRequest."""
        self._brake(f"password {user_id}")
        user = self.db.reading(lambda c: people.get_user(c, user_id))
        if not await asyncio.to_thread(is_password, user.password_hash, old):
            raise InvalidRequest("The old password is wrong.", param="old_password")
        hashed = await asyncio.to_thread(hash_password, new)
        await self.db.write(lambda c: people.set_password(c, user_id, hashed))

    def _brake(self, what: str) -> None:
        """At most five tries a minute for one address, by the generic cell rate algorithm."""
        now_s, interval_s = self.now_s(), 60.0 / TRIES_A_MINUTE
        free_at_s = max(self._tries.get(what, now_s), now_s)
        if free_at_s - now_s > (TRIES_A_MINUTE - 1) * interval_s + 1e-9:
            raise TooManyRequests("Too many tries; wait a minute.", retry_after_s=60)
        if len(self._tries) >= _MAX_WATCHED:
            self._tries = {name: at_s for name, at_s in self._tries.items() if at_s > now_s}
        self._tries[what] = free_at_s + interval_s
