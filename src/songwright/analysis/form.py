"""Where parts of the form begin: bars at which harmony, loudness and singing change together.

Source: Foote, "Automatic audio segmentation using a measure of audio novelty", 2000 (a checkerboard along the diagonal
of the self-similarity matrix), on features a bar.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from songwright.analysis.harmony import Chromas
from songwright.analysis.heard import HeardBeats, HeardNote

KERNEL_BARS = 4
SHORTEST_SECTION_BARS = 4


def section_starts_s(
    beats: HeardBeats, chroma: Chromas, loudness_db: NDArray[np.float64], melody: tuple[HeardNote, ...]
) -> tuple[float, ...]:
    """Times of bar lines at which a part begins, the first being the first bar. `loudness_db` has a value a second."""
    bars = np.array(beats.times_s[beats.first_downbeat :: beats.beats_per_bar])
    if len(bars) < 2 * KERNEL_BARS:
        return tuple(float(time) for time in bars[:1])
    features = np.array([_of_bar(float(a), float(b), chroma, loudness_db, melody) for a, b in pairwise(bars)])
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    alike = features @ features.T / features.shape[1]
    novelty = np.array([_checker(alike, bar) for bar in range(len(features))])
    peaks = find_peaks(novelty, distance=SHORTEST_SECTION_BARS, height=float(novelty.mean() + 0.3 * novelty.std()))[0]
    return (float(bars[0]), *(float(bars[peak]) for peak in peaks if peak >= SHORTEST_SECTION_BARS - 2))


def _of_bar(
    start_s: float, end_s: float, chroma: Chromas, loudness_db: NDArray[np.float64], melody: tuple[HeardNote, ...]
) -> NDArray[np.float64]:
    frames = slice(int(start_s / chroma.hop_s), max(int(end_s / chroma.hop_s), int(start_s / chroma.hop_s) + 1))
    sounding = chroma.all[:, frames].mean(axis=1) if chroma.all[:, frames].size else np.zeros(12)
    second = min(int(start_s), len(loudness_db) - 1)
    sung_s = sum(max(0.0, min(n.end_s, end_s) - max(n.start_s, start_s)) for n in melody)
    inside = [note.midi for note in melody if start_s <= note.start_s < end_s]
    # Loudness, singing and register count as much together as the twelve pitch classes do.
    others = [float(loudness_db[second]), sung_s / (end_s - start_s), sum(inside) / max(len(inside), 1)]
    return np.concatenate([sounding, np.repeat(np.array(others), 4)])


def _checker(alike: NDArray[np.float64], bar: int) -> float:
    """How alike the bars before are among themselves, and those after, less how alike they are to each other."""
    before = slice(max(bar - KERNEL_BARS, 0), bar)
    after = slice(bar, min(bar + KERNEL_BARS, len(alike)))
    if bar == 0:
        return 0.0
    return float(alike[before, before].mean() + alike[after, after].mean() - 2 * alike[before, after].mean())
