"""Pitch: the notes of a line by a second-order Viterbi search over scale indices, many draws at once.

Conventions
    A draw is one blurred solution of the same line. Arrays are [draws, notes, K] or [notes, K], K = scale indices of
    the singer's window, lowest first. Costs are in nats-like units; the state is (previous note, current note), so
    that a leap can be answered and a repetition broken off. Weights follow the measurements that came with the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from songwright.engine.score.statistics import MAX_STEP, NO_HISTORY, step_surprise
from songwright.engine.theory import ChordSpec

Floats = NDArray[np.float64]

_CONTOUR, _CONTOUR_SQUARED = 0.28, 0.05
_NON_CHORD_STRONG, _NON_CHORD_WEAK, _NON_CHORD_BY_LEAP = 2.3, 0.5, 1.25
_COLOUR_STRONG, _AVOID = 0.35, 0.5
_OUTSIDE_PENTATONIC = 0.65
_REPEAT, _REPEAT_STYLE, _REPEAT_THIRD = 0.10, 2.2, 1.7
_RECOVERED, _SAME_WAY = -0.45, 1.6
_STRESS_RISE = 0.30
_TRITONE_OR_SEVENTH, _BEYOND_OCTAVE = 3.0, 6.0
_CADENCE, _CADENCE_CHORD = 2.6, 0.8
_ABOVE_PEAK, _CLIMAX_AWAY, _PEAK_RESERVED = 1.6, 1.3, 1.4
_MOTIF, _MODEL = 0.95, 1.3
_UNREACHABLE = 1e6  #: no melody leaves the voice


@dataclass(frozen=True, slots=True)
class Taste:
    """How adventurous a tune may be; follows style and weirdness."""

    expected: float = 0.72  #: weight of the statistics of real songs
    leap: float = 0.07  #: cost of each step above a third
    noise: float = 0.28
    rep: float = 0.2  #: wished share of repeated notes
    strict: float = 1.0  #: multiplies the cost of leaping into and out of notes outside the chord


@dataclass(frozen=True, slots=True)
class ChordView:
    """A chord seen from the scale: how it bends each index, and what each index is to it (all of length K)."""

    shift: NDArray[np.int_]  #: semitones the index is bent by
    tone: NDArray[np.bool_]
    colour: NDArray[np.bool_]
    avoid: NDArray[np.bool_]  #: a semitone above a chord tone
    outside: NDArray[np.bool_]  #: beyond what the voice reaches


@lru_cache(maxsize=4096)
def chord_view(
    chord: ChordSpec, steps: tuple[int, ...], window: tuple[int, ...], blue: bool, limits: tuple[int, int]
) -> ChordView:
    """The scale bends to the chord's altered notes: over `II7` the fourth degree is raised, over `iv` the sixth falls.

    In blue styles the minor third and seventh stay as they are over major chords, and count as its colour. `limits` are
    the lowest and highest note of the voice, in semitones above scale index 0.
    """
    bend = dict.fromkeys(range(7), 0)
    for letter, pc in chord.letters:
        by = (pc - steps[letter] + 6) % 12 - 6
        if abs(by) == 1 and not (blue and by == 1 and letter in (2, 6)):
            bend[letter] = by
    pcs = [(steps[i % 7] + bend[i % 7]) % 12 for i in window]
    heights = [12 * (i // 7) + steps[i % 7] + bend[i % 7] for i in window]
    tones = set(chord.degrees)
    if blue and 4 in chord.intervals:
        tones.add((chord.root + 3) % 12)
    colours = set(chord.degrees[3:]) | (tones - set(chord.degrees))
    triad = chord.degrees[:3]
    return ChordView(
        shift=np.array([bend[i % 7] for i in window]),
        tone=np.array([pc in tones for pc in pcs]),
        colour=np.array([pc in colours for pc in pcs]),
        avoid=np.array([pc not in tones and any((pc - t) % 12 == 1 for t in triad) for pc in pcs]),
        outside=np.array([not limits[0] <= h <= limits[1] for h in heights]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchTask:
    """One line, ready for its notes. Lists are one value a note unless said otherwise."""

    views: tuple[ChordView, ...]
    strengths: tuple[int, ...]  #: metrical 0, 1, 2
    weighty: tuple[bool, ...]  #: strong, long or last: wants a chord tone
    short: tuple[bool, ...]  #: follows its predecessor within half a beat
    stresses: tuple[int, ...]
    goals: Floats  #: wished scale index, [draws, notes]
    peak: int  #: highest welcome index
    cadence: frozenset[int]  #: welcome degrees (0..6) of the last note
    last_views: tuple[ChordView, ...] = ()  #: the chords under the last note wherever the line comes again
    weak_degrees: frozenset[int] = frozenset()  #: degrees outside the style's pentatonic
    climax: int | None = None  #: the note that takes the peak
    motif: tuple[int | None, ...] = ()  #: wished step into each note
    model: Mapping[int, int] = field(default_factory=dict[int, int])  #: note -> wished index
    previous: int | None = None  #: last index of the line before


class PitchModel:
    """Transition costs of one song, prepared once."""

    def __init__(self, window: tuple[int, ...], steps: tuple[int, ...], taste: Taste) -> None:
        self.window = np.array(window)
        self.taste = taste
        move = self.window[None, :] - self.window[:, None]
        self.move = move
        semitones = np.array([12 * (i // 7) + steps[i % 7] for i in window])
        width = np.abs(semitones[None, :] - semitones[:, None])
        self._harsh = np.where(np.isin(width, (6, 10, 11)), _TRITONE_OR_SEVENTH, 0.0)
        self._harsh += np.where(width > 12, _BEYOND_OCTAVE, 0.0)
        self._first = {(s, q): self._from_history(s, q, None) for s in range(3) for q in (False, True)}
        self._chord_costs: dict[tuple[int, bool, frozenset[int]], tuple[ChordView, Floats]] = {}
        self._next = {(s, q): self._all_histories(s, q) for s in range(3) for q in (False, True)}

    def _from_history(self, strength: int, short: bool, before: int | None) -> Floats:
        """Cost of each move [from, to] after the step `before`."""
        move, size = self.move, np.abs(self.move)
        row = NO_HISTORY if before is None else before + MAX_STEP
        cost = self.taste.expected * step_surprise()[strength, row][np.clip(move, -MAX_STEP, MAX_STEP) + MAX_STEP]
        leap = self.taste.leap * (size - 2) * (1.3 if short else 0.7)
        cost = cost + self._harsh + np.where(size >= 3, leap, 0.0)
        again = _REPEAT - _REPEAT_STYLE * (self.taste.rep - 0.2) + (_REPEAT_THIRD if before == 0 else 0.0)
        cost = cost + np.where(move == 0, again, 0.0)
        if before is not None and abs(before) >= 3:
            answered = (move * before < 0) & (size <= 2)
            cost = cost + np.where(answered, _RECOVERED, np.where(move * before > 0, _SAME_WAY, 0.0))
        return cost

    def _all_histories(self, strength: int, short: bool) -> Floats:
        """Cost [a, b, c] of going to c after the move a -> b."""
        tables = np.stack([self._from_history(strength, short, h) for h in range(-MAX_STEP, MAX_STEP + 1)])
        history = np.clip(self.move, -MAX_STEP, MAX_STEP) + MAX_STEP
        return tables[history, np.arange(len(self.window))[None, :], :]

    def draw(self, task: PitchTask, rng: np.random.Generator) -> tuple[NDArray[np.int_], Floats]:
        """Scale indices [draws, notes] and the cost per note of each draw."""
        unary = self._unary(task, rng)
        draws, notes, _ = unary.shape
        if notes == 1:
            at = unary[:, 0, :].argmin(axis=1)
            return self.window[at][:, None], unary[np.arange(draws), 0, at]
        start = unary[:, 0, :] + self._from_previous(task)[None, :]
        step = self._first[task.strengths[1], task.short[1]] + self._step_cost(task, 1)
        score = start[:, :, None] + step[None] + unary[:, 1, None, :]
        back: list[NDArray[np.intp]] = []
        for i in range(2, notes):
            step = self._next[task.strengths[i], task.short[i]] + self._step_cost(task, i)[None]
            options = score[:, :, :, None] + step[None]
            best = options.argmin(axis=1)
            back.append(best)
            score = np.take_along_axis(options, best[:, None], axis=1)[:, 0] + unary[:, i, None, :]
        return self._traced(score, back, notes)

    def _traced(self, score: Floats, back: list[NDArray[np.intp]], notes: int) -> tuple[NDArray[np.int_], Floats]:
        draws, k = score.shape[0], score.shape[2]
        flat = score.reshape(draws, -1)
        end = flat.argmin(axis=1)
        rows = np.arange(draws)
        path = [end % k, end // k]
        for best in reversed(back):
            path.append(best[rows, path[-1], path[-2]])
        return self.window[np.stack(path[::-1], axis=1)], flat[rows, end] / notes

    def _unary(self, task: PitchTask, rng: np.random.Generator) -> Floats:
        """What each index costs at each note by itself, [draws, notes, K]."""
        x = self.window
        fit = np.stack([self._chord_cost(v, w, task) for v, w in zip(task.views, task.weighty, strict=True)])
        above = np.maximum(x - task.peak, 0) * _ABOVE_PEAK
        fit += above[None, :]
        if task.climax is not None:
            fit += np.where(x >= task.peak, _PEAK_RESERVED, 0.0)[None, :]
            fit[task.climax] += np.abs(x - task.peak) * _CLIMAX_AWAY - np.where(x >= task.peak, _PEAK_RESERVED, 0.0)
        for note, index in task.model.items():
            fit[note] += _MODEL * np.minimum(np.abs(x - index), 3)
        fit[-1] += self._cadence_cost(task)
        away = x[None, None, :] - task.goals[:, :, None]
        cost = fit[None] + _CONTOUR * np.abs(away) + _CONTOUR_SQUARED * away**2
        return cost + rng.normal(0, self.taste.noise, cost.shape)

    def _chord_cost(self, view: ChordView, weighty: bool, task: PitchTask) -> Floats:
        """What each index costs over a chord; kept, since songs have few chords."""
        key = (id(view), weighty, task.weak_degrees)
        known = self._chord_costs.get(key)
        if known is None or known[0] is not view:
            known = self._chord_costs[key] = (view, self._new_chord_cost(view, weighty, task))
        return known[1]

    def _new_chord_cost(self, view: ChordView, weighty: bool, task: PitchTask) -> Floats:
        cost = np.where(view.tone, 0.0, _NON_CHORD_STRONG if weighty else _NON_CHORD_WEAK)
        cost = cost + np.where(view.outside, _UNREACHABLE, 0.0)
        cost = cost + np.where(view.avoid, _AVOID * (2 if weighty else 1), 0.0)
        if weighty:
            cost = cost + np.where(view.colour, _COLOUR_STRONG, 0.0)
        if task.weak_degrees:
            outside = np.isin(self.window % 7, list(task.weak_degrees))
            share = (0.5 if weighty else 1.0) * np.where(view.tone, 0.4, 1.0)
            cost = cost + np.where(outside, _OUTSIDE_PENTATONIC * share, 0.0)
        return cost

    def _cadence_cost(self, task: PitchTask) -> Floats:
        tone = task.views[-1].tone & ~task.views[-1].colour
        everywhere = np.logical_and.reduce([tone, *(view.tone for view in task.last_views)])
        tone = everywhere if everywhere.any() else tone
        welcome = np.isin(self.window % 7, list(task.cadence)) & tone
        if not welcome.any():
            welcome = tone
        return np.where(welcome, 0.0, np.where(tone, _CADENCE_CHORD, _CADENCE))

    def _from_previous(self, task: PitchTask) -> Floats:
        if task.previous is None:
            return np.zeros(len(self.window))
        away = np.abs(self.window - task.previous)
        return 0.22 * np.maximum(0, away - 2) + np.where(away > 7, 2.0, 0.0)

    def _step_cost(self, task: PitchTask, i: int) -> Floats:
        """Costs of the move into note `i` that depend on this line, [from, to]."""
        move, size = self.move, np.abs(self.move)
        into = ~task.views[i].tone
        out_of = ~task.views[i - 1].tone
        cost = np.where(into[None, :] & (size > 1), _NON_CHORD_BY_LEAP * self.taste.strict, 0.0)
        left = np.where(move == 0, 0.8, 1.0) * _NON_CHORD_BY_LEAP * self.taste.strict
        cost = cost + np.where(out_of[:, None] & (size != 1), left, 0.0)
        if task.stresses[i] == 2 and task.stresses[i - 1] == 0:
            cost = cost - np.sign(move) * _STRESS_RISE
        if task.stresses[i] < 2 and task.short[i]:
            cost = cost - np.where(move == 0, 0.35, 0.0)
        if i < len(task.motif):
            wished = task.motif[i]
            if wished is not None:
                cost = cost + _MOTIF * np.minimum(np.abs(move - wished), 3)
        return cost
