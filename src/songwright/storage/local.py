"""Files in a folder of this machine."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from songwright.core.errors import NotFound, Unavailable
from songwright.storage.base import checked_key

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}


class LocalStorage:
    """Keeps files below `root`, under their keys."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put_file(self, key: str, source: Path) -> None:
        """Move `source` under `key` by an atomic rename, after its bytes are on disk. Raises Unavailable."""
        target = self.root / checked_key(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _sync(source)
            _rename(source, target)
            _sync(target.parent)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise Unavailable(f"The file cannot be stored: {error.strerror}.", retry_after_s=30) from error
            raise

    def path(self, key: str) -> Path:
        """The file itself. Raises NotFound."""
        path = self.root / checked_key(key)
        if not path.is_file():
            raise NotFound("No such file.")
        return path

    def size(self, key: str) -> int:
        """Its length in bytes. Raises NotFound."""
        return self.path(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        """Open it for reading. Raises NotFound."""
        return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        """Forget it, and its folder when that is empty then."""
        path = self.root / checked_key(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _rename(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The work folder lies on another disk: copy beside the target first, so that the rename stays atomic.
        copy = target.with_name(f".{uuid4().hex}.part")
        try:
            shutil.copyfile(source, copy)
            _sync(copy)
            copy.replace(target)
        finally:
            copy.unlink(missing_ok=True)
        source.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
