"""Read the tensors of a TensorFlow checkpoint without TensorFlow.

A checkpoint (tensor bundle, version 2) is a table in LevelDB's format that says where each tensor lies, and a file of
raw values. Source: the formats' own descriptions (leveldb/doc/table_format.md; tensor_bundle.proto), both public.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FOOTER_BYTES = 48
_DTYPES = {1: np.float32, 2: np.float64, 3: np.int32, 9: np.int64}
_DTYPE, _SHAPE, _OFFSET, _SIZE = 1, 2, 4, 5  #: fields of a BundleEntryProto

Field = int | bytes


class NotACheckpoint(ValueError):
    """The files are no uncompressed tensor bundle."""


def read_checkpoint(index: Path, data: Path) -> dict[str, NDArray[np.generic]]:
    """The tensors by name, from the table `index` and the values in `data`. Raises NotACheckpoint."""
    try:
        return dict(_tensors(index.read_bytes(), np.memmap(data, dtype=np.uint8, mode="r")))
    except (IndexError, struct.error, ValueError) as error:
        raise NotACheckpoint(f"{index.name}: {error}") from error


def _tensors(index: bytes, values: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    footer = index[-_FOOTER_BYTES:]
    _, at = _varint(footer, 0)  # the meta index: where and how long
    _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    size, at = _varint(footer, at)
    for _, handle in _block(index, offset, size):
        block_offset, at = _varint(handle, 0)
        block_size, _ = _varint(handle, at)
        for name, entry in _block(index, block_offset, block_size):
            fields = _message(entry)
            dtype = _DTYPES.get(int(fields.get(_DTYPE, [0])[0]))
            if name and dtype is not None:
                start, length = int(fields.get(_OFFSET, [0])[0]), int(fields.get(_SIZE, [0])[0])
                raw = values[start : start + length].tobytes()
                yield name.decode(), np.frombuffer(raw, dtype).reshape(_shape(fields))


def _shape(fields: Mapping[int, list[Field]]) -> list[int]:
    shape = fields.get(_SHAPE, [b""])[0]
    dimensions = _message(shape).get(2, []) if isinstance(shape, bytes) else []
    return [int(_message(d).get(1, [0])[0]) for d in dimensions if isinstance(d, bytes)]


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block; each key shares a beginning with the one before it."""
    if table[offset + size] != 0:
        raise NotACheckpoint("the index is compressed")
    block = table[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    at, end, key = 0, len(block) - 4 - 4 * restarts, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _message(data: bytes) -> Mapping[int, list[Field]]:
    """The fields of a protocol-buffer message by number; fixed-width ones as raw bytes."""
    fields: dict[int, list[Field]] = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            fields.setdefault(tag >> 3, []).append(value)
            continue
        length = {1: 8, 5: 4}.get(kind)
        if length is None:
            length, at = _varint(data, at)
        fields.setdefault(tag >> 3, []).append(data[at : at + length])
        at += length
    return fields
