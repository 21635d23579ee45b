"""The register of published files: a storage that writes down the SHA-256 of everything it is given."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from songwright.db import Database
from songwright.storage import Storage

_CLIPS = "clips"
_REGISTER = "INSERT OR IGNORE INTO published (sha256, clip_id, kind) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Origin:
    """One published file."""

    clip_id: str
    kind: str  #: a `FileKind` value


class RegisteringStorage:
    """A storage in front of another. A file is registered before it can be fetched."""

    def __init__(self, storage: Storage, db: Database) -> None:
        self._storage = storage
        self._db = db

    def put_file(self, key: str, source: Path) -> None:
        """Register a clip's file, then store it. Raises Unavailable when there is no room for either."""
        parts = key.split("/")
        if parts[0] == _CLIPS and len(parts) == 3:
            digest = sha256_of(source)
            self._db.write_blocking(lambda c: c.execute(_REGISTER, (digest, parts[1], parts[2])).rowcount)
        self._storage.put_file(key, source)

    def path(self, key: str) -> Path:
        """The file itself. Raises NotFound."""
        return self._storage.path(key)

    def size(self, key: str) -> int:
        """Its length in bytes. Raises NotFound."""
        return self._storage.size(key)

    def open(self, key: str) -> BinaryIO:
        """Open it for reading. Raises NotFound."""
        return self._storage.open(key)

    def delete(self, key: str) -> None:
        """Forget it; fine when there is none."""
        self._storage.delete(key)


def find_file(connection: sqlite3.Connection, sha256: bytes) -> list[Origin]:
    """Which clips were published with exactly these bytes."""
    rows = connection.execute("SELECT clip_id, kind FROM published WHERE sha256 = ? LIMIT 100", (sha256,)).fetchall()
    return [Origin(*row) for row in rows]


def find_clip(connection: sqlite3.Connection, clip_id: str) -> dict[str, str]:
    """The files a clip was published with: kind -> SHA-256 in hexadecimal."""
    rows = connection.execute("SELECT kind, sha256 FROM published WHERE clip_id = ?", (clip_id,)).fetchall()
    return {row[0]: bytes(row[1]).hex() for row in rows}


def sha256_of(path: Path) -> bytes:
    """The digest of a file's bytes; blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
