"""What the routes about keys, people, callbacks and files' origins work with; the same for every dialect."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from songwright.accounts import Door, SignUp
from songwright.core.clock import Clock, SystemClock
from songwright.core.errors import FieldError, InvalidRequest
from songwright.core.exchange import Call
from songwright.db import Database
from songwright.dialects.base.body import parse_object

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doors:
    """The database and the clock, and who may come in."""

    db: Database
    clock: Clock = field(default_factory=SystemClock)
    sign_up: SignUp = "invited"
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        """One door for all routes: it counts the tries."""
        object.__setattr__(self, "door", Door(self.db, self.clock, self.sign_up))

    async def write(self, operation: Callable[[sqlite3.Connection, float], T]) -> T:
        """Change something now."""
        now_s = self.clock.now_s()
        return await self.db.write(lambda connection: operation(connection, now_s))


def read_strictly(call: Call, kind: type[T]) -> T:
    """A body of exactly the fields of `kind`; no body is an empty one. Raises InvalidRequest that names the field.

    Unknown fields are refused here: on these routes one that is silently ignored could be a limit.
    """
    body: dict[str, Any] = parse_object(call.body) if call.body.strip() else {}
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        if "unknown field" in message:
            name = message.rpartition("unknown field ")[2].strip("`")
        raise InvalidRequest(fields=[FieldError(name or "body", message)]) from error
