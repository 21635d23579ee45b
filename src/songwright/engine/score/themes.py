"""Tunes without words: the riff, and what a lead instrument plays where nobody sings.

Conventions
    Themes are `VocalNote`s over the whole song with word and syllable 0. They are composed like sung lines, over
    invented stresses, in the window of a lead instrument; where there is a hook, intro and outro quote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.material import LyricLine, Section, SectionKind, VocalNote
from songwright.engine.score.lines import Sources, pitch_task
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Beatable, Slot, Tune
from songwright.engine.score.tunes import compose_tunes, with_air

LEAD_LOW_MIDI, LEAD_HIGH_MIDI = 64, 84
RIFF_NOTES = 8
_SPARSE: frozenset[SectionKind] = frozenset(("break", "intro", "outro", "build"))
_EMPTY = LyricLine("", ())
_PLANS = {
    True: (("H", 0.0, "open"), ("B", -0.5, "half"), ("H", 0.0, "open"), ("C", 1.0, "close")),
    False: (("A", 0.0, "open"), ("B", 0.6, "half"), ("A", 1.0, "open"), ("C", 1.4, "close")),
}


def invented(count: int, rng: np.random.Generator) -> tuple[Beatable, ...]:
    """A phrase of `count` notes with the stresses of invented words of one to three syllables."""
    out: list[Beatable] = []
    word = 0
    while len(out) < count:
        shape = ((2,), (2, 0), (0, 2), (2, 0, 0), (0,))[int(rng.choice(5, p=(0.3, 0.3, 0.12, 0.08, 0.2)))]
        out += [Beatable(word, i, stress, i == 0) for i, stress in enumerate(shape)]
        word += 1
    return tuple(out[:count])


def theme_slots(setting: Setting, section: Section, index: int, rng: np.random.Generator, *, first: bool) -> list[Slot]:
    """Lines for one played section; the very first chorus-like one holds the hook of an instrumental."""
    bars = round(section.length_beats / setting.bar)
    unit = 2 if bars % 2 == 0 else 1
    high = setting.is_high(section.kind) or section.kind == "solo"
    density = setting.style.melody.density[1 if high else 0] * (0.45 if section.kind in _SPARSE else 0.75)
    slots: list[Slot] = []
    lines = bars // unit
    phrases = [max(2, round(min(density, 6) * unit * f)) for f in (1.0, 0.85)]
    shapes = {letter: invented(phrases[i % 2], rng) for i, letter in enumerate("ABHC")}
    for number in range(lines):
        letter, offset, cadence = _PLANS[high][number % 4]
        if number == lines - 1:
            letter, cadence = "C", "close"
        if section.kind in ("break", "build") and number % 2:
            continue
        slots.append(
            Slot(
                section=index,
                number=number,
                kind=section.kind,
                line=_EMPTY,
                syllables=shapes[letter],
                start_beats=section.start_beats + number * unit * setting.bar,
                bars=unit,
                letter=letter,
                offset=offset,
                cadence=cadence,
                climax=high and number == lines - 1,
                hook=first and letter == "H" and number == 0,
            )
        )
    return slots


def riff_of(hook: Tune | None) -> tuple[VocalNote, ...]:
    """The hook's first notes from beat 0, without its pickup."""
    if hook is None:
        return ()
    notes = [
        VocalNote(onset, length, midi, 0, 0)
        for onset, length, midi in zip(hook.onsets, hook.lengths, hook.midis, strict=True)
        if onset >= 0
    ]
    return tuple(notes[:RIFF_NOTES])


def quote(setting: Setting, hook: Tune, start_beats: float, section: int, rng: np.random.Generator) -> Tune:
    """The hook told again elsewhere: its rhythm, its contour in the instrument's window, bent to the chords there."""
    keep = [i for i, onset in enumerate(hook.onsets) if onset >= 0][:RIFF_NOTES] or [0]
    octave = _octave(setting, hook)
    onsets = tuple(max(0.0, hook.onsets[i]) for i in keep)
    lengths = tuple(hook.lengths[i] for i in keep)
    told = tuple(int(np.clip(hook.indices[i] + octave, setting.window[0], setting.window[-1])) for i in keep)
    slot = replace(
        hook.slot,
        section=section,
        start_beats=start_beats,
        syllables=tuple(hook.slot.syllables[i] for i in keep),
        climax=False,
        cadence="open",
        hook=False,
        letter="H",
    )
    model = replace(hook, slot=slot, onsets=onsets, lengths=lengths, indices=told, midis=told)
    task = pitch_task(setting, slot, onsets, lengths, Sources(model=model), 1, rng)
    indices, _ = setting.model.draw(replace(task, goals=np.array([told], dtype=np.float64), peak=99), rng)
    chosen = tuple(int(i) for i in indices[0])
    first = setting.window[0]
    midis = tuple(setting.scale.midi(p) + int(v.shift[p - first]) for p, v in zip(chosen, task.views, strict=True))
    return replace(model, indices=chosen, midis=midis)


