"""What a style file contains: the shape of `data/<name>.yaml`, checked field by field when it is read.

Conventions
    One struct a level of the file; a field that is missing, misspelt or of another type is an error that names file and
    field. Where a file may give one or several alternatives, the first is the style's reference and the others are
    variants. Tempi in beats a minute, pitches as MIDI numbers, levels in dB, times as the names say.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class GroovesFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`drums:`. Section kinds that are missing fall back as `common.yaml` says.

    `turns` are bars whose voices take the place of the groove's own in the last bar of a phrase; `layers` are voices
    that join in every second phrase of a section, and all along when it comes again.
    """

    kit: str
    synth: str | None = None
    grooves: dict[str, list[dict[str, str]]]
    fills: list[dict[str, str]]
    turns: list[dict[str, str]] = []
    layers: dict[str, dict[str, str]] = {}


class BassFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`bass:`."""

    gm: int
    range: tuple[int, int]
    synth: str | None = None
    colours: list[int] = []
    play: dict[str, list[str]]


class PlayerFile(BassFile, forbid_unknown_fields=True, kw_only=True):
    """One entry of `players:`; `colours` are General MIDI programs that may take its place."""

    name: str
    role: Literal["comp", "pad", "arp", "riff"]
    relative_to_key: bool = False


class RelativeFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One entry of `relatives:`: words that name the style and say more. Instruments are called as in the lexicon."""

    words: list[str]
    bpm: tuple[float, float, float] | None = None  #: slowest, fastest, usual
    swing: float | None = None
    kit: str | None = None
    instruments: list[str] = msgspec.field(default_factory=list[str], name="with")
    without: list[str] = []


class MelodyFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`melody:`, the fields of `MelodyTraits`."""

    span_semitones: int
    density: tuple[float, float]
    sync: tuple[float, float]
    pickup: float
    grid: int
    long: float
    rep: float
    leap: float
    contours: tuple[str, ...]
    scale: str
    blue: float
    lift_semitones: float


class VocalFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`vocal:`, the fields of `VocalTraits`."""

    doubles: str
    harmonies: tuple[str, ...]
    adlibs: str
    manner: str
    rap: float


class MixFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`mix:`, the fields of `MixTraits`."""

    drums_db: float
    bass_db: float
    harmony_db: float
    pads_db: float
    lead_db: float
    backing_db: float
    reverb_s: float
    reverb_send_db: float
    delay_beats: float
    delay_send_db: float
    width: float
    duck_db: float
    low: str
    tone: str


class StyleFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A whole style file.

    `synonyms` name the style, as do the words of its `relatives`; `hints` only suggest it when no style is named.
    `drive` 0..1 says how much the style lives by its groove: of two styles blended, the one with more drive brings
    drums, bass and tempo.
    """

    synonyms: list[str]
    hints: list[str] = []
    relatives: list[RelativeFile] = []
    drive: float
    bpm: tuple[float, float, float]
    metre: Literal["4/4", "3/4", "6/8", "12/8"]
    steps: int
    swing: float
    swing_unit: Literal[8, 16]
    tonics: list[str]
    modes: dict[str, float]
    chords: dict[str, list[str]]
    forms: list[str]
    drums: GroovesFile
    bass: BassFile
    players: list[PlayerFile]
    melody: MelodyFile
    vocal: VocalFile
    mix: MixFile
    transitions: list[str]
    timing_ms: float
    velocity_spread: float
    lay_ms: dict[str, float]


class CommonFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`common.yaml`: the words all style files share."""

    drum_voices: frozenset[str]
    kits: frozenset[str]
    transitions: frozenset[str]
    section_fallback: dict[str, str]
    progressions: dict[str, dict[str, list[str]]]  #: major and minor -> section kind -> progressions in 4/4
    guests: dict[str, dict[str, list[str]]]  #: role -> section kind -> patterns of 16 steps in 4/4
    program_names: list[list[str]]  #: by families of eight
