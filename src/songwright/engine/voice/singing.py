"""Sing one take: read the line once, then sing it on each of its melodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from songwright.engine.material import Assets, Word, stable_rng
from songwright.engine.voice.alignment import SyllableTime
from songwright.engine.voice.contour import SungNote
from songwright.engine.voice.espeak import read_line_synthetic
from songwright.engine.voice.model import MODEL_RATE_HZ, load_model
from songwright.engine.voice.reading import Reading, Span, read_line
from songwright.engine.voice.singers import Singer
from songwright.engine.voice.synthesis import Rendering, render
from songwright.engine.voice.takes import Melody, Take, Use, mean_midi

_DIPHTHONGS: Final = frozenset("AIOWYQ")
_SLOW_SPEED: Final = 0.9
_FAST_SPEED: Final = 1.25
_EASY_SYLLABLE_S: Final = 0.24  #: a syllable at the slow speed; shorter notes are read faster


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SungPart:
    """One melody of a take as sound: mono float32 at 24 kHz whose first sample lies `offset_s` from the first note."""

    role: str
    uses: tuple[Use, ...]
    audio: NDArray[np.float32]
    offset_s: float
    syllable_spans_s: tuple[tuple[tuple[float, float], ...], ...]  #: from the first note, for each word of the take

    @property
    def word_spans_s(self) -> tuple[tuple[float, float], ...]:
        """When each word is sung, from the first note."""
        return tuple((spans[0][0], spans[-1][1]) for spans in self.syllable_spans_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SungTake:
    """Everything a take was sung for."""

    parts: tuple[SungPart, ...]

    def part(self, clip: int, line: int, role: str) -> SungPart | None:
        """What is to be heard in a line of a clip."""
        return next((p for p in self.parts if p.role == role and (clip, line) in p.uses), None)


def sing_take(take: Take, singer: Singer, assets: Assets, runtime: str) -> SungTake:
    """Read and sing `take`. Pure, but for the model kept loaded by the process; the same arguments, the same sound."""
    midi = [min(max(m, singer.low_midi), singer.high_midi) for m in mean_midi(take)]
    if singer.kind == "neural":
        model = load_model(assets, runtime)
        reading = read_line(take.words, midi, singer.blend, model, speed=_speed(take), spoken=take.spoken)
    else:
        reading = read_line_synthetic(take.words, midi, singer)
    return SungTake(parts=tuple(_sing(reading, melody, take) for melody in take.melodies))


def _speed(take: Take) -> float:
    """Slow and clear where there is time, faster where the notes are shorter than slow syllables."""
    starts_s = [group[0].start_s for group in take.melodies[0].notes]
    if len(starts_s) < 3:
        return _SLOW_SPEED
    pace_s = float(np.median(np.diff(starts_s)))
    return float(np.clip(_SLOW_SPEED * _EASY_SYLLABLE_S / max(pace_s, 0.05), _SLOW_SPEED, _FAST_SPEED))


def _sing(reading: Reading, melody: Melody, take: Take) -> SungPart:
    rng = stable_rng("sing", melody.role, repr(melody.notes), repr(melody.expression), repr(take.words))
    groups = _jittered(melody, rng)
    syllables = [word_syllable for word in take.words for word_syllable in word.syllables]
    times = [
        SyllableTime(group[0].start_s, group[-1].end_s, syllable.nucleus[:1] in _DIPHTHONGS)
        for group, syllable in zip(groups, syllables, strict=True)
    ]
    rendering = render(reading, times, [note for group in groups for note in group], melody.expression, rng)
    spans = tuple(_syllable_spans(rendering.spans, take.words))
    sound = _ending(rendering, spans[-1][0][0]) if melody.ending_only else rendering.sound
    return SungPart(
        role=melody.role,
        uses=melody.uses,
        audio=np.nan_to_num(sound).astype(np.float32),
        offset_s=rendering.start_s,
        syllable_spans_s=spans,
    )


def _jittered(melody: Melody, rng: np.random.Generator) -> tuple[tuple[SungNote, ...], ...]:
    """Notes a little off the beat, as a second singer is, but in order."""
    if not melody.expression.timing_jitter_s:
        return melody.notes
    moved: list[tuple[SungNote, ...]] = []
    for group in melody.notes:
        by_s = float(np.clip(rng.normal(0, melody.expression.timing_jitter_s), -0.02, 0.02))
        moved.append(tuple(replace(note, start_s=note.start_s + by_s) for note in group))
    return tuple(moved)


def _syllable_spans(spans: Sequence[Span], words: Sequence[Word]) -> Iterator[tuple[tuple[float, float], ...]]:
    """Start and end of every syllable of every word; one ends where the next begins."""
    first = 0
    for word in words:
        own = spans[first : first + len(word.syllables)]
        ends_s = [*(span.onset_s for span in own[1:]), own[-1].end_s]
        yield tuple((span.onset_s, end_s) for span, end_s in zip(own, ends_s, strict=True))
        first += len(word.syllables)


def _ending(rendering: Rendering, from_s: float) -> NDArray[np.float64]:
    """Only what sounds from `from_s` on."""
    times_s = rendering.start_s + np.arange(len(rendering.sound)) / MODEL_RATE_HZ
    return rendering.sound * np.clip((times_s - from_s) / 0.01 + 1, 0, 1)
