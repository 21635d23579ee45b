"""`POST /api/v1/verify`: is this file, or this clip, ours? By the mark in it and by the register of what was made."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from songwright.core.errors import NotFound
from songwright.core.exchange import Answer, Call, Endpoint
from songwright.dialects.base import Services, refusal, upload_of
from songwright.provenance import find_clip, find_file, find_mark, sha256_of

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_encode = msgspec.json.Encoder().encode


class VerifyOrder(msgspec.Struct):
    """A file (as a form's `file`, or `audio` as a data: URI), or its `sha256`, or a `clip_id` of the account."""

    audio: str = ""
    sha256: str = ""
    clip_id: str = ""


class VerifyData(msgspec.Struct):
    """`ours`: marked as ours, or byte for byte published here. `clip_id` only where the clip is the caller's own."""

    ours: bool
    marked: bool | None
    known: bool
    sha256: str
    clip_id: str
    kind: str
    files: dict[str, str]


class VerifyAnswer(msgspec.Struct):
    """Where something comes from."""

    code: int
    message: str
    data: VerifyData


@dataclass(frozen=True, slots=True)
class _VerifyRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    async def verify(self, call: Call) -> Answer:
        async with upload_of(call, "audio") as upload:
            clip_id, sha256 = upload.body.get("clip_id"), upload.body.get("sha256")
            if upload.file is not None:
                data = await asyncio.to_thread(self._of_file, call, upload.file)
            elif isinstance(clip_id, str) and clip_id:
                data = self._of_clip(call, clip_id)
            elif isinstance(sha256, str) and _SHA256.fullmatch(sha256):
                data = self._of_digest(call, bytes.fromhex(sha256), marked=None)
            else:
                raise refusal("audio", "send a file, its sha256 in hexadecimal, or a clip_id")
        return Answer(_encode(VerifyAnswer(200, "success", data)))

    def _of_file(self, call: Call, path: Path) -> VerifyData:
        return self._of_digest(call, sha256_of(path), marked=find_mark(path))

    def _of_digest(self, call: Call, digest: bytes, *, marked: bool | None) -> VerifyData:
        found = self.services.doors.db.reading(lambda c: find_file(c, digest))
        own = next((origin for origin in found if self._is_own(call, origin.clip_id)), None)
        return VerifyData(
            ours=bool(found or marked),
            marked=marked,
            known=bool(found),
            sha256=digest.hex(),
            clip_id=own.clip_id if own else "",
            kind=found[0].kind if found else "",
            files={},
        )

    def _of_clip(self, call: Call, clip_id: str) -> VerifyData:
        self.services.lifecycle.records.own_clip(call.caller.account_id, clip_id)
        files = self.services.doors.db.reading(lambda c: find_clip(c, clip_id))
        return VerifyData(
            ours=bool(files), marked=None, known=bool(files), sha256="", clip_id=clip_id, kind="", files=files
        )

    def _is_own(self, call: Call, clip_id: str) -> bool:
        try:
            self.services.lifecycle.records.own_clip(call.caller.account_id, clip_id)
        except NotFound:
            return False
        return True


def verify_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The route with its documentation."""
    handle: Any = _VerifyRoutes(services).verify
    return (
        Endpoint(
            method="POST",
            path="/api/v1/verify",
            handle=handle,
            summary="Ask whether a file is ours",
            description="By the mark that every published file carries, and by the SHA-256 of what was published.",
            request=VerifyOrder,
            response=VerifyAnswer,
            takes_uploads=True,
            errors=(404, 413),
            scope="read",
        ),
    )
