"""Are the styles told apart? A nearest-centroid classifier, each seed of every style held out once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .features import Features

GROUPS = ("groove", "tempo", "harmony", "timbre")


@dataclass(frozen=True)
class Verdict:
    """One song that was held out."""

    style: str
    seed: int
    taken_for: str


def classify(songs: dict[str, Sequence[Features]], groups: Sequence[str] = GROUPS) -> list[Verdict]:
    """Every song's style as the centroids of the other seeds tell it; all styles have the same number of songs."""
    names = list(songs)
    space = vectors(songs, groups)
    seeds = space.shape[1]
    out: list[Verdict] = []
    for seed in range(seeds):
        centroids = np.delete(space, seed, axis=1).mean(axis=1)
        for index, name in enumerate(names):
            distance = np.linalg.norm(centroids - space[index, seed], axis=1)
            out.append(Verdict(name, seed, names[int(distance.argmin())]))
    return out


def vectors(songs: dict[str, Sequence[Features]], groups: Sequence[str]) -> np.ndarray:
    """[style, seed, feature]: each feature over its deviation within the set, each group of equal weight."""
    blocks: list[np.ndarray] = []
    for group in groups:
        block = np.array([[song[group] for song in seeds] for seeds in songs.values()])
        spread = block.std(axis=(0, 1))
        moving = spread > 1e-9
        blocks.append(block[:, :, moving] / spread[moving] / np.sqrt(max(moving.sum(), 1)))
    return np.concatenate(blocks, axis=2)


def accuracy(verdicts: Sequence[Verdict]) -> float:
    """Share taken for what they are."""
    return float(np.mean([v.style == v.taken_for for v in verdicts]))


def mistaken(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Those that were not."""
    return (v for v in verdicts if v.style != v.taken_for)
