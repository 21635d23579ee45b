"""Weights are read from a checkpoint without the program that wrote it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from songwright.analysis.checkpoint import NotACheckpoint, read_checkpoint


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def _block(entries: list[tuple[int, bytes, bytes]], compression: int = 0) -> bytes:
    """A LevelDB block of (shared prefix length, rest of the key, value), with its trailer."""
    body = b"".join(_varint(s) + _varint(len(k)) + _varint(len(v)) + k + v for s, k, v in entries)
    return body + struct.pack("<II", 0, 1) + bytes([compression]) + b"crc."


def _write_checkpoint(folder: Path, compression: int = 0) -> tuple[Path, Path]:
    """Two variables: `dense/bias` [3] and `dense/kernel` [2, 1], keys sharing their prefix."""
    tensors = np.array([1, 2, 3, 4, 5], "<f4").tobytes()
    shape = {
        n: b"\x12" + _varint(len(d)) + d
        for n, d in (("bias", b"\x12\x02\x08\x03"), ("kernel", b"\x12\x02\x08\x02" + b"\x12\x02\x08\x01"))
    }
    bias = b"\x08\x01" + shape["bias"] + b"\x28" + _varint(12)
    kernel = b"\x08\x01" + shape["kernel"] + b"\x20" + _varint(12) + b"\x28" + _varint(8)
    data_block = _block([(0, b"", b"\x08\x01"), (0, b"dense/bias", bias), (6, b"kernel", kernel)], compression)
    index_block = _block([(0, b"z", _varint(0) + _varint(len(data_block) - 5))])
    handles = _varint(0) + _varint(0) + _varint(len(data_block)) + _varint(len(index_block) - 5)
    index, data = folder / "m.index", folder / "m.data"
    index.write_bytes(data_block + index_block + handles.ljust(40, b"\0") + b"magicnum")
    data.write_bytes(tensors)
    return index, data


def test_variables_are_read_from_a_checkpoint_by_name_and_shape(tmp_path: Path) -> None:
    found = read_checkpoint(*_write_checkpoint(tmp_path))
    assert found["dense/bias"].tolist() == [1, 2, 3]
    assert found["dense/kernel"].tolist() == [[4], [5]]
    assert set(found) == {"dense/bias", "dense/kernel"}


def test_a_compressed_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotACheckpoint):
        read_checkpoint(*_write_checkpoint(tmp_path, compression=1))


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.index").write_bytes(b"x" * 100)
    (tmp_path / "m.data").write_bytes(b"x" * 100)
    with pytest.raises(NotACheckpoint):
        read_checkpoint(tmp_path / "m.index", tmp_path / "m.data")
