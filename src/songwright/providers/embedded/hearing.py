"""What was heard in a recording, as a song on paper that the engine can go on with or make a version of.

Conventions: beats are counted from a bar line at or before the first beat; `offset_s` is where it lies in the recording
and may be negative. Times become beats by the heard beats themselves, so that music without a steady tempo is brought
onto one grid too.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from songwright.analysis import Heard
from songwright.engine.material import Chord, Score, Section, SectionKind
from songwright.engine.reworking import CannotRework, Original
from songwright.engine.score.covering import ENERGY, Outline
from songwright.engine.score.phrasing import Tone, on_grid, phrases_of
from songwright.engine.theory import named, realise

LAST_BEATS = 16  #: whose pace is the tempo where it is not steady: a continuation follows them
LIFTED_SEMITONES = 1.0  #: a part sung so much above the mean is taken for a chorus


class _Clock:
    """Seconds to beats."""

    def __init__(self, heard: Heard) -> None:
        times = np.array(heard.beats.times_s)
        if len(times) < 2 * heard.beats.beats_per_bar:
            raise CannotRework("No beat was heard in this recording: it cannot be worked on.")
        first, bar = heard.beats.first_downbeat, heard.beats.beats_per_bar
        self._times = times
        self._beats = np.arange(len(times)) - first + (bar if first else 0)
        pace_s = np.diff(times) if heard.beats.steady else np.diff(times[-LAST_BEATS:])
        self.bpm = heard.beats.bpm if heard.beats.steady else 60.0 / float(np.median(pace_s))
        self.offset_s = float(times[-1] - self._beats[-1] * 60.0 / self.bpm)

    def beat(self, time_s: float) -> float:
        """The position of a moment."""
        if time_s <= self._times[0]:
            return float(self._beats[0] + (time_s - self._times[0]) * self.bpm / 60.0)
        if time_s >= self._times[-1]:
            return float(self._beats[-1] + (time_s - self._times[-1]) * self.bpm / 60.0)
        return float(np.interp(time_s, self._times, self._beats))


def original_heard(heard: Heard, master: Path, title: str) -> Original:
    """An upload as an original. Raises CannotRework where no beat was heard."""
    clock = _Clock(heard)
    score = outline_heard(heard, title).score
    return Original(master=master, duration_s=heard.duration_s, score=score, offset_s=clock.offset_s)


def outline_heard(heard: Heard, title: str) -> Outline:
    """Tempo, bars, key, chords, form and tune as heard."""
    clock = _Clock(heard)
    bar = heard.beats.beats_per_bar
    bars = max(math.ceil((clock.beat(_sounding_until_s(heard)) - 0.5) / bar), 1)
    end = float(bars * bar)
    tones = on_grid(
        (Tone(clock.beat(n.start_s), clock.beat(n.end_s) - clock.beat(n.start_s), n.midi) for n in heard.melody), end
    )
    score = Score(
        title=title,
        bpm=clock.bpm,
        beats_per_bar=bar,
        tonic_pc=heard.key.tonic_pc,
        mode=heard.key.mode,
        sections=_sections(heard, clock, tones, end),
        chords=_chords(heard, clock, end),
        lines=(),
        notes=() if heard.beats.steady else ("The tempo of the recording is not steady; it was brought to one tempo.",),
    )
    return Outline(score, phrases_of(tones))


def _sounding_until_s(heard: Heard) -> float:
    last = heard.chords[-1] if heard.chords else None
    return last.start_s if last is not None and last.root_pc is None else heard.duration_s


def _chords(heard: Heard, clock: _Clock, end: float) -> tuple[Chord, ...]:
    """On beats, without gaps; where no harmony was heard the one before goes on."""
    minor = heard.key.mode == "minor"
    tonic = heard.key.tonic_pc
    at: dict[float, tuple[int, str]] = {}
    for chord in heard.chords:
        if chord.root_pc is not None:
            place = float(max(round(clock.beat(chord.start_s)), 0))
            at[place] = ((chord.root_pc - tonic) % 12, "m" if chord.quality == "minor" else "")
    places = sorted(p for p in at if p < end)
    first = at[places[0]] if places else (0, "m" if minor else "")
    edges = [0.0, *(p for p in places if p > 0), end]
    return tuple(
        realise(named(*at.get(a, first)), tonic, start_beats=a, length_beats=b - a, minor=minor)
        for a, b in pairwise(edges)
        if b > a
    )


def _sections(heard: Heard, clock: _Clock, tones: list[Tone], end: float) -> tuple[Section, ...]:
    bar = heard.beats.beats_per_bar
    bars = {round(clock.beat(s) / bar) * bar for s in heard.sections_s}
    edges = [0.0, *sorted(float(b) for b in bars if 0 < b < end), end]
    mean = float(np.mean([t.midi for t in tones])) if tones else 0.0
    found: list[Section] = []
    for number, (a, b) in enumerate(pairwise(edges)):
        inside = [t.midi for t in tones if a <= t.start_beats < b]
        sung = heard.has_voice and sum(1 for _ in inside) >= (b - a) / bar
        kind = _kind(sung, inside, mean, first=number == 0, last=b == end)
        found.append(Section(kind, kind.capitalize(), a, b - a, ENERGY.get(kind, 0.5)))
    return tuple(found)


def _kind(sung: bool, inside: list[int], mean: float, *, first: bool, last: bool) -> SectionKind:
    if sung:
        return "chorus" if float(np.mean(inside)) >= mean + LIFTED_SEMITONES else "verse"
    return "intro" if first else "outro" if last else "solo"
