"""Can the beat be found? The product's own beat tracker (`songwright.analysis`) against the beats of the score."""

from __future__ import annotations

import numpy as np

from songwright.analysis import HeardBeats
from songwright.analysis.beats import heard_beats, onsets
from songwright.analysis.harmony import Chromas
from songwright.engine.material import Score

TOLERANCE_S = 0.07
SKIPPED_S = 5.0  #: as usual in the field, the tracker may take this long to settle


def heard(mono: np.ndarray, rate_hz: int, sound: Chromas) -> HeardBeats:
    """What the product's tracker hears."""
    return heard_beats(onsets(mono), sound, len(mono) / rate_hz)


def written_beats_s(score: Score) -> np.ndarray:
    """Every beat of the score."""
    return np.arange(int(score.length_beats) + 1) * 60.0 / score.bpm


def beat_f(written_s: np.ndarray, tapped_s: np.ndarray) -> float:
    """F measure of taps within TOLERANCE_S of a beat, each beat used once."""
    written_s, tapped_s = written_s[written_s >= SKIPPED_S], tapped_s[tapped_s >= SKIPPED_S]
    if not len(written_s) or not len(tapped_s):
        return 0.0
    hits = at = 0
    for tap in tapped_s:
        while at < len(written_s) and written_s[at] < tap - TOLERANCE_S:
            at += 1
        if at < len(written_s) and abs(written_s[at] - tap) <= TOLERANCE_S:
            hits, at = hits + 1, at + 1
    precision, recall = hits / len(tapped_s), hits / len(written_s)
    return 2 * precision * recall / (precision + recall) if hits else 0.0


def beat_f_any_level(written_s: np.ndarray, tapped_s: np.ndarray) -> float:
    """The best F against the beats, every other beat, or beats and half beats: half or double tempo counts."""
    between = (written_s[:-1] + written_s[1:]) / 2
    levels = (written_s, written_s[::2], written_s[1::2], np.sort(np.concatenate([written_s, between])), between)
    return max(beat_f(level, tapped_s) for level in levels)
