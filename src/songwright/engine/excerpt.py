"""Stretches of a song on paper, to be played and sung by themselves.

Conventions: beats and indices as in `material.paper`. An excerpt's time starts at its own beginning; its lines and
sections keep their indices, so that what was sung for a line of the song still finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from songwright.engine.material import Arrangement, Part, Score, Section, VocalLine

_EARLY_S, _LATE_S = 0.5, 0.6  #: breath and consonants before a line's first note, and what may ring after its last


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a bar line to a bar line; `lines` are those of the score that are heard in it."""

    start_beats: float
    end_beats: float
    lines: frozenset[int]


def stretches(score: Score, first_s: float, each_s: float) -> tuple[Stretch, ...]:
    """The song in stretches of whole bars: about `first_s` or what is before the first line, then about `each_s`."""
    bar = float(score.beats_per_bar)
    sung = min((_span(line)[0] for line in score.lines if line.notes), default=score.length_beats)
    before_voice = (sung - _beats(score, _EARLY_S)) // bar * bar
    first = max(bar, round(_beats(score, first_s) / bar) * bar)
    edges = [0.0, min(first, before_voice) if before_voice >= bar else first]
    step = max(bar, round(_beats(score, each_s) / bar) * bar)
    while edges[-1] + step < score.length_beats:
        edges.append(edges[-1] + step)
    edges[-1:] = [edges[-1], score.length_beats] if edges[-1] < score.length_beats else [score.length_beats]
    return tuple(Stretch(start, end, _lines_heard(score, start, end)) for start, end in pairwise(edges))


def _lines_heard(score: Score, start_beats: float, end_beats: float) -> frozenset[int]:
    early, late = _beats(score, _EARLY_S), _beats(score, _LATE_S)
    spans = {index: _span(line) for index, line in enumerate(score.lines) if line.notes}
    heard = {i for i, (first, last) in spans.items() if first - early < end_beats and last + late > start_beats}
    return frozenset(heard)


def _span(line: VocalLine) -> tuple[float, float]:
    return min(n.start_beats for n in line.notes), max(n.start_beats + n.length_beats for n in line.notes)


def _beats(score: Score, seconds: float) -> float:
    return seconds * score.bpm / 60.0


def excerpt_of_score(score: Score, start_beats: float, end_beats: float) -> Score:
    """What is between two positions, moved to the beginning. Sections outside last nothing."""
    return replace(
        score,
        sections=tuple(_cut_section(section, start_beats, end_beats) for section in score.sections),
        lines=tuple(_moved_line(line, -start_beats) for line in score.lines),
        chords=(),
        themes=(),
        riff=(),
        key_changes=(),
    )


def _cut_section(section: Section, start_beats: float, end_beats: float) -> Section:
    first = min(max(section.start_beats, start_beats), end_beats)
    last = min(max(section.start_beats + section.length_beats, first), end_beats)
    return replace(section, start_beats=first - start_beats, length_beats=last - first)


def _moved_line(line: VocalLine, by_beats: float) -> VocalLine:
    return replace(line, notes=tuple(replace(n, start_beats=n.start_beats + by_beats) for n in line.notes))


def excerpt_of_arrangement(arrangement: Arrangement, start_beats: float, end_beats: float) -> Arrangement:
    """Every part with the notes that sound between two positions, moved to the beginning; parts that rest are left out.

    A note that began before `start_beats` begins before zero.
    """
    parts = [_cut_part(part, start_beats, end_beats) for part in arrangement.parts]
    return Arrangement(parts=tuple(part for part in parts if part.notes))


def _cut_part(part: Part, start_beats: float, end_beats: float) -> Part:
    heard = (n for n in part.notes if n.start_beats < end_beats and n.start_beats + n.length_beats > start_beats)
    return replace(part, notes=tuple(replace(n, start_beats=n.start_beats - start_beats) for n in heard))
