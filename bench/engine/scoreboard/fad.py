"""Fréchet distance between the musicnn embeddings of our songs and of 23 clips made by neural generators.

The clips (MusicGen, MusicLM, Mubert; ten seconds each) lie in the fadtk package; they are fetched to be listened to
and never passed on. Patches of three seconds every half patch. Two halves of the clips lie 17-28 (MTT model) or 27-39
(MSD) apart, which is as near as any music can be expected to come.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


def neural_embeddings(clips: Path, weights: Path) -> dict[str, np.ndarray]:
    """Embeddings of all clips by model; computed once and kept beside the weights."""
    import soundfile

    from .musicnn import listen

    kept = weights / "neural-clips.npz"
    files = sorted(clips.glob("*.opus"))
    if not files:
        raise FileNotFoundError(clips)
    if not kept.is_file():
        found: dict[str, list[np.ndarray]] = {}
        for path in files:
            audio, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
            for model, rows in listen(audio.T, rate_hz, weights).embeddings.items():
                found.setdefault(model, []).append(rows)
        np.savez(kept, **{model: np.concatenate(rows) for model, rows in found.items()})
    with np.load(kept) as arrays:
        return dict(arrays)


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Between the normal distributions fitted to rows of `a` and `b` (Dowson and Landau, 1982)."""
    covariance_a, covariance_b = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    mixed = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariance_b @ root), 0)).sum()
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(apart + np.trace(covariance_a) + np.trace(covariance_b) - 2 * mixed)
