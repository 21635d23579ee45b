"""Single presets cut out of a big sound font, in memory.

A player that loads a whole General MIDI font decodes every sample of it: hundreds of megabytes, of which a song uses a
dozen presets. `cut_preset` gives the bytes of a font that holds one preset and nothing else, and plays the same.

Conventions
    Source: SoundFont Technical Specification 2.04 (record layouts in section 7), and SF3 as MuseScore writes it: bit
    0x10 of a sample's type says that `start` and `end` are the byte offsets of an Ogg Vorbis stream within `smpl`,
    and that the loop points count samples from the beginning of that one sample. Fonts with samples of any other kind
    (16-bit, ROM) are refused.
    All numbers are little-endian. Every table ends with one terminal record, which only tells where the last one ends.
    RIFF pads chunks to even lengths, and MuseScore's fonts do not: a zero byte after an odd chunk counts as padding.
    What is written here has only chunks of even length, so that both kinds of readers agree.
    Zones, generators and modulators keep their order (key range first, instrument or sample last, the global zone
    before all others); only the indices are renumbered. A sample whose stereo partner is not used becomes mono.
    Behind every sample stand `GUARD_FRAMES` of silence, as a 16-bit sample: at the end of a sample without a loop,
    TinySoundFont plays two frames too many. In the whole font those are the beginning of a neighbour, heard as a click
    after most drum hits (up to half of full scale); here they are silent. All else sounds the same.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

GUARD_FRAMES = 8

_VORBIS, _MONO, _LINKED = 0x10, 0x01, 0x0E  #: bits of a sample's type; right, left and linked samples have a partner
_INSTRUMENT, _SAMPLE = 41, 53  #: the generators that hold an index
_SAMPLE_STRIDE = 2  #: each sample is followed by its guard

_BAG = np.dtype([("generator", "<u2"), ("modulator", "<u2")])
_MODULATOR = np.dtype("V10")
_GENERATOR = np.dtype([("operator", "<u2"), ("amount", "<u2")])
_RECORDS = {
    b"phdr": np.dtype([("name", "V20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("unused", "V12")]),
    b"pbag": _BAG,
    b"pmod": _MODULATOR,
    b"pgen": _GENERATOR,
    b"inst": np.dtype([("name", "V20"), ("bag", "<u2")]),
    b"ibag": _BAG,
    b"imod": _MODULATOR,
    b"igen": _GENERATOR,
    b"shdr": np.dtype(
        [
            *(("name", "V20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4")),
            *(("rate_hz", "<u4"), ("key", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2")),
        ]
    ),
}

Records = NDArray[np.void]


class BadSoundFont(Exception):
    """The file is no SF3 sound font, is damaged, or lacks the preset."""


@dataclass(frozen=True, slots=True)
class Level:
    """Presets or instruments: each owns a run of zones, and each zone a run of generators and one of modulators."""

    owners: Records
    bags: Records
    generators: Records
    modulators: Records


@dataclass(frozen=True, slots=True)
class SoundFont:
    """The tables of a font; its samples stay in the file."""

    path: Path
    info: bytes
    sample_bytes: range
    presets: Level
    instruments: Level
    samples: Records

    def has_preset(self, bank: int, program: int) -> bool:
        """Whether there is such a preset."""
        return _preset_index(self, bank, program) is not None


def read_sound_font(path: Path) -> SoundFont:
    """Read and check the tables of the font at `path`. Raises BadSoundFont, also when the file cannot be read."""
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as error:
        raise BadSoundFont(f"{path.name} cannot be read: {error}") from error


def cut_preset(font: SoundFont, bank: int, program: int) -> bytes:
    """An SF3 font of one preset, with its instruments and samples. Raises BadSoundFont."""
    index = _preset_index(font, bank, program)
    if index is None:
        raise BadSoundFont(f"{font.path.name} has no preset {program} in bank {bank}.")
    presets = _picked(font.presets, np.array([index]))
    wanted = _renumber_in_place(presets.generators, _INSTRUMENT, len(font.instruments.owners) - 1, 1)
    instruments = _picked(font.instruments, wanted)
    wanted = _renumber_in_place(instruments.generators, _SAMPLE, len(font.samples) - 1, _SAMPLE_STRIDE)
    streams = _streams(font, font.samples[wanted])
    return _written(font.info, presets, instruments, _sample_headers(font.samples, wanted, streams), streams)


# Reading


def _read(path: Path, file: BinaryIO) -> SoundFont:
    size = os.fstat(file.fileno()).st_size
    riff, length, form = struct.unpack("<4sI4s", _exactly(file, 12))
    if riff != b"RIFF" or form != b"sfbk" or 8 + length > size:
        raise BadSoundFont(f"{path.name} is no sound font, or not all of it.")
    lists: dict[bytes, range] = {}
    for name, place in _chunks(file, range(12, 8 + length)):
        if name == b"LIST" and len(place) >= 4:
            file.seek(place.start)
            lists[_exactly(file, 4)] = place[4:]
    if not {b"sdta", b"pdta"} <= lists.keys():
        raise BadSoundFont(f"{path.name} lacks samples or presets.")
    sample_bytes = dict(_chunks(file, lists[b"sdta"])).get(b"smpl", range(0))
    tables = _tables(file, lists[b"pdta"])
    font = SoundFont(
        path=path,
        info=_at(file, lists.get(b"INFO", range(0))),
        sample_bytes=sample_bytes,
        presets=Level(tables[b"phdr"], tables[b"pbag"], tables[b"pgen"], tables[b"pmod"]),
        instruments=Level(tables[b"inst"], tables[b"ibag"], tables[b"igen"], tables[b"imod"]),
        samples=tables[b"shdr"],
    )
    _check_level(font.presets)
    _check_level(font.instruments)
    _check_samples(font.samples[:-1], len(sample_bytes))
    return font


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise BadSoundFont("A sound font ends too early.")
    return data


def _at(file: BinaryIO, place: range) -> bytes:
    file.seek(place.start)
    return _exactly(file, len(place))


def _chunks(file: BinaryIO, within: range) -> Iterator[tuple[bytes, range]]:
    """Name and content of each chunk, as places in the file."""
    position = within.start
    while position + 8 <= within.stop:
        name, length = struct.unpack("<4sI", _at(file, range(position, position + 8)))
        content = range(position + 8, position + 8 + length)
        if content.stop > within.stop:
            raise BadSoundFont(f"Chunk {name!r} is longer than what holds it.")
        yield name, content
        position = content.stop
        if length % 2 and position < within.stop and _at(file, range(position, position + 1)) == b"\0":
            position += 1


def _tables(file: BinaryIO, within: range) -> dict[bytes, Records]:
    places = dict(_chunks(file, within))
    tables: dict[bytes, Records] = {}
    for name, record in _RECORDS.items():
        data = _at(file, places.get(name, range(0)))
        if not data or len(data) % record.itemsize:
            raise BadSoundFont(f"Table {name!r} is missing or has a broken record.")
        tables[name] = np.frombuffer(data, record)
    return tables


def _check_level(level: Level) -> None:
    """Every run lies within the next table and begins where the last one ended, or later."""
    zones, generators, modulators = level.owners["bag"], level.bags["generator"], level.bags["modulator"]
    for starts, count in (
        (zones, len(level.bags)),
        (generators, len(level.generators)),
        (modulators, len(level.modulators)),
    ):
        if np.any(starts[1:] < starts[:-1]) or starts[-1] > count:
            raise BadSoundFont("The zones of a sound font are damaged.")
    if zones[-1] > len(level.bags) - 1:
        raise BadSoundFont("The zones of a sound font have no end.")


def _check_samples(samples: Records, length: int) -> None:
    if np.any(samples["start"] > samples["end"]) or np.any(samples["end"] > length):
        raise BadSoundFont("The samples of a sound font lie outside of it.")


def _preset_index(font: SoundFont, bank: int, program: int) -> int | None:
    heads = font.presets.owners[:-1]
    found = np.flatnonzero((heads["bank"] == bank) & (heads["program"] == program))
    return int(found[0]) if len(found) else None


# Cutting


def _picked(level: Level, wanted: NDArray[np.int64]) -> Level:
    """The owners `wanted`, in that order, with all that belongs to them and terminal records."""
    zones, zone_starts = _runs(level.owners["bag"], wanted)
    generators, generator_starts = _runs(level.bags["generator"], zones)
    modulators, modulator_starts = _runs(level.bags["modulator"], zones)
    owners = level.owners[np.append(wanted, len(level.owners) - 1)]
    owners["bag"] = zone_starts
    bags = np.zeros(len(zones) + 1, _BAG)
    bags["generator"], bags["modulator"] = generator_starts, modulator_starts
    return Level(owners, bags, _ended(level.generators[generators]), _ended(level.modulators[modulators]))


def _runs(starts: NDArray[Any], wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of all members of the runs `wanted`, and where each run begins among them, with the end."""
    firsts, lasts = starts[wanted].astype(np.int64), starts[wanted + 1].astype(np.int64)
    members = [np.arange(first, last) for first, last in zip(firsts, lasts, strict=True)]
    return np.concatenate([np.zeros(0, np.int64), *members]), np.append(0, np.cumsum(lasts - firsts))


