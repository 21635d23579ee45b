"""Harmony: key, mode, a progression for each kind of section, cadences, surprises, and a late change of key.

Conventions
    Spans tile the song from beat 0 to its end without gaps. Everything is written in the first key; `realised`
    transposes what lies after the key change. Degrees are semitones above the tonic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from songwright.engine.material import Brief, Chord, Section, SectionKind, Style
from songwright.engine.theory import (
    MINOR_MODES,
    MODES,
    ChordSpec,
    Scale,
    chord_spec,
    named,
    parse_key,
    parse_progression,
    realise,
)

Progression = tuple[tuple[ChordSpec, float], ...]
FALLBACK: Mapping[SectionKind, SectionKind] = {
    "intro": "chorus",
    "prechorus": "verse",
    "postchorus": "chorus",
    "bridge": "verse",
    "solo": "chorus",
    "outro": "chorus",
    "drop": "chorus",
    "break": "bridge",
    "rap": "verse",
    "build": "prechorus",
    "chorus": "verse",
}
KEY_CHANGE_CHANCE = {"ballad": 0.5, "gospel": 0.5, "country": 0.3, "kpop": 0.35, "pop": 0.15}
_SWAPS: Mapping[int, tuple[tuple[int, str], ...]] = {  # root of a plain chord -> borrowed ones that do its work
    5: ((5, "m"), (10, ""), (2, "7")),
    7: ((10, ""), (7, "m7"), (1, "maj7")),
    9: ((8, "maj7"), (9, "7"), (4, "7")),
    2: ((2, "7"), (5, "m6"), (1, "maj7")),
    4: ((4, "7"), (3, "maj7")),
    8: ((5, ""), (8, "maj7"), (1, "maj7")),
    10: ((7, "7"), (2, "")),
    3: ((7, "m7"), (10, "7")),
}
_QUIET = 0.4  #: below this weirdness no chord is replaced


@dataclass(frozen=True, slots=True)
class Span:
    """A chord in its place."""

    start_beats: float
    length_beats: float
    spec: ChordSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmony:
    """The chords of a song in its first key, and where the key changes."""

    scale: Scale
    spans: tuple[Span, ...]
    starts: tuple[float, ...]
    key_change: tuple[float, int] | None = None

    def at(self, beats: float) -> ChordSpec:
        """The chord that sounds at a moment."""
        return self.spans[max(0, bisect_right(self.starts, beats + 1e-6) - 1)].spec

    def realised(self) -> tuple[Chord, ...]:
        """Chords as they sound."""
        minor = self.scale.is_minor
        return tuple(
            realise(
                s.spec,
                (self.scale.tonic_pc + self.shift(s.start_beats)) % 12,
                start_beats=s.start_beats,
                length_beats=s.length_beats,
                minor=minor,
            )
            for s in self.spans
        )

    def shift(self, beats: float) -> int:
        """Semitones that what begins here is transposed by."""
        return self.key_change[1] if self.key_change and beats >= self.key_change[0] - 1e-6 else 0


@dataclass(frozen=True, slots=True)
class Palette:
    """The mode and the progression of each kind of section."""

    mode: str
    progressions: Mapping[SectionKind, Progression]

    def of(self, kind: SectionKind) -> Progression:
        """The progression of a section, by way of the fallbacks."""
        while kind not in self.progressions:
            kind = FALLBACK.get(kind, "verse")
        return self.progressions[kind]


def _is_minor(progression: Progression) -> bool:
    return any(spec.root == 0 and spec.is_minor for spec, _ in progression)


def choose_palette(style: Style, brief: Brief, hook_beats: float, rng: np.random.Generator) -> Palette:
    """Mode and progressions. The two takes of a task take different alternatives where there are two."""
    asked = parse_key(brief.key) if brief.key else None
    mode = asked[1] if asked else _draw_mode(style, rng)
    minor = mode in MINOR_MODES
    available: dict[SectionKind, list[Progression]] = {
        _as_kind(kind): [_in_bars(parse_progression(t), style.beats_per_bar) for t in texts]
        for kind, texts in style.chords.items()
        if texts
    }
    main = available.get("chorus") or available.get("verse") or [_in_bars(parse_progression("I:4 V:4 vi:4 IV:4"), 4)]
    if not any(_is_minor(p) == minor for p in main) and not asked and mode != "blues":
        minor = not minor
        mode = "minor" if minor else "major"
    chosen: dict[SectionKind, Progression] = {}
    for kind, all_of in available.items():
        agreeing = [p for p in all_of if _is_minor(p) == minor]
        options = agreeing if agreeing else [_relative(p, to_minor=minor) for p in all_of]
        if mode == "blues":
            options = agreeing or all_of
        if kind == "chorus":
            options = _by_hook(options, hook_beats)
        order = brief.rng(f"progression {kind}", per_take=False).permutation(len(options))
        chosen[kind] = _surprised(options[order[brief.take % len(options)]], brief, rng, style.beats_per_bar)
    if "verse" not in chosen:
        chosen["verse"] = next(iter(chosen.values()), main[0])
    return Palette(mode, chosen)


def _as_kind(word: str) -> SectionKind:
    return next((kind for kind in get_args(SectionKind) if kind == word), "verse")


def _draw_mode(style: Style, rng: np.random.Generator) -> str:
    known = {m: w for m, w in style.modes.items() if m in MODES and w > 0} or {"major": 1.0}
    weights = np.array(list(known.values()))
    return list(known)[int(rng.choice(len(known), p=weights / weights.sum()))]


def _by_hook(options: list[Progression], hook_beats: float) -> list[Progression]:
    """Loops over which the hook, two lines later, meets the same chords again come first where there is a choice."""
    fitting = [p for p in options if hook_beats % sum(b for _, b in p) < 1e-6]
    return fitting if len(fitting) >= 2 else options


def _relative(progression: Progression, *, to_minor: bool) -> Progression:
    """The same chords heard from the relative key: `i bVI bIII bVII` <-> `vi IV I V`."""
    shift = 3 if to_minor else -3
    return tuple((named((spec.root + shift) % 12, spec.quality), beats) for spec, beats in progression)


def _in_bars(progression: Progression, beats_per_bar: int) -> Progression:
    """Lengths refitted where a style is played in another metre than its progressions were written in."""
    total = sum(beats for _, beats in progression)
    if abs(total % beats_per_bar) < 1e-6:
        return progression
    return tuple((spec, float(beats_per_bar * max(1, round(beats / 4)))) for spec, beats in progression)


def _surprised(progression: Progression, brief: Brief, rng: np.random.Generator, beats_per_bar: int) -> Progression:
    """Borrowed and secondary chords in place of plain ones; more of them the weirder the song is wished."""
    rate = max(0.0, brief.weirdness - _QUIET) * 0.7
    out: list[tuple[ChordSpec, float]] = []
    for i, (spec, beats) in enumerate(progression):
        chance, which = rng.random(), rng.random()
        following = progression[(i + 1) % len(progression)][0]
        if i == 0 or chance >= rate:
            out.append((spec, beats))
        elif which < 0.35 and beats >= beats_per_bar and beats % 2 == 0:
            out += [(spec, beats / 2), (named((following.root + 7) % 12, "7"), beats / 2)]
        else:
            swaps = _SWAPS.get(spec.root, ())
            swap = swaps[int(which * 97) % len(swaps)] if swaps else None
            out.append((named(*swap) if swap else spec, beats))
    return tuple(out)


def choose_tonic(style: Style, brief: Brief, low_midi: int, rng: np.random.Generator) -> int:
    """The ordered key; or the style's favourite whose tonic lies best, about three semitones above the lowest note."""
    asked = parse_key(brief.key) if brief.key else None
    if asked:
        return asked[0]
    if len(style.tonic_pcs) == 1:
        return style.tonic_pcs[0]

    def cost(pc: int) -> float:
        height = (pc - low_midi) % 12
        away = min(abs(height - 3), 12 - abs(height - 3))
        return away - (1.5 if pc in style.tonic_pcs else 0.0) + jitter[pc]

    jitter = rng.uniform(0, 1.2, 12)
    return min(range(12), key=cost)


