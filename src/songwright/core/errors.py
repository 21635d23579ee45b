"""Everything that can go wrong for a caller, in one tree. An error's docstring is its default message.

    SongwrightError
    ├── InvalidRequest        400   names every bad field
    │   ├── PayloadTooLarge   413
    │   └── ContentRefused    400   the operator's word filter; nothing was charged
    ├── NotAuthenticated      401
    ├── InsufficientCredits   402
    ├── NotAllowed            403
    ├── NotFound              404
    ├── Conflict              409   still processing, or the same idempotency key in flight
    ├── IdempotencyMismatch   422   same idempotency key, other body
    ├── TooManyRequests       429   with `retry_after_s`
    ├── NotSupported          501   this server's provider cannot make that; nothing was charged
    ├── Unavailable           503   with `retry_after_s`; nothing was accepted, nothing was charged
    ├── ProviderError         -     a backend could not make the song; `permanent` says whether to try again
    │   └── WorkerDied        -     the process that made it died or was stopped; never permanent
    └── ConfigurationError    -     the operator must change a setting

A dialect decides how an error looks on the wire; `status` and `type` are shared by all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a request and what is wrong with it."""

    field: str
    message: str


class SongwrightError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"

    def __init__(self, message: str = "", *, param: str | None = None, retry_after_s: int | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").split("\n")[0]
        self.param = param
        self.retry_after_s = retry_after_s
        super().__init__(self.message)


class InvalidRequest(SongwrightError):
    """The request is not valid."""

    status = 400
    type = "bad_request"

    def __init__(self, message: str = "", *, fields: Sequence[FieldError] = (), param: str | None = None) -> None:
        self.fields = tuple(fields)
        if not message and self.fields:
            message = "; ".join(f"{f.field}: {f.message}" for f in self.fields)
        super().__init__(message, param=param or (self.fields[0].field if self.fields else None))


class PayloadTooLarge(InvalidRequest):
    """The request body is too large."""

    status = 413
    type = "payload_too_large"


class ContentRefused(InvalidRequest):
    """The text was refused by this server's rules; nothing was charged."""

    type = "moderation"


class NotAuthenticated(SongwrightError):
    """No valid API key was given."""

    status = 401
    type = "authentication_error"


class InsufficientCredits(SongwrightError):
    """Insufficient credits."""

    status = 402
    type = "insufficient_credits"


class NotAllowed(SongwrightError):
    """This key or plan may not do that."""

    status = 403
    type = "permission_error"


class NotFound(SongwrightError):
    """No such thing, or it belongs to another account."""

    status = 404
    type = "not_found"


class Conflict(SongwrightError):
    """The resource is still being worked on."""

    status = 409
    type = "conflict"


class IdempotencyMismatch(SongwrightError):
    """This idempotency key was used with another request body."""

    status = 422
    type = "idempotency_error"


class TooManyRequests(SongwrightError):
    """Too many requests."""

    status = 429
    type = "rate_limit_error"


class NotSupported(SongwrightError):
    """This server cannot make that; nothing was accepted and nothing was charged."""

    status = 501
    type = "not_supported"


class Unavailable(SongwrightError):
    """The service cannot take this now; nothing was accepted and nothing was charged."""

    status = 503
    type = "unavailable"


class ProviderError(SongwrightError):
    """The song could not be made."""

    def __init__(self, message: str = "", *, permanent: bool = True, code: str = "generation_failed") -> None:
        self.permanent = permanent
        self.code = code
        super().__init__(message)


class WorkerDied(ProviderError):
    """The process that made the song died."""

    def __init__(self, message: str = "", *, code: str = "worker_died") -> None:
        super().__init__(message, permanent=False, code=code)


class ConfigurationError(SongwrightError):
    """A setting must be changed before this can work."""
