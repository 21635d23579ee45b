"""Notes before they are played by a human: on the grid, with a force instead of a velocity.

Conventions
    Times in beats from the start of the song, on the straight grid. `force` is the velocity (1..127) a stroke would
    have in a section of full energy; sections, phrases and players change it later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from songwright.engine.material import Role

EPSILON_BEATS = 1e-6
SHORTEST_BEATS = 0.06
FORCE = {"X": 112.0, "x": 94.0, "o": 52.0}


@dataclass(frozen=True, slots=True)
class Draft:
    """A note as written. `voice` is a drum voice or the name of a kind of player, for its lay behind the beat."""

    start_beats: float
    length_beats: float
    midi: int
    force: float
    voice: str = ""

    @property
    def end_beats(self) -> float:
        """Where it stops."""
        return self.start_beats + self.length_beats


@dataclass(frozen=True, slots=True)
class Track:
    """One part of the band as written."""

    name: str
    role: Role
    program: int
    drafts: tuple[Draft, ...]
    synth: str | None = None
    drum_kit: int | None = None
    pan: float = 0.0


def cut_at(drafts: Iterable[Draft], start_beats: float, end_beats: float) -> tuple[Draft, ...]:
    """The drafts with silence between two times."""
    kept: list[Draft] = []
    for draft in drafts:
        if start_beats - EPSILON_BEATS <= draft.start_beats < end_beats - EPSILON_BEATS:
            continue
        if draft.start_beats < start_beats < draft.end_beats:
            draft = replace(draft, length_beats=start_beats - draft.start_beats)
        kept.append(draft)
    return tuple(kept)


def one_voice(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """The drafts as a player of one note at a time plays them: each ends where the next begins."""
    ordered = sorted(drafts, key=lambda d: (d.start_beats, -d.force))
    out: list[Draft] = []
    for draft in ordered:
        if out and draft.start_beats - out[-1].start_beats < EPSILON_BEATS:
            continue
        if out and out[-1].end_beats > draft.start_beats:
            out[-1] = replace(out[-1], length_beats=draft.start_beats - out[-1].start_beats)
        out.append(draft)
    return tuple(out)


def tied(drafts: Iterable[Draft], longest_beats: float) -> tuple[Draft, ...]:
    """Equal notes that touch become one, up to a length: a pad holds the tones two chords share."""
    out: list[Draft] = []
    last: dict[int, int] = {}
    for draft in sorted(drafts, key=lambda d: (d.start_beats, d.midi)):
        at = last.get(draft.midi)
        if at is not None:
            before = out[at]
            touches = abs(before.end_beats - draft.start_beats) < 0.02
            if touches and draft.end_beats - before.start_beats <= longest_beats + EPSILON_BEATS:
                out[at] = replace(before, length_beats=draft.end_beats - before.start_beats)
                continue
        last[draft.midi] = len(out)
        out.append(draft)
    return tuple(out)
