"""How loud the sections of a song are: short-term loudness (ITU-R BS.1770 weighting, windows of 3 s)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import lfilter

from songwright.engine.material import Score

WINDOW_S = 3.0
HOP_S = 0.1
# K-weighting for 44.1 kHz and 48 kHz would differ; both stages are designed for the rate (BS.1770-4, annex 1).
SHELF = (1681.974450955533, 3.999843853973347, 0.7071752369554196)  #: centre_hz, gain_db, q
HIGH_PASS = (38.13547087602444, 0.5003270373238773)  #: centre_hz, q


def short_term_lufs(audio: np.ndarray, rate_hz: int) -> tuple[np.ndarray, np.ndarray]:
    """(centre of each window in s, loudness in LUFS) of stereo sound [2, samples]."""
    power = (k_weighted(audio, rate_hz) ** 2).sum(axis=0)
    summed = np.concatenate([[0.0], np.cumsum(power)])
    window, hop = round(WINDOW_S * rate_hz), round(HOP_S * rate_hz)
    starts = np.arange(0, max(len(power) - window, 0) + 1, hop)
    means = (summed[np.minimum(starts + window, len(power))] - summed[starts]) / window
    return starts / rate_hz + WINDOW_S / 2, -0.691 + 10 * np.log10(np.maximum(means, 1e-12))


def k_weighted(audio: np.ndarray, rate_hz: int) -> np.ndarray:
    """The sound as loudness counts it."""
    for numerator, denominator in (_shelf(rate_hz), _high_pass(rate_hz)):
        audio = lfilter(numerator, denominator, audio, axis=-1)
    return audio


def _shelf(rate_hz: int) -> tuple[list[float], list[float]]:
    centre_hz, gain_db, q = SHELF
    k = np.tan(np.pi * centre_hz / rate_hz)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    numerator = [(high + band * k / q + k * k) / norm, 2 * (k * k - high) / norm, (high - band * k / q + k * k) / norm]
    return numerator, [1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def _high_pass(rate_hz: int) -> tuple[list[float], list[float]]:
    centre_hz, q = HIGH_PASS
    k = np.tan(np.pi * centre_hz / rate_hz)
    norm = 1 + k / q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def section_loudness(score: Score, times_s: np.ndarray, lufs: np.ndarray) -> list[float]:
    """Median short-term loudness of each section, of the windows that lie in it (short sections: the one around)."""
    out: list[float] = []
    for section in score.sections:
        start_s = score.seconds(section.start_beats)
        end_s = start_s + score.seconds(section.length_beats)
        inside = (times_s - WINDOW_S / 2 >= start_s - 1e-6) & (times_s + WINDOW_S / 2 <= end_s + 1e-6)
        if not inside.any():
            inside = np.abs(times_s - (start_s + end_s) / 2) <= HOP_S
        out.append(float(np.median(lufs[inside])) if inside.any() else float("nan"))
    return out


def chorus_minus_verse_db(score: Score, loudness: Sequence[float]) -> float:
    """Mean loudness of the choruses minus that of the verses; nan where a song lacks one of them."""
    means: dict[str, float] = {}
    for kind in ("chorus", "verse"):
        found = [x for section, x in zip(score.sections, loudness, strict=True) if section.kind == kind]
        means[kind] = float(np.mean(found)) if found else float("nan")
    return means["chorus"] - means["verse"]