def _home(scale: Scale) -> ChordSpec:
    return chord_spec("i" if scale.is_minor else "I")


def _dominant(scale: Scale) -> ChordSpec:
    return chord_spec("bVII" if scale.mode in ("mixolydian", "dorian", "phrygian") else "V")


def _section_spans(section: Section, progression: Progression) -> list[Span]:
    spans: list[Span] = []
    at, end, i = section.start_beats, section.start_beats + section.length_beats, 0
    while at < end - 1e-6:
        spec, beats = progression[i % len(progression)]
        length = min(beats, end - at)
        spans.append(Span(at, length, spec))
        at, i = at + length, i + 1
    return spans


def _replaced(spans: Sequence[Span], start: float, end: float, specs: Sequence[ChordSpec]) -> list[Span]:
    """The spans with `start..end` taken over by `specs` in equal parts."""
    out = [replace(s, length_beats=min(s.length_beats, start - s.start_beats)) for s in spans if s.start_beats < start]
    each = (end - start) / len(specs)
    out += [Span(start + i * each, each, spec) for i, spec in enumerate(specs)]
    for s in spans:
        tail = s.start_beats + s.length_beats - end
        if tail > 1e-6:
            out.append(Span(max(s.start_beats, end), min(tail, s.length_beats), s.spec))
    return out