def play_themes(
    setting: Setting, sections: Sequence[Section], sung: frozenset[int], hook: Tune | None, rng: np.random.Generator
) -> tuple[list[Tune], Tune | None]:
    """Themes of all sections that are not sung, and the hook (the instrumental's own where none was sung)."""
    own = _own_themes(setting, sections, sung, hook is None, rng)
    quoted = hook or next((t for t in own if t.slot.hook), own[0] if own else None)
    if quoted is None:
        return own, None
    for index, section in enumerate(sections):
        if index not in sung and section.kind in ("intro", "outro"):
            own += _quotes(setting, section, index, quoted, rng)
        if section.kind == "outro" and index == len(sections) - 1 and index not in sung:
            own.append(_farewell(setting, section, index, quoted))
    return sorted(own, key=lambda t: t.first_beats), quoted


def _own_themes(
    setting: Setting, sections: Sequence[Section], sung: frozenset[int], with_hook: bool, rng: np.random.Generator
) -> list[Tune]:
    slots: list[Slot] = []
    played = [i for i in range(len(sections)) if i not in sung and sections[i].kind not in ("intro", "outro")]
    high = [i for i in played if setting.is_high(sections[i].kind)] or played
    shapes: dict[SectionKind, list[Slot]] = {}
    for index in played:
        section = sections[index]
        known = shapes.get(section.kind)
        slots_here = theme_slots(setting, section, index, rng, first=with_hook and bool(high) and index == high[0])
        if known:  # a section that returns keeps its phrases
            slots_here = [
                replace(s, syllables=k.syllables) for s, k in zip(slots_here, known, strict=False)
            ] + slots_here[len(known) :]
        shapes.setdefault(section.kind, slots_here)
        slots += slots_here
    return with_air(compose_tunes(setting, slots, rng)) if slots else []


def _quotes(setting: Setting, section: Section, index: int, hook: Tune, rng: np.random.Generator) -> list[Tune]:
    """The hook at the start of every phrase; an ending leaves its last two bars to the cadence."""
    phrase = max(2, min(hook.slot.bars, 4)) * setting.bar
    end = section.start_beats + section.length_beats
    if section.kind == "outro":
        end -= 2 * setting.bar
    out: list[Tune] = []
    at = section.start_beats
    while at + min(phrase, 2 * setting.bar) <= end + 1e-6:
        tune = quote(setting, hook, at, index, rng)
        room = [i for i, o in enumerate(tune.onsets) if o < min(phrase, end - at) - 0.5]
        out.append(_only(tune, room))
        at += phrase
    return out


def _octave(setting: Setting, hook: Tune) -> int:
    """Scale steps, whole octaves, from the singer's hook into the middle of the instrument's window."""
    middle = (setting.window[0] + setting.window[-1]) / 2
    return 7 * round((middle - sum(hook.indices) / len(hook.indices)) / 7)


def _farewell(setting: Setting, section: Section, index: int, hook: Tune) -> Tune:
    """The last note: the tonic, held through the last bar, nearest to where the quoted hook lies."""
    start = section.start_beats + section.length_beats - setting.bar
    around = sum(hook.indices) / len(hook.indices) + _octave(setting, hook)
    home = min((i for i in setting.window if i % 7 == 0), key=lambda i: abs(i - around))
    slot = replace(hook.slot, section=index, start_beats=start, syllables=hook.slot.syllables[:1], hook=False)
    midi = setting.scale.midi(home)
    length = max(1.0, setting.bar - 0.5)
    return Tune(slot=slot, onsets=(0.0,), lengths=(length,), indices=(home,), midis=(midi,))


def _only(tune: Tune, keep: Sequence[int]) -> Tune:
    return replace(
        tune,
        slot=replace(tune.slot, syllables=tuple(tune.slot.syllables[i] for i in keep)),
        onsets=tuple(tune.onsets[i] for i in keep),
        lengths=tuple(tune.lengths[i] for i in keep),
        indices=tuple(tune.indices[i] for i in keep),
        midis=tuple(tune.midis[i] for i in keep),
    )
