"""Which files were proven by their sha256: a small record in the asset root, so that start-up need not hash 180 MB.

A file counts as proven while its size and modification time are those it had when it was hashed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from songwright.assets.manifest import Asset

RECORD_NAME = ".verified.json"


def sha256_of(path: Path) -> str:
    """The file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(root: Path) -> dict[str, Any]:
    """What was proven in `root`; empty when nothing was, or when the record cannot be read."""
    try:
        record = json.loads((root / RECORD_NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(root: Path, record: dict[str, Any]) -> None:
    """Replace the record in one step."""
    new = root / (RECORD_NAME + ".new")
    new.write_text(json.dumps(record, indent=0), encoding="utf-8")
    new.replace(root / RECORD_NAME)


def is_present(asset: Asset, root: Path) -> bool:
    """True when the file is there at its full size."""
    path = root / asset.target
    return path.is_file() and path.stat().st_size == asset.bytes


def is_proven(asset: Asset, root: Path, record: dict[str, Any]) -> bool:
    """True when the file is the very one whose sha256 was right."""
    return is_present(asset, root) and record.get(asset.target) == proof(asset, root)


def proof(asset: Asset, root: Path) -> dict[str, Any]:
    """What the record keeps of a file that was hashed just now and found right."""
    return {"sha256": asset.sha256, "mtime_ns": (root / asset.target).stat().st_mtime_ns}
