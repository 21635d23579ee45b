"""One line set to music: rhythms are drawn, for each of them several melodies at once, and the best one is kept.

Conventions
    Candidates compare by `line_merit`. A line that says again what a chorus said is sung again note for note; the same
    line of a later verse follows the first verse where its syllables allow it; lines of one letter share onsets and
    intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from songwright.engine.score.cells import cells_on, gap_prior, lay_cells
from songwright.engine.score.gates import on_beat, word_stress
from songwright.engine.score.merit import FEW_PITCHES, FEW_PITCHES_FROM, line_merit
from songwright.engine.score.pitch import ChordView, Floats, PitchTask, chord_view
from songwright.engine.score.rhythm import Rhythm, RhythmAim, Start, draw_rhythm, note_lengths
from songwright.engine.score.setting import CONTOURS, OPPOSITE, Setting
from songwright.engine.score.sketch import Memory, Slot, Tune
from songwright.engine.theory import Metre

LINE_GAP_BEATS = 1.0  #: least distance from a line's last onset to the next line's first
LONGEST_RAP_BEATS = 1.0  #: rap is spoken: nothing is held
CROWDED_BEATS = 0.62  #: a line with less than this for each syllable uses all of its bars
STRETCHES = (1.0, 1.4, 1.9)  #: wider contours, tried where a line has come out on too few pitches
_CADENCES: Mapping[str, frozenset[int]] = {
    "open": frozenset({1, 2, 4, 0}),
    "half": frozenset({1, 4, 6}),
    "close": frozenset({0}),
    "lift": frozenset({1, 4, 6, 3}),
}
LIGHT_ON_BEATS, HEAVY_ON_BEATS = 0.38, 0.9  #: shares of unstressed and stressed syllables, at most and at least
_HOOK_DRAWS, _LINE_DRAWS, _BOUND_DRAWS = (9, 14), (5, 12), (4, 10)  #: (rhythms, melodies for each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The tunes a line looks at."""

    model: Tune | None = None  #: the same line of an earlier section of its kind: followed note for note
    motif: Tune | None = None  #: another line of its letter: shares onsets and intervals
    before: Tune | None = None  #: the line sung before it
    after: Tune | None = None  #: the line sung after it, where it is known
    floor_beats: float = 0.0  #: nothing sounds before
    reserved: int | None = None  #: an interval in semitones that is left to the chorus
    others: tuple[int, ...] = ()  #: intervals of the other lines of its section, as far as they are known
    returns: tuple[float, ...] = ()  #: where the line will be sung again, in beats

    @property
    def shown(self) -> Tune | None:
        """The tune that shows the line its rhythm."""
        return self.model or self.motif


def compose_line(
    setting: Setting, slot: Slot, slots: Sequence[Slot], memory: Memory, thrift: float, rng: np.random.Generator
) -> Tune:
    """The best of many candidates for one line; `thrift` <= 1 is the share of them that a long song can afford."""
    before, after = _neighbours(setting, slot, slots, memory)
    again = memory.by_text.get((slot.kind, slot.text))
    if (
        again is not None
        and again.slot.bars == slot.bars
        and setting.is_high(slot.kind)
        and setting.holds(again.midis)
        and _fits(again, slot, before, after, memory)
    ):
        return replace(again, slot=slot)
    model = memory.by_number.get((slot.kind, slot.number))
    motif = memory.by_letter.get((slot.kind, slot.letter))
    hook = next((t for (_, letter), t in memory.by_letter.items() if letter == "H"), None)
    sources = Sources(
        model=model,
        motif=None if motif is model else motif,
        before=before,
        after=after,
        floor_beats=memory.floor_beats,
        reserved=None if setting.is_high(slot.kind) else reserved_interval(hook),
        others=_moves_beside(slot, memory),
        returns=returns_of(setting, slot, slots),
    )
    rhythms, draws = _HOOK_DRAWS if slot.hook and model is None else _BOUND_DRAWS if sources.shown else _LINE_DRAWS
    best: Tune | None = None
    for stretch in STRETCHES:
        for _ in range(max(2, round(rhythms * thrift))):
            rhythm = rhythm_of(setting, slot, sources, rng)
            tune = max(melodies(setting, slot, rhythm, sources, draws, rng, stretch=stretch), key=lambda t: t.merit)
            if best is None or tune.merit > best.merit:
                best = tune
        if best is not None and (len(best.midis) < FEW_PITCHES_FROM or len(set(best.midis)) >= FEW_PITCHES):
            break
    assert best is not None
    return best


def _moves_beside(slot: Slot, memory: Memory) -> tuple[int, ...]:
    """Intervals of the lines of the same section that are known already."""
    lines = [t for t in memory.tunes.values() if t.slot.section == slot.section and not t.slot.backing]
    return tuple(b - a for t in lines for a, b in pairwise(t.midis))


