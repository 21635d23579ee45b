"""An account's data as a ZIP: written to a file that nobody can name, sent, gone."""

from __future__ import annotations

import asyncio
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import IO, Any

from songwright.core.errors import NotFound
from songwright.core.exchange import Answer
from songwright.dialects.base.downloads import BLOCK_BYTES
from songwright.storage import Storage, clip_file_key


async def export_answer(content: Mapping[str, Any], files: Iterable[tuple[str, str]], storage: Storage) -> Answer:
    """`content` as one JSON file each, and clips' files under `clips/<clip id>/`."""
    archive, size = await asyncio.to_thread(_packed, content, files, storage)
    headers = (
        (b"content-disposition", b'attachment; filename="songwright-export.zip"'),
        (b"content-length", str(size).encode()),
    )
    return Answer(b"", headers=headers, content_type=b"application/zip", stream=_blocks(archive))


def _packed(content: Mapping[str, Any], files: Iterable[tuple[str, str]], storage: Storage) -> tuple[IO[bytes], int]:
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever sends it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, value in content.items():
            packed.writestr(f"{name}.json", json.dumps(value, ensure_ascii=False, indent=1))
        for clip_id, kind in files:
            try:
                path = storage.path(clip_file_key(clip_id, kind))
            except NotFound:
                continue
            packed.write(path, f"clips/{clip_id}/{kind}", zipfile.ZIP_STORED)
    size = archive.tell()
    archive.seek(0)
    return archive, size


async def _blocks(archive: IO[bytes]) -> AsyncIterator[bytes]:
    with archive:
        while block := await asyncio.to_thread(archive.read, BLOCK_BYTES):
            yield block
