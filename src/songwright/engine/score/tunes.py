"""The tunes: every line of the song, hook first, the rest by contrast and memory.

Conventions
    For each line several rhythms are drawn, for each rhythm several melodies at once, and the best by `line_merit` is
    kept. A line that says again what a chorus said is sung again note for note; the same line of a later verse follows
    the first verse where its syllables allow it; lines of one letter share onsets and intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.score.cells import cells_on, gap_prior, lay_cells
from songwright.engine.score.gates import on_beat
from songwright.engine.score.merit import FEW_PITCHES, FEW_PITCHES_FROM, line_merit
from songwright.engine.score.past import NO_PAST, Past
from songwright.engine.score.pitch import ChordView, Floats, PitchTask, chord_view
from songwright.engine.score.remembrance import contrast
from songwright.engine.score.remembrance import memory as memory_score
from songwright.engine.score.rhythm import Rhythm, RhythmAim, Start, draw_rhythm, note_lengths
from songwright.engine.score.setting import CONTOURS, OPPOSITE, Setting
from songwright.engine.score.sketch import Memory, Slot, Tune
from songwright.engine.theory import Metre

AIR_BEATS = 0.5  #: silence between two lines
LINE_GAP_BEATS = 1.0  #: least distance from a line's last onset to the next line's first
LONGEST_RAP_BEATS = 1.0  #: rap is spoken: nothing is held
CROWDED_BEATS = 0.62  #: a line with less than this for each syllable uses all of its bars
SYLLABLES_IN_FULL = 800  #: songs with more get fewer candidates a line
STRETCHES = (1.0, 1.4, 1.9)  #: wider contours, tried where a line has come out on too few pitches
_CADENCES: Mapping[str, frozenset[int]] = {
    "open": frozenset({1, 2, 4, 0}),
    "half": frozenset({1, 4, 6}),
    "close": frozenset({0}),
    "lift": frozenset({1, 4, 6, 3}),
}
CHORUS_DRAWS, VERSE_DRAWS = 3, 2  #: whole sections tried
LIGHT_ON_BEATS, HEAVY_ON_BEATS = 0.38, 0.9  #: shares of unstressed and stressed syllables, at most and at least
MEMORY_WORTH, CONTRAST_WORTH = 2.0, 1.5  #: against the merit of lines
_HOOK_DRAWS, _LINE_DRAWS, _BOUND_DRAWS = (9, 14), (5, 12), (4, 10)  #: (rhythms, melodies for each)


def compose_tunes(
    setting: Setting, slots: Sequence[Slot], rng: np.random.Generator, past: Past = NO_PAST
) -> list[Tune]:
    """All lines in order of time; they remember `past` and keep clear of the lines before and after them."""
    memory = Memory(first=past.before, last=past.after, floor_beats=past.floor_beats)
    for tune in past.tunes:
        memory.keep(tune)
    thrift = min(1.0, SYLLABLES_IN_FULL / max(1, sum(len(s.syllables) for s in slots)))
    chorus, verse, others = _by_weight(slots)
    for group, draws in ((chorus, CHORUS_DRAWS), (verse, VERSE_DRAWS)):
        candidates = [_drawn(setting, group, slots, memory, thrift, rng) for _ in range(draws if thrift == 1 else 1)]
        known = [t for t in memory.tunes.values() if setting.is_high(t.slot.kind)]
        for tune in max(candidates, key=lambda tunes: _worth(setting, tunes, known)):
            memory.keep(tune)
    for slot in others:
        memory.keep(_compose_line(setting, slot, slots, memory, thrift, rng))
    tunes = [memory.tunes[s.section, s.number] for s in slots]
    return _with_air(tunes, past.after)


def _by_weight(slots: Sequence[Slot]) -> tuple[list[Slot], list[Slot], list[Slot]]:
    """The section of the hook, hook first; the first verse; everything else in order of time."""
    hook = next((s for s in slots if s.hook), None)
    own = [] if hook is None else [hook, *(s for s in slots if s.section == hook.section and s is not hook)]
    home = hook.section if hook else None
    first = next((s.section for s in slots if s.kind == "verse" and s.section != home), None)
    verse = [s for s in slots if s.section == first]
    return own, verse, [s for s in slots if s.section not in (home, first)]


def _drawn(
    setting: Setting,
    group: Sequence[Slot],
    slots: Sequence[Slot],
    memory: Memory,
    thrift: float,
    rng: np.random.Generator,
) -> list[Tune]:
    """One try at a whole section; `memory` stays as it is."""
    tried = memory.copy()
    out: list[Tune] = []
    for slot in group:
        out.append(_compose_line(setting, slot, slots, tried, thrift, rng))
        tried.keep(out[-1])
    return out


def _worth(setting: Setting, tunes: Sequence[Tune], chorus: Sequence[Tune]) -> float:
    """What a section is worth: the merit of its lines, a chorus that stays in the ear, a verse that leaves it room."""
    lead = [t for t in tunes if not t.slot.backing]
    if not lead:
        return 0.0
    merit = sum(t.merit for t in lead) / len(lead)
    if setting.is_high(lead[0].slot.kind):
        return merit + MEMORY_WORTH * memory_score(lead)
    return merit + (CONTRAST_WORTH * contrast(lead, chorus) if chorus else 0.0)


def _with_air(tunes: Sequence[Tune], last_after: Tune | None) -> list[Tune]:
    """Last notes end half a beat before the next line begins."""
    out: list[Tune] = []
    for tune, after in zip(tunes, [*tunes[1:], last_after], strict=False):
        last = tune.lengths[-1]
        if after is not None:
            room = after.first_beats - tune.last_beats
            last = min(last, max(room - AIR_BEATS, min(0.25, room / 2)))
        out.append(replace(tune, lengths=(*tune.lengths[:-1], last)))
    return out


def _compose_line(
    setting: Setting, slot: Slot, slots: Sequence[Slot], memory: Memory, thrift: float, rng: np.random.Generator
) -> Tune:
    before, after = _neighbours(setting, slot, slots, memory)
    again = memory.by_text.get((slot.kind, slot.text))
    if (
        again is not None
        and again.slot.bars == slot.bars
        and setting.is_high(slot.kind)
        and _fits(again, slot, before, after, memory)
    ):
        return replace(again, slot=slot)
    model = memory.by_number.get((slot.kind, slot.number))
    motif = memory.by_letter.get((slot.kind, slot.letter))
    if motif is model:
        motif = None
    rhythms, draws = _HOOK_DRAWS if slot.hook and model is None else _BOUND_DRAWS if model or motif else _LINE_DRAWS
    metre = setting.metre(len(slot.syllables), slot.bars, rap=slot.rap)
    best: Tune | None = None
    for stretch in STRETCHES:
        for _ in range(max(2, round(rhythms * thrift))):
            aim = _aim(setting, slot, metre, model or motif, before, after, memory.floor_beats, rng)
            rhythm = draw_rhythm(slot.syllables, metre, slot.bars, aim, rng) or _even(slot, metre, before, after)
            tune = _best_melody(setting, slot, metre, rhythm, (model, motif, before), memory, draws, stretch, rng)
            if best is None or tune.merit > best.merit:
                best = tune
        if best is not None and (len(best.midis) < FEW_PITCHES_FROM or len(set(best.midis)) >= FEW_PITCHES):
            break
    assert best is not None
    return best


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


def _aim(
    setting: Setting,
    slot: Slot,
    metre: Metre,
    source: Tune | None,
    before: Tune | None,
    after: Tune | None,
    floor_beats: float,
    rng: np.random.Generator,
) -> RhythmAim:
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
    earliest, latest = round((floor_beats - slot.start_beats) * steps), 9999
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


def _best_melody(
    setting: Setting,
    slot: Slot,
    metre: Metre,
    rhythm: Rhythm,
    sources: tuple[Tune | None, Tune | None, Tune | None],
    memory: Memory,
    draws: int,
    stretch: float,
    rng: np.random.Generator,
) -> Tune:
    """The best of `draws` melodies over one rhythm."""
    onsets = tuple(o / metre.steps_per_beat for o in rhythm.onsets)
    lengths = note_lengths(rhythm.onsets, metre, slot.bars, slot.syllables)
    if slot.rap:
        lengths = [min(length, LONGEST_RAP_BEATS) for length in lengths]
    task = pitch_task(setting, slot, metre, onsets, lengths, sources, draws, rng, stretch=stretch)
    misplaced = _misplaced(slot, onsets, lengths)
    indices, costs = setting.model.draw(task, rng)
    first = setting.window[0]
    low, high = setting.heights(slot.kind)
    best: tuple[float, int, list[int]] | None = None
    means = indices.mean(axis=1).tolist()
    reserved = None if setting.is_high(slot.kind) else _reserved(memory)
    for d in range(indices.shape[0]):
        midis = [
            setting.scale.midi(int(p)) + int(v.shift[p - first]) for p, v in zip(indices[d], task.views, strict=True)
        ]
        merit = line_merit(
            midis,
            lengths,
            rhythm_gain=rhythm.gain,
            pitch_cost=float(costs[d]),
            hook=slot.hook,
            reserved=reserved,
            stray=max(0.0, low - means[d], means[d] - high),
            misplaced=misplaced * setting.strict,
        )
        if best is None or merit > best[0]:
            best = (merit, d, midis)
    assert best is not None
    merit, d, midis = best
    chosen = tuple(int(i) for i in indices[d])
    return Tune(slot=slot, onsets=onsets, lengths=tuple(lengths), indices=chosen, midis=tuple(midis), merit=merit)


def _misplaced(slot: Slot, onsets: Sequence[float], lengths: Sequence[float]) -> float:
    """Share of unstressed syllables on beats beyond what a song may have, plus that of stressed ones beside them."""
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for syllable, onset, length in zip(slot.syllables, onsets, lengths, strict=True):
        hits[syllable.stress == 2].append(on_beat(onset, length))
    heavy, light = (sum(h) / len(h) if h else None for h in (hits[True], hits[False]))
    return max(0.0, (light or 0.0) - LIGHT_ON_BEATS) + max(0.0, HEAVY_ON_BEATS - (1.0 if heavy is None else heavy))


def _reserved(memory: Memory) -> int | None:
    """The hook's widest interval: the verse leaves it to the chorus."""
    hook = next((t for (_, letter), t in memory.by_letter.items() if letter == "H"), None)
    if hook is None or len(hook.midis) < 3:
        return None
    widest = max(abs(b - a) for a, b in zip(hook.midis, hook.midis[1:], strict=False))
    return widest if widest >= 4 else None


