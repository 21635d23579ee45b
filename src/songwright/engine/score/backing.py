"""Backing lines that have no bars of their own: the choir answers in the gap after the lead line.

Conventions
    Answers use chord tones around a third above the lead's last note, one syllable per half beat (a third of a beat in
    compound metres), and end before the next lead line or shortly after it has begun.
"""

from __future__ import annotations

from collections.abc import Sequence

from songwright.engine.material import LyricLine, VocalNote
from songwright.engine.score.density import is_compound
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Tune, beatables

_FIGURES = ((0, 1, 0, -1), (1, 0, 1, 0), (0, 0, 1, 0))


def answer(
    setting: Setting, line: LyricLine, lead: Tune, next_start_beats: float, voice_range: tuple[int, int]
) -> tuple[VocalNote, ...]:
    """Notes of a short backing line after `lead`."""
    syllables = beatables(line)
    step = 1 / 3 if is_compound(setting.style) else 0.5
    step = max(step, 0.14 * setting.bpm / 60)
    start = _start(lead, len(syllables) * step, next_start_beats, step)
    ladder = _chord_ladder(setting, start, voice_range)
    wished = lead.midis[-1] + 4
    rung = min(range(len(ladder)), key=lambda i: (abs(ladder[i] - wished), -i))
    figure = _FIGURES[sum(map(ord, line.text)) % len(_FIGURES)]
    notes: list[VocalNote] = []
    for i, syllable in enumerate(syllables):
        at = min(max(rung + figure[i % 4], 0), len(ladder) - 1)
        last = i == len(syllables) - 1
        length = max(step, 1.0) if last else step
        notes.append(VocalNote(start + i * step, length, ladder[at], syllable.word, syllable.syllable))
    return tuple(notes)


def _start(lead: Tune, needed: float, next_start: float, step: float) -> float:
    """Right after the lead's last onset, on the grid, earlier if the answer would run far into the next line."""
    earliest = lead.last_beats + max(0.5, step)
    wished = max(earliest, min(lead.last_beats + 1.0, next_start - needed))
    grid = 0.5 if abs(step - 1 / 3) > 1e-6 else 1 / 3
    return round(wished / grid) * grid


def _chord_ladder(setting: Setting, beats: float, voice_range: tuple[int, int]) -> Sequence[int]:
    """All chord tones of the range, lowest first."""
    chord = setting.harmony.at(beats)
    pcs = {(setting.scale.tonic_pc + d) % 12 for d in chord.degrees[:3]}
    low, high = voice_range
    return [m for m in range(low, high + 1) if m % 12 in pcs]
