"""Do the controls do what they promise? Means over styles and seeds at 0, 0.5 and 1.

style_weight: distance of groove, tempo and harmony to the style's reference, the centroid of other seeds at weight 1.
weirdness: surprise of the melody in bits (under the corpus' statistics) and share of chords outside the key.
"""

from __future__ import annotations

from dataclasses import replace

import melody
import numpy as np

from .features import Features, paper_features
from .rendering import OnPaper, brief_for, on_paper

SETTINGS = (0.0, 0.5, 1.0)
SEEDS = (0, 1)
REFERENCE_SEEDS = (11, 12, 13, 14)
GROUPS = ("groove", "tempo", "harmony")


def measure_controls(style: str) -> dict[str, list[float]]:
    """Three means for each control's measure."""
    reference = np.mean([_vector(_features(_song(style, seed, style_weight=1.0))) for seed in REFERENCE_SEEDS], axis=0)
    out: dict[str, list[float]] = {"style_weight": [], "melodic surprise": [], "harmonic surprise": []}
    for setting in SETTINGS:
        loose = [_vector(_features(_song(style, seed, style_weight=setting))) for seed in SEEDS]
        out["style_weight"].append(float(np.mean([np.linalg.norm(v - reference) for v in loose])))
        weird = [_song(style, seed, weirdness=setting).score for seed in SEEDS]
        out["melodic surprise"].append(float(np.mean([melody.melodic_surprise_bits(s) for s in weird])))
        out["harmonic surprise"].append(float(np.mean([melody.harmonic_surprise(s) for s in weird])))
    return out


def _song(style: str, seed: int, **controls: float) -> OnPaper:
    return on_paper(replace(brief_for(style, seed=seed, verses=1), **controls))


def _features(song: OnPaper) -> Features:
    return paper_features(song.score, song.arrangement)


def _vector(features: Features) -> np.ndarray:
    return np.concatenate([np.array(features[group]) / np.sqrt(len(features[group])) for group in GROUPS])
