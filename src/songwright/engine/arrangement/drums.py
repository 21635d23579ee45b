"""Drums: the groove of each section with its energy, fills at the ends, crashes at the starts.

Conventions
    Voices are the style book's letters; `KEYS` are the General MIDI keys they play. An orchestra's kit has timpani on
    the keys of toms and hats: its drums are tuned to the chord's root, its cymbals lie elsewhere. Hand percussion is a
    track of its own. A fill takes over the end of a bar: the groove's voices are silent from where it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from songwright.engine.arrangement.drafts import FORCE, Draft, Track
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.patterns import bars_of, strikes
from songwright.engine.arrangement.pitches import fold
from songwright.engine.arrangement.presence import FULL_ENERGY, SPARSE_ENERGY, rhythm_entrance, taken, varies

KEYS = {
    "k": 36, "s": 38, "r": 37, "c": 39, "h": 42, "p": 44, "o": 46, "d": 51, "b": 53, "y": 49, "t1": 48, "t2": 45,
    "t3": 41, "sh": 70, "tb": 54, "cg": 63, "cl": 75, "cb": 56, "ag": 67, "tm": 65, "sp": 55,
}  # fmt: skip
KITS = {
    "standard": 0, "room": 8, "power": 16, "electronic": 24, "tr808": 25, "jazz": 32, "brush": 40, "orchestra": 48,
}  # fmt: skip
SECOND_CRASH_KEY = 57
ORCHESTRA_KIT = 48
ORCHESTRA_KEYS = {"y": 57, "d": 59, "b": 59, "h": 54, "p": 54, "o": 59}
TIMPANI_LOW, TIMPANI_HIGH = 41, 52
TOMS = frozenset(("t1", "t2", "t3"))
HAND_PERCUSSION = frozenset(("sh", "tb", "cg", "cl", "cb", "ag", "tm"))
CYMBALS = frozenset(("h", "p", "o", "d", "b", "y"))
STROKE_BEATS = 0.24
GHOST_CHANCE = 0.16
PHRASE_BARS = 4
LAYER_ENERGY = 0.45  #: quieter sections stay as they are
TURN_ENERGY = 0.6  #: from here on a turn may add voices the groove lacks
_ACCENTS_OF_ENERGY = frozenset(("c", "y"))  #: only played from middling energy on
_BACKBONE = frozenset(("k", "s", "c", "r"))
Groove = Mapping[str, str]


def drum_tracks(ground: Ground) -> tuple[Track, ...]:
    """The kit and, where there is any, hand percussion."""
    rng = ground.rng("drums")
    drafts = tuple(draft for passage in ground.passages for draft in _passage(ground, passage, rng))
    kit = tuple(draft for draft in drafts if draft.voice not in HAND_PERCUSSION)
    hands = tuple(draft for draft in drafts if draft.voice in HAND_PERCUSSION)
    number = KITS[ground.style.drums.kit]
    tracks = (
        Track("Drums", "drums", 0, kit, synth=ground.style.drums.synth, drum_kit=number),
        Track("Percussion", "drums", 0, hands, drum_kit=0, pan=0.3),
    )
    return tuple(track for track in tracks if track.drafts)


def _passage(ground: Ground, passage: Passage, rng: np.random.Generator) -> Iterator[Draft]:
    groove = _groove(ground, passage)
    if not groove:
        return
    first = rhythm_entrance(ground, passage, drums=True)
    fills = ground.style.drums.fills
    turned = int(rng.integers(max(1, len(fills))))
    for bar in range(first, passage.bars):
        start = passage.start_beats + bar * ground.style.beats_per_bar
        fill_step = _fill_step(ground, passage, bar, rng)
        playing = _in_bar(groove, ground, passage, bar)
        if fill_step is None and bar % PHRASE_BARS == PHRASE_BARS - 1:
            playing = _turned(playing, ground, passage, bar)
        yield from _bar(ground, playing, bar, start, passage, until=fill_step, rng=rng)
        if fill_step is not None:
            yield from _strokes(ground, fills[turned % len(fills)], 0, start, first_step=fill_step)
            turned += 1
    if passage.energy >= 0.6 and passage.kind not in ("break", "build") and not first:
        yield from _crashes(ground, groove, passage)


def _groove(ground: Ground, passage: Passage) -> Groove:
    """The section's groove as its energy allows."""
    nothing: Groove = {}
    alternatives = ground.style.drums.grooves.get(passage.kind, ())
    groove = taken(alternatives, nothing, varied=passage.is_peak and varies(passage, ground))
    if passage.energy < SPARSE_ENERGY:
        return {voice: p for voice, p in groove.items() if voice not in _BACKBONE}
    if passage.energy < 0.6:
        backbeat = "s" in groove or "r" in groove
        return {voice: p for voice, p in groove.items() if not (voice in _ACCENTS_OF_ENERGY and backbeat)}
    layer = ground.style.drums.layers.get(passage.kind, {})
    if passage.is_peak and not {"tb", "sh"} & {*groove, *layer}:
        return {**groove, "tb": _off_beats(ground)}
    return groove


