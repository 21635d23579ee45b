"""Can the chords be heard? The product's chord recogniser, which knows nothing of the score, and its agreement with it.

Its constants (`songwright.analysis.harmony`) are those of the design's prototype (majmin 0.89 on ten renders of plain
triads) and were not fitted to what is measured here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from songwright.analysis import HeardChord
from songwright.engine.material import Chord, Score

FRAME_S = 0.05


def agreement(score: Score, heard: Sequence[HeardChord]) -> float:
    """Share of the time of the score's chords during which the heard triad is the written one.

    As the usual `majmin` measure: sevenths and colours do not matter. A chord without a third (power chord,
    suspension) is right when its root is; diminished and augmented chords are left out.
    """
    ends_s = np.array([chord.end_s for chord in heard])
    right = total = 0
    for at_s in np.arange(FRAME_S / 2, min(score.duration_s, float(ends_s[-1])), FRAME_S):
        chord = _sounding(score, at_s)
        wanted = triad_of(chord)
        if wanted is None:
            continue
        found = heard[min(int(np.searchsorted(ends_s, at_s, "right")), len(heard) - 1)]
        total += 1
        right += found.root_pc == wanted[0] and wanted[1] in (int(found.quality == "minor"), None)
    return right / total if total else float("nan")


def _sounding(score: Score, at_s: float) -> Chord:
    beats = at_s * score.bpm / 60
    return next((c for c in reversed(score.chords) if c.start_beats <= beats), score.chords[0])


def triad_of(chord: Chord) -> tuple[int, int | None] | None:
    """(root, 1 = minor, None = no third); None for what is neither major nor minor."""
    above = {(pc - chord.root_pc) % 12 for pc in chord.pcs}
    if not above & {3, 4}:
        return chord.root_pc, None
    minor = 4 not in above
    fifth_is_odd = 7 not in above and bool(above & ({6} if minor else {8}))
    return None if fifth_is_odd else (chord.root_pc, int(minor))
