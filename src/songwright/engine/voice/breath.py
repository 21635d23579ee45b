"""The breath a singer takes: noise shaped like a vocal tract, rising slowly and stopping quickly."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.signal import butter, sosfilt

from songwright.engine.material import SAMPLE_RATE_HZ
from songwright.engine.voice.model import Floats

#: (centre Hz, width Hz, gain)
_FORMANTS: Final = ((1100, 500, 0.5), (1900, 700, 1.0), (3200, 1100, 0.8), (5600, 2600, 0.5))


def breath(length_s: float, level: float, rng: np.random.Generator) -> Floats:
    """Mono at the song's rate; `level` is its RMS."""
    count = max(int(length_s * SAMPLE_RATE_HZ), 1)
    noise = rng.standard_normal(count)
    sound = np.zeros(count)
    for centre_hz, width_hz, gain in _FORMANTS:
        edges_hz = [centre_hz - width_hz / 2, centre_hz + width_hz / 2]
        sections = butter(1, edges_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        sound += gain * np.asarray(sosfilt(sections, noise))
    along = np.linspace(0, 1, count)
    sound *= np.clip(along / 0.55, 0, 1) ** 1.6 * np.clip((1 - along) / 0.18, 0, 1)
    return sound * level / (np.sqrt(np.mean(sound**2)) + 1e-9)
