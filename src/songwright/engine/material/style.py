"""A style: how its melodies move, who plays what, how it sings and sounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from songwright.engine.material.brief import Gender
from songwright.engine.material.words import SectionKind

_RAPPED_VERSES = 0.6  #: styles that rap this much rap their verses


@dataclass(frozen=True, slots=True, kw_only=True)
class MelodyTraits:
    """How tunes of a style move."""

    span_semitones: int = 13
    density: tuple[float, float] = (6, 6)  #: syllables a bar: verse, chorus
    sync: tuple[float, float] = (0.25, 0.25)  #: how much is anticipated: verse, chorus, 0..1
    pickup: float = 0.4  #: share of lines that start before the bar
    grid: int = 8
    long: float = 0.25
    rep: float = 0.22  #: wished share of repeated notes
    leap: float = 0.1
    contours: tuple[str, ...] = ("arch",)
    scale: str = "major"
    blue: float = 0.0
    lift_semitones: float = 4  #: chorus above verse


@dataclass(frozen=True, slots=True, kw_only=True)
class VocalTraits:
    """How a style sings."""

    doubles: str = "chorus"
    harmonies: tuple[str, ...] = ("third_up",)
    adlibs: str = "none"
    manner: str = ""
    rap: float = 0.0

    def rapped(self, kind: SectionKind) -> bool:
        """Whether a section of this kind is spoken on the beat rather than sung: raps, and the verses of rap styles."""
        return kind == "rap" or (kind == "verse" and self.rap >= _RAPPED_VERSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixTraits:
    """Levels in dB relative to the lead vocal, sends in dB, times in seconds or beats, width 0..1."""

    drums_db: float = -2
    bass_db: float = -5
    harmony_db: float = -8
    pads_db: float = -14
    lead_db: float = -7
    backing_db: float = -8
    reverb_s: float = 1.5
    reverb_send_db: float = -16
    delay_beats: float = 0.5
    delay_send_db: float = -22
    width: float = 0.7
    duck_db: float = 1
    low: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One instrument of a style. `patterns[kind]` lists alternatives; see `styles/data/common.yaml` for notation."""

    name: str
    role: Literal["bass", "comp", "pad", "arp", "riff"]
    program: int  #: General MIDI 0..127
    low_midi: int
    high_midi: int
    relative_to_key: bool = False
    synth: str | None = None  #: name of a synthesised instrument used instead of the sound font
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class DrumKit:
    """Drums of a style: `grooves[section kind]` lists alternative grids {voice: pattern}; fills likewise."""

    kit: str
    synth: str | None = None  #: name of a synthesised kit used instead of the sound font
    grooves: Mapping[str, tuple[Mapping[str, str], ...]]
    fills: tuple[Mapping[str, str], ...]
    turns: tuple[Mapping[str, str], ...] = ()  #: bars whose voices replace the groove's own at the end of a phrase
    layers: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )  #: section kind -> voices that join in its second phrase and when it comes again


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the free text of `style` was understood as: one style of the bible, adjusted by mood, tempo, key ..."""

    name: str
    bpm: float
    metre: str  #: `4/4`, `3/4`, `6/8`, `12/8`
    beats_per_bar: int  #: 4, 3, 2 (6/8) or 4 (12/8)
    steps_per_bar: int  #: of the pattern grids; 32 spans two bars
    swing: float  #: share of a pair taken by its first note, 0.5 = straight
    swing_unit: int  #: 8 or 16
    modes: Mapping[str, float]  #: mode -> weight
    tonic_pcs: tuple[int, ...]  #: preferred keys
    chords: Mapping[str, tuple[str, ...]]  #: section kind -> alternative progressions, `I:4 vi:4 IV:4 V:4`
    forms: tuple[str, ...]  #: alternatives, `intro4 verse8 chorus8 ...` in bars
    drums: DrumKit
    bass: Player
    players: tuple[Player, ...]
    melody: MelodyTraits
    vocal: VocalTraits
    mix: MixTraits
    transitions: tuple[str, ...] = ()
    timing_ms: float = 6
    velocity_spread: float = 7
    lay_ms: Mapping[str, float] = field(default_factory=dict[str, float])  #: how far a voice lies behind the beat
    mood: str = ""  #: one word for palette and harmony: bright, dark, calm, wild, tender, neutral
    gender: Gender | None = None  #: asked for in the text
    instrumental: bool = False  #: the text asks for music without a voice
    description: str = ""  #: one line for people: `dream pop with female vocals, 92 bpm`
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    bpm_range: tuple[float, float] | None = None  #: the tempo may move in it; None = `bpm` was asked for
