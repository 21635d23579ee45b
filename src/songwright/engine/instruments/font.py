"""The sound font player: tinysoundfont (MIT), one instance per preset, which is cut out of its font on first use.

tinysoundfont knows no SoundFont modulators. Two consequences are dealt with here:
- the pianos of MuseScore_General cross-fade their layers by modulators; without them they are 25 dB too soft below
  velocity 110 and muffled. Pianos are therefore taken from another font when there is one;
- velocity acts on amplitude linearly; players of fonts expect more than that, so velocities are bent (`_BEND`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songwright.engine.instruments.soundfont import BadSoundFont, SoundFont, cut_preset, read_sound_font
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
_SHELF_BYTES = 6_000_000  #: decoded, samples take about 14 times as much; a song uses 1 to 3 MB
_FLUSH = 8192  #: samples after which a channel told to stop is silent
_DRUM_RING_S = 1.5  #: drums ring: their written length is no damping
# Presets that are silent above a key: notes are folded down by octaves.
_TOP_KEYS = {**dict.fromkeys(range(32, 40), 72), 43: 80, 58: 72, 28: 86, 31: 86, 69: 84, 70: 84}


@dataclass(frozen=True, slots=True)
class Font:
    """One loaded preset of a font. The player has one state, so only one part plays at a time."""

    name: str
    synth: Any
    number: int
    bank: int
    preset: int
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Shelf:
    """The presets last used, as many as stay below `_SHELF_BYTES` of compressed samples, and the newest in any case."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fonts: OrderedDict[tuple[Path, int, int], tuple[Font | None, int]] = OrderedDict()

    def font(self, sound_font: SoundFont, bank: int, preset: int) -> Font | None:
        key = (sound_font.path, bank, preset)
        with self._lock:
            if key not in self._fonts:
                self._fonts[key] = _load(sound_font, bank, preset)
                while len(self._fonts) > 1 and sum(size for _, size in self._fonts.values()) > _SHELF_BYTES:
                    self._fonts.popitem(last=False)
            self._fonts.move_to_end(key)
            return self._fonts[key][0]


_shelf = _Shelf()


def _load(sound_font: SoundFont, bank: int, preset: int) -> tuple[Font | None, int]:
    """The preset alone, and the size of its file in bytes; `None` when the font is damaged there."""
    if tinysoundfont is None:
        return None, 0
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE_HZ)
    try:
        cut = cut_preset(sound_font, bank, preset)
        return Font(sound_font.path.stem, synth, synth.sfload(cut), bank, preset), len(cut)
    except (BadSoundFont, RuntimeError, tinysoundfont.SoundFontException):
        return None, 0


@lru_cache(maxsize=4)
def _tables(path: Path) -> SoundFont | None:
    try:
        return read_sound_font(path)
    except BadSoundFont:
        return None  # a damaged file is a missing file


def is_player_installed() -> bool:
    """Whether sound fonts can be played at all."""
    return tinysoundfont is not None


def sound_fonts(assets: Assets, program: int | None) -> list[SoundFont]:
    """The fonts that exist and can be read, best for `program` first; `None` as program means drums."""
    if tinysoundfont is None:
        return []
    there = [path for path in assets.sound_fonts if path.is_file()]
    if program in _PIANOS_WITH_MODULATORS:
        there.sort(key=lambda path: path.stem.startswith(_FONT_WITH_MODULATORS))
    return [font for font in map(_tables, there) if font is not None]


def font_for(assets: Assets, program: int, drum_kit: int | None) -> Font | None:
    """The preset in the first font that has it and plays it well."""
    for sound_font in sound_fonts(assets, program if drum_kit is None else None):
        bank, preset = _address(sound_font, program, drum_kit)
        font = _shelf.font(sound_font, bank, preset) if sound_font.has_preset(bank, preset) else None
        if font is not None:
            return font
    return None


def _address(sound_font: SoundFont, program: int, drum_kit: int | None) -> tuple[int, int]:
    """Bank and number of a preset; kit 0 stands in for a kit that the font lacks."""
    if drum_kit is None:
        return 0, program
    return _DRUM_BANK, drum_kit if sound_font.has_preset(_DRUM_BANK, drum_kit) else 0


def play_font(font: Font, program: int, notes: list[TimedNote], samples: int) -> Audio:
    """Play `notes` with `font`; `program` tells which notes are too high for it, and nothing of drums."""
    is_drums = font.bank == _DRUM_BANK
    channel = _DRUM_CHANNEL if is_drums else _MELODIC_CHANNEL
    frames = np.zeros((samples, 2), np.float32)
    with font.lock:
        font.synth.program_select(channel, font.number, font.bank, font.preset, is_drums)
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