def _ended(records: Records) -> Records:
    return np.concatenate([records, np.zeros(1, records.dtype)])


def _renumber_in_place(generators: Records, operator: int, count: int, stride: int) -> NDArray[np.int64]:
    """Number what `operator` points at anew: 0, `stride`, ...; returns the old indices in their old order."""
    pointing = np.flatnonzero(generators["operator"] == operator)
    wanted, numbers = np.unique(generators["amount"][pointing].astype(np.int64), return_inverse=True)
    if not len(wanted) or wanted[-1] >= count:
        raise BadSoundFont("A preset of a sound font points at nothing.")
    generators["amount"][pointing] = stride * numbers
    return wanted


def _streams(font: SoundFont, samples: Records) -> list[bytes]:
    start = font.sample_bytes.start
    try:
        with font.path.open("rb") as file:
            streams = [_at(file, range(start + int(s["start"]), start + int(s["end"]))) for s in samples]
    except OSError as error:
        raise BadSoundFont(f"{font.path.name} cannot be read: {error}") from error
    if np.any(samples["type"] & _VORBIS == 0) or not all(s.startswith(b"OggS") for s in streams):
        raise BadSoundFont(f"{font.path.name} has a sample that is not Ogg Vorbis.")
    return streams


def _sample_headers(samples: Records, wanted: NDArray[np.int64], streams: list[bytes]) -> Records:
    """Each sample and its guard, and the terminal record; the guard's silence is at the beginning of `smpl`."""
    ends = 2 * GUARD_FRAMES + np.cumsum([len(stream) for stream in streams])
    headers = np.zeros(_SAMPLE_STRIDE * len(wanted) + 1, samples.dtype)
    sounding, guards = headers[0:-1:_SAMPLE_STRIDE], headers[1:-1:_SAMPLE_STRIDE]
    sounding[:] = samples[wanted]
    sounding["end"] = ends
    sounding["start"] = ends - [len(stream) for stream in streams]
    sounding["link"], sounding["type"] = _links(samples[wanted], wanted)
    guards["end"], guards["rate_hz"], guards["type"] = GUARD_FRAMES, 44_100, _MONO
    # Without the bit, TinySoundFont takes the terminal record for a 16-bit sample as long as `smpl`.
    headers["type"][-1] = _VORBIS
    return headers


