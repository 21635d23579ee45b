"""What samples are played through: guitar amplifiers with their cabinets, a rotating speaker, tape.

A sampled distorted guitar is one string at a time; what makes a chord roar is that all strings go through one valve.
An amplifier here is the classic chain: a high-pass that keeps the bass from flapping, gain into a soft and slightly
one-sided saturation, twice where it is a high-gain amplifier, and the loudspeaker, which lets next to nothing through
above 4.2 kHz (24 dB an octave) and is full below 200 Hz. Pakarinen, Yeh, "A review of digital
techniques for modeling vacuum-tube guitar amplifiers" (2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from songwright.engine.dsp import filter_in_place, high_pass, high_shelf, low_pass, low_shelf, peak
from songwright.engine.dsp.biquad import Filter
from songwright.engine.dsp.compiled import compiled
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

_WORKING_RMS = 0.1  #: of the sounding part, before the first stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Amplifier:
    """Gains are into tanh, for a sound of _WORKING_RMS; `asymmetry` shifts the working point."""

    before: tuple[Filter, ...] = ()
    gain: float
    second_gain: float = 0.0
    asymmetry: float = 0.15
    after: tuple[Filter, ...]
    mix: float = 1.0  #: share of the driven sound


def _cabinet(low_hz: float, bite_db: float, top_hz: float) -> tuple[Filter, ...]:
    return (
        high_pass(low_hz),
        low_shelf(190.0, 5.0),
        peak(115.0, 2.0, 1.0),
        peak(1900.0, bite_db, 0.7),
        low_pass(top_hz, 0.9),
        low_pass(top_hz, 0.6),
    )


_CRUNCH = Amplifier(before=(high_pass(90.0), low_pass(5000.0)), gain=8.0, after=_cabinet(75.0, -4.0, 4200.0))
_HIGH_GAIN = Amplifier(
    before=(high_pass(100.0), peak(900.0, 3.0, 0.7)), gain=18.0, second_gain=3.0, after=_cabinet(75.0, -4.0, 4200.0)
)
_BASS_GRIT = Amplifier(
    before=(high_pass(35.0),), gain=5.0, asymmetry=0.2, mix=0.45, after=(high_pass(35.0), low_pass(3200.0, 0.7))
)
_TAPE = Amplifier(gain=2.2, asymmetry=0.08, after=(high_pass(45.0), peak(120.0, 1.5, 0.8), high_shelf(6500.0, -5.0)))
_ORGAN_DRIVE = Amplifier(
    before=(high_pass(50.0),), gain=3.0, asymmetry=0.1, after=(high_pass(55.0), low_pass(5200.0, 0.7))
)

#: by General MIDI program: overdriven and distorted guitar, the organs, picked bass
_AMPLIFIERS: Mapping[int, Amplifier] = {
    29: _CRUNCH, 30: _HIGH_GAIN, 16: _ORGAN_DRIVE, 17: _ORGAN_DRIVE, 18: _ORGAN_DRIVE,
}  # fmt: skip
_ROTATING = {16, 17, 18}
_NAMED: Mapping[str, Amplifier] = {
    "crunch": _CRUNCH, "high_gain": _HIGH_GAIN, "grit": _BASS_GRIT, "tape": _TAPE,
}  # fmt: skip
AMPLIFIER_NAMES = frozenset(_NAMED)
_ELECTRIC_PIANO = 4


def amplify_in_place(audio: Audio, program: int) -> None:
    """Play `audio` through what belongs to a program; most belong to nothing."""
    if program in _AMPLIFIERS:
        drive_in_place(audio, _AMPLIFIERS[program])
    if program in _ROTATING:
        rotate_in_place(audio, turn_hz=6.2)
    if program == _ELECTRIC_PIANO:
        _sway(audio, 2.0 * np.pi * 4.3 / SAMPLE_RATE_HZ, 0.25)


def amplify_by_name_in_place(audio: Audio, name: str) -> None:
    """Play `audio` through one of AMPLIFIER_NAMES; tape also wavers in pitch."""
    drive_in_place(audio, _NAMED[name])
    if name == "tape":
        waver_in_place(audio)


def drive_in_place(audio: Audio, amplifier: Amplifier) -> None:
    """Through one amplifier; the result has about _WORKING_RMS while it sounds. Silence stays silence."""
    filter_in_place(audio, *amplifier.before)
    power = np.einsum("ci,ci->i", audio[:, ::32], audio[:, ::32]) / 2.0
    heard = power[power > 1e-8]
    if not len(heard):
        return
    audio *= np.float32(_WORKING_RMS / np.sqrt(heard.mean()))
    _saturate(audio, amplifier.gain, amplifier.second_gain, amplifier.asymmetry, amplifier.mix)
    filter_in_place(audio, *amplifier.after)


@compiled
def _saturate(audio: Audio, gain: float, second_gain: float, asymmetry: float, mix: float) -> None:
    rest = np.tanh(asymmetry)
    level = 1.0 / gain if second_gain == 0.0 else 0.35 / second_gain
    for c in range(2):
        for i in range(audio.shape[1]):
            x = audio[c, i]
            y = np.tanh(gain * x + asymmetry) - rest
            if second_gain > 0.0:
                y = np.tanh(second_gain * y)
            audio[c, i] = (1.0 - mix) * x + mix * level * y


def rotate_in_place(audio: Audio, *, turn_hz: float) -> None:
    """A rotating horn: each side gets louder and, by Doppler shift, higher as it turns towards it."""
    _rotate(audio, 2.0 * np.pi * turn_hz / SAMPLE_RATE_HZ, 0.0001 * SAMPLE_RATE_HZ)


@compiled
def _rotate(audio: Audio, step: float, reach: float) -> None:
    size = 64
    line = np.zeros(size)
    for i in range(audio.shape[1]):
        line[i % size] = 0.5 * (audio[0, i] + audio[1, i])
        turn = np.sin(step * i)
        for c in range(2):
            side = turn if c == 0 else -turn
            delay = reach * (1.2 + side)
            whole = int(delay)
            share = delay - whole
            near, far = line[(i - whole) % size], line[(i - whole - 1) % size]
            audio[c, i] = (1.0 + 0.22 * side) * (near * (1.0 - share) + far * share)


@compiled
def _sway(audio: Audio, step: float, depth: float) -> None:
    """The stereo tremolo of an electric piano: loudness wanders from side to side."""
    for i in range(audio.shape[1]):
        turn = depth * np.sin(step * i)
        audio[0, i] *= 1.0 + turn
        audio[1, i] *= 1.0 - turn


def waver_in_place(audio: Audio) -> None:
    """Wow and flutter of a worn machine: about 8 cents at 0.7 Hz and 2 cents at 6 Hz."""
    _waver(audio, 2.0 * np.pi * 0.7 / SAMPLE_RATE_HZ, 48.0, 2.0 * np.pi * 6.1 / SAMPLE_RATE_HZ, 1.4)


@compiled
def _waver(audio: Audio, slow_step: float, slow_reach: float, fast_step: float, fast_reach: float) -> None:
    size = 128
    lines = np.zeros((2, size))
    for i in range(audio.shape[1]):
        delay = slow_reach * (1.0 + np.sin(slow_step * i)) + fast_reach * (1.0 + np.sin(fast_step * i))
        whole = int(delay)
        share = delay - whole
        for c in range(2):
            lines[c, i % size] = audio[c, i]
            near, far = lines[c, (i - whole) % size], lines[c, (i - whole - 1) % size]
            audio[c, i] = near * (1.0 - share) + far * share
