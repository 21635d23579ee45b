"""What is fixed for the whole song before the first note: scale, harmony, the singer's window and the style's manner.

Conventions
    Heights are scale indices. The verse lies low in the window, the chorus `lift` above it, and the top of the window
    is kept for one climax. Intervals in semitones become scale steps by 7/12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from songwright.engine.material import SectionKind, Style
from songwright.engine.score.cells import Family, families_of
from songwright.engine.score.density import finest_steps, is_compound, least_gap_steps
from songwright.engine.score.harmony import Harmony
from songwright.engine.score.pitch import PitchModel, Taste
from songwright.engine.theory import Metre, Scale

LEAST_LIFT_SEMITONES = 4.4
LEAST_REACH_SEMITONES = 5  #: a voice with less than this below the headroom sings up to its own top
LEAST_SPAN_SEMITONES, MOST_SPAN_SEMITONES = 13, 17
FAVOURITE_CELLS = 3
PULLS = (0.1, 1.0, 2.2)  #: of the style's rhythm cells, at style_weight 0, 0.5 and 1
MOST_REPEATED = 0.27  #: style wishes for repeated notes are capped here, so that lines stay under the product's limit
CONTOURS: Mapping[str, tuple[float, ...]] = {
    "arch": (0, 2, 3.2, 1.2),
    "rise_fall": (0, 1, 4, 1),
    "descent": (3, 2, 0.8, -1),
    "flat_rise": (0, 0, 1, 3),
    "wave": (1, 3, 0, 2),
    "question_answer": (0, 1, 2, 2.6),
    "call_response": (2, 3, 1, 0),
    "chant": (1, 1.6, 0.6, 1),
    "flat": (0, 0.8, 0.2, 0),
}
OPPOSITE: Mapping[str, str] = {
    "arch": "call_response",
    "rise_fall": "descent",
    "descent": "flat_rise",
    "flat_rise": "descent",
    "wave": "arch",
    "question_answer": "descent",
    "call_response": "arch",
    "chant": "wave",
    "flat": "rise_fall",
}
_HIGH: frozenset[SectionKind] = frozenset(("chorus", "postchorus", "drop"))


@dataclass(frozen=True, slots=True)
class Reach:
    """What a singer or an instrument can take: comfortable scale indices, and the notes at the very ends (MIDI)."""

    window: tuple[int, ...]
    low_midi: int
    high_midi: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The ground a song's tunes stand on."""

    style: Style
    scale: Scale
    harmony: Harmony
    bpm: float
    window: tuple[int, ...]
    limits: tuple[int, int]  #: lowest and highest note of the voice, in semitones above scale index 0
    model: PitchModel
    verse_base: float
    chorus_base: float
    amplitude: float
    lifts: bool
    contours: tuple[str, ...]  #: the style's, this take's favourite first
    weak_degrees: frozenset[int]
    blue: bool
    families: tuple[Family, ...]  #: the rhythm cells it sings from
    rap_families: tuple[Family, ...]
    favourites: tuple[float, ...]  #: which of the cells this song likes, 0..1 each
    pull: float  #: how strongly cells draw the rhythm; follows style_weight
    strict: float  #: how strongly unstressed syllables keep off the beats, 1 = usual

    @property
    def bar(self) -> int:
        """Beats in a bar."""
        return self.style.beats_per_bar

    def holds(self, midis: Sequence[int]) -> bool:
        """Whether the voice reaches all these notes, before and after a change of key."""
        low, high = (self.scale.tonic_pc + limit for limit in self.limits)
        return all(low <= midi <= high for midi in midis)

    def is_high(self, kind: SectionKind) -> bool:
        """Whether a section is sung at chorus height."""
        return kind in _HIGH

    def base(self, kind: SectionKind) -> float:
        """Height of a section."""
        if self.is_high(kind):
            return self.chorus_base
        if kind in ("prechorus", "bridge", "build"):
            return (self.verse_base + self.chorus_base) / 2 + (0.5 if kind == "bridge" else 0)
        return self.verse_base

    def ceiling(self, kind: SectionKind) -> int:
        """Highest welcome index of a section."""
        if not self.lifts:
            return self.window[-1]
        reach = 4.6 if self.is_high(kind) else 3.8
        top = round(self.base(kind) + reach * max(self.amplitude, 0.8))
        return min(top, self.window[-1] if self.is_high(kind) else self.window[-1] - 1)

    def heights(self, kind: SectionKind) -> tuple[float, float]:
        """The band in which the mean of a line should lie, so that the chorus lifts off the verse."""
        base = self.base(kind)
        if not self.lifts:
            return self.window[0], self.window[-1]
        return (base + 0.9, base + 4.5) if self.is_high(kind) else (base - 0.5, base + 2.1)

    def metre(self, syllables: int, bars: int, *, rap: bool = False) -> Metre:
        """The grid of a line: the style's own, finer where the words are many."""
        fine = rap or self.style.melody.grid == 16 or any(f.on_sixteenths for f in self.families)
        usual = 3 if is_compound(self.style) else 4 if fine else 2
        finest = finest_steps(self.style, self.bpm, rap=rap)
        usual = min(usual, finest)
        room_beats = bars * self.bar - max(1.0, 0.16 * bars * self.bar)
        gap = least_gap_steps(usual, self.bpm, rap=rap) / usual
        dense = syllables * gap > 0.85 * room_beats
        return Metre(self.bar, finest if dense else usual)

    def least_gap(self, metre: Metre, *, rap: bool = False) -> int:
        """Smallest distance of onsets in steps of that grid."""
        return least_gap_steps(metre.steps_per_beat, self.bpm, rap=rap)


