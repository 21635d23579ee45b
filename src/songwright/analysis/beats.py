"""Beat, tempo and bar lines.

Most music is made with a click: its onsets then share one steady period, which a long Fourier transform of the onset
strength shows to a hundredth of a beat a minute. Which multiple of it is the beat is decided by how much happens on it
and on its divisions, by how often chords change (mostly every four beats) and by how fast people count. Music without
a steady period is followed beat by beat (Ellis, "Beat tracking by dynamic programming", 2007).

Conventions: mono samples at 22,050 Hz; times in seconds, rates in Hz.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray

from songwright.analysis.harmony import RATE_HZ, Chromas
from songwright.analysis.heard import HeardBeats

HOP = 512
FRAME_S = HOP / RATE_HZ
SLOWEST_BPM, FASTEST_BPM = 56.0, 190.0
USUAL_BPM, SPREAD_OCTAVES = 105.0, 0.5
LOW_BANDS = 10  #: of 96 mel bands: below about 250 Hz, the kick and the bass
TRANSFORM = 1 << 19
COHERENT = 0.6  #: share of the windows' own strength that is left when they are added up in phase
WINDOW_S = 15.0
TIGHTNESS = 100.0  #: what a step off the period costs, against onset strength in its standard deviation
REGULAR = 0.5  #: of the strongest line of harmonic change: as strong as this is no accident
BEATS_PER_CHORD = {2: 0.2, 3: 0.2, 4: 0.45, 6: 0.1, 8: 0.15}

Signal = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Onsets:
    """How much begins in each frame.

    In decibels, anywhere and in the low register, every stroke counts, however soft; in amplitude the loud ones do.
    """

    all: Signal
    low: Signal
    loud: Signal


def onsets(samples: NDArray[np.float32]) -> Onsets:
    """Onset strength of a song."""
    power = librosa.feature.melspectrogram(y=samples, sr=RATE_HZ, hop_length=HOP, n_mels=96, fmax=8000.0)
    rises = _rises(librosa.power_to_db(power, ref=np.max))
    return Onsets(rises.mean(axis=0), rises[:LOW_BANDS].mean(axis=0), _rises(np.sqrt(power)).mean(axis=0))


def _rises(levels: Signal) -> Signal:
    return np.maximum(0.0, np.diff(levels, axis=1, prepend=levels[:, :1]))


def heard_beats(heard: Onsets, chroma: Chromas, duration_s: float) -> HeardBeats:
    """Tempo, beats and where bars begin. Without any onset: two beats a second, said not to be steady."""
    if not heard.all.any():
        return HeardBeats(120.0, False, 4, 0, tuple(map(float, np.arange(0.0, max(duration_s, 1.0), 0.5))))
    novelty = _novelty(chroma)
    rate = _beat_rate(heard, novelty, chroma.hop_s)
    steady = _coherence(heard.all, 2 * rate) >= COHERENT
    times = _grid(heard, novelty, chroma.hop_s, rate, duration_s) if steady else _followed(heard, rate, duration_s)
    rate = rate if steady else 1 / float(np.median(np.diff(times)))
    per_bar, first = _bars(times, novelty, chroma.hop_s)
    return HeardBeats(60 * rate, steady, per_bar, first, tuple(map(float, times)))


def _novelty(chroma: Chromas) -> Signal:
    """How much the harmony changes at each chroma frame: what sounds in the third of a second before and after it."""
    reach = max(1, round(0.35 / chroma.hop_s))
    change = np.zeros(chroma.all.shape[1])
    for part in (chroma.all, chroma.bass):
        summed = np.cumsum(np.pad(part, ((0, 0), (reach + 1, reach))), axis=1)
        before, after = (
            summed[:, reach:-reach] - summed[:, : -2 * reach],
            summed[:, 2 * reach :] - summed[:, reach:-reach],
        )
        lengths = np.linalg.norm(before, axis=0) * np.linalg.norm(after, axis=0) + 1e-9
        change += (1 - (before * after).sum(axis=0) / lengths)[: len(change)]
    return change


def _spectrum(signal: Signal, frame_s: float) -> Callable[[float], float]:
    """How strongly a signal repeats at a rate: the largest line within 1 %, relative to the usual line."""
    lines, step = _lines(signal, frame_s)
    usual = float(np.median(lines[int(0.2 / step) : int(8 / step)])) + 1e-9

    def at(rate: float) -> float:
        middle, width = round(rate / step), max(2, round(0.01 * rate / step))
        return float(lines[max(middle - width, 0) : middle + width + 1].max()) / usual

    return at


def _lines(signal: Signal, frame_s: float) -> tuple[Signal, float]:
    """The spectrum of a signal without its slow level, and how far apart its lines are."""
    level = signal - np.convolve(signal, np.ones(43) / 43, "same")
    return np.abs(np.fft.rfft(level * np.hanning(len(level)), TRANSFORM)), 1 / (TRANSFORM * frame_s)


def _beat_rate(heard: Onsets, novelty: Signal, novelty_frame_s: float) -> float:
    """Beats a second."""
    onset_line, low_line = _spectrum(heard.all, FRAME_S), _spectrum(heard.low, FRAME_S)
    change_line = _spectrum(novelty, novelty_frame_s)
    best = (-np.inf, 2.0)
    for rate in _candidates(heard):
        on_beat = np.log(onset_line(rate) * low_line(rate))
        halves, thirds = (onset_line(parts * rate) * onset_line(2 * parts * rate) for parts in (2, 3))
        divided = np.log(max(halves, thirds))
        beneath = np.log(onset_line(rate / 2))
        usual = -0.5 * (np.log2(60 * rate / USUAL_BPM) / SPREAD_OCTAVES) ** 2
        chords = np.log(BEATS_PER_CHORD.get(_beats_per_chord(change_line, rate), 0.03))
        best = max(best, (float(0.5 * on_beat + 0.5 * divided - 0.5 * beneath + usual + chords), rate))
    return _refined(best[1], heard)


def _refined(rate: float, heard: Onsets) -> float:
    """The rate by its strongest division, whose line is as much finer as it is faster."""
    lines, step = _lines(heard.all, FRAME_S)
    best = (0.0, rate)
    for parts in (2, 3, 4):
        low, high = (int(parts * rate * (1 + side) / step) for side in (-0.006, 0.006))
        top = low + int(lines[low : high + 1].argmax())
        best = max(best, (float(lines[top]), top * step / parts))
    return best[1]


def _candidates(heard: Onsets) -> list[float]:
    """The strongest steady rates among beats and their divisions, brought into the range people count in."""
    lines, step = _lines(heard.all, FRAME_S)
    found: list[float] = []
    ranked = np.argsort(-lines[int(0.9 / step) : int(7 / step)])[:4000] + int(0.9 / step)
    for line in ranked:
        rate = float(line * step)
        if all(abs(rate / other - 1) > 0.02 for other in found):
            found.append(rate)
        if len(found) == 4:
            break
    rates = [rate * share for rate in found for share in (4, 3, 2, 1.5, 1, 2 / 3, 0.5, 1 / 3, 0.25, 1 / 6)]
    return [rate for rate in rates if SLOWEST_BPM <= 60 * rate <= FASTEST_BPM]


def _beats_per_chord(change_line: Callable[[float], float], rate: float) -> int:
    """The longest period in beats at which harmony changes regularly: shorter ones are its own overtones."""
    lines = {beats: change_line(rate / beats) for beats in (1, 2, 3, 4, 6, 8)}
    strong = REGULAR * max(lines.values())
    return max(beats for beats, line in lines.items() if line >= strong)


def _coherence(signal: Signal, rate: float) -> float:
    """Whether the same clock runs through the song: 1 when the phase of `rate` never drifts."""
    window = max(int(WINDOW_S / FRAME_S), 1)
    turning = (signal - signal.mean()) * np.exp(-2j * np.pi * rate * np.arange(len(signal)) * FRAME_S)
    sums = np.add.reduceat(turning, np.arange(0, len(signal), window))
    return float(np.abs(sums.sum()) / (np.abs(sums).sum() + 1e-9))


def _grid(heard: Onsets, novelty: Signal, novelty_frame_s: float, rate: float, duration_s: float) -> Signal:
    """Beats at a steady rate, where the loud strokes fall: what plays between them is softer than the kick."""
    period = 1 / rate

    def phase_score(start_s: float) -> float:
        beats = np.arange(start_s, duration_s, period)
        frames = np.minimum((beats / FRAME_S).round().astype(int), len(heard.loud) - 1)
        changes = np.minimum((beats / novelty_frame_s).round().astype(int), len(novelty) - 1)
        sounding = heard.loud[frames].mean() / (heard.loud.mean() + 1e-9)
        return float(sounding + novelty[changes].mean() / (novelty.mean() + 1e-9))

    starts = np.arange(0.0, period, 0.004)
    scores = np.array([phase_score(float(start)) for start in starts])
    return np.arange(float(starts[int(scores.argmax())]), duration_s, period)


def _followed(heard: Onsets, rate: float, duration_s: float) -> Signal:
    """Beats one by one, near the rate: the path on which most begins while its steps stay near the period.

    Written out here because librosa's own compiled tracker crashes when its code is loaded from numba's cache.
    """
    strength = heard.all / (heard.all.std() + 1e-9)
    period = 1 / (rate * FRAME_S)
    steps = np.arange(max(round(period / 2), 1), round(2 * period) + 1)
    cost = TIGHTNESS * np.log(steps / period) ** 2
    best, came_from = strength.copy(), np.full(len(strength), -1)
    for frame in range(int(steps[0]), len(strength)):
        reach = steps[: int(np.searchsorted(steps, frame, "right"))]
        ways = best[frame - reach] - cost[: len(reach)]
        way = int(ways.argmax())
        if ways[way] > 0:
            best[frame] += ways[way]
            came_from[frame] = frame - reach[way]
    tail = max(len(best) - round(period), 0)
    path = [tail + int(best[tail:].argmax())]
    while came_from[path[-1]] >= 0:
        path.append(int(came_from[path[-1]]))
    if len(path) < 2:
        return np.arange(0.0, max(duration_s, 1.0), 1 / rate)
    return np.array(path[::-1]) * FRAME_S


def _bars(beats_s: Signal, novelty: Signal, frame_s: float) -> tuple[int, int]:
    """Beats a bar (3 or 4) and the first beat that begins one: where the harmony changes most."""
    at = np.minimum((beats_s / frame_s).round().astype(int), len(novelty) - 1)
    weight = novelty[at] - novelty[at].mean()
    choices = [
        (float(weight[phase::length].mean()) * np.sqrt(length / 4), length, phase)
        for length in (4, 3)
        for phase in range(length)
        if len(weight) > phase
    ]
    _, length, phase = max(choices)
    return length, phase
