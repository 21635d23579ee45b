"""Gates: what a finished song must measure before it leaves the desk. What fails is mended, then drawn again.

Conventions
    Lead lines count, spoken ones too. Intervals are semitones inside lines, never across them. A syllable is *on a
    beat* when it begins on one, or begins at most half a beat earlier and rings over it (an anticipation). Pitches are
    those that sound, after a change of key. Gates with too few notes to mean anything are passed: a section is asked
    for its variety from `LINES_OF_A_SECTION` lines on, a song for its shape from `ENOUGH_NOTES` notes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from songwright.engine.score.merit import entropy_bits
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Slot, Tune
from songwright.engine.theory import Metre

ENOUGH_NOTES = 32
LINES_OF_A_SECTION = 4
LEFT_BY_STEP = 0.87  #: asked is 0.85; new chords under the last chorus can turn a passing note into one of theirs
Cure = Literal["pitch", "rhythm"]
_PROMISES = ("lines of few pitches", "repeated notes", "range")  #: of the product: each counts for ten of the others
_FAILED = 0.3  #: what a gate costs for being missed at all, beside by how much


@dataclass(frozen=True, slots=True)
class Check:
    """One gate: what was measured, the band it has to lie in, and the width that counts as one step away from it."""

    name: str
    value: float
    low: float
    high: float
    width: float
    cure: Cure = "pitch"
    section: int | None = None  #: the section it is about; None = the song
    is_hard: bool = True  #: else it is mended where lines can be, but no song is drawn again for it

    @property
    def away(self) -> float:
        """How far outside its band the value lies, in widths."""
        return max(self.low - self.value, self.value - self.high, 0.0) / self.width

    @property
    def told(self) -> str:
        """Name and value."""
        return f"{self.name} {self.value:.2f}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates need to know of one line."""

    slot: Slot
    midis: tuple[int, ...]  #: as they sound
    moves: tuple[int, ...]
    strong: tuple[bool, ...]  #: of notes on a main beat or long: chord tones
    left: tuple[bool, ...]  #: of notes outside the chord that go on: left by step
    ends_well: bool  #: the last note belongs to its chord
    heavy: tuple[bool, ...]  #: of stressed syllables: on a beat
    light: tuple[bool, ...]  #: of the others
    heavy_beats: float  #: their lengths together
    light_beats: float
    words: tuple[bool, ...]  #: of words of several syllables: the stress takes the strongest place


def facts_of(setting: Setting, tune: Tune) -> Facts:
    """Measure one line."""
    shift = setting.harmony.shift(tune.slot.start_beats)
    fit = chord_fit(setting, tune)
    beats = [on_beat(onset, length) for onset, length in zip(tune.onsets, tune.lengths, strict=True)]
    stressed = [s.stress == 2 for s in tune.slot.syllables]
    moves = tuple(b - a for a, b in pairwise(tune.midis))
    return Facts(
        slot=tune.slot,
        midis=tuple(m + shift for m in tune.midis),
        moves=moves,
        strong=tuple(tone for weighty, tone in fit if weighty),
        left=tuple(abs(move) in (1, 2) for (_, tone), move in zip(fit, moves, strict=False) if not tone),
        ends_well=fit[-1][1],
        heavy=tuple(hit for hit, s in zip(beats, stressed, strict=True) if s),
        light=tuple(hit for hit, s in zip(beats, stressed, strict=True) if not s),
        heavy_beats=sum(x for x, s in zip(tune.lengths, stressed, strict=True) if s),
        light_beats=sum(x for x, s in zip(tune.lengths, stressed, strict=True) if not s),
        words=tuple(word_stress(setting.bar, tune.slot, tune.onsets, tune.lengths)),
    )


def checks_of(setting: Setting, lines: Sequence[Facts]) -> list[Check]:
    """All gates of the lead lines, in order of time; backing lines are left out here."""
    lead = [f for f in lines if not f.slot.backing]
    if not lead:
        return []
    checks = [*_promised(lead), *_prosody(lead)]
    if sum(len(f.midis) for f in lead) >= ENOUGH_NOTES:
        checks += [*_shape(lead), *_harmony(lead), *_form(setting, lead), *_sections(lead)]
    return checks


