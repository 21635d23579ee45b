"""What the stages hand to each other, as immutable values.

Conventions
    Musical time is in beats from the start of the song (`start_beats`, `length_beats`), a beat being what the tempo
    counts (a dotted quarter in 6/8 and 12/8). Beat positions are floats on the grid (multiples of 1/12 beat before
    swing and humanising). Seconds (`_s`) and samples begin in `instruments` and `voice`.
    Pitch is a MIDI number (69 = A4 = 440 Hz); `_pc` is a pitch class 0..11 (0 = C). Levels are in dB (`_db`).
    Audio is float32, shape [2, samples] (stereo) or [samples] (mono), at `SAMPLE_RATE_HZ`, full scale = 1.0.
    Randomness enters as `numpy.random.Generator`; the same brief, seed and engine version give the same song.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 44_100
Audio = NDArray[np.float32]
Gender = Literal["male", "female"]


def stable_rng(*parts: object) -> np.random.Generator:
    """A generator seeded by the text of `parts`; the same in every process, whatever PYTHONHASHSEED says."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


# ---------------------------------------------------------------------------------------------- what is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One clip, as ordered. Two clips of one task differ only in `take`."""

    lyrics: str = ""  #: words to sing, with section tags; empty = write them from `description`
    description: str = ""
    title: str = ""
    style: str = ""
    negative_style: str = ""
    instrumental: bool = False
    gender: Gender | None = None
    voice: str | None = None  #: a voice by name; None = chosen by gender, style and seed
    language: str | None = None  #: ISO 639-1; None = detected
    style_weight: float = 0.5
    weirdness: float = 0.5
    audio_weight: float = 0.5
    duration_s: float | None = None
    max_duration_s: float = 240.0
    bpm: float | None = None
    key: str | None = None  #: such as "A minor"
    seed: int = 0
    take: int = 0  #: 0 or 1: which of the two clips

    def rng(self, stage: str, *, per_take: bool = True) -> np.random.Generator:
        """The stage's own randomness. With `per_take=False` both clips of a task share it (lyrics, singer)."""
        return stable_rng(stage, self.seed, self.take if per_take else "both")


@dataclass(frozen=True, slots=True)
class Assets:
    """Where models, voices, dictionaries and instruments lie. A missing file is a fallback, never a crash."""

    root: Path

    @property
    def kokoro(self) -> Path:
        """The singing model's folder: `model_int8.onnx`, `vocab.json` and the graphs cut from it (`*.onnx`)."""
        return self.root / "kokoro"

    @property
    def voices(self) -> Path:
        """`<voice>.bin` style tables, 510 x 256 float32."""
        return self.root / "voices"

    @property
    def dictionaries(self) -> Path:
        """`us_gold.json`, `us_silver.json`, `gb_gold.json`, `gb_silver.json`: words and their phonemes."""
        return self.root / "dictionaries"

    @property
    def fonts(self) -> Path:
        """Typefaces beyond those in the package, for covers and videos: `NotoSansCJKtc-Bold.otf`."""
        return self.root / "fonts"

    @property
    def sound_fonts(self) -> tuple[Path, ...]:
        """SF3 files, best first; the first that exists is used."""
        folder = self.root / "instruments"
        return (folder / "MuseScore_General_Lite.sf3", folder / "FluidR3Mono_GM.sf3")


# ------------------------------------------------------------------------------------------------------- lyrics

SectionKind = Literal[
    "intro", "verse", "prechorus", "chorus", "postchorus", "bridge", "rap", "solo", "break", "build", "drop", "outro"
]


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung syllable; phonemes are in the singing model's alphabet (IPA with one-character diphthongs)."""

    text: str  #: the letters of the word it stands for, as well as they can be divided
    onset: str
    nucleus: str
    coda: str
    stress: int  #: 0 none (also function words), 1 secondary, 2 primary


@dataclass(frozen=True, slots=True)
class Word:
    """A written word, punctuation included, and its syllables (never empty; a word nobody can sing is not a Word)."""

    text: str
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line as it will be sung. `backing` lines stood in parentheses: the choir sings them, not the lead."""

    text: str
    words: tuple[Word, ...]
    backing: bool = False

    @property
    def syllables(self) -> tuple[Syllable, ...]:
        """All syllables in order."""
        return tuple(s for w in self.words for s in w.syllables)


@dataclass(frozen=True, slots=True)
class LyricSection:
    """A stanza. `label` is the tag as written (`Verse 1`); a section without lines is played, not sung."""

    kind: SectionKind
    label: str
    lines: tuple[LyricLine, ...]
    hint: str = ""  #: what else the tag asked for, such as `guitar` in `[Guitar solo]`


@dataclass(frozen=True, slots=True, kw_only=True)
class Lyrics:
    """The words of a song."""

    title: str
    language: str  #: ISO 639-1
    sections: tuple[LyricSection, ...]  #: in order; empty for an instrumental
    origin: Literal["given", "written", "none"]
    text: str  #: as shown to people, with section tags
    notes: tuple[str, ...] = ()  #: what could not be sung or was guessed, one sentence each


# ------------------------------------------------------------------------------------------------------- style


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


# ------------------------------------------------------------------------------------------------------- score


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


# -------------------------------------------------------------------------------------------------- arrangement


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


# -------------------------------------------------------------------------------------------------------- sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """One part as sound, from beat 0 of the song, dry. `audio` has shape [2, samples]."""

    name: str
    role: Role
    audio: Audio
    pan: float = 0.0  #: where the mix is to place it, -1 left .. 1 right; `audio` itself is not panned


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a written word is heard, in seconds from the start of the recording."""

    word: str
    start_s: float
    end_s: float
    line: int  #: index into Score.lines
    section: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The finished sound: `pcm` limited and at its loudness; `stems` as they went into the sum before the limiter."""

    pcm: Audio
    stems: tuple[Stem, ...]
    loudness_lufs: float
    true_peak_dbtp: float


# ---------------------------------------------------------------------------------------------------- progress

Report = Callable[[float, str], None]
"""Called with the share done (0..1) and the stage's word: lyrics, score, voice, instruments, mix, encode."""
