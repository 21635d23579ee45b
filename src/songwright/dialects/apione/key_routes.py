"""Keys over HTTP: listing, making, rotating and revoking the account's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from songwright import keys
from songwright.core.clock import iso_utc
from songwright.core.errors import NotAllowed
from songwright.core.exchange import Answer, Call, Endpoint
from songwright.dialects.base import Services, read_strictly, refusal

_PATH = "/api/v1/keys"
_encode = msgspec.json.Encoder().encode


class KeyOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A key that is wanted. What is left out has no bound; times in seconds."""

    name: str = ""
    mode: Literal["live", "test"] = "live"
    scopes: list[str] = msgspec.field(default_factory=lambda: sorted(keys.DEFAULT_SCOPES))
    models: list[str] | None = None
    expires_in: float | None = None
    limit_credits: int | None = None
    limit_month_credits: int | None = None
    limit_unfinished: int | None = None
    rate_per_s: float | None = None


class RotateOrder(msgspec.Struct, forbid_unknown_fields=True):
    """How long the old key goes on working."""

    overlap_seconds: float = keys.DEFAULT_OVERLAP_S


class KeyRow(msgspec.Struct):
    """A key as it may be shown. `key` is there only in the answer that made it."""

    id: str
    name: str
    mode: str
    hint: str
    scopes: list[str]
    models: list[str] | None
    active: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    previous_valid_until: str | None
    limit_credits: int | None
    limit_month_credits: int | None
    limit_unfinished: int | None
    rate_per_s: float | None
    committed_credits: int
    month_credits: int
    unfinished: int
    key: str | None = None


class KeyAnswer(msgspec.Struct):
    """One key."""

    code: int
    message: str
    data: KeyRow


class KeysAnswer(msgspec.Struct):
    """All keys of the account, oldest first."""

    code: int
    message: str
    data: list[KeyRow]


@dataclass(frozen=True, slots=True)
class _KeyRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    async def list_keys(self, call: Call) -> Answer:
        doors = self.services.doors
        found = doors.db.reading(lambda c: keys.every(c, call.caller.account_id))
        rows = [_row(key, doors.clock.now_s()) for key in found]
        return Answer(_encode(KeysAnswer(200, "success", rows)))

    async def create_key(self, call: Call) -> Answer:
        wanted = read_strictly(call, KeyOrder)
        powers = self._powers(wanted)
        account_id = call.caller.account_id

        def operation(connection: Any, now_s: float) -> tuple[str, keys.Key]:
            keys.check_may_hand_out(call.caller, _own(connection, call), wanted.mode, powers)
            return keys.create(connection, account_id, wanted.mode, now_s, wanted.name.strip(), powers)

        return self._shown(*await self.services.doors.write(operation))

    async def rotate_key(self, call: Call) -> Answer:
        overlap_s = read_strictly(call, RotateOrder).overlap_seconds

        def operation(connection: Any, now_s: float) -> tuple[str, keys.Key]:
            key = keys.own(connection, call.caller.account_id, call.path["key_id"])
            if key.id != call.caller.key_id:  # its own powers are no more than it has
                keys.check_may_hand_out(call.caller, _own(connection, call), key.mode, key.powers)
            return keys.rotate(connection, key.id, now_s, overlap_s)

        return self._shown(*await self.services.doors.write(operation))

    async def revoke_key(self, call: Call) -> Answer:
        def operation(connection: Any, now_s: float) -> keys.Key:
            key = keys.own(connection, call.caller.account_id, call.path["key_id"])
            if call.caller.mode == "test" and key.mode == "live":
                raise NotAllowed("A test key revokes no live keys.")
            keys.revoke(connection, key.id, now_s)
            return keys.get(connection, key.id)

        return self._shown(None, await self.services.doors.write(operation))

    def _powers(self, wanted: KeyOrder) -> keys.Powers:
        models = None
        if wanted.models is not None:
            found = {name: self.services.catalog.find(name) for name in wanted.models}
            if unknown := [name for name, model in found.items() if model is None]:
                raise refusal("models", f"there is no model called {unknown[0][:100]!r}")
            models = frozenset(model.name for model in found.values() if model is not None)
        now_s = self.services.doors.clock.now_s()
        return keys.Powers(
            scopes=keys.read_scopes(wanted.scopes),
            models=models,
            expires_at_s=None if wanted.expires_in is None else now_s + wanted.expires_in,
            limit_credits=wanted.limit_credits,
            limit_month_credits=wanted.limit_month_credits,
            limit_unfinished=wanted.limit_unfinished,
            rate_per_s=wanted.rate_per_s,
        )

    def _shown(self, token: str | None, key: keys.Key) -> Answer:
        row = _row(key, self.services.doors.clock.now_s(), token)
        return Answer(_encode(KeyAnswer(200, "success", row)))


def _own(connection: Any, call: Call) -> keys.Powers | None:
    """The powers of the key that asks; None for a person."""
    return None if call.caller.user_id else keys.get(connection, call.caller.key_id).powers


def _row(key: keys.Key, now_s: float, token: str | None = None) -> KeyRow:
    powers, use = key.powers, key.use
    return KeyRow(
        id=key.id,
        name=key.name,
        mode=key.mode,
        hint=f"{key.prefix}...{key.last4}",
        scopes=sorted(powers.scopes),
        models=None if powers.models is None else sorted(powers.models),
        active=key.active(now_s),
        created_at=iso_utc(key.created_at_s),
        expires_at=_time(powers.expires_at_s),
        revoked_at=_time(key.revoked_at_s),
        last_used_at=_time(use.last_used_at_s),
        previous_valid_until=_time(use.previous_until_s),
        limit_credits=powers.limit_credits,
        limit_month_credits=powers.limit_month_credits,
        limit_unfinished=powers.limit_unfinished,
        rate_per_s=powers.rate_per_s,
        committed_credits=use.committed_credits,
        month_credits=use.month_credits,
        unfinished=use.unfinished,
        key=token,
    )


def _time(at_s: float | None) -> str | None:
    return None if at_s is None else iso_utc(at_s)


def key_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _KeyRoutes(services)
    return (
        _endpoint(routes.list_keys, "GET", "", "List keys", None, KeysAnswer),
        _endpoint(routes.create_key, "POST", "", "Make a key", KeyOrder, KeyAnswer, (403, 409, 413)),
        _endpoint(routes.rotate_key, "POST", "/{key_id}/rotate", "Rotate a key", RotateOrder, KeyAnswer, (404, 409)),
        _endpoint(routes.revoke_key, "DELETE", "/{key_id}", "Revoke a key", None, KeyAnswer, (404,)),
    )


def _endpoint(
    handle: Any,
    method: str,
    path: str,
    summary: str,
    request: type | None,
    response: type,
    errors: tuple[int, ...] = (),
) -> Endpoint:
    return Endpoint(
        method=method,
        path=_PATH + path,
        handle=handle,
        summary=summary,
        description="Needs the scope `keys`, which a key has only when it was asked for.",
        request=request,
        response=response,
        errors=errors,
        scope="keys",
    )
