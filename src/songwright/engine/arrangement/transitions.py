"""From one section to the next: risers, swells, rolls, runs and stops, as the style likes them.

Conventions
    A transition is chosen where the energy rises by `LIFT` or more: one sound that leads in, and before the last
    chorus or a drop one gap. Gaps are stretches of time (start, end) in which tracks of some roles are silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from songwright.engine.arrangement.drafts import Draft, Track, cut_at
from songwright.engine.arrangement.drums import KEYS
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.pitches import fold

LIFT = 0.12
ROLL_STRONGEST = 112.0
WALK_NOTES = 3
EFFECT_FORCE = 92.0
REVERSE_CYMBAL_PROGRAM = 119
_SOUNDS = ("riser", "reverse_cymbal", "swell", "snare_roll", "walkup", "pickup_run", "stab", "impact")
_ALL = frozenset(("drums", "bass", "harmony", "pads", "lead"))
_RHYTHM = frozenset(("drums", "bass"))


@dataclass(frozen=True, slots=True)
class Gap:
    """Silence for some roles; `voices` narrows it to some drums."""

    start_beats: float
    end_beats: float
    roles: frozenset[str]
    voices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """The way into a passage: the word of the sound, and the gap."""

    into: Passage
    length_beats: float
    sound: str | None
    gap: Gap | None


def transitions_of(ground: Ground) -> tuple[Transition, ...]:
    """All transitions of the song; the first sounds of a style are the likeliest."""
    rng = ground.rng("transitions")
    liked = [word for word in ground.style.transitions if word in _SOUNDS]
    gaps = [word for word in ground.style.transitions if word in _GAPS]
    out: list[Transition] = []
    for before, into in zip(ground.passages, ground.passages[1:], strict=False):
        first, second = float(rng.random()), float(rng.random())
        if into.energy - before.energy < LIFT or before.bars < 2:
            continue
        sound = liked[int(first**1.5 * len(liked))] if liked else None
        breaks = into.is_peak or into.kind == "drop"
        gap = _GAPS[gaps[int(second * len(gaps))]](into, ground.style.beats_per_bar) if gaps and breaks else None
        length = ground.style.beats_per_bar * (2 if before.bars >= 8 or before.kind == "build" else 1)
        out.append(Transition(into, float(length), sound, gap))
    return tuple(out)


def _gap(beats: float, roles: frozenset[str], voices: frozenset[str] | None = None) -> Callable[[Passage, int], Gap]:
    """A gap of `beats`, or of that many bars where negative, up to the passage."""

    def before(into: Passage, beats_per_bar: int) -> Gap:
        length = beats if beats > 0 else -beats * beats_per_bar
        return Gap(into.start_beats - length, into.start_beats, roles, voices)

    return before


_GAPS: dict[str, Callable[[Passage, int], Gap]] = {
    "stop_beat": _gap(1, _ALL),
    "stop_half_bar": _gap(-0.5, _ALL),
    "drop_bar": _gap(-1, _RHYTHM),
    "drop_kick": _gap(-1, frozenset(("drums",)), frozenset(("k",))),
    "drop_bass": _gap(-1, frozenset(("bass",))),
}


def with_gaps(track: Track, gaps: tuple[Gap, ...]) -> Track:
    """The track silent in the gaps that concern it; effects and what begins on the next downbeat go on."""
    for gap in gaps:
        if track.role not in gap.roles:
            continue
        if gap.voices is None:
            track = replace(track, drafts=cut_at(track.drafts, gap.start_beats, gap.end_beats))
        else:
            silent = tuple(d for d in track.drafts if d.voice in gap.voices)
            rest = tuple(d for d in track.drafts if d.voice not in gap.voices)
            track = replace(track, drafts=(*rest, *cut_at(silent, gap.start_beats, gap.end_beats)))
    return track


def effect_tracks(ground: Ground, transitions: tuple[Transition, ...]) -> tuple[Track, ...]:
    """Risers, cymbals played backwards and impacts, each a track of its own."""
    risers = tuple(_effect(t, 60) for t in transitions if t.sound == "riser")
    reverse = tuple(_effect(t, 60) for t in transitions if t.sound in ("reverse_cymbal", "swell"))
    drawn = ground.style.drums.synth is not None
    impacts = tuple(
        Draft(t.into.start_beats, 2.0, 48, EFFECT_FORCE, "effect")
        for t in transitions
        if t.sound == "impact" or (drawn and t.into.kind == "drop")
    )
    tracks = (
        Track("Riser", "effects", 97, risers, synth="riser"),
        Track("Reverse Cymbal", "effects", REVERSE_CYMBAL_PROGRAM, reverse, synth="reverse_cymbal"),
        Track("Impact", "effects", 116, impacts, synth="impact"),
    )
    return tuple(track for track in tracks if track.drafts)


def _effect(transition: Transition, midi: int) -> Draft:
    start = transition.into.start_beats - transition.length_beats
    return Draft(start, transition.length_beats, midi, EFFECT_FORCE, "effect")


def rolls(ground: Ground, transitions: tuple[Transition, ...]) -> tuple[Draft, ...]:
    """Snare rolls of `snare_roll` transitions and of every build, swelling and quickening towards the downbeat."""
    if not any("s" in groove or "c" in groove for all_of in ground.style.drums.grooves.values() for groove in all_of):
        return ()
    drafts: list[Draft] = []
    for transition in transitions:
        if transition.sound == "snare_roll":
            drafts += _roll(transition.into.start_beats - transition.length_beats, transition.into.start_beats, ground)
    for passage in ground.passages:
        if passage.kind == "build":
            drafts += _roll(passage.start_beats, passage.end_beats, ground)
    return tuple(drafts)


def _roll(start: float, end: float, ground: Ground) -> Iterator[Draft]:
    length = end - start
    fastest = 1 / ground.steps_per_beat
    at = start
    while at < end - fastest / 2:
        share = (at - start) / length
        yield Draft(at, 0.2, KEYS["s"], 46.0 + (ROLL_STRONGEST - 46.0) * share**1.5, "s")
        at += 1.0 if share < 0.25 and length >= 8 else 2 * fastest if share < 0.5 else fastest


def walkups(ground: Ground, transitions: tuple[Transition, ...]) -> tuple[Draft, ...]:
    """Steps of the scale in the bass up to the next section's root, one a beat, from the bar's second beat."""
    player = ground.style.bass
    if not any(any(p) for p in player.patterns.values()):
        return ()
    drafts: list[Draft] = []
    for transition in transitions:
        if transition.sound == "walkup":
            drafts += _walk(transition.into.start_beats, ground)
    return tuple(drafts)


def _walk(into: float, ground: Ground) -> Iterator[Draft]:
    low, high = ground.style.bass.low_midi, ground.style.bass.high_midi
    count = min(WALK_NOTES, ground.style.beats_per_bar - 1)
    target = fold(ground.chord_at(into).bass_pc, low + 5, low + 16)
    allowed = walkable(ground, into - count)
    below = [midi for midi in range(target - 1, target - 12, -1) if midi % 12 in allowed][:count][::-1]
    for number, midi in enumerate(below):
        yield Draft(into - len(below) + number, 0.9, fold(midi, low, high), 92.0 + 4 * number, "bass")


def walkable(ground: Ground, beats: float) -> frozenset[int]:
    """Tones of chord and scale, without those that rub against the chord's third."""
    chord = ground.chord_at(beats)
    third = next((pc for pc in chord.pcs if (pc - chord.root_pc) % 12 in (3, 4)), chord.root_pc)
    rubbing = {(third + 1) % 12, (third - 1) % 12} - set(chord.pcs)
    return (ground.scale_at(beats) - rubbing) | frozenset(chord.pcs)


