"""The face every storage shows, and the one place where keys are made.

Conventions: a key is `clips/<clip id>/<file name>`, made by `clip_file_key` from ids and `FileKind` values only;
text of a caller never becomes part of one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, Protocol

_KEY = re.compile(r"[a-z]+(/[A-Za-z0-9][A-Za-z0-9_.-]*){1,3}", re.ASCII)


def clip_file_key(clip_id: str, file_kind_value: str) -> str:
    """Where a clip's file lies; `file_kind_value` is the value of a `FileKind`."""
    return f"clips/{clip_id}/{file_kind_value}"


def checked_key(key: str) -> str:
    """`key` itself. Raises ValueError for anything that could leave the storage."""
    if _KEY.fullmatch(key) is None:
        raise ValueError(f"not a storage key: {key!r}")
    return key


class Storage(Protocol):
    """Keeps files by key. All calls block; call them from a thread."""

    def put_file(self, key: str, source: Path) -> None:
        """Move `source` under `key`, whole or not at all, on disk when it returns; what was there is replaced.

        Raises Unavailable when there is no room.
        """
        ...

    def path(self, key: str) -> Path:
        """The file itself. Raises NotFound."""
        ...

    def size(self, key: str) -> int:
        """Its length in bytes. Raises NotFound."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Open it for reading. Raises NotFound."""
        ...

    def delete(self, key: str) -> None:
        """Forget it; fine when there is none."""
        ...
