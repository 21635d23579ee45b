"""The pitch a voice draws through a row of notes.

Conventions
    Pitch is in semitones (MIDI numbers, fractional), time in seconds, one value every `FRAME_S`.
    After Saitou, Unoki and Akagi (2005): steps pass through a damped second-order system, which gives portamento and
    overshoot; vibrato begins late on long notes; a slow random drift remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import lfilter

from songwright.engine.voice.expression import Expression
from songwright.engine.voice.model import Floats
from songwright.engine.voice.reading import FRAME_S

_LEAD_S: Final = 0.075  #: a step is started this early, so that its middle falls on the beat
_QUICK_LEAD_S: Final = 0.03
_OMEGA: Final = 23.0  #: rad/s: 10-90 % of a step in 80 ms
_QUICK_OMEGA: Final = 60.0  #: for notes too short for that
_DAMPING: Final = 0.66
_UNHURRIED_S: Final = 0.36  #: above the shortest note: from there on a step takes its full time
_VIBRATO_DELAY_S: Final = 0.28
_VIBRATO_RAMP_S: Final = 0.35
_VIBRATO_MIN_NOTE_S: Final = 0.42
_TREMOLO_DB: Final = 0.9


@dataclass(frozen=True, slots=True)
class SungNote:
    """A note in seconds from the first note of its line."""

    start_s: float
    length_s: float
    midi: float

    @property
    def end_s(self) -> float:
        """Where it stops."""
        return self.start_s + self.length_s


def contour(
    times_s: Floats, notes: Sequence[SungNote], expression: Expression, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """(pitch in semitones, tremolo in dB) at `times_s`."""
    pitch = _portamento(times_s, notes)
    tremolo_db = np.zeros(len(times_s))
    for index, note in enumerate(notes):
        gap_s = note.start_s - notes[index - 1].end_s if index else 9.0
        if gap_s > 0.12:
            _scoop(pitch, times_s, note, expression.scoop_semitones * rng.uniform(0.5, 1.2))
        if note.length_s > _VIBRATO_MIN_NOTE_S:
            _vibrato(pitch, tremolo_db, times_s, note, expression, rng)
        next_s = notes[index + 1].start_s if index + 1 < len(notes) else np.inf
        if next_s - note.end_s > 0.25 and note.length_s > 0.3:
            _fall(pitch, times_s, note, expression.fall_semitones * rng.uniform(0.2, 1.0), until_s=next_s - 0.09)
    return pitch + expression.drift_semitones * _drift(len(times_s), rng), tremolo_db


def _portamento(times_s: Floats, notes: Sequence[SungNote]) -> Floats:
    """Slow steps between long notes, quick ones between short notes."""
    slow = _stepped(times_s, notes, _LEAD_S, _OMEGA)
    quick = _stepped(times_s, notes, _QUICK_LEAD_S, _QUICK_OMEGA)
    edges_s = np.array([note.start_s - _LEAD_S for note in notes])
    share = np.clip((np.array([note.length_s for note in notes]) - 0.14) / _UNHURRIED_S, 0.0, 1.0)
    index = np.clip(np.searchsorted(edges_s, times_s, side="right") - 1, 0, len(notes) - 1)
    window = np.ones(9) / 9
    blend = np.convolve(np.pad(share[index], 4, mode="edge"), window, "valid")
    return slow * blend + quick * (1 - blend)


def _stepped(times_s: Floats, notes: Sequence[SungNote], lead_s: float, omega: float) -> Floats:
    starts_s = np.array([note.start_s - lead_s for note in notes])
    midi = np.array([note.midi for note in notes], np.float64)
    steps = midi[np.clip(np.searchsorted(starts_s, times_s, side="right") - 1, 0, len(notes) - 1)]
    k = 2 / FRAME_S  # bilinear transform of w^2 / (s^2 + 2 z w s + w^2)
    a0 = k * k + 2 * _DAMPING * omega * k + omega * omega
    b = np.array([1.0, 2.0, 1.0]) * omega * omega / a0
    a = np.array([1.0, (2 * omega**2 - 2 * k * k) / a0, (k * k - 2 * _DAMPING * omega * k + omega**2) / a0])
    return np.asarray(lfilter(b, a, steps - steps[0]), np.float64) + steps[0]


def _scoop(pitch: Floats, times_s: Floats, note: SungNote, depth: float) -> None:
    since_s = times_s - (note.start_s - 0.09)
    reach = since_s >= 0
    pitch[reach] -= depth * min(1.0, note.length_s / 0.25) * np.exp(-since_s[reach] / 0.05)


def _fall(pitch: Floats, times_s: Floats, note: SungNote, depth: float, *, until_s: float) -> None:
    since_s = times_s - (note.end_s - 0.09)
    pitch -= depth * np.clip(since_s / 0.12, 0.0, 1.0) * (times_s < until_s)


def _vibrato(
    pitch: Floats,
    tremolo_db: Floats,
    times_s: Floats,
    note: SungNote,
    expression: Expression,
    rng: np.random.Generator,
) -> None:
    begin_s = note.start_s + _VIBRATO_DELAY_S * rng.uniform(0.8, 1.25)
    rate_hz = expression.vibrato_hz * (1 + 0.03 * rng.standard_normal())
    depth = expression.vibrato_semitones * rng.uniform(0.75, 1.15) * np.clip(note.length_s, 0.55, 1.0)
    inside = (times_s > begin_s) & (times_s < note.end_s)
    since_s = times_s[inside] - begin_s
    phase = 2 * np.pi * np.cumsum(rate_hz * (1 + 0.04 * np.clip(since_s / 1.5, 0, 1))) * FRAME_S
    ramp = np.clip(since_s / _VIBRATO_RAMP_S, 0, 1) * np.clip((note.end_s - times_s[inside]) / 0.08, 0, 1)
    pitch[inside] += depth * ramp * np.sin(phase)
    share = min(depth / 0.4, 1.0)
    tremolo_db[inside] += _TREMOLO_DB * share * ramp * np.sin(phase - 0.6)


def _drift(count: int, rng: np.random.Generator) -> Floats:
    noise = rng.standard_normal(count + 400)
    slow = np.convolve(noise, np.hanning(161) / 9.0, "same")[200 : 200 + count]
    fast = np.convolve(noise[::-1], np.hanning(9) / 2.0, "same")[200 : 200 + count]
    return slow + 0.5 * fast
