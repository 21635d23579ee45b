"""Audio that comes with an order: as an address, as data in the JSON (`data:` URI), or as a file in a form.

Conventions: sizes in bytes. What was sent becomes a file of its own; nobody has looked into it yet. The order shows a
digest in its place, so that two files are never taken for one order.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import math
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from multipart import MultipartError, MultipartParser, parse_options_header

from songwright.core.errors import InvalidRequest, PayloadTooLarge
from songwright.core.exchange import Call
from songwright.dialects.base.body import parse_object, refuse_bad_text
from songwright.dialects.base.desk import refusal

MAX_DATA_BYTES = 16 * 2**20  #: audio inside JSON; larger files come as a form
MAX_TEXT_PARTS = 40
FILE_PARTS = ("file", "audio", "audio_file")
_NUMBERS = ("style_weight", "weirdness_constraint", "audio_weight", "duration", "bpm", "seed")
_WORDS = {"true": True, "false": False}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """An order's body, and the file that came with it."""

    body: Mapping[str, Any]
    file: Path | None = None
    file_name: str = ""

    def discard(self) -> None:
        """Remove the file, unless somebody took it."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


@asynccontextmanager
async def upload_of(call: Call, field: str, aliases: tuple[str, ...] = ()) -> AsyncGenerator[Upload]:
    """The order in a call; a file nobody took is gone afterwards. `field` holds the address or the data.

    Raises InvalidRequest, PayloadTooLarge.
    """
    upload = await asyncio.to_thread(_form if call.spool else _json, call, (field, *aliases))
    try:
        yield upload
    finally:
        upload.discard()


def title_of(url: str, file_name: str) -> str:
    """What to call audio from outside: its file's name without the ending."""
    name = file_name or unquote(urlsplit(url).path.rpartition("/")[2])
    stem = name.replace("\\", "/").rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    return "".join(char for char in stem if char.isprintable())[:80].strip() or "Uploaded audio"


def _json(call: Call, names: tuple[str, ...]) -> Upload:
    body = parse_object(call.body)
    for name in names:
        value = body.get(name)
        if isinstance(value, str) and value[:5].lower() == "data:":
            content = _data(value, name)
            return Upload({**body, name: _digest(content)}, _written(content, call))
    return Upload(body)


def _data(uri: str, name: str) -> bytes:
    head, comma, content = uri.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise refusal(name, "must be data:<type>;base64,<content> when it begins with data:")
    if len(content) > MAX_DATA_BYTES * 4 // 3 + 4:
        raise PayloadTooLarge(f"Audio inside JSON may have at most {MAX_DATA_BYTES} bytes; send it as a form.")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal(name, "holds data that is no base64") from error


def _form(call: Call, names: tuple[str, ...]) -> Upload:
    assert call.spool is not None, "a form was written into a file"
    options = parse_options_header(call.content_type)[1]
    body: dict[str, Any] = {}
    file, file_name = None, ""
    try:
        with call.spool.open("rb") as stream:
            parser = MultipartParser(stream, options.get("boundary", ""), part_limit=MAX_TEXT_PARTS, strict=True)
            for part in parser:
                with closing(part):
                    if part.name in FILE_PARTS and file is None:
                        file, digest = _copied(part.file, call.spool.parent)
                        file_name, body[names[0]] = part.filename or "", digest
                    elif part.name:
                        body[part.name] = _value(part.name, part.value)
    except (MultipartError, UnicodeDecodeError, ValueError) as error:
        if file is not None:
            file.unlink(missing_ok=True)
        raise InvalidRequest(f"The form cannot be read: {error}.") from error
    upload = Upload(body, file, file_name)
    try:
        refuse_bad_text({**body, "file name": file_name})
    except InvalidRequest:
        upload.discard()
        raise
    return upload


def _value(name: str, text: str) -> Any:
    if name in _NUMBERS:
        try:
            number = int(text) if text.isdigit() else float(text)
            return number if math.isfinite(number) else text
        except (ValueError, OverflowError):
            return text
    return _WORDS.get(text, text)


def _copied(source: Any, folder: Path) -> tuple[Path, str]:
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False) as file:
        while block := source.read(_BLOCK):
            digest.update(block)
            file.write(block)
    return Path(file.name), f"sha256:{digest.hexdigest()}"


def _written(content: bytes, call: Call) -> Path:
    folder = call.spool.parent if call.spool else None
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False) as file:
        file.write(content)
    return Path(file.name)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
