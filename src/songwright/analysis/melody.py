"""The tune: pitch frame by frame, then notes.

Pitch comes from SwiftF0 (Nieradzik 2025, MIT); on a separated voice it was right within 50 cents in .90 of the sung
frames, on a full mix in .80. Notes are steady stretches of that pitch.

Conventions: mono samples at 16 kHz; a frame is 16 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from swift_f0 import SwiftF0

from songwright.analysis.heard import HeardNote

RATE_HZ = 16_000
FRAME_S = 256 / RATE_HZ
LOWEST_HZ, HIGHEST_HZ = 65.0, 1100.0
VOICED = 0.25  #: below SwiftF0's own .5, which misses the ends of notes in a separated voice
SMOOTHING_FRAMES = 7
SHORTEST_NOTE_S = 0.07
BRIDGE_S = 0.03  #: a stretch goes on behind a gap as short as this
CONSONANT_S = 0.16  #: a note lasts through a gap as short as this: that is a consonant, not a rest
CHANGE_SEMITONES = 0.8
WIDEST_SEMITONES = 15  #: from the middle of a tune; beyond lie overtones and leaks of other instruments
CHANGE_FRAMES = 4


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """Pitch in MIDI numbers (fractions are cents / 100) and whether each frame is voiced."""

    midi: NDArray[np.float64]
    voiced: NDArray[np.bool_]


def pitch_track(samples: NDArray[np.float32]) -> PitchTrack:
    """The pitch of a single voice; `samples` at 16 kHz."""
    found = SwiftF0().detect(samples, RATE_HZ, fmin=LOWEST_HZ, fmax=HIGHEST_HZ)
    voiced = (found.confidence >= VOICED) & (found.loudness_db > found.loudness_db.max(initial=-200.0) - 40.0)
    midi = 69 + 12 * np.log2(np.maximum(found.pitch_hz, 1.0) / 440)
    return PitchTrack(midi, voiced)


def heard_notes(track: PitchTrack) -> tuple[HeardNote, ...]:
    """Notes in order of time, never overlapping."""
    notes = [note for first, last in _stretches(track.voiced) for note in _notes_of(track.midi, first, last)]
    notes = [note for note in notes if note.end_s - note.start_s >= SHORTEST_NOTE_S]
    centre = float(np.median([note.midi for note in notes])) if notes else 0.0
    notes = [note for note in notes if abs(note.midi - centre) <= WIDEST_SEMITONES]
    behind = [note.start_s for note in notes[1:]] + [float("inf")]
    return tuple(
        replace(note, end_s=next_s) if next_s - note.end_s <= CONSONANT_S else note
        for note, next_s in zip(notes, behind, strict=True)
    )


def _stretches(voiced: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and behind-last frame of every voiced stretch; short gaps are bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], voiced, [False]]).astype(np.int8)))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    joined: list[tuple[int, int]] = []
    for run in runs:
        if joined and (run[0] - joined[-1][1]) * FRAME_S <= BRIDGE_S:
            joined[-1] = (joined[-1][0], run[1])
        else:
            joined.append(run)
    yield from joined


def _notes_of(midi: NDArray[np.float64], first: int, last: int) -> Iterator[HeardNote]:
    """A stretch cut where the smoothed pitch leaves its note for good."""
    smooth = median_filter(midi[first:last], SMOOTHING_FRAMES, mode="nearest")
    cuts = [0, *_changes(smooth), len(smooth)]
    for start, end in pairwise(cuts):
        if end > start:
            core = smooth[start + (end - start) // 5 : max(end - (end - start) // 5, start + 1)]
            yield HeardNote((first + start) * FRAME_S, (first + end) * FRAME_S, round(float(np.median(core))))


def _changes(smooth: NDArray[np.float64]) -> Iterator[int]:
    """Frames at which another note begins."""
    start, frame = 0, 0
    while frame < len(smooth):
        centre = float(np.median(smooth[start : frame + 1][-40:]))
        ahead = smooth[frame : frame + CHANGE_FRAMES]
        if frame - start >= CHANGE_FRAMES and len(ahead) and np.all(np.abs(ahead - centre) > CHANGE_SEMITONES):
            yield frame
            start = frame
        frame += 1