def pitch_task(
    setting: Setting,
    slot: Slot,
    metre: Metre,
    onsets: Sequence[float],
    lengths: Sequence[float],
    sources: tuple[Tune | None, Tune | None, Tune | None],
    draws: int,
    rng: np.random.Generator,
    *,
    stretch: float = 1.0,
) -> PitchTask:
    """Everything the pitch search has to know about a line."""
    model, motif, before = sources
    steps = [round(o * metre.steps_per_beat) for o in onsets]
    strengths = tuple(metre.strength(s) for s in steps)
    last = len(onsets) - 1
    ceiling = setting.ceiling(slot.kind)
    cadence = _CADENCES[slot.cadence]
    if slot.cadence == "close" and (setting.scale.is_minor or (not setting.is_high(slot.kind) and rng.random() < 0.4)):
        cadence = frozenset({0, 2})
    return PitchTask(
        views=_views(setting, slot.start_beats, onsets, lengths, strengths),
        strengths=strengths,
        weighty=tuple(
            s == 2 or length >= 1.5 or i == last for i, (s, length) in enumerate(zip(strengths, lengths, strict=True))
        ),
        short=tuple(i > 0 and onsets[i] - onsets[i - 1] <= 0.5 + 1e-6 for i in range(len(onsets))),
        stresses=tuple(s.stress for s in slot.syllables),
        goals=_goals(setting, slot, onsets, draws, stretch, rng),
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
        out.append(chord_view(chord, setting.scale.steps, setting.window, setting.blue))
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
