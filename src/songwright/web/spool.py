"""Bodies of endpoints that take uploads: forms go into a file on disk, JSON (with audio as data) into memory.

Conventions: sizes in bytes. At most `MAX_AT_ONCE` uploads are read at a time, so that memory and disk are bounded.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from litestar.types import Receive

from songwright.core.errors import Unavailable
from songwright.web.bodies import Headers, read_body, write_body

MAX_AT_ONCE = 16
UPLOAD_TIMEOUT_S = 300.0
FORM_OVERHEAD = 64 * 1024  #: what a form may hold beside its file


@dataclass(slots=True)
class Spool:
    """Takes large bodies. `folder` should lie on the storage's disk: then a file is moved there, not copied."""

    folder: Path | None  #: None: the system's folder for such things
    max_file_bytes: int = 100 * 2**20
    max_json_bytes: int = 24 * 2**20  #: data in JSON is a third larger than it is, and held several times over
    _free: int = field(default=MAX_AT_ONCE, init=False)

    def __post_init__(self) -> None:
        """What a server that died had taken in is nobody's now: of this folder's servers there is one at a time."""
        if self.folder is not None:
            for left in self.folder.glob("upload-*"):
                left.unlink(missing_ok=True)

    @asynccontextmanager
    async def body(self, headers: Headers, receive: Receive) -> AsyncGenerator[tuple[bytes, Path | None]]:
        """The body, in memory or in a file that is gone afterwards. Raises PayloadTooLarge, Unavailable."""
        if self._free == 0:
            raise Unavailable("Too many uploads at once; nothing was charged.", retry_after_s=5)
        self._free -= 1
        try:
            if not _is_form(headers):
                yield await read_body(headers, receive, self.max_json_bytes, UPLOAD_TIMEOUT_S), None
                return
            path = await self._spooled(headers, receive)
            try:
                yield b"", path
            finally:
                path.unlink(missing_ok=True)
        finally:
            self._free += 1

    async def _spooled(self, headers: Headers, receive: Receive) -> Path:
        try:
            path = await asyncio.to_thread(self._new_file)
            try:
                with path.open("wb", buffering=0) as file:
                    limit = self.max_file_bytes + FORM_OVERHEAD
                    await write_body(headers, receive, limit, file, UPLOAD_TIMEOUT_S)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Unavailable(f"The upload cannot be kept: {error.strerror}; nothing was charged.") from error
        return path

    def _new_file(self) -> Path:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.folder, prefix="upload-")
        os.close(descriptor)
        return Path(name)


def _is_form(headers: Headers) -> bool:
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    return kind.lower().startswith(b"multipart/form-data")