def returns_of(setting: Setting, slot: Slot, slots: Sequence[Slot]) -> tuple[float, ...]:
    """Where a chorus line is sung again to the same words."""
    if not setting.is_high(slot.kind):
        return ()
    return tuple(
        s.start_beats
        for s in slots
        if s is not slot and s.kind == slot.kind and s.bars == slot.bars and s.text == slot.text
    )


@dataclass(frozen=True, slots=True)
class LineRhythm:
    """Where and how long the syllables of a line are sung, in beats, and what that was worth."""

    onsets: tuple[float, ...]
    lengths: tuple[float, ...]
    gain: float


def rhythm_of(setting: Setting, slot: Slot, sources: Sources, rng: np.random.Generator) -> LineRhythm:
    """One rhythm for a line between its neighbours."""
    metre = metre_of(setting, slot)
    aim = _aim(setting, slot, metre, sources, rng)
    rhythm = draw_rhythm(slot.syllables, metre, slot.bars, aim, rng) or _even(
        slot, metre, sources.before, sources.after
    )
    lengths = note_lengths(rhythm.onsets, metre, slot.bars, slot.syllables)
    if slot.rap:
        lengths = [min(length, LONGEST_RAP_BEATS) for length in lengths]
    return LineRhythm(tuple(o / metre.steps_per_beat for o in rhythm.onsets), tuple(lengths), rhythm.gain)


def metre_of(setting: Setting, slot: Slot) -> Metre:
    """The grid of a line."""
    return setting.metre(len(slot.syllables), slot.bars, rap=slot.rap)


def melodies(
    setting: Setting,
    slot: Slot,
    rhythm: LineRhythm,
    sources: Sources,
    draws: int,
    rng: np.random.Generator,
    *,
    stretch: float = 1.0,
    height: float = 0.0,
) -> list[Tune]:
    """`draws` melodies over one rhythm, contours `stretch` times as wide and `height` scale steps higher than usual."""
    task = pitch_task(setting, slot, rhythm.onsets, rhythm.lengths, sources, draws, rng, stretch=stretch, height=height)
    misplaced = _misplaced(setting, slot, rhythm.onsets, rhythm.lengths)
    indices, costs = setting.model.draw(task, rng)
    first = setting.window[0]
    low, high = setting.heights(slot.kind)
    out: list[Tune] = []
    for row, cost in zip(indices.tolist(), costs.tolist(), strict=True):
        midis = [setting.scale.midi(p) + int(v.shift[p - first]) for p, v in zip(row, task.views, strict=True)]
        mean = sum(row) / len(row)
        merit = line_merit(
            midis,
            rhythm.lengths,
            rhythm_gain=rhythm.gain,
            pitch_cost=cost,
            hook=slot.hook,
            reserved=sources.reserved,
            stray=max(0.0, low - mean, mean - high),
            misplaced=misplaced * setting.strict,
            others=sources.others,
        )
        tune = Tune(
            slot=slot, onsets=rhythm.onsets, lengths=rhythm.lengths, indices=tuple(row), midis=tuple(midis), merit=merit
        )
        out.append(tune)
    return out


def _neighbours(setting: Setting, slot: Slot, slots: Sequence[Slot], memory: Memory) -> tuple[Tune | None, Tune | None]:
    """The tunes before and after, as far as they are known; a chorus line that will be a copy is known."""
    at = next(i for i, s in enumerate(slots) if s is slot)
    before = memory.tunes.get((slots[at - 1].section, slots[at - 1].number)) if at else memory.first
    if at + 1 == len(slots):
        return before, memory.last
    following = slots[at + 1]
    after = memory.tunes.get((following.section, following.number))
    copied = memory.by_text.get((following.kind, following.text))
    if after is None and copied is not None and setting.is_high(following.kind):
        after = replace(copied, slot=following)
    return before, after


def _fits(tune: Tune, slot: Slot, before: Tune | None, after: Tune | None, memory: Memory) -> bool:
    """Whether a line can be sung again note for note between its neighbours."""
    first, last = slot.start_beats + tune.onsets[0], slot.start_beats + tune.onsets[-1]
    clear = before is None or first - before.last_beats >= 0.75
    ends = after is None or after is not memory.last or after.first_beats - last >= 0.75
    return clear and ends and first >= memory.floor_beats - 1e-6


