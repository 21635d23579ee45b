"""Subtractive synthesis: oscillators, a low-pass with its envelope, an amplitude envelope; one voice a note.

Saw and square are band-limited by polynomial steps (Valimaki, Huovilainen, "Antialiasing oscillators in subtractive
synthesis", 2007); the filter is a pair of zero-delay state-variable low-passes (Zavalishin, "The art of VA filter
design"), 24 dB an octave. Pitch and cutoff move in steps of CONTROL_HOP samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, stable_rng

CONTROL_HOP = 32
Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A sound of this kind of synthesiser."""

    saw: float = 0.0
    square: float = 0.0
    sine: float = 0.0
    sub: float = 0.0  #: a sine one octave below
    noise: float = 0.0
    copies: int = 1  #: of the saw and square
    detune_cents: float = 0.0  #: of the outermost copies
    spread: float = 0.0  #: of the copies over the stereo image, 0..1
    attack_s: float = 0.004
    decay_s: float = 0.3  #: time constant towards `sustain`
    sustain: float = 1.0
    release_s: float = 0.15  #: time to -60 dB
    cutoff_hz: float = 400.0
    cutoff_tracking: float = 2.0  #: the note's frequency times this is added to `cutoff_hz`
    envelope_octaves: float = 0.0  #: the cutoff's rise at the note's begin
    envelope_s: float = 0.2  #: time constant of its fall
    resonance: float = 0.7
    drive: float = 0.0  #: gain before saturation, 0 = none
    vibrato_cents: float = 0.0
    glide_s: float = 0.0  #: time to reach the pitch when notes overlap; such a patch plays one note at a time
    drop_octaves: float = 0.0  #: a drum-like fall at the begin, time constant 25 ms
    level: float = 0.2


def play_patch(patch: Patch, notes: list[TimedNote], samples: int) -> Audio:
    """All notes with one patch."""
    out = np.zeros((2, samples), np.float32)
    last_end, last_midi = -1, -1
    for index, note in enumerate(notes):
        hold = note.length
        if patch.glide_s > 0 and index + 1 < len(notes):
            hold = max(min(hold, notes[index + 1].start - note.start), 1)
        length = min(hold + round(patch.release_s * SAMPLE_RATE_HZ), samples - note.start)
        glides = patch.glide_s > 0 and note.start < last_end
        bend_octaves = (last_midi - note.midi) / 12.0 if glides else 0.0
        voice = _voice(patch, note, hold, length, bend_octaves, index)
        out[:, note.start : note.start + length] += voice
        last_end, last_midi = note.start + note.length, note.midi
    return out


def _voice(patch: Patch, note: TimedNote, hold: int, length: int, bend_octaves: float, index: int) -> Audio:
    velocity = note.velocity / 127.0
    hz = 440.0 * 2.0 ** ((note.midi - 69) / 12.0)
    steps = _pitch_steps(patch, hz, length, bend_octaves)
    voice = _oscillators(patch, steps, length, index)
    if patch.noise:
        hiss = stable_rng("patch", index).standard_normal(length, dtype=np.float32)
        voice += np.float32(0.4 * patch.noise) * hiss
    low_pass_in_place(voice, _cutoffs(patch, hz, length, velocity), 1.0 / patch.resonance)
    if patch.sine or patch.sub:
        phase = 2.0 * np.pi * np.cumsum(np.repeat(steps, CONTROL_HOP)[:length])
        voice += (patch.sine * np.sin(phase) + patch.sub * np.sin(0.5 * phase)).astype(np.float32)
    if patch.drive:
        np.tanh(voice * np.float32(patch.drive), out=voice)
    voice *= amplitude(patch, hold, length) * np.float32(patch.level * velocity**1.35)
    return voice


