"""Lay sung takes out over a clip: lead, doubles, backing and ad-libs as stems, and when each word is heard.

Conventions
    Stems are stereo at 44.1 kHz from beat 0, all of the same length (the music plus `TAIL_S`), dry, each at its natural
    level: a voiced passage of a single voice is about -18 dBFS RMS. How loud they are to each other is left to the mix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from songwright.engine.material import SAMPLE_RATE_HZ, Audio, Role, Score, Stem, VocalLine, WordTime, stable_rng
from songwright.engine.voice.air import with_air
from songwright.engine.voice.breath import breath
from songwright.engine.voice.model import Floats
from songwright.engine.voice.singers import Singer
from songwright.engine.voice.singing import SungPart, SungTake
from songwright.engine.voice.takes import line_start_s, sung_words

TAIL_S: Final = 2.0
_CEILING: Final = 0.95
_BREATH_GAP_S: Final = 0.4
_BREATH_LEAD_S: Final = 0.08  #: a breath stops this long before the first consonant
_BREATH_MAX_S: Final = 0.42


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a role is heard."""

    stem: str
    role: Role
    pan: float  #: -1 left .. 1 right
    gain: float = 1.0


_PLACES: Final[dict[str, _Place]] = {
    "lead": _Place("Lead vocal", "vocal", 0.0),
    "double_left": _Place("Doubles", "double", -0.65, 0.7),
    "double_right": _Place("Doubles", "double", 0.65, 0.7),
    "harmony_third_up": _Place("Harmonies", "backing", -0.4, 0.8),
    "harmony_third_down": _Place("Harmonies", "backing", 0.4, 0.8),
    "harmony_fifth_up": _Place("Harmonies", "backing", 0.45, 0.7),
    "harmony_octave_up": _Place("Harmonies", "backing", 0.5, 0.55),
    "harmony_octave_down": _Place("Harmonies", "backing", 0.3, 0.7),
    "choir_0": _Place("Choir", "backing", 0.0, 0.7),
    "choir_1": _Place("Choir", "backing", -0.6, 0.6),
    "choir_2": _Place("Choir", "backing", 0.6, 0.6),
    "adlib": _Place("Ad-libs", "adlib", 0.25),
}

#: Parts whose words are told, and as what.
_TOLD: Final[dict[str, Literal["lead", "backing", "adlib"]]] = {
    "lead": "lead",
    "choir_0": "backing",
    "adlib": "adlib",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocals:
    """All that is sung in a clip. `stems` begins with the lead and is empty when nothing is sung."""

    stems: tuple[Stem, ...]
    word_times: tuple[WordTime, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A part at its moment; `start_s` is when its first note sounds."""

    line: int
    part: SungPart
    start_s: float


def vocal_stems(score: Score, clip_index: int, sung: Sequence[SungTake], singer: Singer, seed: int) -> Vocals:
    """The vocals of one clip from what was sung for all of them."""
    placed = sorted(_placed(score, clip_index, sung), key=lambda p: (p.start_s, p.line, p.part.role))
    count = int((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ) + 1
    mixes: dict[str, tuple[Role, Audio]] = {}
    aired: dict[int, Floats] = {}
    for item in placed:
        place = _PLACES[item.part.role]
        key = id(item.part)
        if key not in aired:
            rng = stable_rng("air", seed, clip_index, item.line, item.part.role)
            aired[key] = with_air(item.part.audio, rng)
        _, mix = mixes.setdefault(place.stem, (place.role, np.zeros((2, count), np.float32)))
        _add(mix, aired[key] * place.gain, item.start_s + item.part.offset_s, place.pan)
    lead = [item for item in placed if item.part.role == "lead"]
    for sound, at_s in _breaths(lead, score, stable_rng("breath", seed, clip_index, singer.name)):
        _add(mixes["Lead vocal"][1], sound, at_s, 0.0)
    order = sorted(mixes, key=[place.stem for place in _PLACES.values()].index)
    stems = tuple(Stem(name=name, role=mixes[name][0], audio=_below_ceiling(mixes[name][1])) for name in order)
    return Vocals(stems=stems, word_times=tuple(_word_times(score, placed)))


def _placed(score: Score, clip: int, sung: Sequence[SungTake]) -> Iterator[_Placed]:
    for take in sung:
        for part in take.parts:
            for use_clip, line in part.uses:
                if use_clip == clip:
                    yield _Placed(line, part, line_start_s(score, score.lines[line]))


def _add(mix: Audio, sound: Floats, at_s: float, pan: float) -> None:
    """Add a mono sound with constant-power panning, cut where it leaves the song."""
    start = round(at_s * SAMPLE_RATE_HZ)
    first, last = max(start, 0), min(start + len(sound), mix.shape[1])
    if last <= first:
        return
    angle = (pan + 1) * np.pi / 4
    piece = sound[first - start : last - start]
    mix[0, first:last] += (np.sqrt(2) * np.cos(angle) * piece).astype(np.float32)
    mix[1, first:last] += (np.sqrt(2) * np.sin(angle) * piece).astype(np.float32)


def _below_ceiling(audio: Audio) -> Audio:
    peak = float(np.abs(audio).max(initial=0.0))
    return audio if peak <= _CEILING else audio * np.float32(_CEILING / peak)


def _breaths(lead: Sequence[_Placed], score: Score, rng: np.random.Generator) -> Iterator[tuple[Floats, float]]:
    """(sound, start) of a breath before each phrase that leaves time for one."""
    last_end_s = 0.0
    for item in lead:
        start_s = item.start_s + item.part.word_spans_s[0][0] - _BREATH_LEAD_S
        gap_s = start_s - last_end_s
        if gap_s > _BREATH_GAP_S:
            length_s = min(_BREATH_MAX_S, 0.5 * gap_s) * rng.uniform(0.8, 1.0)
            energy = score.sections[score.lines[item.line].section].energy
            yield breath(length_s, 0.008 + 0.006 * energy, rng), start_s - length_s
        last_end_s = item.start_s + item.part.word_spans_s[-1][1]


def _word_times(score: Score, placed: Sequence[_Placed]) -> Iterator[WordTime]:
    """Each word of each line once, from the part that leads it."""
    for item in placed:
        role = _TOLD.get(item.part.role)
        if role is None:
            continue
        line: VocalLine = score.lines[item.line]
        for word, spans in zip(sung_words(line), item.part.syllable_spans_s, strict=True):
            syllables = tuple(
                (syllable.text, round(max(item.start_s + start_s, 0.0), 4), round(item.start_s + end_s, 4))
                for syllable, (start_s, end_s) in zip(word.syllables, spans, strict=True)
            )
            start_s, end_s = syllables[0][1], syllables[-1][2]
            yield WordTime(word.text, start_s, end_s, item.line, line.section, role, syllables)
