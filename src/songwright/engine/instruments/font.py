"""The sound font player: tinysoundfont (MIT), one instance per font file and process.

tinysoundfont knows no SoundFont modulators. Two consequences are dealt with here:
- the pianos of MuseScore_General cross-fade their layers by modulators; without them they are 25 dB too soft below
  velocity 110 and muffled. Pianos are therefore taken from another font when there is one;
- velocity acts on amplitude linearly; players of fonts expect more than that, so velocities are bent (`_BEND`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Audio

try:  # not on every platform: its wheel asks for an audio device library that servers lack
    import tinysoundfont
except ImportError:  # pragma: no cover - covered by running without the package
    tinysoundfont = None

_MELODIC_CHANNEL, _DRUM_CHANNEL, _DRUM_BANK = 0, 9, 128
_PIANOS_WITH_MODULATORS = {0, 1, 3}
_FONT_WITH_MODULATORS = "MuseScore_General"
_BEND = 1.35
_FLUSH = 8192  #: samples after which a channel told to stop is silent
_DRUM_RING_S = 1.5  #: drums ring: their written length is no damping
# Presets that are silent above a key: notes are folded down by octaves.
_TOP_KEYS = {**dict.fromkeys(range(32, 40), 72), 43: 80, 58: 72, 28: 86, 31: 86, 69: 84, 70: 84}


@dataclass(frozen=True, slots=True)
class Font:
    """A loaded font. The player has one state, so only one part plays at a time."""

    name: str
    synth: Any
    number: int
    lock: threading.Lock = field(default_factory=threading.Lock)


@lru_cache(maxsize=4)
def _load(path: Path) -> Font | None:
    if tinysoundfont is None:
        return None
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE_HZ)
    try:
        number = synth.sfload(str(path))
    except (OSError, RuntimeError, tinysoundfont.SoundFontException):
        return None  # a damaged file is a missing file
    return Font(path.stem, synth, number)


def font_for(assets: Assets, program: int | None) -> Font | None:
    """The first font that exists, can be loaded and plays `program` well; `None` as program means drums."""
    there = [path for path in assets.sound_fonts if path.is_file()]
    if program in _PIANOS_WITH_MODULATORS:
        there.sort(key=lambda path: path.stem.startswith(_FONT_WITH_MODULATORS))
    for path in there:
        font = _load(path)
        if font is not None:
            return font
    return None


def play_font(font: Font, program: int, drum_kit: int | None, notes: list[TimedNote], samples: int) -> Audio:
    """Play `notes` with one preset of `font`."""
    is_drums = drum_kit is not None
    channel = _DRUM_CHANNEL if is_drums else _MELODIC_CHANNEL
    frames = np.zeros((samples, 2), np.float32)
    with font.lock:
        _select(font, channel, program, drum_kit)
        position = 0
        for at, is_on, key, velocity in _events(notes, program, is_drums, samples):
            if at > position:
                _generate(font, frames[position:at])
                position = at
            if is_on:
                font.synth.noteon(channel, key, _bent(velocity))
            else:
                font.synth.noteoff(channel, key)
        _generate(font, frames[position:])
        font.synth.sounds_off(channel)
        _generate(font, np.zeros((_FLUSH, 2), np.float32))
    return np.ascontiguousarray(frames.T)


def _select(font: Font, channel: int, program: int, drum_kit: int | None) -> None:
    if drum_kit is None:
        font.synth.program_select(channel, font.number, 0, program, False)
        return
    known = font.synth.sfpreset_name(font.number, _DRUM_BANK, drum_kit) is not None
    font.synth.program_select(channel, font.number, _DRUM_BANK, drum_kit if known else 0, True)


def _generate(font: Font, frames: NDArray[np.float32]) -> None:
    if len(frames):
        font.synth.generate_simple(len(frames), frames.data.cast("B"))


def _bent(velocity: int) -> int:
    return max(round(127.0 * (velocity / 127.0) ** _BEND), 1)


def _events(notes: list[TimedNote], program: int, is_drums: bool, samples: int) -> list[tuple[int, bool, int, int]]:
    """(sample, on or off, key, velocity) in order; offs first, and none that would cut a later note of its key."""
    events: list[tuple[int, bool, int, int]] = []
    next_start: dict[int, int] = {}
    for note in reversed(notes):
        key = note.midi if is_drums else _folded(note.midi, program)
        length = max(note.length, round(_DRUM_RING_S * SAMPLE_RATE_HZ)) if is_drums else note.length
        end = min(note.start + length, next_start.get(key, samples))
        next_start[key] = note.start
        events.append((note.start, True, key, note.velocity))
        if end < samples:
            events.append((end, False, key, 0))
    return sorted(events)


def _folded(key: int, program: int) -> int:
    top = _TOP_KEYS.get(program, 127)
    return key if key <= top else key - 12 * -(-(key - top) // 12)
