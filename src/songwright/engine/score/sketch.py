"""What the steps of composing hand to each other.

Conventions
    Beats count from the start of the song, unless a name says otherwise; `bars` are whole bars. A *slot* is the room
    one line gets; a *tune* is a slot filled: `onsets` in beats from the slot's start (negative = pickup), `lengths` in
    beats, `indices` in scale indices (see `songwright.engine.theory`), `midis` after the chord has bent the scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from songwright.engine.material import LyricLine, SectionKind

PAUSES = frozenset(",;:.!?…–—")


@dataclass(frozen=True, slots=True)
class Beatable:
    """A syllable as rhythm sees it; `stress` 0, 1 or 2; `pause_after` where the text has punctuation."""

    word: int
    syllable: int
    stress: int
    starts_word: bool
    pause_after: bool = False


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A lyric line and the bars it gets; 0 bars = a backing line that answers in the gap of the line before."""

    line: LyricLine
    bars: int


@dataclass(frozen=True, slots=True)
class Block:
    """A section of the form before it has a place in time."""

    kind: SectionKind
    label: str
    bars: int
    hint: str = ""
    lines: tuple[PlacedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The order of the song and its tempo."""

    blocks: tuple[Block, ...]
    bpm: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Room for one line, and what is planned for it."""

    section: int  #: index of the section
    number: int  #: which line of the section, from 0
    kind: SectionKind
    line: LyricLine
    syllables: tuple[Beatable, ...]
    start_beats: float
    bars: int
    letter: str  #: lines of the same letter share a motif: A B A C in verses, H B H C in choruses
    offset: float  #: scale steps above the section's own height
    cadence: str  #: open, half, close or lift
    climax: bool = False
    hook: bool = False
    rap: bool = False
    backing: bool = False

    @property
    def text(self) -> str:
        """What makes two lines the same words."""
        return " ".join("".join(c for c in w.text.lower() if c.isalnum()) for w in self.line.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tune:
    """A slot set to music."""

    slot: Slot
    onsets: tuple[float, ...]
    lengths: tuple[float, ...]
    indices: tuple[int, ...]
    midis: tuple[int, ...]
    merit: float = 0.0

    @property
    def first_beats(self) -> float:
        """Where the first note begins."""
        return self.slot.start_beats + self.onsets[0]

    @property
    def last_beats(self) -> float:
        """Where the last note begins."""
        return self.slot.start_beats + self.onsets[-1]


@dataclass(slots=True)
class Memory:
    """What has been composed so far in this song; later lines look back at it."""

    first: Tune | None = None  #: a line that stood before all of these
    last: Tune | None = None  #: a line that stands after all of these
    floor_beats: float = 0.0  #: nothing sounds before: the beginning of the song or of what is written anew
    tunes: dict[tuple[int, int], Tune] = field(default_factory=dict[tuple[int, int], Tune])  #: by section and line
    by_letter: dict[tuple[str, str], Tune] = field(default_factory=dict[tuple[str, str], Tune])  #: by kind and letter
    by_number: dict[tuple[str, int], Tune] = field(default_factory=dict[tuple[str, int], Tune])  #: by kind and line
    by_text: dict[tuple[str, str], Tune] = field(default_factory=dict[tuple[str, str], Tune])  #: by kind and words

    def copy(self) -> Memory:
        """Another memory of the same."""
        return replace(
            self,
            tunes=dict(self.tunes),
            by_letter=dict(self.by_letter),
            by_number=dict(self.by_number),
            by_text=dict(self.by_text),
        )

    def keep(self, tune: Tune) -> None:
        """Remember a tune; the first of its kind stays the model."""
        slot = tune.slot
        self.tunes[slot.section, slot.number] = tune
        self.by_letter.setdefault((slot.kind, slot.letter), tune)
        self.by_number.setdefault((slot.kind, slot.number), tune)
        if slot.text:
            self.by_text.setdefault((slot.kind, slot.text), tune)


def beatables(line: LyricLine) -> tuple[Beatable, ...]:
    """The syllables of a line, as rhythm sees them."""
    out: list[Beatable] = []
    for w, word in enumerate(line.words):
        pause = word.text[-1:] in PAUSES and w + 1 < len(line.words)
        last = len(word.syllables) - 1
        for s, syllable in enumerate(word.syllables):
            out.append(Beatable(w, s, syllable.stress, s == 0, pause and s == last))
    return tuple(out)


ENERGY: Mapping[SectionKind, float] = {
    "intro": 0.45,
    "verse": 0.5,
    "prechorus": 0.65,
    "chorus": 0.9,
    "postchorus": 0.85,
    "bridge": 0.6,
    "solo": 0.85,
    "break": 0.3,
    "build": 0.7,
    "drop": 1.0,
    "rap": 0.6,
    "outro": 0.5,
}