def _pitch_steps(patch: Patch, hz: float, length: int, bend_octaves: float) -> Curve:
    """The share of a period that passes with each sample, one value a control hop."""
    age_s = np.arange(-(-length // CONTROL_HOP)) * (CONTROL_HOP / SAMPLE_RATE_HZ)
    octaves = patch.drop_octaves * np.exp(-age_s / 0.025)
    if bend_octaves:
        octaves = octaves + bend_octaves * np.exp(-age_s / (0.3 * patch.glide_s))
    if patch.vibrato_cents:
        depth = np.clip((age_s - 0.2) / 0.3, 0.0, 1.0) * patch.vibrato_cents / 1200.0
        octaves = octaves + depth * np.sin(2 * np.pi * 5.3 * age_s)
    return np.minimum(hz * 2.0**octaves / SAMPLE_RATE_HZ, 0.45)


def _cutoffs(patch: Patch, hz: float, length: int, velocity: float) -> Curve:
    """Cutoff in Hz, one value a control hop: harder notes are brighter."""
    age_s = np.arange(-(-length // CONTROL_HOP)) * (CONTROL_HOP / SAMPLE_RATE_HZ)
    rise = patch.envelope_octaves * (0.4 + 0.6 * velocity) * np.exp(-age_s / patch.envelope_s)
    return np.minimum((patch.cutoff_hz + patch.cutoff_tracking * hz) * 2.0**rise, 18_000.0)


def amplitude(patch: Patch, hold: int, length: int) -> Audio:
    """Linear attack, exponential decay to the sustain level, exponential release; zero at the end."""
    age_s = np.arange(length, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    rising = np.minimum(age_s / np.float32(patch.attack_s), 1.0)
    falling = np.float32(1.0 - patch.sustain) * np.exp(-np.maximum(age_s - patch.attack_s, 0) / patch.decay_s)
    envelope = rising * (falling + np.float32(patch.sustain))
    if length > hold:
        envelope[hold:] = envelope[hold - 1] * np.exp(-6.91 / patch.release_s * (age_s[hold:] - age_s[hold - 1]))
    close = min(64, length)
    envelope[length - close :] *= np.linspace(1.0, 0.0, close, dtype=np.float32)
    return envelope.astype(np.float32)


def _oscillators(patch: Patch, steps: Curve, length: int, index: int) -> Audio:
    """All copies of saw and square, [2, length]; copies start at their own phases, so chords do not buzz."""
    voice = np.zeros((2, length), np.float32)
    if not (patch.saw or patch.square):
        return voice
    place = np.linspace(-1.0, 1.0, patch.copies) if patch.copies > 1 else np.zeros(1)
    phases = stable_rng("phases", index).random(patch.copies) if patch.copies > 1 else np.zeros(1)
    side = patch.spread * place * np.where(np.arange(patch.copies) % 2 == 0, 1.0, -1.0)
    ratios = 2.0 ** (patch.detune_cents * place / 1200.0)
    gains = np.stack([np.sqrt(1.0 - side), np.sqrt(1.0 + side)]) / np.sqrt(patch.copies)
    _oscillate(voice, steps, phases, ratios, gains, patch.saw, patch.square)
    return voice


@compiled
def _saw(phase: float, step: float) -> float:
    value = 2.0 * phase - 1.0
    if phase < step:
        x = phase / step
        value -= x + x - x * x - 1.0
    elif phase > 1.0 - step:
        x = (phase - 1.0) / step
        value -= x * x + x + x + 1.0
    return value


@compiled
def _oscillate(
    voice: Audio, steps: Curve, phases: Curve, ratios: Curve, gains: NDArray[np.float64], saw: float, square: float
) -> None:
    for copy in range(len(phases)):
        phase = phases[copy]
        left, right = gains[0, copy], gains[1, copy]
        for i in range(voice.shape[1]):
            step = steps[i // CONTROL_HOP] * ratios[copy]
            value = _saw(phase, step)
            if square > 0.0:
                half = phase + 0.5
                value = (saw + square) * value - square * _saw(half - 1.0 if half >= 1.0 else half, step)
            else:
                value *= saw
            voice[0, i] += left * value
            voice[1, i] += right * value
            phase += step
            if phase >= 1.0:
                phase -= 1.0


@compiled
def low_pass_in_place(voice: Audio, cutoffs: Curve, damping: float) -> None:
    """24 dB an octave above `cutoffs` (one value a control hop); `damping` = 1 / Q of each of the two stages."""
    s = np.zeros(8)
    a1 = a2 = a3 = 0.0
    for i in range(voice.shape[1]):
        if i % CONTROL_HOP == 0:
            g = np.tan(np.pi * cutoffs[i // CONTROL_HOP] / SAMPLE_RATE_HZ)
            a1 = 1.0 / (1.0 + g * (g + damping))
            a2 = g * a1
            a3 = g * a2
        for k in range(0, 8, 4):
            x = float(voice[k // 4, i]) + 1e-18
            for stage in range(k, k + 4, 2):
                v3 = x - s[stage + 1]
                v1 = a1 * s[stage] + a2 * v3
                v2 = s[stage + 1] + a2 * s[stage] + a3 * v3
                s[stage] = 2.0 * v1 - s[stage]
                s[stage + 1] = 2.0 * v2 - s[stage + 1]
                x = v2
            voice[k // 4, i] = x
