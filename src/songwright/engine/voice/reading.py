"""A line read aloud at its natural pace on the pitches it will be sung on, taken apart into WORLD's parameters.

Conventions
    Times are seconds of the reading. Frames are `FRAME_S` apart; F0 is in Hz, 0 where unvoiced; the envelope is the
    natural logarithm of WORLD's power spectrum [frames, BINS], the aperiodicity 0..1 of the same shape.
    M. Morise et al., WORLD: a vocoder-based high-quality speech synthesis system (2016): CheapTrick and D4C.
    The pitch is not estimated: it is what was asked of the model, which is both faster and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyworld
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from songwright.engine.material import Word
from songwright.engine.voice.model import FRAMES_PER_S, MODEL_RATE_HZ, VOICED_HZ, Blend, Floats, Model
from songwright.engine.voice.tokens import TokenRow, token_rows

FRAME_S: Final = 0.005
FFT_SIZE: Final = 1024
BINS: Final = FFT_SIZE // 2 + 1
LOWEST_F0_HZ: Final = 3.0 * MODEL_RATE_HZ / (FFT_SIZE - 3) + 0.5  #: of CheapTrick with this window
ROW_TOKENS: Final = 220  #: longer lines are read in pieces: the decoder's memory grows with length
_F0_RATE_HZ: Final = 2 * FRAMES_PER_S
_VOWEL_LAG_S: Final = 0.025  #: a vowel is heard this much before its mark's token
_TOKEN_LEAD_S: Final = 0.05  #: other sounds lead their tokens by about two frames
_SONORANTS: Final = "mnŋlɹwjɾɲʎɥɴʁɰɻɭɳ"
_ONSET_HOP_S: Final = 0.0025
_VOWEL_DB: Final = 22.0  #: an open syllable has ended when its level has fallen this far
_CODA_DB: Final = 34.0  #: one with a coda, whose last consonant may be weak
_CODA_S: Final = 0.06  #: kept for a coda that is heard less long than its token lasts
_SILENCE_S: Final = 0.12  #: kept before the first sound and after the last

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Span:
    """A syllable in the reading: consonants from `onset_s`, vowel from `vowel_s` to `release_s`, coda to `end_s`."""

    onset_s: float
    vowel_s: float
    release_s: float
    end_s: float

    def shifted(self, by_s: float) -> Span:
        """The same span later."""
        return Span(self.onset_s + by_s, self.vowel_s + by_s, self.release_s + by_s, self.end_s + by_s)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the singer said and how it sounded."""

    length_s: float
    spans: tuple[Span, ...]
    f0_hz: Floats
    log_envelope: Floats
    aperiodicity: Floats
    intonation: Floats  #: semitones above the median of the natural reading, for rap


def read_line(
    words: Sequence[Word], midi: Sequence[float], blend: Blend, model: Model, *, speed: float, spoken: bool
) -> Reading:
    """Read `words` with syllable i on pitch `midi[i]`; `spoken` keeps the natural intonation round their mean."""
    sounds: list[Floats] = []
    pitches: list[Floats] = []
    naturals: list[Floats] = []
    spans: list[Span] = []
    for row in token_rows(words, model.vocabulary, limit=ROW_TOKENS):
        own = np.asarray(midi[len(spans) : len(spans) + len(row.syllables)], np.float64)
        piece = _read_row(row, own, blend, model, speed=speed, spoken=spoken)
        before_s = sum(len(sound) for sound in sounds) / MODEL_RATE_HZ
        spans += [span.shifted(before_s) for span in piece.spans]
        sounds.append(piece.sound)
        pitches.append(piece.f0)
        naturals.append(piece.natural)
    return analyse(np.concatenate(sounds), np.concatenate(pitches), np.concatenate(naturals), tuple(spans))


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    sound: Floats
    f0: Floats
    natural: Floats
    spans: tuple[Span, ...]


