"""What was heard in a sound, as plain values that can be stored with the clip.

Conventions: times in seconds from the start of the sound; pitches are MIDI numbers; pitch classes 0..11 with 0 = C;
confidences and shares 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Quality = Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class HeardChord:
    """A triad that sounds from `start_s` to `end_s`; `root_pc` None where no harmony was heard."""

    start_s: float
    end_s: float
    root_pc: int | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class HeardNote:
    """One note of the tune."""

    start_s: float
    end_s: float
    midi: int


@dataclass(frozen=True, slots=True)
class HeardKey:
    """The key; `confidence` is how far it is ahead of the next best."""

    tonic_pc: int
    mode: Quality
    confidence: float


@dataclass(frozen=True, slots=True)
class HeardBeats:
    """The beat: one steady tempo where there is one, and every beat's time."""

    bpm: float
    steady: bool  #: the beats lie on one straight line; `times_s` is that line
    beats_per_bar: int  #: 3 or 4
    first_downbeat: int  #: index into `times_s` of the first beat that begins a bar
    times_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything that was heard."""

    duration_s: float
    loudness_lufs: float
    has_voice: bool
    voice_share: float  #: of the time
    beats: HeardBeats
    key: HeardKey
    chords: tuple[HeardChord, ...]
    melody: tuple[HeardNote, ...]
    melody_from: Literal["voice", "mix"]
    sections_s: tuple[float, ...] = ()  #: where parts of the form begin