def _links(samples: Records, wanted: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Partner and type of each sample, in the new numbers (guards stand between samples)."""
    partners = np.searchsorted(wanted, samples["link"])
    kept = (samples["type"] & _LINKED != 0) & (wanted[np.minimum(partners, len(wanted) - 1)] == samples["link"])
    return np.where(kept, _SAMPLE_STRIDE * partners, 0), np.where(kept, samples["type"], _VORBIS | _MONO)


# Writing


def _written(info: bytes, presets: Level, instruments: Level, samples: Records, streams: list[bytes]) -> bytes:
    sound = b"".join([bytes(2 * GUARD_FRAMES), *streams])
    tables = (
        *(presets.owners, presets.bags, presets.modulators, presets.generators),
        *(instruments.owners, instruments.bags, instruments.modulators, instruments.generators, samples),
    )
    lists = (
        _list(b"INFO", info),
        _list(b"sdta", _chunk(b"smpl", sound)),
        _list(b"pdta", b"".join(_chunk(name, table.tobytes()) for name, table in zip(_RECORDS, tables, strict=True))),
    )
    return _chunk(b"RIFF", b"sfbk" + b"".join(lists))


def _list(name: bytes, content: bytes) -> bytes:
    return _chunk(b"LIST", name + content)


def _chunk(name: bytes, content: bytes) -> bytes:
    even = content + b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(even)) + even
