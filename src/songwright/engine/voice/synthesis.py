"""A reading, sung: WORLD's parameters stretched to the notes, with a drawn pitch and dynamics, made sound again.

Conventions
    Sound is mono float64 at `MODEL_RATE_HZ`; voiced passages level at about `LEVEL` RMS before dynamics. `gain_db` and
    `effort_db` are curves over the frames; 1 dB more effort brings up to 0.8 dB more above 2.5 kHz (a louder voice is a
    brighter one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyworld
from scipy.ndimage import uniform_filter1d

from songwright.engine.voice.alignment import Alignment, SyllableTime, align
from songwright.engine.voice.contour import SungNote, contour
from songwright.engine.voice.expression import Expression
from songwright.engine.voice.model import MODEL_RATE_HZ, Floats
from songwright.engine.voice.reading import BINS, FRAME_S, Mask, Reading, Span, midi_to_hz

LEVEL: Final = 0.12
_BIN_HZ = np.linspace(0, MODEL_RATE_HZ / 2, BINS)
_EFFORT_TILT = np.interp(_BIN_HZ, [0, 600, 2500, 3500, 6000, 12000], [0, 0, 0.8, 0.8, 0.5, 0.3])
_BREATH_SHAPE = np.interp(_BIN_HZ, [0, 2000, 6000], [0, 0.5, 1])
# Falsetto: the folds close little, so the overtones of the vowel are weak and air is heard.
_FALSETTO_TILT = np.interp(_BIN_HZ, [0, 500, 1500, 4000, 12000], np.log(10) / 10 * np.array([0, 0, 4, 7, 5]))
_FALSETTO_BREATH: Final = 0.10
_REGISTER_SEMITONES: Final = 2.5  #: over which the voice changes register
_FADE_S: Final = 0.012


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """Sound whose first sample lies at `start_s` from the line's first note, and its syllables in the same time."""

    sound: Floats
    start_s: float
    spans: tuple[Span, ...]


def render(
    reading: Reading,
    syllables: Sequence[SyllableTime],
    notes: Sequence[SungNote],
    expression: Expression,
    rng: np.random.Generator,
) -> Rendering:
    """Sing `notes`; `syllables` says which stretch of them each syllable of the reading gets."""
    alignment = align(reading.spans, syllables, reading.length_s)
    times_s = np.arange(alignment.sung_s[0], alignment.sung_s[-1], FRAME_S)
    position = np.interp(times_s, alignment.sung_s, alignment.read_s) / FRAME_S
    position = np.clip(position, 0, len(reading.f0_hz) - 1.001)
    index = position.astype(int)
    envelope = _between(reading.log_envelope, index, position - index)
    aperiodicity = _between(reading.aperiodicity, index, position - index)
    voiced = _voiced(reading.f0_hz[index] > 0, times_s, alignment)
    pitch, tremolo_db = contour(times_s, notes, expression, rng)
    pitch = _spoken(pitch, reading.intonation[index], notes, expression.melody_share)
    effort_db = _effort(times_s, notes, expression.effort)
    envelope = _formants(envelope, expression.formant)
    envelope += (np.log(10) / 10) * effort_db[:, None] * (_EFFORT_TILT[None] * voiced[:, None])
    falsetto = np.clip((pitch - expression.falsetto_midi) / _REGISTER_SEMITONES, 0.0, 1.0) * voiced
    if falsetto.any():
        envelope -= falsetto[:, None] * _FALSETTO_TILT[None]
    if expression.breathiness or falsetto.any():
        share = (expression.breathiness + _FALSETTO_BREATH * falsetto) * voiced
        aperiodicity = np.clip(aperiodicity + share[:, None] * _BREATH_SHAPE[None], 0.0, 1.0)
    f0 = np.where(voiced, midi_to_hz(pitch), 0.0)
    power = np.ascontiguousarray(np.exp(envelope))
    sound = pyworld.synthesize(f0, power, np.ascontiguousarray(aperiodicity), MODEL_RATE_HZ, FRAME_S * 1000)
    elapsed_s = times_s - times_s[0]
    sound = levelled(np.asarray(sound, np.float64), elapsed_s, voiced)
    gain_db = np.interp(np.arange(len(sound)) / MODEL_RATE_HZ, elapsed_s, effort_db + tremolo_db)
    gate = _gate(len(sound), float(times_s[0]), alignment)
    return Rendering(sound * 10 ** (gain_db / 20) * gate, float(times_s[0]), alignment.spans)