def failed(checks: Iterable[Check]) -> list[Check]:
    """Those that lie outside their band."""
    return [c for c in checks if c.away > 1e-6]


def severity(checks: Iterable[Check]) -> float:
    """How bad the failed ones are together; 0 = every gate is passed."""
    return sum((10 if c.name in _PROMISES else 1) * (_FAILED + c.away) for c in failed(checks))


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


def _promised(lead: Sequence[Facts]) -> list[Check]:
    """The product's promises: they hold for the shortest song."""
    moves = [m for f in lead for m in f.moves]
    midis = [m for f in lead for m in f.midis]
    poor = sum(1 for f in lead if len(f.midis) >= 6 and len(set(f.midis)) < 4)
    checks = [Check("lines of few pitches", poor, 0, 0, 1)]
    if len(moves) >= 5:
        least = 0.08 if len(midis) >= ENOUGH_NOTES else 0.0
        checks.append(Check("repeated notes", moves.count(0) / len(moves), least, 0.35, 0.05))
    if len(midis) >= 12:
        checks.append(Check("range", max(midis) - min(midis), 9, 19, 2))
    return checks


def _prosody(lead: Sequence[Facts]) -> list[Check]:
    heavy = [hit for f in lead for hit in f.heavy]
    light = [hit for f in lead for hit in f.light]
    checks: list[Check] = []
    if len(heavy) >= 12 and len(light) >= 12:
        a, b = _share(heavy), _share(light)
        long = sum(f.heavy_beats for f in lead) / len(heavy)
        short = sum(f.light_beats for f in lead) / len(light)
        checks += [
            Check("stressed on beats", a, 0.85, 1, 0.05, "rhythm", is_hard=False),
            Check("unstressed on beats", b, 0, 0.45, 0.05, "rhythm", is_hard=False),
            Check("stressed minus unstressed", a - b, 0.35, 1, 0.05, "rhythm"),
            Check("length of stress", long / short, 1.3, 2.6, 0.2, "rhythm"),
        ]
    words = [hit for f in lead for hit in f.words]
    if words:
        checks.append(Check("word stress", _share(words), 0.9, 1, 0.05, "rhythm"))
    return checks


def _shape(lead: Sequence[Facts]) -> list[Check]:
    moves = [m for f in lead for m in f.moves]
    turning = [m for m in moves if m]
    turns = sum(1 for a, b in pairwise(turning) if a * b < 0) / max(len(turning) - 1, 1)
    leaps = sum(1 for m in moves if abs(m) >= 5) / len(moves)
    return [
        Check("longest run", max(_longest_run(f.moves) for f in lead), 1, 4, 1),
        Check("interval entropy", entropy_bits(moves), 2.5, 9, 0.1),
        Check("pitch entropy", entropy_bits(m for f in lead for m in f.midis), 2.15, 9, 0.1),
        Check("turns", turns, 0.29, 0.71, 0.05),
        Check("leaps", leaps, 0.03, 0.31, 0.02),
    ]


def _longest_run(moves: Sequence[int]) -> int:
    run = best = 1
    for move in moves:
        run = run + 1 if move == 0 else 1
        best = max(best, run)
    return best


def _harmony(lead: Sequence[Facts]) -> list[Check]:
    strong = [hit for f in lead for hit in f.strong]
    left = [hit for f in lead for hit in f.left]
    checks: list[Check] = []
    if strong:
        checks.append(Check("chord tones", _share(strong), 0.85, 1, 0.03))
    if left:
        checks.append(Check("left by step", _share(left), LEFT_BY_STEP, 1, 0.05))
    return checks


