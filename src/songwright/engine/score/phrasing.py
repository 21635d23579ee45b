"""Tunes that were heard or written before: their phrases, and how other words are set on them.

Conventions: positions and lengths in beats, on a grid of sixteenths (`GRID_BEATS`); a phrase is a run of tones that do
not overlap, never empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from songwright.engine.material import LyricLine, VocalNote

GRID_BEATS = 0.25
REST_BEATS = 0.75  #: of silence end a phrase ...
SHORT_REST_BEATS = 0.25  #: ... and so much ends one that is long already
LONG_BEATS, MOST_TONES = 8.0, 16
TONES_A_SYLLABLE = 3  #: at most, in the mean of a line; what is beyond is not sung
CLOSER_BEATS = 0.5  #: gaps up to this inside a phrase are sung through


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a tune."""

    start_beats: float
    length_beats: float
    midi: int

    @property
    def end_beats(self) -> float:
        """Where it stops."""
        return self.start_beats + self.length_beats


Phrase = tuple[Tone, ...]


def on_grid(tones: Iterable[Tone], end_beats: float) -> list[Tone]:
    """Tones on sixteenths, in order, one at a time, within the song. Of two on the same sixteenth the longer stays."""
    best: dict[float, Tone] = {}
    for tone in tones:
        start = round(tone.start_beats / GRID_BEATS) * GRID_BEATS
        stop = max(round(tone.end_beats / GRID_BEATS) * GRID_BEATS, start + GRID_BEATS)
        known = best.get(start)
        if 0 <= start < end_beats and (known is None or known.length_beats < stop - start):
            best[start] = Tone(start, min(stop, end_beats) - start, tone.midi)
    ordered = [best[start] for start in sorted(best)]
    until = [*(tone.start_beats for tone in ordered[1:]), end_beats]
    return [
        replace(t, length_beats=min(t.length_beats, stop - t.start_beats))
        for t, stop in zip(ordered, until, strict=True)
    ]


def phrases_of(tones: Sequence[Tone]) -> tuple[Phrase, ...]:
    """Tones divided at rests."""
    found: list[list[Tone]] = []
    for tone in tones:
        rest = tone.start_beats - found[-1][-1].end_beats if found else REST_BEATS
        long = bool(found) and (
            tone.start_beats - found[-1][0].start_beats >= LONG_BEATS or len(found[-1]) >= MOST_TONES
        )
        if rest >= REST_BEATS - 1e-6 or (long and rest >= SHORT_REST_BEATS - 1e-6):
            found.append([tone])
        else:
            found[-1].append(tone)
    return tuple(map(tuple, found))


def split_to(phrases: Sequence[Phrase], count: int) -> list[Phrase]:
    """At least `count` phrases, where there are tones enough: the longest are divided at their longest waits."""
    out = list(phrases)
    while len(out) < count:
        index = max(range(len(out)), key=lambda i: (len(out[i]), out[i][-1].end_beats - out[i][0].start_beats))
        phrase = out[index]
        if len(phrase) < 2:
            break
        inner = range(max(1, len(phrase) // 3), max(2, len(phrase) - len(phrase) // 3))
        cut = max(inner, key=lambda i: phrase[i].start_beats - phrase[i - 1].start_beats)
        out[index : index + 1] = [phrase[:cut], phrase[cut:]]
    return out


def fitted(line: LyricLine, phrase: Phrase, until_beats: float) -> tuple[tuple[VocalNote, ...], Phrase]:
    """The line on the phrase, and the tones that are too many for its words. `until_beats`: where the next begins."""
    places = [(w, s) for w, word in enumerate(line.words) for s in range(len(word.syllables))]
    sung, rest = phrase[: TONES_A_SYLLABLE * len(places)], phrase[TONES_A_SYLLABLE * len(places) :]
    tones = _struck_again(_closed(sung), len(places), until_beats)
    begins = _beginnings(tones, len(places))
    notes: list[VocalNote] = []
    syllable = -1
    for index, tone in enumerate(tones):
        syllable += index in begins
        word, part = places[syllable]
        notes.append(VocalNote(tone.start_beats, tone.length_beats, tone.midi, word, part))
    return tuple(notes), rest


def _closed(phrase: Phrase) -> list[Tone]:
    """Small gaps inside are sung through."""
    out = list(phrase)
    for i, following in enumerate(phrase[1:]):
        gap = following.start_beats - out[i].end_beats
        if 0 < gap <= CLOSER_BEATS:
            out[i] = replace(out[i], length_beats=following.start_beats - out[i].start_beats)
    return out


def _struck_again(tones: Sequence[Tone], count: int, until_beats: float) -> list[Tone]:
    """At least `count` tones: the longest are halved, the last may run on; then all of it is divided evenly."""
    out = list(tones)
    missing = count - len(out)
    room = until_beats - GRID_BEATS - out[-1].end_beats
    if missing > 0 and room > 0:
        out[-1] = replace(out[-1], length_beats=out[-1].length_beats + min(room, missing * 0.5))
    while len(out) < count:
        index = max(range(len(out)), key=lambda i: out[i].length_beats)
        tone = out[index]
        if tone.length_beats < 2 * GRID_BEATS:
            return _evenly(out, count)
        first = max(round(tone.length_beats / 2 / GRID_BEATS) * GRID_BEATS, GRID_BEATS)
        halves = [
            replace(tone, length_beats=first),
            Tone(tone.start_beats + first, tone.length_beats - first, tone.midi),
        ]
        out[index : index + 1] = halves
    return out


def _evenly(tones: Sequence[Tone], count: int) -> list[Tone]:
    """As many equal tones, each at the pitch that sounds there."""
    start, stop = tones[0].start_beats, tones[-1].end_beats
    step = (stop - start) / count
    starts = [start + i * step for i in range(count)]
    return [Tone(at, step, [t for t in tones if t.start_beats <= at + 1e-6][-1].midi) for at in starts]


def _beginnings(tones: Sequence[Tone], count: int) -> frozenset[int]:
    """Which tones begin a syllable: the first, and those that stand out most, by rest, leap and place in the beat."""

    def stands_out(index: int) -> tuple[float, int]:
        before, tone = tones[index - 1], tones[index]
        rest = tone.start_beats - before.end_beats
        on_beat = 1.0 if tone.start_beats % 1.0 == 0 else 0.4 if tone.start_beats % 0.5 == 0 else 0.0
        apart = 0.0 if tone.midi == before.midi else 0.3 if abs(tone.midi - before.midi) <= 2 else 0.7
        return 4.0 * rest + on_beat + apart + before.length_beats, -index

    others = sorted(range(1, len(tones)), key=stands_out, reverse=True)[: count - 1]
    return frozenset((0, *others))
