"""Struck, plucked and blown sounds: sums of decaying partials, frequency modulation, plucked strings.

Sources: Karplus, Strong, "Digital synthesis of plucked-string and drum timbres" (1983), with the fractional delay and
the pick position of Jaffe and Smith (1983); Chowning, "The synthesis of complex audio spectra by means of frequency
modulation" (1973).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songwright.engine.dsp.compiled import compiled
from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, stable_rng


@dataclass(frozen=True, slots=True, kw_only=True)
class Partials:
    """A sound made of sines: frequency ratios, amplitudes, and time constants of decay at 220 Hz in seconds."""

    ratios: tuple[float, ...]
    amplitudes: tuple[float, ...]
    decays_s: tuple[float, ...]
    release_s: float = 0.3  #: time to -60 dB after the key
    stretch: float = 0.0  #: inharmonicity of stiff strings
    attack_s: float = 0.002
    level: float = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Modulated:
    """Two-operator frequency modulation; `index` falls with `index_decay_s`, the whole with `decay_s`."""

    ratio: float
    index: float
    index_decay_s: float
    decay_s: float
    release_s: float = 0.25
    level: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class String:
    """A plucked string: `ring_s` is the decay time (-60 dB) at 220 Hz, `brightness` 0..1, `pick` the place 0..0.5."""

    ring_s: float = 4.0
    brightness: float = 0.5
    pick: float = 0.2
    release_s: float = 0.12
    drive: float = 0.0
    level: float = 0.35


def play_struck(sound: Partials | Modulated | String, notes: list[TimedNote], samples: int) -> Audio:
    """All notes with one sound, the same in both channels."""
    mono = np.zeros(samples, np.float32)
    for index, note in enumerate(notes):
        length = min(note.length + round(sound.release_s * SAMPLE_RATE_HZ), samples - note.start)
        hz = 440.0 * 2.0 ** ((note.midi - 69) / 12.0)
        velocity = note.velocity / 127.0
        if isinstance(sound, Partials):
            voice = _partials(sound, hz, velocity, length)
        elif isinstance(sound, Modulated):
            voice = _modulated(sound, hz, velocity, length)
        else:
            voice = _string(sound, hz, velocity, length, index)
        _release_in_place(voice, note.length, sound.release_s)
        mono[note.start : note.start + length] += voice * np.float32(sound.level * velocity**1.35)
    return np.stack([mono, mono])


def _release_in_place(voice: Audio, hold: int, release_s: float) -> None:
    after = len(voice) - hold
    if after > 0:
        voice[hold:] *= np.exp(-6.91 / (release_s * SAMPLE_RATE_HZ) * np.arange(after)).astype(np.float32)
    close = min(64, len(voice))
    voice[len(voice) - close :] *= np.linspace(1.0, 0.0, close, dtype=np.float32)


def _partials(sound: Partials, hz: float, velocity: float, length: int) -> Audio:
    ratios = np.array(sound.ratios)
    frequencies = hz * ratios * np.sqrt(1.0 + sound.stretch * ratios**2)
    heard = frequencies < 0.45 * SAMPLE_RATE_HZ
    # Higher strings ring shorter; softer keys excite fewer high partials.
    decays = np.array(sound.decays_s) * (220.0 / hz) ** 0.5
    amplitudes = np.array(sound.amplitudes) * velocity ** (0.35 * np.log2(np.maximum(ratios, 1.0)))
    voice = np.zeros(length, np.float32)
    turns = np.exp((2j * np.pi * frequencies - 1.0 / decays) / SAMPLE_RATE_HZ)
    _ring(voice, turns[heard], amplitudes[heard])
    rise = min(max(round(sound.attack_s * SAMPLE_RATE_HZ), 1), length)
    voice[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    return voice


@compiled
def _ring(voice: Audio, turns: NDArray[np.complex128], amplitudes: NDArray[np.float64]) -> None:
    """Each partial is a complex number turned once a sample."""
    for k in range(len(turns)):
        re, im = amplitudes[k], 0.0
        cosine, sine = turns[k].real, turns[k].imag
        for i in range(voice.shape[0]):
            voice[i] += im
            re, im = re * cosine - im * sine, re * sine + im * cosine
            if abs(re) + abs(im) < 1e-9:
                break


def _modulated(sound: Modulated, hz: float, velocity: float, length: int) -> Audio:
    time_s = np.arange(length) / SAMPLE_RATE_HZ
    shortening = (220.0 / hz) ** 0.4
    index = sound.index * velocity * np.exp(-time_s / (sound.index_decay_s * shortening))
    modulator = index * np.sin(2 * np.pi * hz * sound.ratio * time_s)
    voice = np.exp(-time_s / (sound.decay_s * shortening)) * np.sin(2 * np.pi * hz * time_s + modulator)
    return voice.astype(np.float32)


def _string(sound: String, hz: float, velocity: float, length: int, index: int) -> Audio:
    period = SAMPLE_RATE_HZ / hz
    burst = stable_rng("string", index).uniform(-1.0, 1.0, int(period) + 2)
    keep = 0.25 + 0.7 * sound.brightness * (0.5 + 0.5 * velocity)
    for i in range(1, len(burst)):
        burst[i] = keep * burst[i] + (1.0 - keep) * burst[i - 1]
    burst -= np.roll(burst, max(int(sound.pick * period), 1))
    burst /= np.sqrt((burst**2).mean()) + 1e-9
    loss = 10.0 ** (-3.0 * period / (sound.ring_s * (220.0 / hz) ** 0.5 * SAMPLE_RATE_HZ))
    voice = np.zeros(length, np.float32)
    _pluck(voice, burst * 0.4, period, loss, 0.5 - 0.42 * sound.brightness)
    if sound.drive:
        np.tanh(voice * np.float32(sound.drive), out=voice)
    return voice


@compiled
def _pluck(voice: Audio, burst: NDArray[np.float64], period: float, loss: float, smoothing: float) -> None:
    """A delay line of one period with a two-point low-pass (delay `smoothing`) and linear interpolation."""
    distance = max(period - smoothing, 2.0)
    whole = int(distance)
    share = distance - whole
    line = np.zeros(whole + 3)
    size = len(line)
    last = 0.0
    for i in range(voice.shape[0]):
        near = line[(i - whole) % size]
        far = line[(i - whole - 1) % size]
        value = near * (1.0 - share) + far * share
        smooth = (1.0 - smoothing) * value + smoothing * last
        last = value
        fed = loss * smooth
        if i < len(burst):
            fed += burst[i]
        line[i % size] = fed + 1e-18
        voice[i] = fed
