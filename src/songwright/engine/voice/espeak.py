"""The fallback reader: espeak-ng (a GPL program, run as a process and never linked) speaks syllable by syllable.

Conventions
    Every syllable is spoken on its own from espeak's phoneme mnemonics, so where it begins and ends is known exactly;
    its vowel is the loudest voiced stretch. Pitch is estimated with WORLD's DIO, since espeak's is not exact.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
import pyworld
import soxr
from scipy.signal import butter, sosfiltfilt

from songwright.engine.material import Syllable, Word
from songwright.engine.voice.model import MODEL_RATE_HZ, Floats
from songwright.engine.voice.reading import Reading, Span, analyse, midi_to_hz, refine_onsets
from songwright.engine.voice.singers import NoVoice, Singer

_TIMEOUT_S: Final = 20
_DIO_LATE_S: Final = 0.02  #: it needs a period or two before it trusts a voice
_WORDS_PER_MINUTE: Final = 140
_F0_RATE_HZ: Final = 80
_F0_HOP: Final = MODEL_RATE_HZ // _F0_RATE_HZ
_SAME: Final = "abdefhijklmnopstvwz"
_OTHERS: Final = """
    A eI  I aI  O oU  Q oU  W aU  Y OI  i i:  u u:  y u:  ɑ A:  ɐ @  ɒ 0  æ a  ɔ O:  ə @  ɚ 3  ɛ E  ɜ 3:  ɪ I  ʊ U  ʌ V
    ᵊ @  ᵻ I  ø 3:  œ 3:  ɨ I  ɯ u:  ɤ V  ʣ dz  ʥ dZ  ʦ ts  ʨ tS  ʤ dZ  ʧ tS  ð D  θ T  ʃ S  ʒ Z  ŋ N  ɡ g  ɹ r  r r
    ɾ r  ʁ r  ɽ r  ɻ r  ɲ nj  ʎ lj  ɥ j  ç h  x h  χ h  ɣ g  β b  ɕ S  ʂ S  ɸ f  ɳ n  ɴ N  ʈ t  ɖ d  ʝ j  ɟ dj  c k
    q k  ʋ v
"""
_MNEMONICS: Final = {**{c: c for c in _SAME}, **dict(zip(_OTHERS.split()[::2], _OTHERS.split()[1::2], strict=True))}


def read_line_synthetic(words: Sequence[Word], midi: Sequence[float], singer: Singer) -> Reading:
    """`words` spoken by espeak-ng near the pitches they will be sung on."""
    variant = singer.blend[0][0]
    sounds: list[Floats] = []
    pitches: list[Floats] = []
    spans: list[Span] = []
    at_s = 0.0
    syllables = [syllable for word in words for syllable in word.syllables]
    for syllable, note in zip(syllables, midi, strict=True):
        octaves = _octave_steps(note, singer.natural_hz)
        sound = _spoken(_mnemonics(syllable), f"en-us+{variant}", round(50 + 45 * octaves))
        f0 = _estimated_f0(sound, singer.natural_hz * 2**octaves)
        (span,) = refine_onsets(sound, [_span(sound, syllable)])
        spans.append(_from_voicing(span, f0).shifted(at_s))
        sounds.append(sound)
        pitches.append(f0)
        at_s += len(sound) / MODEL_RATE_HZ
    f0 = np.concatenate(pitches)
    return analyse(np.concatenate(sounds), f0, f0, tuple(spans))


def _mnemonics(syllable: Syllable) -> str:
    vowel = "".join(_MNEMONICS.get(c, "") for c in syllable.nucleus) or "@"
    onset = "".join(_MNEMONICS.get(c, "") for c in syllable.onset)
    coda = "".join(_MNEMONICS.get(c, "") for c in syllable.coda)
    return f"[[{onset}'{vowel}{coda}]]"


def _octave_steps(midi: float, natural_hz: float) -> float:
    """How far from its own pitch the voice speaks: steps of a fifth of an octave, so that syllables can be reused."""
    octaves = float(np.log2(midi_to_hz(midi) / natural_hz))
    return float(np.clip(round(octaves * 5) / 5, -0.8, 0.8))


@lru_cache(maxsize=2048)
def _spoken(mnemonics: str, voice: str, pitch: int) -> Floats:
    """One syllable at 24 kHz, trimmed of silence, a whole number of F0 frames long."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise NoVoice(NoVoice.__doc__)
    command = [program, "-v", voice, "-s", str(_WORDS_PER_MINUTE), "-p", str(pitch), "--stdout", mnemonics]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S, check=True)
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768.0
    sound = soxr.resample(samples, rate_hz, MODEL_RATE_HZ) if len(samples) else np.zeros(2400)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    edge = int(0.01 * MODEL_RATE_HZ)
    heard = sound[max(loud[0] - edge, 0) : loud[-1] + edge] if len(loud) else np.zeros(int(0.2 * MODEL_RATE_HZ))
    return np.asarray(np.pad(heard, (0, -len(heard) % _F0_HOP)), np.float64)


def _span(sound: Floats, syllable: Syllable) -> Span:
    """The vowel is where the level below 1 kHz (fricatives lie above) stays within 9 dB of its peak."""
    hop = int(0.005 * MODEL_RATE_HZ)
    window = np.hanning(4 * hop)
    low = sosfiltfilt(butter(2, [150, 1000], "bandpass", fs=MODEL_RATE_HZ, output="sos"), sound)
    level = 10 * np.log10(np.convolve(low**2, window / window.sum(), "same")[::hop] + 1e-9)
    peak = int(level.argmax())
    near = level > level[peak] - 9
    first, last = peak, peak
    while first > 0 and near[first - 1]:
        first -= 1
    while last + 1 < len(near) and near[last + 1]:
        last += 1
    length_s = len(sound) / MODEL_RATE_HZ
    vowel_s = first * 0.005 if syllable.onset else 0.01
    release_s = max((last + 1) * 0.005 if syllable.coda else length_s - 0.02, vowel_s + 0.03)
    return Span(0.0, min(vowel_s, 0.6 * length_s), min(release_s, length_s), length_s)


def _estimated_f0(sound: Floats, expected_hz: float) -> Floats:
    """80 values a second, within about an octave of what was asked for: wider, DIO halves and doubles."""
    f0, times_s = pyworld.dio(
        sound,
        MODEL_RATE_HZ,
        f0_floor=max(0.55 * expected_hz, 71.0),
        f0_ceil=1.8 * expected_hz,
        frame_period=1000 / _F0_RATE_HZ,
    )
    return np.asarray(pyworld.stonemask(sound, f0, times_s, MODEL_RATE_HZ), np.float64)[: len(sound) // _F0_HOP]


def _from_voicing(span: Span, f0: Floats) -> Span:
    """The vowel begins no earlier than the voice, and leaves some of itself to sing."""
    first = int(span.vowel_s * _F0_RATE_HZ)
    voiced = np.flatnonzero(f0[first:] > 0)
    latest_s = span.release_s - 0.05
    if not len(voiced) or (first + voiced[0]) / _F0_RATE_HZ > latest_s:
        return span
    voice_s = (first + int(voiced[0])) / _F0_RATE_HZ - _DIO_LATE_S
    return replace(span, vowel_s=max(span.vowel_s, voice_s))