def _even(slot: Slot, metre: Metre, before: Tune | None, after: Tune | None) -> Rhythm:
    """Syllables evenly spread: the last resort for a line with more syllables than steps."""
    n = len(slot.syllables)
    first = 0 if before is None else max(0, round((before.last_beats + 0.75 - slot.start_beats) * metre.steps_per_beat))
    end = slot.bars * metre.steps_per_bar - metre.steps_per_beat
    if after is not None:
        end = min(end, round((after.first_beats - slot.start_beats) * metre.steps_per_beat) - metre.steps_per_beat)
    span = max(end - first, n)
    return Rhythm(tuple(first + i * span // n for i in range(n)), 0.0)


def _aim(setting: Setting, slot: Slot, metre: Metre, sources: Sources, rng: np.random.Generator) -> RhythmAim:
    source, before, after = sources.shown, sources.before, sources.after
    melody, high, steps = setting.style.melody, setting.is_high(slot.kind), metre.steps_per_beat
    crowded = (slot.bars * setting.bar - 1.5) / len(slot.syllables) < CROWDED_BEATS
    weights = np.array([melody.pickup, 0.45, 0.1 if high else 0.05 if crowded else 0.35])
    starts: tuple[Start, ...] = ("pickup", "on", "late")
    start = starts[int(rng.choice(3, p=weights / weights.sum()))]
    if source is not None:
        start = "pickup" if source.onsets[0] < 0 else "late" if source.onsets[0] > 0 else "on"
    if start == "pickup" and slot.syllables[0].stress > 0:
        start = "on"
    spread = (0.95, 1.0, 1.05) if crowded else (0.8, 0.95, 1.05) if high else (0.7, 0.8, 0.9)
    density = float(rng.choice((0.75, 0.85) if slot.rap else spread))
    earliest, latest = round((sources.floor_beats - slot.start_beats) * steps), 9999
    if before is not None:
        earliest = int(np.ceil((before.last_beats + LINE_GAP_BEATS - slot.start_beats) * steps - 1e-6))
    if after is not None:
        latest = int(np.floor((after.first_beats - LINE_GAP_BEATS - slot.start_beats) * steps + 1e-6))
    families = setting.rap_families if slot.rap else setting.families
    cells = () if source is not None else cells_on(families, high, metre)
    return RhythmAim(
        start=start,
        density=density,
        sync=melody.sync[1 if high else 0],
        long=melody.long,
        least_gap=setting.least_gap(metre, rap=slot.rap),
        earliest=earliest,
        latest=latest,
        motif=frozenset(round(o * steps) for o in source.onsets) if source else frozenset(),
        pattern=lay_cells(cells, setting.favourites, slot.bars, len(slot.syllables), metre, rng),
        usual_gaps=gap_prior(families, high, metre),
        pull=setting.pull,
        strict=setting.strict,
        rap=slot.rap,
    )


def _misplaced(setting: Setting, slot: Slot, onsets: Sequence[float], lengths: Sequence[float]) -> float:
    """Share of unstressed syllables on beats beyond what a song may have, plus that of stressed ones beside them, plus
    that of words whose stress is not their strongest place."""
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for syllable, onset, length in zip(slot.syllables, onsets, lengths, strict=True):
        hits[syllable.stress == 2].append(on_beat(onset, length))
    heavy, light = (sum(h) / len(h) if h else None for h in (hits[True], hits[False]))
    words = word_stress(setting.bar, slot, onsets, lengths)
    wrong = words.count(False) / len(words) if words else 0.0
    return (
        max(0.0, (light or 0.0) - LIGHT_ON_BEATS) + max(0.0, HEAVY_ON_BEATS - (1.0 if heavy is None else heavy)) + wrong
    )


def reserved_interval(hook: Tune | None) -> int | None:
    """The hook's widest interval in semitones: the verse leaves it to the chorus."""
    if hook is None or len(hook.midis) < 3:
        return None
    widest = max(abs(b - a) for a, b in pairwise(hook.midis))
    return widest if widest >= 4 else None


def pitch_task(
    setting: Setting,
    slot: Slot,
    onsets: Sequence[float],
    lengths: Sequence[float],
    sources: Sources,
    draws: int,
    rng: np.random.Generator,
    *,
    stretch: float = 1.0,
    height: float = 0.0,
) -> PitchTask:
    """Everything the pitch search has to know about a line."""
    model, motif, before = sources.model, sources.motif, sources.before
    metre = metre_of(setting, slot)
    steps = [round(o * metre.steps_per_beat) for o in onsets]
    strengths = tuple(metre.strength(s) for s in steps)
    last = len(onsets) - 1
    ceiling = setting.ceiling(slot.kind)
    cadence = _CADENCES[slot.cadence]
    if slot.cadence == "close" and (setting.scale.is_minor or (not setting.is_high(slot.kind) and rng.random() < 0.4)):
        cadence = frozenset({0, 2})
    last_note = (onsets[-1:], lengths[-1:], strengths[-1:])
    return PitchTask(
        last_views=tuple(_views(setting, start, *last_note)[0] for start in sources.returns),
        views=_views(setting, slot.start_beats, onsets, lengths, strengths),
        strengths=strengths,
        weighty=tuple(
            s == 2 or length >= 1.5 or i == last for i, (s, length) in enumerate(zip(strengths, lengths, strict=True))
        ),
        short=tuple(i > 0 and onsets[i] - onsets[i - 1] <= 0.5 + 1e-6 for i in range(len(onsets))),
        stresses=tuple(s.stress for s in slot.syllables),
        goals=_goals(setting, slot, onsets, draws, stretch, rng) + height,
        peak=ceiling if slot.climax or not setting.is_high(slot.kind) else ceiling - 1,
        cadence=cadence,
        weak_degrees=setting.weak_degrees,
        climax=_climax(slot, lengths, rng) if slot.climax else None,
        motif=_motif_steps(motif, onsets) if motif and not (slot.hook and motif.slot.hook) else (),
        model=_model_indices(model if model else motif if slot.letter == "H" else None, onsets),
        previous=before.indices[-1] if before else None,
    )


def _views(
    setting: Setting, start: float, onsets: Sequence[float], lengths: Sequence[float], strengths: Sequence[int]
) -> tuple[ChordView, ...]:
    """The chord each note belongs to; a note that anticipates a beat belongs to the chord of that beat."""
    out: list[ChordView] = []
    for onset, length, strength in zip(onsets, lengths, strengths, strict=True):
        at = onset
        if strength == 0 and onset + length > np.ceil(onset + 1e-6) + 0.2:
            at = float(np.ceil(onset))
        chord = setting.harmony.at(max(0.0, start + at))
        out.append(chord_view(chord, setting.scale.steps, setting.window, setting.blue, setting.limits))
    return tuple(out)


def _goals(
    setting: Setting, slot: Slot, onsets: Sequence[float], draws: int, stretch: float, rng: np.random.Generator
) -> Floats:
    """The wished height of each note, one curve a draw: section + line + contour, stretched by the style's span."""
    favourite = setting.contours[0]
    place = (np.array(onsets) - onsets[0]) / max(onsets[-1] - onsets[0], 1)
    rows: list[Floats] = []
    for d in range(draws):
        name = setting.contours[(d + slot.number) % len(setting.contours)]
        if setting.is_high(slot.kind) and slot.letter == "H" and d % 2 == 0:
            name = favourite
        elif not setting.is_high(slot.kind) and slot.letter == "A" and d % 2 == 0:
            name = OPPOSITE[favourite]  # where the hook falls, the verse rises
        elif slot.letter == "C" and slot.cadence == "close":
            name = ("descent", "arch")[d % 2]
        curve = CONTOURS[name]
        wide = rng.uniform(0.9, 1.7) * setting.amplitude * stretch * (0.75 if slot.rap else 1.0)
        if setting.lifts and not setting.is_high(slot.kind):
            wide *= 0.85
        height = setting.base(slot.kind) + slot.offset * 0.8 * setting.amplitude
        rows.append(height + wide * np.interp(place, np.arange(len(curve)) / (len(curve) - 1), curve))
    return np.stack(rows)


def _climax(slot: Slot, lengths: Sequence[float], rng: np.random.Generator) -> int | None:
    """The longest stressed syllable of the last two thirds."""
    n = len(slot.syllables)
    choices = [i for i in range(n // 3, max(n - 1, 1)) if slot.syllables[i].stress == 2]
    if not choices:
        return None
    return max(choices, key=lambda i: min(lengths[i], 2.0) + 0.5 * rng.random())


def _motif_steps(source: Tune, onsets: Sequence[float]) -> tuple[int | None, ...]:
    """The source's step into each note that both lines have, for the first three quarters of the line."""
    place = {round(o * 12): i for i, o in enumerate(source.onsets)}
    steps: list[int | None] = [None]
    for i in range(1, len(onsets)):
        a, b = place.get(round(onsets[i - 1] * 12)), place.get(round(onsets[i] * 12))
        known = a is not None and b == a + 1 and i < 0.75 * len(onsets)
        steps.append(source.indices[b] - source.indices[a] if known and a is not None and b is not None else None)
    return tuple(steps)


def _model_indices(source: Tune | None, onsets: Sequence[float]) -> dict[int, int]:
    """Note -> index of the source's note at the same place."""
    if source is None:
        return {}
    place = {round(o * 12): p for o, p in zip(source.onsets, source.indices, strict=True)}
    return {i: place[round(o * 12)] for i, o in enumerate(onsets) if round(o * 12) in place}
