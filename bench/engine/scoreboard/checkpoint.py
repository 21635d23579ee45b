"""Reads the variables of a TensorFlow checkpoint (tensor bundle, version 2) without TensorFlow.

The `.index` file is a sorted string table in LevelDB's format: blocks of prefix-compressed keys, each with a protocol
buffer (dtype, shape, offset, size) that says where the tensor lies in the `.data` file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FOOTER_BYTES = 48
BLOCK_TRAILER_BYTES = 5
DTYPES = {1: np.float32, 2: np.float64, 3: np.int32, 9: np.int64}  # TensorFlow's numbers

Message = dict[int, list[int | bytes]]


class NotACheckpoint(ValueError):
    """The bytes are not what this reader understands."""


def read_checkpoint(index: Path, data: Path) -> dict[str, np.ndarray]:
    """Every float and integer variable by name. Raises NotACheckpoint for a compressed index."""
    table, tensors = index.read_bytes(), data.read_bytes()
    footer = table[-FOOTER_BYTES:]
    _, at = _varint(footer, 0)  # the metaindex block's offset and size
    _, at = _varint(footer, at)
    offset, at = _varint(footer, at)
    size, _ = _varint(footer, at)
    found: dict[str, np.ndarray] = {}
    for _, handle in _entries(table, offset, size):
        block_offset, at = _varint(handle, 0)
        block_size, _ = _varint(handle, at)
        for key, value in _entries(table, block_offset, block_size):
            tensor = _tensor(_message(value), tensors) if key else None
            if tensor is not None:
                found[key.decode()] = tensor
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _entries(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
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


def _message(data: bytes) -> Message:
    """A protocol buffer message as {field number: values}; nested messages stay bytes."""
    fields: Message = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
        else:
            length = {1: 8, 5: 4}.get(wire, 0)
            if wire == 2:
                length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        fields.setdefault(number, []).append(value)
    return fields


def _number(fields: Message, number: int, default: int = 0) -> int:
    value = fields.get(number, [default])[0]
    return value if isinstance(value, int) else default


def _tensor(entry: Message, tensors: bytes) -> np.ndarray | None:
    dtype = DTYPES.get(_number(entry, 1, 1))
    if dtype is None:
        return None
    shape: list[int] = []
    for raw in entry.get(2, []):
        assert isinstance(raw, bytes)
        shape += [_number(_message(d), 1) for d in _message(raw).get(2, []) if isinstance(d, bytes)]
    offset, size = _number(entry, 4), _number(entry, 5)
    return np.frombuffer(tensors[offset : offset + size], dtype).reshape(shape)