def _between(rows: Floats, index: np.ndarray, fraction: Floats) -> Floats:
    weight = fraction[:, None]
    return rows[index] * (1 - weight) + rows[index + 1] * weight


def _voiced(read: Mask, times_s: Floats, alignment: Alignment) -> Mask:
    """Where the reading is voiced, and throughout every vowel, but not in a silence."""
    voiced = read.copy()
    for span in alignment.spans:
        voiced |= (times_s >= span.vowel_s + 0.012) & (times_s < span.release_s - 0.02)
    for start_s, end_s in alignment.silences_s:
        voiced &= ~((times_s > start_s) & (times_s < end_s))
    return voiced


def _spoken(pitch: Floats, intonation: Floats, notes: Sequence[SungNote], melody_share: float) -> Floats:
    """Towards natural intonation round the mean of the notes."""
    if melody_share >= 1.0:
        return pitch
    mean = float(np.mean([note.midi for note in notes]))
    speech = np.clip(intonation, -6.0, 6.0)
    return mean + melody_share * (pitch - mean) + (1 - melody_share) * speech


def _effort(times_s: Floats, notes: Sequence[SungNote], effort: float) -> Floats:
    """Level in dB: an arch over the phrase, higher notes louder, long notes swelling."""
    midi = np.array([note.midi for note in notes], np.float64)
    begin_s, end_s = notes[0].start_s, notes[-1].end_s
    along = np.clip((times_s - begin_s) / max(end_s - begin_s, 0.1), 0, 1)
    arch = 3.0 * np.sin(np.pi * along**0.8) - 1.5
    accent = np.zeros(len(times_s))
    for note, height in zip(notes, midi - midi.mean(), strict=True):
        inside = (times_s >= note.start_s - 0.02) & (times_s < note.end_s)
        within = np.clip((times_s[inside] - note.start_s) / max(note.length_s, 0.05), 0, 1)
        accent[inside] = 0.4 * height + (1.2 * np.sin(np.pi * within) if note.length_s > 0.6 else 0.0)
    window = np.hanning(25)
    smooth = np.convolve(np.pad(accent, 12, mode="edge"), window / window.sum(), "valid")
    return arch + smooth + 3 * effort


def _formants(envelope: Floats, factor: float) -> Floats:
    if factor == 1.0:
        return envelope
    position = np.clip(np.arange(BINS) / factor, 0, BINS - 1.001)
    index = position.astype(int)
    weight = position - index
    return envelope[:, index] * (1 - weight) + envelope[:, index + 1] * weight


def levelled(sound: Floats, frame_times_s: Floats, voiced: Mask) -> Floats:
    """Slow levelling from voiced frames only, so that consonants keep their natural place below the vowels."""
    if not voiced.any():
        return sound
    power = uniform_filter1d(sound * sound, int(0.03 * MODEL_RATE_HZ), mode="constant")
    rms = np.sqrt(np.maximum(power, 0)) + 1e-5
    at = np.minimum((frame_times_s[voiced] * MODEL_RATE_HZ).astype(int), len(sound) - 1)
    gain = np.clip((LEVEL / rms[at]) ** 0.6, 0.3, 5.0)
    gain = np.where(rms[at] < 0.006, np.minimum(gain, 1.0), np.minimum(gain, 2.5))
    curve = np.interp(np.arange(len(sound)), at, gain)
    for _ in range(2):
        curve = uniform_filter1d(curve, int(0.06 * MODEL_RATE_HZ), mode="nearest")
    return sound * curve


def _gate(count: int, first_s: float, alignment: Alignment) -> Floats:
    """1 while sung, 0 in silences and at both ends, with short fades."""
    times_s = first_s + np.arange(count) / MODEL_RATE_HZ
    gate = np.clip((times_s - first_s) / _FADE_S, 0, 1) * np.clip((times_s[-1] - times_s) / (4 * _FADE_S), 0, 1)
    for start_s, end_s in alignment.silences_s:
        gate *= np.clip(np.maximum((start_s - times_s) / _FADE_S + 1, (times_s - end_s) / _FADE_S + 1), 0, 1)
    return gate
