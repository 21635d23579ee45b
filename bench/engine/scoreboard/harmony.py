"""Can the chords be heard? A chord recogniser that knows nothing of the score, and its agreement with it.

Recogniser: constant-Q chroma of the harmonic part and of the bass, median per beat (beats from librosa), compared with
24 major and minor triads; a triad on the sounding bass and the diatonic triads of the estimated key (Temperley's
profiles) get a small bonus; Viterbi smoothing over beats. Its constants are first guesses of the design's prototype
(majmin 0.89 on ten renders of plain triads) and were not fitted to what is measured here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from songwright.engine.material import Chord, Score

RATE_HZ = 22_050
KEY_PROFILES = {
    "major": (5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4),
    "minor": (5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4),
}
DIATONIC = {(0, 0), (2, 1), (4, 1), (5, 0), (7, 0), (9, 1)}  #: (degree in semitones, 1 = minor) of a major key
BASS_BONUS, KEY_BONUS, SHARPNESS, STAY = 0.12, 0.06, 9.0, 0.6
FRAME_S = 0.05

Triad = tuple[int, int]  #: root pitch class, 1 = minor
TRIADS: tuple[Triad, ...] = tuple((root, minor) for minor in (0, 1) for root in range(12))


def recognised(mono: np.ndarray, beats_s: np.ndarray) -> tuple[np.ndarray, list[Triad]]:
    """(edges in s, the triad between each two) of `mono` at RATE_HZ, whose beats were found at `beats_s`."""
    import librosa

    harmonic = librosa.effects.harmonic(mono, margin=4)
    chroma = librosa.feature.chroma_cqt(y=harmonic, sr=RATE_HZ, fmin=librosa.note_to_hz("C2"), n_octaves=5)
    bass = librosa.feature.chroma_cqt(y=harmonic, sr=RATE_HZ, fmin=librosa.note_to_hz("C1"), n_octaves=2)
    frames = librosa.time_to_frames(beats_s, sr=RATE_HZ)
    by_beat = librosa.util.sync(chroma, frames, aggregate=np.median).T
    bass_by_beat = librosa.util.sync(bass, frames, aggregate=np.mean).T
    edges_s = np.concatenate([[0.0], beats_s[beats_s > 0], [len(mono) / RATE_HZ]])[: len(by_beat) + 1]
    return edges_s, decoded(by_beat, bass_by_beat)


def decoded(chroma: np.ndarray, bass: np.ndarray) -> list[Triad]:
    """The most likely triad of each beat; both inputs have shape [beats, 12]."""
    chroma = chroma / (np.linalg.norm(chroma, axis=1, keepdims=True) + 1e-9)
    bass = bass / (bass.max(axis=1, keepdims=True) + 1e-9)
    tonic = major_tonic(chroma.mean(axis=0))
    likeness = chroma @ _templates().T + BASS_BONUS * bass[:, [root for root, _ in TRIADS]]
    likeness += KEY_BONUS * np.array([((root - tonic) % 12, minor) in DIATONIC for root, minor in TRIADS])
    return [TRIADS[i] for i in _viterbi(SHARPNESS * likeness)]


def _templates() -> np.ndarray:
    rows = np.zeros((len(TRIADS), 12))
    for row, (root, minor) in zip(rows, TRIADS, strict=True):
        row[[root, (root + 4 - minor) % 12, (root + 7) % 12]] = 1 / np.sqrt(3)
    return rows


def major_tonic(chroma: np.ndarray) -> int:
    """Tonic of the best key, that of the relative major for a minor one."""
    best = max(
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), tonic, mode)
        for mode, profile in KEY_PROFILES.items()
        for tonic in range(12)
    )
    return best[1] if best[2] == "major" else (best[1] + 3) % 12


def _viterbi(scores: np.ndarray) -> list[int]:
    states = scores.shape[1]
    change = np.full((states, states), np.log((1 - STAY) / (states - 1)))
    np.fill_diagonal(change, np.log(STAY))
    best, back = scores[0], list[np.ndarray]()
    for row in scores[1:]:
        reached = best[:, None] + change
        back.append(reached.argmax(axis=0))
        best = reached.max(axis=0) + row
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def agreement(score: Score, edges_s: np.ndarray, heard: Sequence[Triad]) -> float:
    """Share of the time of the score's chords during which the heard triad is the written one.

    As the usual `majmin` measure: sevenths and colours do not matter. A chord without a third (power chord,
    suspension) is right when its root is; diminished and augmented chords are left out.
    """
    right = total = 0
    for at_s in np.arange(FRAME_S / 2, min(score.duration_s, float(edges_s[-1])), FRAME_S):
        chord = _sounding(score, at_s)
        wanted = triad_of(chord)
        if wanted is None:
            continue
        root, minor = heard[min(int(np.searchsorted(edges_s, at_s, "right")) - 1, len(heard) - 1)]
        total += 1
        right += root == wanted[0] and wanted[1] in (minor, None)
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
