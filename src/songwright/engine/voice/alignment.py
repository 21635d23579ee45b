"""When each moment of the reading is sung.

Conventions
    An alignment is a piecewise linear map from sung time (seconds from the line's first note) to reading time. A vowel
    begins on its note; consonants keep their natural pace before it; of a vowel only the steady middle is stretched.
    Over a rest the line is cut: the coda ends the note, the next onset leads into the next one, silence lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from songwright.engine.voice.model import Floats
from songwright.engine.voice.reading import Span

REST_S: Final = 0.15  #: a longer gap between notes is a rest, a shorter one is sung through
_CONSONANTS_MAX_S: Final = 0.30
_VOWEL_EDGE_S: Final = 0.045
_VOWEL_MIN_S: Final = 0.05
_VOWEL_SHARE: Final = 0.55  #: of a short note that stays vowel; consonants get the rest
_VOWEL_ENOUGH_S: Final = 0.11  #: and no vowel gives way to more than this
_LEAD_IN_S: Final = 0.06
_TAIL_S: Final = 0.09  #: after the last sound; what follows is the reader's room
_JUMP_S: Final = 1e-4


@dataclass(frozen=True, slots=True)
class SyllableTime:
    """A note (or run of notes) one syllable is sung on, in seconds from the first note of the line."""

    start_s: float
    end_s: float
    diphthong: bool


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Knots of the map, the silences inside it and what became of each syllable."""

    sung_s: Floats
    read_s: Floats
    silences_s: tuple[tuple[float, float], ...]
    spans: tuple[Span, ...]  #: syllables in sung time


class _Knots:
    def __init__(self, sung_s: float, read_s: float) -> None:
        self.sung = [sung_s]
        self.read = [read_s]

    def add(self, sung_s: float, read_s: float) -> None:
        """A knot, pushed later where it would run backwards."""
        self.sung.append(max(sung_s, self.sung[-1] + _JUMP_S))
        self.read.append(max(read_s, self.read[-1]))


def align(spans: Sequence[Span], times: Sequence[SyllableTime], length_s: float) -> Alignment:
    """Put the syllables of a reading of `length_s` seconds on their notes."""
    first = spans[0]
    lead_s = min(first.vowel_s - first.onset_s + _LEAD_IN_S, first.vowel_s, _CONSONANTS_MAX_S + _LEAD_IN_S)
    knots = _Knots(times[0].start_s - lead_s, first.vowel_s - lead_s)
    silences: list[tuple[float, float]] = []
    sung: list[Span] = []
    onset_s = times[0].start_s - min(first.vowel_s - first.onset_s, lead_s)
    for index, (span, time) in enumerate(zip(spans, times, strict=True)):
        if index + 1 < len(spans):
            joint = _joint(span, spans[index + 1], time, times[index + 1])
        else:
            joint = _ending(span, time, length_s)
        _vowel(knots, span, time, joint.release_s)
        knots.add(joint.release_s, span.release_s)
        sung.append(Span(onset_s, time.start_s, joint.release_s, max(joint.coda_end_s, joint.release_s)))
        if joint.cut:
            knots.add(joint.coda_end_s, joint.read_end_s)
            knots.add(joint.coda_end_s + _JUMP_S, joint.read_onset_s)
            knots.add(joint.onset_s, joint.read_onset_s)
            if joint.onset_s - joint.coda_end_s > 0.03:
                silences.append((joint.coda_end_s, joint.onset_s))
        onset_s = joint.onset_s
    coda_s = min(spans[-1].end_s - spans[-1].release_s, _CONSONANTS_MAX_S)
    tail_s = min(max(length_s - knots.read[-1], 0.01), coda_s + _TAIL_S)
    knots.add(knots.sung[-1] + tail_s, knots.read[-1] + tail_s)
    return Alignment(np.array(knots.sung), np.array(knots.read), tuple(silences), tuple(sung))


@dataclass(frozen=True, slots=True)
class _Joint:
    """What happens between two vowels: sung times, and the reading's times where it is `cut`."""

    release_s: float
    coda_end_s: float
    onset_s: float
    cut: bool = False
    read_end_s: float = 0.0
    read_onset_s: float = 0.0


def _joint(span: Span, following: Span, time: SyllableTime, next_time: SyllableTime) -> _Joint:
    coda_s = span.end_s - span.release_s
    onset_s = following.vowel_s - following.onset_s
    pause_s = following.onset_s - span.end_s
    room_s = next_time.start_s - time.start_s
    vowel_min_s = min(max(_VOWEL_SHARE * room_s, _VOWEL_MIN_S), _VOWEL_ENOUGH_S)
    available_s = max(room_s - vowel_min_s, 0.01)
    rest = next_time.start_s - time.end_s > REST_S
    if not rest and pause_s < 0.08:
        consonants_s = min(coda_s + pause_s + onset_s, _CONSONANTS_MAX_S, available_s)
        share = consonants_s / max(coda_s + pause_s + onset_s, 1e-6)
        release_s = next_time.start_s - consonants_s
        return _Joint(release_s, release_s + share * coda_s, next_time.start_s - share * onset_s)
    scale = min(1.0, available_s / max(coda_s + onset_s, 1e-6))
    onset_start_s = next_time.start_s - scale * onset_s
    release_s = onset_start_s - scale * coda_s
    if rest:
        release_s = min(release_s, max(time.end_s - 0.5 * scale * coda_s, time.start_s + vowel_min_s))
    # A little beyond the coda's end lies its release burst; it may not reach into the next onset.
    after_s = min(0.025, max(pause_s, 0.0), max(onset_start_s - release_s - scale * coda_s, 0.0))
    coda_end_s = release_s + scale * coda_s + after_s
    return _Joint(release_s, coda_end_s, onset_start_s, True, span.end_s + after_s, following.onset_s)


def _ending(span: Span, time: SyllableTime, length_s: float) -> _Joint:
    coda_s = min(length_s - span.release_s, _CONSONANTS_MAX_S)
    release_s = max(time.end_s, time.start_s + _VOWEL_MIN_S)
    return _Joint(release_s, release_s + min(coda_s, span.end_s - span.release_s), release_s + coda_s)


def _vowel(knots: _Knots, span: Span, time: SyllableTime, release_s: float) -> None:
    """Hold the steady part: of a diphthong its first element, gliding at the end."""
    knots.add(time.start_s, span.vowel_s)
    sung_s, read_s = release_s - time.start_s, span.release_s - span.vowel_s
    if sung_s <= read_s + 0.02 or read_s <= 0.05:
        return
    head_s, tail_s = min(_VOWEL_EDGE_S, read_s * 0.3), min(_VOWEL_EDGE_S * 1.3, read_s * 0.35)
    if time.diphthong:
        head_s, tail_s = read_s * 0.25, read_s * 0.55
    knots.add(time.start_s + head_s, span.vowel_s + head_s)
    knots.add(release_s - tail_s, span.release_s - tail_s)