def make_setting(
    style: Style,
    harmony: Harmony,
    bpm: float,
    reach: Reach,
    *,
    weirdness: float,
    style_weight: float,
    take: int,
    lifts: bool,
    press: int,
    rng: np.random.Generator,
) -> Setting:
    """Heights, contours and taste for what a voice reaches; `lifts` where the song has both low and high sections.

    Each redraw (`press`) keeps the verse a little lower, so that the chorus stands out more, moves more widely and is
    stricter about stresses and notes outside the chord.
    """
    scale, window = harmony.scale, reach.window
    spread = len(window) - 1
    lift = max(style.melody.lift_semitones, LEAST_LIFT_SEMITONES) * 7 / 12
    verse = window[0] + max(0.4, min(1.6, 0.18 * spread) - 0.35 * press)
    contours = tuple(c for c in style.melody.contours if c in CONTOURS) or ("arch",)
    turn = (take + int(rng.integers(len(contours)))) % len(contours)
    return Setting(
        style=style,
        scale=scale,
        harmony=harmony,
        bpm=bpm,
        window=window,
        limits=(reach.low_midi - scale.tonic_pc, reach.high_midi - scale.tonic_pc),
        model=PitchModel(window, scale.steps, _taste(style, weirdness, press)),
        verse_base=verse,
        chorus_base=min(verse + lift, window[-1] - 3.5) if lifts else verse,
        amplitude=min(1.15, spread / 8) * (1.0 if lifts else 1.2) * (1 + 0.08 * press),
        lifts=lifts,
        contours=contours[turn:] + contours[:turn],
        weak_degrees=_weak_degrees(style, scale),
        blue=scale.mode == "blues" or style.melody.blue >= 0.3,
        families=families_of(style),
        rap_families=families_of(style, rap=True),
        favourites=tuple(float(x) for x in rng.random(FAVOURITE_CELLS)),
        pull=float(np.interp(style_weight, (0, 0.5, 1), PULLS)),
        strict=1 + 0.4 * press,
    )


def _taste(style: Style, weirdness: float, press: int) -> Taste:
    """0.5 is neutral; 0 stays with what most songs do, 1 leaps and wanders."""
    w = float(np.clip(weirdness, 0, 1)) - 0.5
    rep = min(style.melody.rep, MOST_REPEATED) - 0.06 * w
    leap = 0.0 - 0.25 * (style.melody.leap - 0.12) - 0.12 * w - 0.1 * press
    expected, noise = 0.72 * 2 ** (-1.6 * w - 0.2 * press), 0.28 * 2 ** (1.2 * w)
    return Taste(expected=expected, leap=leap, noise=noise, rep=rep, strict=1 + 0.4 * press)


def _weak_degrees(style: Style, scale: Scale) -> frozenset[int]:
    """Degrees the style's scale avoids."""
    name = style.melody.scale
    if "plus_4_7" in name:
        return frozenset({5} if scale.is_minor else {3})
    if "pentatonic" in name:
        return frozenset({1, 5} if scale.is_minor else {3, 6})
    return frozenset()


def voice_reach(scale: Scale, voice_range: tuple[int, int], span_semitones: int, headroom: int) -> Reach:
    """A comfortable window in the middle of the voice, `headroom` semitones free for a change of key.

    A voice too narrow for that keeps its own range.
    """
    low, high = voice_range[0], voice_range[1] - headroom
    if high - low < LEAST_REACH_SEMITONES:
        high = voice_range[1]
    span = min(max(span_semitones + 1, LEAST_SPAN_SEMITONES), MOST_SPAN_SEMITONES, high - low)
    bottom = low + (high - low - span) // 2
    return Reach(scale.indices(bottom, bottom + span), low, high)
