"""People over HTTP: signing up, in and out, who is in the account, taking everything along, leaving.

Conventions: a session is sent as `Authorization: Bearer sw_session_...`, like a key; cookies mean nothing here. What is
about people needs a session: no key can have the scope `account`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

from songwright import accounts
from songwright.accounts import people
from songwright.core.clock import iso_utc
from songwright.core.errors import Conflict, NotAllowed, SongwrightError
from songwright.core.exchange import Answer, Call, Endpoint, QueryParameter
from songwright.dialects.apione.export import export_answer
from songwright.dialects.base import Services, read_strictly
from songwright.storage import clip_file_key

_PATH = "/api/v1/account"
_encode = msgspec.json.Encoder().encode


class SignUpOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A new user; with an invitation in the account that invites, otherwise in one of his own called `name`."""

    email: str
    password: str
    name: str = ""
    invitation: str = ""


class LogInOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants in. `session`: the one that this one replaces."""

    email: str
    password: str
    session: str = ""


class PasswordOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A new password; every session ends."""

    old_password: str
    new_password: str


class LogOutOrder(msgspec.Struct, forbid_unknown_fields=True):
    """`session`: the one to end. Without it, every session of the user."""

    session: str = ""


class InvitationOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What the invited may do: `admin` or `member`."""

    role: str = "member"


class RemoveUserOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to remove."""

    user_id: str


class LeaveOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The account's name, so that nobody deletes one by mistake."""

    confirm: str


class UserRow(msgspec.Struct):
    """One person."""

    id: str
    email: str
    role: str
    created_at: str


class SessionData(msgspec.Struct):
    """A session, to be sent as `Authorization: Bearer`, and whose it is."""

    session: str
    account_id: str
    user: UserRow


class SessionAnswer(msgspec.Struct):
    """Somebody is in."""

    code: int
    message: str
    data: SessionData


class AccountData(msgspec.Struct):
    """The account, who asks, and who else is in it."""

    id: str
    name: str
    created_at: str
    you: UserRow
    users: list[UserRow]


class AccountAnswer(msgspec.Struct):
    """The account."""

    code: int
    message: str
    data: AccountData


class InvitationData(msgspec.Struct):
    """Good for one person and a week."""

    invitation: str
    role: str


class InvitationAnswer(msgspec.Struct):
    """An invitation."""

    code: int
    message: str
    data: InvitationData


class DoneAnswer(msgspec.Struct):
    """It is done."""

    code: int = 200
    message: str = "success"