def runs(ground: Ground, transitions: tuple[Transition, ...], low: int, high: int) -> tuple[Draft, ...]:
    """A run of the lead up the scale in the last beat before a section, where nobody sings."""
    drafts: list[Draft] = []
    for transition in transitions:
        into = transition.into.start_beats
        if transition.sound == "pickup_run" and not ground.sings(into - 1, into - 0.01):
            drafts += _run(into, ground, low, high)
    return tuple(drafts)


def _run(into: float, ground: Ground, low: int, high: int) -> Iterator[Draft]:
    unit = 1 / ground.steps_per_beat
    count = int(ground.steps_per_beat)
    target = fold(ground.chord_at(into).root_pc, high - 14, high - 3)
    scale = ground.scale_at(into - 0.5)
    below = [midi for midi in range(target - 1, target - 14, -1) if midi % 12 in scale][:count][::-1]
    for number, midi in enumerate(below):
        yield Draft(into - 1 + number * unit, unit * 0.95, fold(midi, low, high), 84.0 + 5 * number, "lead")


def stabs(transitions: tuple[Transition, ...]) -> tuple[float, ...]:
    """Times of a chord struck by all who play chords, on the last off-beat before a section."""
    return tuple(t.into.start_beats - 0.5 for t in transitions if t.sound == "stab")
