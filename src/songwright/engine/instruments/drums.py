"""Drawn drums: every stroke is computed once per process and copied to where it is played.

Voices follow the circuits they are named after in outline (a swept sine for kicks, two tones and noise for snares,
four bursts for claps, six squares through a high-pass for metal); toms, congas and wood are short sines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, stable_rng

Wave = NDArray[np.float64]
_TAKES = 3  #: strokes with noise are drawn three times and used in turn, so that rolls do not sound like a machine
_HATS = {42, 44, 46}
_FULL_VELOCITY = 112
_LAYERED_KEYS = {35, 36, 38, 39, 40}  #: kicks, snares, clap
_LAYER_SHARE = 0.5


def play_drums(voices: Mapping[int, str], default: str, notes: list[TimedNote], samples: int) -> Audio:
    """`voices` says which stroke a General MIDI key plays, `default` what all others play."""
    mono = np.zeros(samples, np.float32)
    hats = [note.start for note in notes if note.midi in _HATS]
    for index, note in enumerate(notes):
        name = voices.get(note.midi, default)
        wave = stroke(name, index % _TAKES)
        length = min(len(wave), samples - note.start)
        if note.midi == 46:  # the next hat closes an open one
            following = next((start for start in hats if start > note.start), samples)
            length = min(length, following - note.start)
        gain = np.float32((note.velocity / _FULL_VELOCITY) ** 1.5)
        piece = wave[:length] * gain
        close = min(220, length)
        piece[length - close :] *= np.linspace(1.0, 0.0, close, dtype=np.float32)
        mono[note.start : note.start + length] += piece
    return np.stack([mono, mono])


def struck(notes: list[TimedNote]) -> list[TimedNote]:
    """The kicks and snares among `notes`: what a drawn kit adds to a sampled one."""
    return [note for note in notes if note.midi in _LAYERED_KEYS]


def layer_in_place(kit: Audio, layer: Audio) -> None:
    """Put drawn strokes under a sampled kit, at a fixed share of its highest peak."""
    highest = float(np.abs(layer).max(initial=0.0))
    if highest > 0.0:
        kit += layer * np.float32(_LAYER_SHARE * float(np.abs(kit).max()) / highest)


@lru_cache(maxsize=128)
def stroke(name: str, take: int) -> Audio:
    """One stroke at full velocity, mono; read-only."""
    wave = _STROKES[name](stable_rng("drum", name, take)).astype(np.float32)
    wave.setflags(write=False)
    return wave


def _time(length_s: float) -> Wave:
    return np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _noise(rng: np.random.Generator, length: int, low_hz: float, high_hz: float) -> Wave:
    """Noise of one unit RMS between two frequencies."""
    band = butter(2, [low_hz, min(high_hz, 21_000.0)], "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    wave = np.asarray(sosfilt(band, rng.standard_normal(length)))
    return wave / (np.sqrt((wave**2).mean()) + 1e-9)


def _swept(time_s: Wave, start_hz: float, end_hz: float, fall_s: float) -> Wave:
    """A sine whose frequency falls exponentially."""
    phase = end_hz * time_s + (start_hz - end_hz) * fall_s * (1.0 - np.exp(-time_s / fall_s))
    return np.sin(2 * np.pi * phase)


def _kick(
    length_s: float, start_hz: float, end_hz: float, fall_s: float, decay_s: float, click: float, drive: float
) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(length_s)
        body = _swept(t, start_hz, end_hz, fall_s) * np.exp(-t / decay_s)
        attack = _noise(rng, len(t), 1500.0, 6000.0) * np.exp(-t / 0.004)
        wave = np.tanh(drive * (body + click * attack)) / np.tanh(drive)
        return 0.55 * wave * np.minimum(t / 0.0008, 1.0)

    return draw


def _snare(
    tones_hz: tuple[float, float], tone: float, tone_s: float, noise_s: float, low_hz: float, length_s: float
) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(length_s)
        body = sum(_swept(t, 1.5 * hz, hz, 0.012) for hz in tones_hz) * np.exp(-t / tone_s)
        wires = _noise(rng, len(t), low_hz, 9000.0) * (0.7 * np.exp(-t / noise_s) + 0.5 * np.exp(-t / 0.012))
        return 0.5 * np.tanh(1.2 * (tone * body + 0.6 * wires)) * np.minimum(t / 0.0005, 1.0)

    return draw


def _clap(rng: np.random.Generator) -> Wave:
    t = _time(0.35)
    envelope = np.zeros(len(t))
    for begin_s, decay_s in ((0.0, 0.005), (0.010, 0.005), (0.021, 0.005), (0.031, 0.07)):
        envelope += np.where(t >= begin_s, np.exp(-np.maximum(t - begin_s, 0.0) / decay_s), 0.0)
    return 0.13 * envelope * _noise(rng, len(t), 700.0, 5500.0)


def _metal(decay_s: float, low_hz: float, length_s: float, level: float) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(length_s)
        squares = sum(np.sign(np.sin(2 * np.pi * hz * t + rng.random())) for hz in (327, 491, 645, 810, 1013, 1259))
        high = butter(4, low_hz, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
        metal = np.asarray(sosfilt(high, 0.3 * np.asarray(squares)))
        hiss = _noise(rng, len(t), low_hz, 15_000.0)
        metal /= np.sqrt((metal**2).mean()) + 1e-9
        envelope = np.exp(-t / decay_s) + 0.5 * np.exp(-t / (0.15 * decay_s))
        return level * (0.6 * metal + 0.6 * hiss) * envelope * np.minimum(t / 0.0004, 1.0)

    return draw


def _tone(
    hz: float, decay_s: float, *, drop: float = 1.6, hiss: float = 0.05, level: float = 0.4
) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(min(6.0 * decay_s, 1.5))
        wave = _swept(t, drop * hz, hz, 0.02) * np.exp(-t / decay_s)
        wave += hiss * _noise(rng, len(t), 1000.0, 6000.0) * np.exp(-t / 0.008)
        return level * wave * np.minimum(t / 0.0005, 1.0)

    return draw


def _shaken(decay_s: float, low_hz: float, level: float, rise_s: float) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(8.0 * decay_s + rise_s)
        envelope = np.minimum(t / rise_s, 1.0) * np.exp(-np.maximum(t - rise_s, 0.0) / decay_s)
        return level * envelope * _noise(rng, len(t), low_hz, 14_000.0)

    return draw


def _two_squares(low_hz: float, high_hz: float, decay_s: float) -> Callable[[np.random.Generator], Wave]:
    def draw(rng: np.random.Generator) -> Wave:
        t = _time(0.35)
        wave = np.sign(np.sin(2 * np.pi * low_hz * t)) + np.sign(np.sin(2 * np.pi * high_hz * t + rng.random()))
        band = butter(2, [0.8 * low_hz, 5000.0], "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        return 0.14 * np.asarray(sosfilt(band, wave)) * np.exp(-t / decay_s)

    return draw


_STROKES: dict[str, Callable[[np.random.Generator], Wave]] = {
    "kick_808": _kick(0.9, 160.0, 48.0, 0.018, 0.28, 0.06, 1.2),
    "kick_909": _kick(0.45, 260.0, 52.0, 0.022, 0.13, 0.22, 2.0),
    "kick_acoustic": _kick(0.35, 130.0, 62.0, 0.015, 0.09, 0.18, 1.1),
    "snare_808": _snare((180.0, 330.0), 0.7, 0.06, 0.07, 1800.0, 0.35),
    "snare_909": _snare((190.0, 290.0), 0.6, 0.07, 0.11, 1200.0, 0.45),
    "snare_acoustic": _snare((196.0, 320.0), 0.6, 0.08, 0.10, 900.0, 0.4),
    "rim": _tone(820.0, 0.018, drop=1.3, hiss=0.25, level=0.35),
    "clap": _clap,
    "hat_closed": _metal(0.028, 7000.0, 0.16, 0.12),
    "hat_pedal": _metal(0.045, 6500.0, 0.22, 0.09),
    "hat_open": _metal(0.22, 6800.0, 0.9, 0.10),
    "hat_closed_808": _metal(0.02, 8000.0, 0.12, 0.13),
    "crash": _metal(0.7, 3500.0, 2.4, 0.09),
    "ride": _metal(0.45, 4500.0, 1.6, 0.06),
    "bell": _two_squares(720.0, 1130.0, 0.25),
    "tom_low": _tone(90.0, 0.22),
    "tom_mid": _tone(125.0, 0.19),
    "tom_high": _tone(170.0, 0.16),
    "conga": _tone(210.0, 0.12, drop=1.15, level=0.3),
    "timbale": _tone(330.0, 0.12, drop=1.05, hiss=0.15, level=0.3),
    "clave": _tone(2450.0, 0.03, drop=1.0, hiss=0.0, level=0.22),
    "cowbell": _two_squares(540.0, 800.0, 0.07),
    "agogo": _two_squares(900.0, 1340.0, 0.12),
    "shaker": _shaken(0.025, 5000.0, 0.08, 0.02),
    "tambourine": _shaken(0.07, 6500.0, 0.09, 0.004),
}

_PERCUSSION = {
    37: "rim", 39: "clap", 41: "tom_low", 43: "tom_low", 44: "hat_pedal", 45: "tom_mid", 46: "hat_open",
    47: "tom_mid", 48: "tom_high", 50: "tom_high", 49: "crash", 51: "ride", 52: "crash", 53: "bell", 54: "tambourine",
    55: "crash", 56: "cowbell", 57: "crash", 59: "ride", 60: "conga", 61: "conga", 62: "conga", 63: "conga",
    64: "conga", 65: "timbale", 66: "timbale", 67: "agogo", 68: "agogo", 69: "shaker", 70: "shaker", 75: "clave",
    76: "clave", 77: "clave", 80: "bell", 81: "bell", 82: "shaker",
}  # fmt: skip


def _kit(kick: str, snare: str, hat: str) -> dict[int, str]:
    return {**_PERCUSSION, 35: kick, 36: kick, 38: snare, 40: snare, 42: hat}


_HAT_KEYS = {42: "hat_closed", 44: "hat_pedal", 46: "hat_open", 49: "crash", 51: "ride", 54: "tambourine"}
_TOM_KEYS = {41: "tom_low", 43: "tom_low", 45: "tom_mid", 47: "tom_mid", 48: "tom_high", 50: "tom_high"}

#: drum instruments: what each key plays, and what all other keys play
DRUMS: dict[str, tuple[Mapping[int, str], str]] = {
    "kit_808": (_kit("kick_808", "snare_808", "hat_closed_808"), "rim"),
    "kit_909": (_kit("kick_909", "snare_909", "hat_closed"), "rim"),
    "kit_acoustic": (_kit("kick_acoustic", "snare_acoustic", "hat_closed"), "rim"),
    "kick_808": ({}, "kick_808"),
    "kick_909": ({}, "kick_909"),
    "kick_acoustic": ({}, "kick_acoustic"),
    "snare_808": ({37: "rim", 39: "clap"}, "snare_808"),
    "snare_909": ({37: "rim", 39: "clap"}, "snare_909"),
    "snare_electronic": ({37: "rim", 39: "clap"}, "snare_909"),
    "snare_acoustic": ({37: "rim", 39: "clap"}, "snare_acoustic"),
    "clap": ({37: "rim"}, "clap"),
    "hats": (_HAT_KEYS, "hat_closed"),
    "hats_808": ({**_HAT_KEYS, 42: "hat_closed_808"}, "hat_closed_808"),
    "toms": (_TOM_KEYS, "tom_mid"),
}
