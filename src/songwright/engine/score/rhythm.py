"""Rhythm: when each syllable of a line begins, by dynamic programming over the steps of its bars.

Conventions
    Positions are steps from the start of the line's first bar (negative = pickup); a step is `1 / steps_per_beat` beat.
    The gain of a syllable at a step: metrical weight times what its stress deserves, anticipation by the style, how the
    gap before it compares with the wished one, how usual that gap is in the style's rhythm cells, the cells laid over
    the line, and the motif's own onsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from songwright.engine.score.cells import MAX_GAP_STEPS, NO_PATTERN, Pattern
from songwright.engine.score.sketch import Beatable
from songwright.engine.theory import Metre

Start = Literal["pickup", "on", "late"]
_STRESS_GAIN = (-0.9, 0.35, 1.0)
_STRESS_LENGTH = (0.84, 1.0, 1.15)
_NOISE = 0.16
_ACCENT_WEIGHT = 1.7  #: metrical weight of a step between beats on which the cell wants a stress
_ON_CELL, _OFF_CELL = 0.5, -0.4
_RHYME = 3.0  #: the last syllable of a rapped line on the last beat of a bar
_CLIPPED = 0.8  #: a stressed syllable between beats that does not ring over the next one
_CELL_GAP = 0.22  #: weight of the cells' ln-likelihood of a gap
_SYNC_WITH_CELL = 0.5  #: cells syncopate by themselves: share of the general anticipation that is left
_NEVER = -1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmAim:
    """What a rhythm should be like."""

    start: Start
    density: float  #: wished gap as a share of the even one
    sync: float
    long: float
    least_gap: int = 1  #: steps
    earliest: int = -99  #: no onset before this step
    latest: int = 9999  #: no onset after this step
    motif: frozenset[int] = frozenset()  #: steps where a related line has onsets
    pattern: Pattern = NO_PATTERN  #: the style's cells laid over the line
    usual_gaps: NDArray[np.float64] | None = None  #: see `cells.gap_prior`
    pull: float = 1.0  #: how strongly the cells pull, 1 = usual
    strict: float = 1.0  #: multiplies what an unstressed syllable loses on a beat
    rap: bool = False


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Onsets in steps, and what they were worth."""

    onsets: tuple[int, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class _Room:
    """The steps a line may use: positions `low..last`, `bars` long with `total` steps."""

    low: int
    last: int
    total: int
    bar: int


def _room(syllables: Sequence[Beatable], metre: Metre, bars: int, aim: RhythmAim) -> _Room | None:
    n, bar, beat = len(syllables), metre.steps_per_bar, metre.steps_per_beat
    total = bars * bar
    breath = beat if aim.rap else max(beat, int(0.16 * total))
    last = total - breath
    if (n - 1) * aim.least_gap > last - 1:
        last = total - beat
    last = min(last, aim.latest)
    low = {"pickup": -_leading_unstressed(syllables) * aim.least_gap, "on": 0, "late": max(1, beat // 2)}[aim.start]
    low = max(low, -beat * min(2, metre.beats_per_bar - 1), aim.earliest)
    if low + (n - 1) * aim.least_gap > last:
        low = max(last - (n - 1) * aim.least_gap, aim.earliest, -beat)
    if low + (n - 1) * aim.least_gap > last:
        last = min(low + (n - 1) * aim.least_gap, aim.latest, total - 1)
    return _Room(low, last, total, bar) if low + (n - 1) * aim.least_gap <= last else None


def _leading_unstressed(syllables: Sequence[Beatable]) -> int:
    count = 0
    while count < min(3, len(syllables) - 2) and syllables[count].stress == 0:
        count += 1
    return count


def draw_rhythm(
    syllables: Sequence[Beatable], metre: Metre, bars: int, aim: RhythmAim, rng: np.random.Generator
) -> Rhythm | None:
    """The best rhythm for one line, blurred by a little noise; None where the syllables do not fit."""
    room = _room(syllables, metre, bars, aim)
    if room is None:
        return None
    n = len(syllables)
    steps = np.arange(room.low, room.last + 1)
    places = _place_gains(syllables, metre, steps, room, aim) + rng.normal(0, _NOISE, (n, len(steps)))
    average = min((room.last - max(room.low, 0)) / max(n, 1) * aim.density, room.bar / 2.2)
    reach = min(max(int(0.75 * room.bar), int(2.2 * average)) + 1, max(len(steps) - 1, 1))
    score = places[0] + _start_gain(syllables, steps, room, aim)
    usual = _usual(metre, steps, reach, aim)
    ringing, clipped = _ringing(metre, steps, reach)
    back: list[NDArray[np.intp]] = []
    rows = np.arange(len(steps))
    windows = rows[:, None] + np.arange(reach)[None, :]
    for i in range(1, n):
        gaps = _gap_gain(syllables[i - 1], syllables[i], average, reach, aim, metre.steps_per_beat)
        padded = np.concatenate([np.full(reach, _NEVER), score])
        options = padded[windows] + gaps[::-1] + usual
        if syllables[i - 1].stress == 0:
            options = options - 0.9 * ringing
        elif syllables[i - 1].stress == 2:
            options = options - _CLIPPED * clipped
        choice = options.argmax(axis=1)
        back.append(reach - choice)
        score = options[rows, choice] + places[i]
        score[steps > room.last - (n - 1 - i) * aim.least_gap] += _NEVER
    at = int(score.argmax())
    gain = float(score[at])
    if gain < _NEVER / 2:
        return None
    path = [at]
    for gap in reversed(back):
        path.append(path[-1] - int(gap[path[-1]]))
    return Rhythm(tuple(int(steps[i]) for i in reversed(path)), gain)


def _place_gains(
    syllables: Sequence[Beatable], metre: Metre, steps: NDArray[np.int_], room: _Room, aim: RhythmAim
) -> NDArray[np.float64]:
    """Gain of each syllable at each step, shape [syllables, steps]."""
    bar_weights = np.array(metre.weights())
    weight = bar_weights[steps % room.bar]
    ahead = max(1, metre.steps_per_beat // 2)
    next_beat = bar_weights[(steps + ahead) % room.bar]
    sync = aim.sync * (_SYNC_WITH_CELL if aim.pattern.onsets else 1.0)
    anticipates = np.where((weight < 1) & (next_beat >= 2), 2.6 * sync, 0.0)
    weight, on_cell = _with_cells(weight, steps, aim, metre.steps_per_beat)
    motif = np.zeros(len(steps))
    if aim.motif:
        motif = np.where(_marked(steps, aim.motif), 0.9, -0.25)
    deserved = (_STRESS_GAIN[0] * aim.strict, *_STRESS_GAIN[1:])
    rows = [
        deserved[s.stress] * weight + (anticipates if s.stress == 2 else 0.0) + motif + on_cell[min(s.stress, 1)]
        for s in syllables
    ]
    left = room.total - steps
    rows[-1] = rows[-1] + 0.5 * weight + np.where(left >= 0.35 * room.bar, 0.5, -0.5)
    rows[-1] = rows[-1] - 0.15 * np.maximum(0, room.last - steps - 0.5 * room.bar)
    if aim.rap:  # the rhyme falls on the last beat of the bar
        rows[-1] = rows[-1] + np.where(steps % room.bar == room.bar - metre.steps_per_beat, _RHYME, 0.0)
    return np.stack(rows)


def _start_gain(
    syllables: Sequence[Beatable], steps: NDArray[np.int_], room: _Room, aim: RhythmAim
) -> NDArray[np.float64]:
    gain = np.where(steps <= room.low + int(room.bar * 0.55), 0.0, _NEVER)
    if aim.start == "on":
        gain = gain - 0.35 * np.abs(steps - max(room.low, 0))
    if room.low < 0 and syllables[0].stress == 0:
        gain = gain - np.where(steps != room.low, 1.0, 0.0)
    return gain


def _gap_gain(
    before: Beatable, after: Beatable, average: float, reach: int, aim: RhythmAim, beat: int
) -> NDArray[np.float64]:
    """Gain of each gap 1..reach between two neighbouring syllables."""
    gap = np.arange(1, reach + 1, dtype=np.float64)
    wish = average * _STRESS_LENGTH[before.stress] * (1.7 if before.pause_after else 1.0)
    if before.stress == 0 and not before.pause_after:
        wish = min(wish, max(0.75 * beat, 0.7 * average))  # in a slow line the stressed syllables are the long ones
    gain = -0.8 * np.log2(gap / wish) ** 2
    gain += np.where(gap < aim.least_gap, _NEVER, 0.0)
    if before.stress == 2:
        gain += np.where(gap > average, 0.35, 0.0)
        if after.starts_word:
            gain += np.where(gap > average * 1.5, 0.2 * aim.long, 0.0)
    if before.stress == 0 and not before.pause_after:
        gain -= np.where(gap > average * 1.6, 0.9, 0.0)
    if not after.starts_word:
        gain -= np.where(gap > average * 1.8, 0.6, 0.0)  # a word is not torn apart
    return gain


def _marked(steps: NDArray[np.int_], chosen: frozenset[int]) -> NDArray[np.bool_]:
    return np.array([step in chosen for step in steps.tolist()])


def _with_cells(
    weight: NDArray[np.float64], steps: NDArray[np.int_], aim: RhythmAim, beat: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metrical weights with the cells' accents; what an unstressed and a stressed syllable gain for being on a cell.

    An unstressed one gains nothing on a beat: the beats are kept for stress.
    """
    if not aim.pattern.onsets:
        return weight, np.zeros((2, len(steps)))
    inside = steps >= 0
    accent = _marked(steps, aim.pattern.accents)
    raised = weight + np.where(accent, np.maximum(_ACCENT_WEIGHT - weight, 0.0) * min(aim.pull, 1.2), 0.0)
    gain = np.where(_marked(steps, aim.pattern.onsets), _ON_CELL, _OFF_CELL) * aim.pull
    gain = np.where(inside, gain, 0.0)
    return raised, np.stack([np.where(steps % beat == 0, np.minimum(gain, 0.0), gain), gain])


def _usual(metre: Metre, steps: NDArray[np.int_], reach: int, aim: RhythmAim) -> NDArray[np.float64] | float:
    """How usual each gap is that ends at each step, shape [steps, reach], widest gap first."""
    if aim.usual_gaps is None:
        return 0.0
    gaps = np.arange(reach, 0, -1)
    came_from = (steps[:, None] - gaps[None, :]) % metre.steps_per_bar
    return _CELL_GAP * aim.pull * aim.usual_gaps[came_from, np.minimum(gaps, MAX_GAP_STEPS)[None, :]]


def _ringing(metre: Metre, steps: NDArray[np.int_], reach: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a note between beats rings over the next beat, or is cut before it, by where the following begins and
    after which gap."""
    beat = metre.steps_per_beat
    gaps = np.arange(reach, 0, -1)
    came_from = steps[:, None] - gaps[None, :]
    left = (-came_from) % beat
    over = gaps[None, :] >= left + 0.4 * beat
    return (left > 0) & over, (left > 0) & ~over


def note_lengths(onsets: Sequence[int], metre: Metre, bars: int, syllables: Sequence[Beatable]) -> list[float]:
    """Length of each note in beats: to the next onset, at most two and a half; a quarter-beat breath at commas.

    The last one is held up to three beats, an unstressed last one up to two.
    """
    longest = 3.0 if syllables[-1].stress else 2.0
    beat = metre.steps_per_beat
    out: list[float] = []
    for i, onset in enumerate(onsets):
        if i + 1 < len(onsets):
            gap = (onsets[i + 1] - onset) / beat
            breath = 0.25 if syllables[i].pause_after and gap >= 0.75 else 0.0
            out.append(min(gap - breath, 2.5))
        else:
            room = (bars * metre.steps_per_bar - onset) / beat
            out.append(min(max(1.5, room - 0.5), longest, max(room, 0.25)))
    return out
