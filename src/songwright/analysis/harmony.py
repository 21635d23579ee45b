"""Key and chords from the accompaniment.

Key: Temperley's profiles (The Cognition of Basic Musical Structures, 2001) against the mean chroma. Chords: a chroma a
beat and the chroma of the bass against triads and sevenths on every root, the key's own triads preferred, smoothed by
Viterbi; what comes out is the triad. The weights were chosen on one song in each style of the engine.

Conventions: mono samples at 22,050 Hz; chroma is 12 pitch classes from C, shape [12, frames].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import librosa
import numpy as np
from numpy.typing import NDArray

from songwright.analysis.heard import HeardChord, HeardKey, Quality

RATE_HZ = 22_050
HOP = 1024
Chroma = NDArray[np.float64]

CHUNK_S = 60.0  #: harmonic parts are taken chunk by chunk: the filter needs the whole spectrogram of what it is given
_PROFILES: tuple[tuple[Quality, Chroma], ...] = (
    ("major", np.array([5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4])),
    ("minor", np.array([5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4])),
)
_DIATONIC = {0: "major", 2: "minor", 4: "minor", 5: "major", 7: "major", 9: "minor"}
_QUALITIES: tuple[Quality, Quality] = ("major", "minor")
#: semitones above the root and which triad they stand for: a seventh is part of its chord, not half of another
_SHAPES: tuple[tuple[tuple[int, ...], int], ...] = (
    ((0, 4, 7), 0), ((0, 3, 7), 1), ((0, 4, 7, 10), 0), ((0, 4, 7, 11), 0), ((0, 3, 7, 10), 1),
)  # fmt: skip
BASS_WEIGHT, KEY_WEIGHT, SEVENTH_COST = 0.05, 0.03, 0.04
SHARPNESS, STAY = 40.0, 0.97
FIRST_CHORD, LAST_CHORD = 0.08, 0.12  #: what beginning and ending on a chord says for its being the tonic


@dataclass(frozen=True, slots=True)
class Chromas:
    """What sounds, and what sounds in the bass."""

    all: Chroma
    bass: Chroma
    hop_s: float = HOP / RATE_HZ


def chromas(samples: NDArray[np.float32], report: Callable[[float], None] = lambda _share: None) -> Chromas:
    """Chroma of C2 and up, and of the two octaves from C1. `report` is called with the share done."""
    step = int(CHUNK_S * RATE_HZ) // HOP * HOP
    pieces: list[tuple[Chroma, Chroma]] = []
    for start in range(0, max(len(samples), 1), step):
        pieces.append(_chunk(samples[start : start + step]))
        report(min((start + step) / max(len(samples), 1), 1.0))
    return Chromas(np.concatenate([p[0] for p in pieces], axis=1), np.concatenate([p[1] for p in pieces], axis=1))


def _chunk(samples: NDArray[np.float32]) -> tuple[Chroma, Chroma]:
    samples = np.pad(samples, (0, max(0, 4 * HOP - len(samples))))
    harmonic = librosa.effects.harmonic(samples, margin=4)
    frames = -(-len(samples) // HOP)
    if not np.any(samples):
        return np.zeros((12, frames)), np.zeros((12, frames))
    kinds = (("C2", 5), ("C1", 2))
    low, high = (
        librosa.feature.chroma_cqt(
            y=harmonic, sr=RATE_HZ, hop_length=HOP, fmin=float(librosa.note_to_hz(lowest)), n_octaves=octaves
        )[:, :frames]
        for lowest, octaves in kinds
    )
    return low, high


def heard_key(chroma: Chroma) -> HeardKey:
    """The best of the 24 keys."""
    mean = chroma.mean(axis=1)
    scores: list[tuple[float, int, Quality]] = [
        (_likeness(np.roll(mean, -tonic), profile), tonic, mode) for tonic in range(12) for mode, profile in _PROFILES
    ]
    scores.sort(key=lambda score: -score[0])
    best, second = scores[0], scores[1]
    return HeardKey(best[1], best[2], float(np.clip((best[0] - second[0]) * 5, 0, 1)))


def settled_key(key: HeardKey, chords: Sequence[HeardChord]) -> HeardKey:
    """The key or its relative, which shares its notes: the chord on which a song dwells, begins and ends decides."""
    tonics: dict[Quality, int] = {
        "major": key.tonic_pc if key.mode == "major" else (key.tonic_pc + 3) % 12,
        "minor": key.tonic_pc if key.mode == "minor" else (key.tonic_pc + 9) % 12,
    }
    total_s = chords[-1].end_s if chords else 1.0

    def claim(mode: Quality) -> float:
        own = [chord for chord in chords if (chord.root_pc, chord.quality) == (tonics[mode], mode)]
        ends = FIRST_CHORD * (own[:1] == list(chords[:1])) + LAST_CHORD * (own[-1:] == list(chords[-1:]))
        return sum(chord.end_s - chord.start_s for chord in own) / total_s + (ends if own else 0.0)

    best = max(_QUALITIES, key=lambda mode: (claim(mode), mode == key.mode))
    return HeardKey(tonics[best], best, key.confidence)


def _likeness(chroma: NDArray[np.float64], profile: NDArray[np.float64]) -> float:
    if np.ptp(chroma) == 0:
        return 0.0
    return float(np.corrcoef(chroma, profile)[0, 1])


def heard_chords(sound: Chromas, beats_s: Sequence[float], key: HeardKey, duration_s: float) -> tuple[HeardChord, ...]:
    """One chord a beat, neighbours that are alike joined, from 0 to the end without gaps."""
    edges = [0.0, *(t for t in beats_s if 0.05 < t < duration_s - 0.05), duration_s]
    evidence = np.stack([_evidence(sound, a, b, key) for a, b in pairwise(edges)])
    names = _smoothed(evidence)
    return tuple(_joined(edges, names))


def _evidence(sound: Chromas, start_s: float, end_s: float, key: HeardKey) -> NDArray[np.float64]:
    """How well each of the 24 triads fits one beat."""
    first = int(start_s / sound.hop_s)
    frames = slice(first, max(int(end_s / sound.hop_s), first + 1))
    heard = sound.all[:, frames].mean(axis=1) if sound.all[:, frames].size else np.zeros(12)
    bass = sound.bass[:, frames].mean(axis=1) if sound.bass[:, frames].size else np.zeros(12)
    heard = heard / (np.linalg.norm(heard) + 1e-9)
    bass = bass / (bass.max(initial=0.0) + 1e-9)
    major_tonic = key.tonic_pc if key.mode == "major" else (key.tonic_pc + 3) % 12
    fits = np.full(24, -np.inf)
    for root in range(12):
        for shape, number in _SHAPES:
            likeness = heard[[(root + step) % 12 for step in shape]].sum() / np.sqrt(len(shape))
            own = KEY_WEIGHT if _DIATONIC.get((root - major_tonic) % 12) == _QUALITIES[number] else 0.0
            fit = likeness + BASS_WEIGHT * bass[root] + own - (SEVENTH_COST if len(shape) > 3 else 0.0)
            fits[2 * root + number] = max(fits[2 * root + number], fit)
    return fits


def _smoothed(evidence: NDArray[np.float64]) -> list[int]:
    """The likeliest sequence, when a chord stays with probability STAY from beat to beat."""
    moves = np.full((24, 24), np.log((1 - STAY) / 23))
    np.fill_diagonal(moves, np.log(STAY))
    best = SHARPNESS * evidence[0]
    came_from: list[NDArray[np.intp]] = []
    for fits in evidence[1:]:
        ways = best[:, None] + moves
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + SHARPNESS * fits
    path = [int(best.argmax())]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return path[::-1]


def _joined(edges: Sequence[float], names: Sequence[int]) -> Iterator[HeardChord]:
    start = 0
    for beat in range(1, len(names) + 1):
        if beat == len(names) or names[beat] != names[start]:
            yield HeardChord(edges[start], edges[beat], names[start] // 2, _QUALITIES[names[start] % 2])
            start = beat
