"""The human touch: swing, timing, and how hard each note is struck.

Conventions
    Straight positions are swung by `theory.swung`; thirds of a beat are left alone. A chord's notes share one timing
    error and have small ones of their own; errors wander from stroke to stroke. `lay_ms` puts a voice behind the
    beat. Velocity follows the passage's gain (`dynamics`), the place in bar and phrase and the style's spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from songwright.engine.arrangement.drafts import FORCE, SHORTEST_BEATS, Draft, Track
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.material import Note, Part
from songwright.engine.theory import swung

PHRASE_BARS, PHRASE_GAIN = 4, 0.05
DRIFT = 0.45  #: how much of one stroke's timing error the next one keeps: hands wander, they do not jitter
ON_BEAT, BETWEEN_BEATS = 1.03, 0.95  #: of strummed and broken chords
ON_BEAT_STRUCK, BETWEEN_BEATS_STRUCK = 1.1, 0.84  #: of what keeps time: hats, rides, shakers
OWN_SHARE = 0.35  #: how much of the timing error each note of a chord has to itself
_SAME_TIME_BEATS = 0.02
_TIMEKEEPERS = frozenset(("h", "p", "d", "sh", "tb"))
_CHORDS = frozenset(("comp", "arp"))


def played(track: Track, gains: Sequence[float], ground: Ground) -> Part:
    """The track as it is played; `gains` are those of the passages."""
    rng = ground.rng(f"feel {track.name}")
    notes: list[Note] = []
    shared_at, shared_ms = -1.0, 0.0
    for draft in sorted(track.drafts, key=lambda d: (d.start_beats, d.midi)):
        draws = rng.standard_normal(3)
        if draft.start_beats - shared_at > _SAME_TIME_BEATS:
            drifted = DRIFT * shared_ms + math.sqrt(1 - DRIFT**2) * float(np.clip(draws[0], -2, 2))
            shared_at, shared_ms = draft.start_beats, drifted
        error_ms = ground.style.timing_ms * 0.5 * (shared_ms + OWN_SHARE * float(np.clip(draws[1], -2, 2)))
        notes.append(_note(draft, error_ms, float(np.clip(draws[2], -2, 2)), track, gains, ground))
    return Part(
        name=track.name,
        role=track.role,
        program=track.program,
        drum_kit=track.drum_kit,
        synth=track.synth,
        pan=track.pan,
        notes=_apart(sorted(notes, key=lambda note: (note.start_beats, note.midi))),
    )


def _note(draft: Draft, error_ms: float, error: float, track: Track, gains: Sequence[float], ground: Ground) -> Note:
    beats_per_ms = ground.score.bpm / 60_000
    lay_ms = ground.style.lay_ms.get(draft.voice, 0.0)
    moved = 0.0 if track.role == "effects" else (error_ms + lay_ms) * beats_per_ms
    start = max(0.0, _swung(draft.start_beats, ground) + moved)
    end = min(max(_swung(draft.end_beats, ground), start + SHORTEST_BEATS), ground.score.length_beats)
    start = min(start, ground.score.length_beats - SHORTEST_BEATS)
    gain = 1.0 if track.role == "effects" else _gain(draft, gains, ground)
    velocity = draft.force * gain * _metric(draft, ground) + 0.45 * ground.style.velocity_spread * error
    return Note(start, max(end - start, SHORTEST_BEATS / 2), draft.midi, int(np.clip(round(velocity), 1, 127)))


def _swung(beats: float, ground: Ground) -> float:
    if ground.score.swing == 0.5 or round(beats * 12) % 4 == 0:
        return beats
    return swung(beats, ground.score.swing, ground.score.swing_unit)


def _gain(draft: Draft, gains: Sequence[float], ground: Ground) -> float:
    passage = _passage_of(draft, ground)
    bar = (draft.start_beats - passage.start_beats) / ground.style.beats_per_bar
    in_phrase = (bar % PHRASE_BARS) / PHRASE_BARS
    swell = PHRASE_GAIN * (in_phrase - 0.5)
    if passage.kind in ("build", "intro", "prechorus"):
        swell += 0.14 * (bar / passage.bars - 0.5)
    return gains[passage.index] * (1 + swell)


def _metric(draft: Draft, ground: Ground) -> float:
    """The weight of a place in the bar, for those who play on and between the beats alike."""
    if draft.force >= FORCE["X"]:
        return 1.0
    strong = ground.is_strong(draft.start_beats)
    if draft.voice in _TIMEKEEPERS:
        return ON_BEAT_STRUCK if strong else BETWEEN_BEATS_STRUCK
    if draft.voice in _CHORDS:
        return ON_BEAT if strong else BETWEEN_BEATS
    return 1.0


def _passage_of(draft: Draft, ground: Ground) -> Passage:
    for passage in ground.passages:
        if draft.start_beats < passage.end_beats - 0.01:
            return passage
    return ground.passages[-1]


def _apart(notes: list[Note]) -> tuple[Note, ...]:
    """Notes of one pitch that overlap are cut at the next onset, so that a synthesiser ends the right one."""
    out: list[Note] = []
    last: dict[int, int] = {}
    for note in notes:
        at = last.get(note.midi)
        if at is not None:
            before = out[at]
            room = note.start_beats - before.start_beats
            if room < SHORTEST_BEATS / 4:
                continue
            if before.length_beats > room:
                out[at] = Note(before.start_beats, room, before.midi, before.velocity)
        last[note.midi] = len(out)
        out.append(note)
    return tuple(out)