def _form(setting: Setting, lead: Sequence[Facts]) -> list[Check]:
    """Lift, peak and the ends of choruses."""
    verse = [f for f in lead if f.slot.kind == "verse"]
    chorus = [f for f in lead if f.slot.kind == "chorus"] or [f for f in lead if setting.is_high(f.slot.kind)]
    low, high = (
        [m - setting.harmony.shift(f.slot.start_beats) for f in lines for m in f.midis] for lines in (verse, chorus)
    )
    checks: list[Check] = []
    if low and high:
        checks.append(Check("chorus lift", sum(high) / len(high) - sum(low) / len(low), 2, 12, 0.5))
        checks.append(Check("verse above the chorus", max(low) - max(high), -24, 0, 2))
    ends = [a for a, b in zip(lead, [*lead[1:], None], strict=True) if b is None or b.slot.section != a.slot.section]
    for f in ends:
        if f.slot.kind == "chorus":
            checks.append(Check("chorus ends on a chord tone", float(f.ends_well), 1, 1, 1, section=f.slot.section))
    return checks


def _sections(lead: Sequence[Facts]) -> list[Check]:
    by_section: dict[int, list[Facts]] = {}
    for f in lead:
        by_section.setdefault(f.slot.section, []).append(f)
    return [
        Check("section entropy", entropy_bits(m for f in lines for m in f.moves), 2.3, 9, 0.1, section=section)
        for section, lines in by_section.items()
        if len(lines) >= LINES_OF_A_SECTION
    ]


def chord_fit(setting: Setting, tune: Tune) -> list[tuple[bool, bool]]:
    """(weighty, chord tone) of each note; an anticipation belongs to the chord of the beat it rings over.

    A pickup into a new key sounds in it already, over the last chord of the old one.
    """
    start = tune.slot.start_beats
    up = setting.harmony.shift(start)
    blue = setting.scale.mode == "blues"
    out: list[tuple[bool, bool]] = []
    for onset, length, midi in zip(tune.onsets, tune.lengths, tune.midis, strict=True):
        strength = strength_at(setting.bar, onset)
        at = math.ceil(onset) if strength == 0 and onset + length > math.ceil(onset + 1e-6) + 0.2 else onset
        at = max(0.0, start + at)
        chord = setting.harmony.at(at)
        degree = (midi + up - setting.harmony.shift(at) - setting.scale.tonic_pc) % 12
        tone = degree in chord.degrees or (blue and 4 in chord.intervals and degree == (chord.root + 3) % 12)
        out.append((strength == 2 or length >= 1.5, tone))
    return out


@lru_cache(maxsize=16)
def _beat_strengths(beats_per_bar: int) -> tuple[int, ...]:
    metre = Metre(beats_per_bar, 1)
    return tuple(max(1, metre.strength(beat)) for beat in range(beats_per_bar))


def strength_at(beats_per_bar: int, onset: float) -> int:
    """Metrical class of a position in beats: 2 on a main beat, 1 on another, 0 between."""
    if abs(onset - round(onset)) > 1e-6:
        return 0
    return _beat_strengths(beats_per_bar)[round(onset) % beats_per_bar]


def on_beat(onset: float, length: float) -> bool:
    """Whether a note is on a beat, or rings over one it anticipates."""
    if abs(onset - round(onset)) < 1e-6:
        return True
    beat = math.ceil(onset)
    return beat - onset <= 0.5 + 1e-6 and onset + length >= beat + 0.4


def word_stress(bar: int, slot: Slot, onsets: Sequence[float], lengths: Sequence[float]) -> list[bool]:
    """For each word of several syllables: does its main stress take its strongest position?

    An anticipation is as strong as the beat it rings over.
    """
    out: list[bool] = []
    words: dict[int, list[int]] = {}
    for i, s in enumerate(slot.syllables):
        words.setdefault(s.word, []).append(i)
    for members in words.values():
        stresses = [slot.syllables[i].stress for i in members]
        if len(members) < 2 or 2 not in stresses:
            continue
        force = [
            strength_at(bar, math.ceil(onsets[i] - 1e-6)) if on_beat(onsets[i], lengths[i]) else 0 for i in members
        ]
        out.append(force[stresses.index(2)] >= max(force))
    return out
