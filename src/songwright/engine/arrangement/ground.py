"""What every player looks at: chords, key and voice at any time of the song.

Conventions
    Times in beats; a note that begins within `PUSH_BEATS` before a change of chord and sounds past it belongs to the
    coming chord. `Score.chords` already contain key changes; the scale here follows `Score.key_changes`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from songwright.engine.arrangement.drafts import EPSILON_BEATS
from songwright.engine.arrangement.passages import Passage, passages_of
from songwright.engine.material import Brief, Chord, Score, Style, stable_rng
from songwright.engine.theory import MODES

PUSH_BEATS = 0.5


@dataclass(frozen=True, slots=True)
class Ground:
    """Score, style and clip, with look-ups by time."""

    score: Score
    style: Style
    brief: Brief
    passages: tuple[Passage, ...]
    chord_starts: tuple[float, ...]
    vocals: tuple[tuple[float, float], ...]  #: (start, end) of every stretch the lead sings without a breath
    steps_per_beat: float = field(default=4.0)

    def rng(self, name: str) -> np.random.Generator:
        """A player's own randomness; who else plays does not change it."""
        return stable_rng("arrangement", name, self.brief.seed, self.brief.take)

    def chord_at(self, beats: float) -> Chord:
        """The chord that sounds."""
        at = bisect_right(self.chord_starts, beats + EPSILON_BEATS) - 1
        return self.score.chords[max(0, at)]

    def chord_for(self, start_beats: float, end_beats: float) -> Chord:
        """The chord a note belongs to: the coming one where the note pushes into it."""
        chord = self.chord_at(start_beats)
        change = chord.start_beats + chord.length_beats
        pushes = change - start_beats <= PUSH_BEATS + EPSILON_BEATS and end_beats > change + EPSILON_BEATS
        return self.chord_at(change) if pushes and change < self.score.length_beats else chord

    def next_change(self, beats: float) -> float:
        """When the next chord begins after a time."""
        chord = self.chord_at(beats)
        return chord.start_beats + chord.length_beats

    def tonic_at(self, beats: float) -> int:
        """The tonic's pitch class, after the changes of key so far."""
        moved = sum(semitones for start, semitones in self.score.key_changes if start <= beats + EPSILON_BEATS)
        return (self.score.tonic_pc + moved) % 12

    def scale_at(self, beats: float) -> frozenset[int]:
        """Pitch classes of the scale."""
        tonic = self.tonic_at(beats)
        return frozenset((tonic + step) % 12 for step in MODES.get(self.score.mode, MODES["major"]))

    def sings(self, start_beats: float, end_beats: float) -> bool:
        """Whether the lead sings within a stretch of time."""
        return any(start < end_beats and start_beats < end for start, end in self.vocals)

    def is_strong(self, beats: float) -> bool:
        """Whether a time is a beat of the bar."""
        return abs(beats - round(beats)) < 0.01


def ground_of(score: Score, style: Style, brief: Brief) -> Ground:
    """The ground the band stands on."""
    return Ground(
        score=score,
        style=style,
        brief=brief,
        passages=passages_of(score),
        chord_starts=tuple(chord.start_beats for chord in score.chords),
        vocals=_vocals(score),
        steps_per_beat=style.steps_per_bar / style.beats_per_bar,
    )


def _vocals(score: Score) -> tuple[tuple[float, float], ...]:
    """Sung stretches of the lead; breaths under a beat do not count as gaps."""
    spans = sorted(
        (line.notes[0].start_beats, line.notes[-1].start_beats + line.notes[-1].length_beats)
        for line in score.lines
        if line.role == "lead" and line.notes
    )
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start - merged[-1][1] < 1.0:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