@dataclass(frozen=True, slots=True)
class _PeopleRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    async def sign_up(self, call: Call) -> Answer:
        wanted = read_strictly(call, SignUpOrder)
        door = self.services.doors.door
        return _session(*await door.sign_up(wanted.email, wanted.password, wanted.name, wanted.invitation))

    async def log_in(self, call: Call) -> Answer:
        wanted = read_strictly(call, LogInOrder)
        return _session(*await self.services.doors.door.log_in(wanted.email, wanted.password, wanted.session))

    async def log_out(self, call: Call) -> Answer:
        wanted = read_strictly(call, LogOutOrder)

        def end(connection: Any, _: float) -> None:
            if wanted.session:
                people.end_session(connection, wanted.session)
            else:
                people.end_sessions(connection, call.caller.user_id)

        await self.services.doors.write(end)
        return _done()

    async def change_password(self, call: Call) -> Answer:
        wanted = read_strictly(call, PasswordOrder)
        door = self.services.doors.door
        await door.change_password(call.caller.user_id, wanted.old_password, wanted.new_password)
        return _done()

    async def read_account(self, call: Call) -> Answer:
        account_id, user_id = call.caller.account_id, call.caller.user_id
        db = self.services.doors.db
        account = db.reading(lambda c: accounts.get(c, account_id))
        users = db.reading(lambda c: people.users_of(c, account_id))
        you = next(user for user in users if user.id == user_id)
        rows = [_user(user) for user in users]
        data = AccountData(account.id, account.name, iso_utc(account.created_at_s), _user(you), rows)
        return Answer(_encode(AccountAnswer(200, "success", data)))

    async def invite_user(self, call: Call) -> Answer:
        self._check_admin(call)
        role = people.checked_role(read_strictly(call, InvitationOrder).role)
        token = await self.services.doors.write(lambda c, now_s: people.invite(c, call.caller.account_id, role, now_s))
        return Answer(_encode(InvitationAnswer(200, "success", InvitationData(token, role))))

    async def remove_user(self, call: Call) -> Answer:
        wanted = read_strictly(call, RemoveUserOrder).user_id
        if wanted != call.caller.user_id:
            self._check_admin(call)
        await self.services.doors.write(lambda c, _: people.remove_user(c, call.caller.account_id, wanted))
        return _done()

    async def export_account(self, call: Call) -> Answer:
        account_id = call.caller.account_id
        db, storage = self.services.doors.db, self.services.lifecycle.records.storage
        content = await asyncio.to_thread(db.reading, lambda c: accounts.leaving.exported(c, account_id))
        files: list[tuple[str, str]] = []
        if call.query.get("files", "").lower() in ("1", "true", "yes"):
            files = db.reading(lambda c: accounts.leaving.files_of(c, account_id))
        return await export_answer(content, files, storage)

    async def delete_account(self, call: Call) -> Answer:
        """Stop what is unfinished, forget the rows, then the files: a crash in between leaves files nobody can name."""
        self._check_admin(call)
        account_id, lifecycle = call.caller.account_id, self.services.lifecycle
        db, storage = self.services.doors.db, lifecycle.records.storage
        account = db.reading(lambda c: accounts.get(c, account_id))
        if read_strictly(call, LeaveOrder).confirm != account.name:
            raise Conflict("Send the account's name as `confirm`.", param="confirm")
        await self.services.doors.write(lambda c, now_s: accounts.leaving.close(c, account_id, now_s))
        for task_id in db.reading(lambda c: accounts.leaving.unfinished(c, account_id)):
            try:
                await lifecycle.cancel(account_id, task_id)
            except SongwrightError:  # It ended by itself meanwhile.
                continue
        files = db.reading(lambda c: accounts.leaving.files_of(c, account_id))
        await self.services.doors.write(lambda c, _: accounts.leaving.delete(c, account_id))
        for clip_id, kind in files:
            await asyncio.to_thread(storage.delete, clip_file_key(clip_id, kind))
        return _done()

    def _check_admin(self, call: Call) -> None:
        user = self.services.doors.db.reading(lambda c: people.get_user(c, call.caller.user_id))
        if user.role != "admin":
            raise NotAllowed("Only an admin of the account may do that.")


def _session(user: accounts.User, token: str) -> Answer:
    return Answer(_encode(SessionAnswer(200, "success", SessionData(token, user.account_id, _user(user)))))


def _user(user: accounts.User) -> UserRow:
    return UserRow(user.id, user.email, user.role, iso_utc(user.created_at_s))


def _done() -> Answer:
    return Answer(_encode(DoneAnswer()))


def people_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _PeopleRoutes(services)
    files = QueryParameter("files", "`true`: every clip's files too, not only what is written about them.", False)
    return (
        _post(routes.sign_up, "/sign-up", "Sign up", SignUpOrder, SessionAnswer, (403, 409, 413), is_open=True),
        _post(routes.log_in, "/log-in", "Log in", LogInOrder, SessionAnswer, (413,), is_open=True),
        _post(routes.log_out, "/log-out", "Log out, here or everywhere", LogOutOrder),
        _post(routes.change_password, "/password", "Change the password", PasswordOrder),
        _post(routes.invite_user, "/invitations", "Invite somebody", InvitationOrder, InvitationAnswer),
        _post(routes.remove_user, "/users/remove", "Remove a user", RemoveUserOrder, errors=(404, 409, 413)),
        _post(routes.delete_account, "/delete", "Delete the account", LeaveOrder, errors=(409, 413)),
        Endpoint(
            method="GET",
            path=_PATH,
            handle=routes.read_account,
            summary="Read the account",
            response=AccountAnswer,
            scope="account",
        ),
        Endpoint(
            method="GET",
            path=f"{_PATH}/export",
            handle=routes.export_account,
            summary="Take everything along",
            description="A ZIP of JSON files: account, users, keys, tasks with their clips, the ledger, callbacks.",
            query=(files,),
            response=None,
            produces="application/zip",
            scope="account",
        ),
    )


def _post(
    handle: Any,
    path: str,
    summary: str,
    request: type,
    response: type = DoneAnswer,
    errors: tuple[int, ...] = (413,),
    *,
    is_open: bool = False,
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=_PATH + path,
        handle=handle,
        summary=summary,
        description="" if is_open else "Needs a session: `Authorization: Bearer sw_session_...`.",
        request=request,
        response=response,
        errors=errors,
        scope="open" if is_open else "account",
    )