def _turned(groove: Groove, ground: Ground, passage: Passage, bar: int) -> Groove:
    """The last bar of a phrase: the groove with a turn's voices instead of its own, in passages that have a beat."""
    turns = ground.style.drums.turns
    if not turns or passage.energy < SPARSE_ENERGY or not _BACKBONE & set(groove):
        return groove
    turn = turns[(bar // PHRASE_BARS + passage.index) % len(turns)]
    return {**groove, **{voice: p for voice, p in turn.items() if voice in groove or passage.energy >= TURN_ENERGY}}


def _layered(groove: Groove, ground: Ground, passage: Passage, bar: int) -> Groove:
    """The groove with the voices that join in every second phrase, and all along when the section comes again."""
    again = passage.nth > 0 or passage.is_peak
    second = passage.bars >= 2 * PHRASE_BARS and bar // PHRASE_BARS % 2 == 1
    if passage.energy < LAYER_ENERGY or not groove or not (again or second):
        return groove
    return {**ground.style.drums.layers.get(passage.kind, {}), **groove}


def _off_beats(ground: Ground) -> str:
    steps = int(ground.steps_per_beat)
    return ("." * (steps // 2) + "x" + "." * (steps - steps // 2 - 1)) * ground.style.beats_per_bar


def key_of(voice: str, beats: float, ground: Ground) -> int:
    """The key a voice is played on at a time."""
    if KITS[ground.style.drums.kit] != ORCHESTRA_KIT:
        return KEYS[voice]
    if voice in TOMS:
        return fold(ground.chord_at(beats).root_pc, TIMPANI_LOW, TIMPANI_HIGH)
    return ORCHESTRA_KEYS.get(voice, KEYS[voice])


def _in_bar(groove: Groove, ground: Ground, passage: Passage, bar: int) -> Groove:
    """Voices of one bar: the first half of a built intro keeps time only; a build has its own kick."""
    building = passage.kind == "intro" and passage.bars >= 4 and passage.energy < 0.75
    if building and bar < passage.bars // 2 and ground.style.mix.drums_db < 0:
        return {voice: p for voice, p in groove.items() if voice not in _BACKBONE}
    if passage.kind == "outro" and passage.energy < 0.6 and passage.bars >= 4 and bar >= passage.bars // 2:
        return {voice: p for voice, p in groove.items() if voice not in ("c", "o", "y")}
    return _layered(groove, ground, passage, bar)


def _bar(
    ground: Ground,
    groove: Groove,
    bar: int,
    start_beats: float,
    passage: Passage,
    *,
    until: int | None,
    rng: np.random.Generator,
) -> Iterator[Draft]:
    yield from _strokes(ground, groove, bar, start_beats, until=until)
    if "s" in groove and passage.energy >= 0.55 and ground.style.velocity_spread >= 8 and ground.steps_per_beat == 4:
        yield from _ghosts(groove["s"], ground, bar, start_beats, until, rng)


def _strokes(
    ground: Ground, groove: Groove, bar: int, start_beats: float, *, first_step: int = 0, until: int | None = None
) -> Iterator[Draft]:
    steps = ground.style.steps_per_bar
    end = steps if until is None else until
    for voice, pattern in groove.items():
        offset = bar % bars_of(pattern, steps, line=False) * steps
        for strike in strikes(pattern):
            step = strike.step - offset
            if first_step <= step < end:
                at = start_beats + step / ground.steps_per_beat
                yield Draft(at, STROKE_BEATS, key_of(voice, at, ground), FORCE[strike.mark], voice)


def _ghosts(
    pattern: str, ground: Ground, bar: int, start_beats: float, until: int | None, rng: np.random.Generator
) -> Iterator[Draft]:
    """Soft snare strokes on odd sixteenths away from the backbeat, where the pattern leaves room."""
    steps = ground.style.steps_per_bar
    offset = bar % bars_of(pattern, steps, line=False) * steps
    taken = {strike.step - offset for strike in strikes(pattern)}
    for step in range(1, steps, 2):
        chance = float(rng.random())
        free = step not in taken and step - 1 not in taken and (until is None or step < until)
        if free and chance < GHOST_CHANCE:
            yield Draft(start_beats + step / ground.steps_per_beat, STROKE_BEATS, KEYS["s"], FORCE["o"] * 0.85, "s")


def _fill_step(ground: Ground, passage: Passage, bar: int, rng: np.random.Generator) -> int | None:
    """From which step of the bar a fill is played: the more the music rises, the earlier; None for no fill."""
    chance = float(rng.random())
    fills = ground.style.drums.fills
    if not fills or not any(fills) or passage.energy < SPARSE_ENERGY:
        return None
    beats = ground.style.beats_per_bar
    if bar == passage.bars - 1:
        if passage.next_energy is None:
            return None
        rise = passage.next_energy - passage.energy
        length = beats if rise > 0.3 else max(1, beats // 2) if rise > -0.1 else 1
    elif bar % 8 == 3 and passage.bars >= 8 and chance < 0.3 + 0.5 * passage.energy:
        length = 1
    else:
        return None
    return int((beats - length) * ground.steps_per_beat)


def _crashes(ground: Ground, groove: Groove, passage: Passage) -> Iterator[Draft]:
    """A crash on the first beat, and every eight bars of a high passage; none for kits without cymbals."""
    if not CYMBALS & set(groove):
        return
    every = 4 if passage.is_peak else 8
    bars = range(0, passage.bars, every) if passage.energy >= FULL_ENERGY else range(1)
    for number, bar in enumerate(bars):
        at = passage.start_beats + bar * ground.style.beats_per_bar
        key = SECOND_CRASH_KEY if number % 2 else key_of("y", at, ground)
        yield Draft(at, 2.0, key, 84.0 + 22.0 * passage.energy, "y")
