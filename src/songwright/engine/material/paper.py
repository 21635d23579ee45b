"""The song on paper: the score, and the arrangement for the band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from songwright.engine.material.words import LyricLine, SectionKind


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord as it sounds; `symbol` is absolute (`Am7/G`), `numeral` relative to the tonic (`vi7`)."""

    start_beats: float
    length_beats: float
    symbol: str
    numeral: str
    root_pc: int
    bass_pc: int
    pcs: tuple[int, ...]  #: pitch classes from the root upwards: root, third, fifth, colours


@dataclass(frozen=True, slots=True)
class VocalNote:
    """One sung note; `word` and `syllable` index into the line's words."""

    start_beats: float
    length_beats: float
    midi: int
    word: int
    syllable: int


@dataclass(frozen=True, slots=True)
class VocalLine:
    """A lyric line set to music: one note per syllable, in order."""

    section: int  #: index into Score.sections
    line: LyricLine
    notes: tuple[VocalNote, ...]
    role: Literal["lead", "backing", "adlib"] = "lead"
    is_hook: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form. `energy` 0..1 steers velocities, density and levels."""

    kind: SectionKind
    label: str
    start_beats: float
    length_beats: float
    energy: float
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The song on paper, at one tempo."""

    title: str
    bpm: float
    beats_per_bar: int
    tonic_pc: int
    mode: str
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]  #: without gaps from 0 to `length_beats`
    lines: tuple[VocalLine, ...]  #: in order of time, never overlapping among the lead
    themes: tuple[VocalNote, ...] = ()  #: an instrumental lead over the whole song: intro, solos, breaks, instrumentals
    swing: float = 0.5  #: the grid above is straight; sung and played notes share this swing (see theory.swung)
    swing_unit: int = 8
    riff: tuple[VocalNote, ...] = ()  #: the hook's first notes, from beat 0: played by the lead before it is sung
    key_changes: tuple[tuple[float, int], ...] = ()  #: (start_beats, semitones up) after which all is transposed
    notes: tuple[str, ...] = ()  #: what was tried and settled for, for the recipe

    @property
    def length_beats(self) -> float:
        """End of the last section."""
        last = self.sections[-1]
        return last.start_beats + last.length_beats

    def seconds(self, beats: float) -> float:
        """Beats -> seconds."""
        return beats * 60.0 / self.bpm

    @property
    def duration_s(self) -> float:
        """Length of the music; the recording adds its tail."""
        return self.seconds(self.length_beats)


@dataclass(frozen=True, slots=True)
class Note:
    """A played note, swing and human timing included. Drum notes use General MIDI keys."""

    start_beats: float
    length_beats: float
    midi: int
    velocity: int  #: 1..127


Role = Literal["drums", "bass", "harmony", "pads", "lead", "vocal", "double", "backing", "adlib", "effects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One track of the band. `role` chooses its level and treatment in the mix."""

    name: str
    role: Role
    program: int = 0
    drum_kit: int | None = None  #: General MIDI kit program on the drum channel; None = melodic
    synth: str | None = None  #: name of a synthesised instrument used instead of the sound font
    pan: float = 0.0  #: -1 left .. 1 right
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Who plays what."""

    parts: tuple[Part, ...]
