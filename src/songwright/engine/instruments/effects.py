"""Drawn transitions: sounds between sections, each as long as its note (plus its ring)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from songwright.engine.instruments.drums import stroke
from songwright.engine.instruments.patch import CONTROL_HOP, low_pass_in_place
from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, stable_rng

Draw = Callable[[int, np.random.Generator], Audio]


def play_effect(name: str, notes: list[TimedNote], samples: int) -> Audio:
    """All notes with one effect; pitch does not matter."""
    out = np.zeros((2, samples), np.float32)
    for index, note in enumerate(notes):
        wave = EFFECTS[name](note.length, stable_rng("effect", name, index))
        wave = wave[:, : samples - note.start] * np.float32((note.velocity / 112.0) ** 1.5)
        out[:, note.start : note.start + wave.shape[1]] += wave
    return out


def _filtered_noise(rng: np.random.Generator, cutoffs_hz: NDArray[np.float64], resonance: float) -> Audio:
    """Independent noise in both channels under a moving low-pass; its low end is taken out by a difference."""
    noise = rng.standard_normal((2, len(cutoffs_hz)), dtype=np.float32)
    low_pass_in_place(noise, np.ascontiguousarray(cutoffs_hz[::CONTROL_HOP]), 1.0 / resonance)
    noise[:, 1:] -= np.float32(0.97) * noise[:, :-1]
    noise *= np.float32(0.2)
    return noise


def _riser(length: int, rng: np.random.Generator) -> Audio:
    rising = np.linspace(0.0, 1.0, length)
    wave = _filtered_noise(rng, 300.0 * 2.0 ** (5.3 * rising), 1.6)
    tone = np.sin(2 * np.pi * np.cumsum(220.0 * 2.0 ** (2.0 * rising)) / SAMPLE_RATE_HZ)
    wave = 0.5 * wave + 0.04 * tone
    return _closed(wave * (0.03 + 0.97 * rising**2.2), 0.03)


def _downlifter(length: int, rng: np.random.Generator) -> Audio:
    falling = np.linspace(1.0, 0.0, length)
    return _closed(0.6 * _filtered_noise(rng, 250.0 * 2.0 ** (5.5 * falling), 1.2) * falling**1.3, 0.05)


def _noise_sweep(length: int, rng: np.random.Generator) -> Audio:
    arch = np.sin(np.pi * np.linspace(0.0, 1.0, length))
    return _closed(0.5 * _filtered_noise(rng, 400.0 * 2.0 ** (4.5 * arch), 1.4) * arch, 0.02)


def _impact(_length: int, rng: np.random.Generator) -> Audio:
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    boom = np.sin(2 * np.pi * (38.0 * time_s + 3.0 * (1 - np.exp(-time_s / 0.05)))) * np.exp(-time_s / 0.5)
    blast = _filtered_noise(rng, 200.0 + 9000.0 * np.exp(-time_s / 0.15), 0.8) * np.exp(-time_s / 0.35)
    return _closed(0.4 * boom + 1.2 * blast, 0.2)


def _reverse_cymbal(length: int, _rng: np.random.Generator) -> Audio:
    wave = np.zeros((2, length), np.float32)
    for channel in range(2):
        crash = stroke("crash", channel)[:length][::-1]
        wave[channel, length - len(crash) :] = crash
    return _closed(wave, 0.01)


def _vinyl(length: int, rng: np.random.Generator) -> Audio:
    hiss = 0.06 * _filtered_noise(rng, np.full(length, 6000.0), 0.7)
    crackle = np.zeros(length, np.float32)
    pops = rng.integers(0, length, max(length // 6000, 1))
    crackle[pops] = rng.uniform(-0.25, 0.25, len(pops))
    crackles = np.stack([crackle, crackle])
    low_pass_in_place(crackles, np.full(-(-length // CONTROL_HOP), 5000.0), 1.4)
    return _closed(hiss + crackles, 0.05)


def _closed(wave: NDArray[np.floating], fade_s: float) -> Audio:
    """End at zero."""
    result = np.ascontiguousarray(wave, dtype=np.float32)
    fall = min(round(fade_s * SAMPLE_RATE_HZ), result.shape[1])
    result[:, result.shape[1] - fall :] *= np.linspace(1.0, 0.0, fall, dtype=np.float32)
    return result


EFFECTS: dict[str, Draw] = {
    "riser": _riser,
    "downlifter": _downlifter,
    "noise_sweep": _noise_sweep,
    "impact": _impact,
    "reverse_cymbal": _reverse_cymbal,
    "vinyl": _vinyl,
}