def write_harmony(
    sections: Sequence[Section], palette: Palette, scale: Scale, style: Style, brief: Brief, rng: np.random.Generator
) -> Harmony:
    """Chords for every section, with cadences into choruses, an ending at home, and perhaps a change of key."""
    bar = style.beats_per_bar
    spans: list[Span] = []
    for i, section in enumerate(sections):
        own = _section_spans(section, palette.of(section.kind))
        leads_home = i + 1 < len(sections) and sections[i + 1].kind in ("chorus", "drop") and section.kind != "chorus"
        if leads_home and section.length_beats > bar and not own[-1].spec.is_dominant and rng.random() < 0.6:
            end = section.start_beats + section.length_beats
            own = _replaced(own, end - bar / (2 if bar % 2 == 0 else 1), end, [_dominant(scale)])
        spans += own
    spans = _ended(spans, sections[-1], scale, bar, rng)
    change = _key_change(sections, style, brief, rng)
    if change:
        start = change[0]
        spans = _replaced(spans, start - bar / (2 if bar % 2 == 0 else 1), start, [named((7 + change[1]) % 12, "7")])
    merged = tuple(spans)
    return Harmony(scale=scale, spans=merged, starts=tuple(s.start_beats for s in merged), key_change=change)


def _ended(spans: list[Span], last: Section, scale: Scale, bar: int, rng: np.random.Generator) -> list[Span]:
    end = last.start_beats + last.length_beats
    if last.length_beats >= 2 * bar:
        roads = ("V", "iv", "bVI bVII") if scale.is_minor else ("V", "IV", "iv", "bVI bVII")
        road = [chord_spec(n) for n in roads[int(rng.integers(len(roads)))].split()]
        spans = _replaced(spans, end - 2 * bar, end - bar, road)
    return _replaced(spans, end - bar, end, [_home(scale)])


def _key_change(
    sections: Sequence[Section], style: Style, brief: Brief, rng: np.random.Generator
) -> tuple[float, int] | None:
    """Up a step for the last chorus, in styles that do so; never where a key was ordered."""
    chance, steps = rng.random(), 1 + int(rng.random() < 0.45)
    choruses = [s for s in sections if s.kind == "chorus"]
    wished = KEY_CHANGE_CHANCE.get(style.name, 0.05) * (0.5 + brief.weirdness)
    if brief.key or len(choruses) < 2 or choruses[-1].start_beats <= 0 or chance >= wished:
        return None
    return choruses[-1].start_beats, steps