def _read_row(row: TokenRow, midi: Floats, blend: Blend, model: Model, *, speed: float, spoken: bool) -> _Piece:
    style = model.style(blend, len(row.ids))
    frames, natural, energy, text = model.prosody(row.ids, style, speed)
    starts_s = np.concatenate([[0.0], np.cumsum(frames)]) / FRAMES_PER_S
    spans = _token_spans(row, starts_s)
    voiced = (natural > VOICED_HZ) | _sung_frames(row, starts_s, len(natural), model)
    melody = _transposed(natural, float(midi.mean())) if spoken else _steps_hz(spans, midi, len(natural))
    pitch = np.where(voiced, melody, natural)
    first, last = _heard_frames(spans, len(natural) // 2)
    half = slice(2 * first, 2 * last)
    sound = model.decode(np.ascontiguousarray(text[..., first:last]), pitch[half], energy[half], style)
    spans = tuple(span.shifted(-first / FRAMES_PER_S) for span in spans)
    return _Piece(sound, pitch[half], natural[half], without_silence(sound, refine_onsets(sound, spans)))


def _heard_frames(spans: Sequence[Span], count: int) -> tuple[int, int]:
    """The frames to decode: the silence read before and after a line is a fifth of it, and most is never used."""
    first = int((spans[0].onset_s - _SILENCE_S) * FRAMES_PER_S)
    last = int(np.ceil((spans[-1].end_s + _SILENCE_S) * FRAMES_PER_S))
    return min(max(first, 0), count - 1), min(max(last, first + 1), count)


def _token_spans(row: TokenRow, starts_s: Floats) -> tuple[Span, ...]:
    spans: list[Span] = []
    previous_s = 0.0
    for tokens in row.syllables:
        vowel_s = max(starts_s[tokens.vowel] - _VOWEL_LAG_S, previous_s + 0.01)
        onset_s = min(max(starts_s[tokens.onset] - _TOKEN_LEAD_S, previous_s), vowel_s)
        release_s = max(starts_s[tokens.coda] - _TOKEN_LEAD_S, vowel_s + 0.03)
        end_s = max(starts_s[tokens.end] - _TOKEN_LEAD_S, release_s)
        spans.append(Span(float(onset_s), float(vowel_s), float(release_s), float(end_s)))
        previous_s = end_s
    return tuple(spans)


def _steps_hz(spans: Sequence[Span], midi: Floats, count: int) -> Floats:
    """The melody as the decoder's F0: a step at every vowel, rounded over seven values (88 ms)."""
    times_s = (np.arange(count) + 0.5) / _F0_RATE_HZ
    starts_s = np.array([span.vowel_s - 0.05 for span in spans])
    index = np.clip(np.searchsorted(starts_s, times_s, side="right") - 1, 0, len(spans) - 1)
    window = np.hanning(9)[1:-1]
    return np.convolve(np.pad(midi_to_hz(midi)[index], 3, mode="edge"), window / window.sum(), "valid")


def _sung_frames(row: TokenRow, starts_s: Floats, count: int, model: Model) -> Mask:
    """Vowels, and the sonorants after them: speech lets them creak or whisper at a line's end, singing does not."""
    sonorants = {model.vocabulary[p] for p in _SONORANTS if p in model.vocabulary}
    times_s = (np.arange(count) + 0.5) / _F0_RATE_HZ
    sung = np.zeros(count, np.bool_)
    for tokens in row.syllables:
        last = tokens.coda
        while last < tokens.end and row.ids[last] in sonorants:
            last += 1
        sung |= (times_s > starts_s[tokens.vowel]) & (times_s < starts_s[last] - _TOKEN_LEAD_S)
    return sung


def _transposed(natural: Floats, mean_midi: float) -> Floats:
    """The natural intonation, unbroken, moved so that its median is `mean_midi`."""
    voiced = natural > VOICED_HZ
    if not voiced.any():
        return np.full(len(natural), float(midi_to_hz(mean_midi)))
    index = np.arange(len(natural))
    unbroken = np.interp(index, index[voiced], natural[voiced])
    return unbroken * midi_to_hz(mean_midi) / np.median(natural[voiced])


def midi_to_hz(midi: Floats | float) -> Floats:
    """69 -> 440 Hz."""
    return 440.0 * 2.0 ** ((np.asarray(midi, np.float64) - 69.0) / 12.0)


def analyse(sound: Floats, f0_80hz: Floats, natural_80hz: Floats, spans: tuple[Span, ...]) -> Reading:
    """WORLD's parameters of `sound`, whose pitch is known (80 values a second)."""
    count = int(len(sound) / MODEL_RATE_HZ / FRAME_S) + 1
    times_s = np.arange(count) * FRAME_S
    f0 = np.maximum(_resampled_f0(f0_80hz, times_s), 0.0)
    f0 = np.where(f0 > 0, np.maximum(f0, LOWEST_F0_HZ), 0.0)
    envelope = pyworld.cheaptrick(sound, f0, times_s, MODEL_RATE_HZ, f0_floor=LOWEST_F0_HZ, fft_size=FFT_SIZE)
    aperiodicity = pyworld.d4c(sound, f0, times_s, MODEL_RATE_HZ, fft_size=FFT_SIZE)
    natural = _resampled_f0(natural_80hz, times_s, fill=True)
    intonation = 12 * np.log2(natural / np.median(natural))
    log_envelope = np.log(envelope + 1e-12)
    return Reading(len(sound) / MODEL_RATE_HZ, spans, f0, log_envelope, aperiodicity, intonation)


def _resampled_f0(f0_80hz: Floats, times_s: Floats, *, fill: bool = False) -> Floats:
    """F0 at `times_s`, interpolated over voiced values only; with `fill` also where unvoiced."""
    voiced = f0_80hz > VOICED_HZ
    if not voiced.any():
        return np.full(len(times_s), 200.0) if fill else np.zeros(len(times_s))
    at_s = (np.arange(len(f0_80hz)) + 0.5) / _F0_RATE_HZ
    smooth = np.interp(times_s, at_s[voiced], f0_80hz[voiced])
    index = np.clip((times_s * _F0_RATE_HZ).astype(int), 0, len(f0_80hz) - 1)
    return smooth if fill else np.where(voiced[index], smooth, 0.0)


# ------------------------------------------------------------------------------------------- where vowels are heard


def refine_onsets(sound: Floats, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Move each vowel's start to the steepest rise of the 250-3500 Hz level within -60..+90 ms of it."""
    slope = _level_slope(sound)
    refined: list[Span] = []
    for span in spans:
        latest_s = min(0.09, (span.release_s - span.vowel_s) * 0.6)
        vowel_s = _steepest(slope, span.vowel_s, earliest_s=0.06, latest_s=latest_s)
        vowel_s = max(vowel_s, refined[-1].release_s + 0.005 if refined else 0.0)
        release_s = max(span.release_s, vowel_s + 0.04)
        onset_s = min(span.onset_s, vowel_s)
        refined.append(replace(span, onset_s=onset_s, vowel_s=vowel_s, release_s=release_s))
    return tuple(_ordered(refined))


def without_silence(sound: Floats, spans: Sequence[Span]) -> tuple[Span, ...]:
    """End each syllable where it is last heard.

    The model counts the silence after a phrase to its last sound: held on a note, a fifth of a second of nothing would
    become half of it.
    """
    level_db = _edge_level_db(sound)
    heard: list[Span] = []
    for span in spans:
        first, last = int(span.vowel_s / _ONSET_HOP_S), int(span.end_s / _ONSET_HOP_S)
        window = level_db[first:last]
        has_coda = span.end_s - span.release_s > 0.01
        loud = np.flatnonzero(window > window.max() - (_CODA_DB if has_coda else _VOWEL_DB)) if len(window) else window
        end_s = (first + int(loud[-1]) + 1) * _ONSET_HOP_S + 0.01 if len(loud) else span.end_s
        if end_s > span.end_s - 0.02:
            heard.append(span)
            continue
        latest_s = max(end_s - (_CODA_S if has_coda else 0.0), span.vowel_s + 0.04)
        release_s = min(span.release_s, latest_s)
        heard.append(replace(span, release_s=release_s, end_s=max(end_s, release_s)))
    return tuple(heard)


def _edge_level_db(sound: Floats) -> Floats:
    """Level every 2.5 ms with high frequencies raised, so that fricatives count as much as vowels."""
    steep = np.diff(sound, prepend=sound[:1])
    window = np.hanning(int(0.01 * MODEL_RATE_HZ) + 2)[1:-1]
    power = np.convolve(steep * steep, window / window.sum(), "same")[:: int(_ONSET_HOP_S * MODEL_RATE_HZ)]
    return 10 * np.log10(power + 1e-12)


def _ordered(spans: Sequence[Span]) -> list[Span]:
    """Ends at or after releases, and never after the next onset's start."""
    ordered: list[Span] = []
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        end_s = max(span.end_s, span.release_s)
        if following is not None:
            end_s = max(min(end_s, following.vowel_s), span.release_s)
        ordered.append(replace(span, end_s=end_s))
    for index in range(1, len(ordered)):
        onset_s = min(max(ordered[index].onset_s, ordered[index - 1].end_s), ordered[index].vowel_s)
        ordered[index] = replace(ordered[index], onset_s=onset_s)
    return ordered


def _level_slope(sound: Floats) -> Floats:
    """dB per 15 ms of the 250-3500 Hz level, every 2.5 ms."""
    band = butter(2, [250, 3500], "bandpass", fs=MODEL_RATE_HZ, output="sos")
    power = sosfiltfilt(band, sound) ** 2
    window = np.hanning(int(0.012 * MODEL_RATE_HZ) + 2)[1:-1]
    level = np.convolve(power, window / window.sum(), "same")[:: int(_ONSET_HOP_S * MODEL_RATE_HZ)]
    kernel = np.concatenate([np.ones(6), [0], -np.ones(6)]) / 6
    return np.convolve(10 * np.log10(level + 1e-9), kernel, "same")


def _steepest(slope: Floats, guess_s: float, *, earliest_s: float, latest_s: float) -> float:
    first = max(int((guess_s - earliest_s) / _ONSET_HOP_S), 0)
    last = min(int((guess_s + latest_s) / _ONSET_HOP_S), len(slope) - 1)
    if last <= first:
        return guess_s
    distance_s = np.arange(first, last) * _ONSET_HOP_S - guess_s
    score = slope[first:last] - 8 * (distance_s / 0.08) ** 2
    return float(first + int(score.argmax())) * _ONSET_HOP_S if score.max() > 2 else guess_s
