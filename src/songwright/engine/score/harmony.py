"""Harmony: the chords of the whole song, with cadences, an ending at home, and perhaps a late change of key.

Conventions
    Spans tile the song from beat 0 to its end without gaps. Everything is written in the first key; `realised`
    transposes what lies after the key change. Degrees are semitones above the tonic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from songwright.engine.material import Brief, Chord, Section, Style
from songwright.engine.score.palette import Flavour, Palette, Progression
from songwright.engine.theory import ChordSpec, Scale, chord_spec, named, realise

KEY_CHANGE_CHANCE = {"ballad": 0.5, "gospel": 0.5, "country": 0.3, "kpop": 0.35, "pop": 0.15}
_HOMES: Mapping[Flavour, tuple[str, str]] = {  # in major, in minor
    "plain": ("I", "i"),
    "sevenths": ("Imaj7", "i7"),
    "power": ("I5", "i5"),
    "blues": ("I7", "i7"),
}
_DOMINANTS: Mapping[Flavour, str] = {"plain": "V", "sevenths": "V7", "power": "V5", "blues": "V7"}
_ROADS: Mapping[Flavour, tuple[tuple[str, ...], tuple[str, ...]]] = {  # the bar before the last, in major, in minor
    "plain": (("V", "IV", "iv", "IV V"), ("V", "iv", "bVI bVII")),
    "sevenths": (("ii7 V7", "iv6", "ii7 bII7"), ("iiø7 V7", "iv7 V7")),
    "power": (("bVII5 IV5", "V5", "IV5 V5"), ("bVI5 bVII5", "V5")),
    "blues": (("V7 IV7", "V7", "IV7"), ("V7", "bVI7 V7")),
}


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

    def with_spans(self, spans: Sequence[Span]) -> Harmony:
        """The same key over other chords."""
        return replace(self, spans=tuple(spans), starts=tuple(s.start_beats for s in spans))

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


def _dominant(scale: Scale, flavour: Flavour) -> ChordSpec:
    modal = scale.mode in ("mixolydian", "dorian", "phrygian") and flavour == "plain"
    return chord_spec("bVII" if modal else _DOMINANTS[flavour])


def _section_spans(section: Section, progression: Progression) -> list[Span]:
    spans: list[Span] = []
    at, end, i = section.start_beats, section.start_beats + section.length_beats, 0
    while at < end - 1e-6:
        spec, beats = progression[i % len(progression)]
        length = min(beats, end - at)
        spans.append(Span(at, length, spec))
        at, i = at + length, i + 1
    return spans


def replaced(spans: Sequence[Span], start: float, end: float, specs: Sequence[ChordSpec]) -> list[Span]:
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
            own = replaced(own, end - bar / (2 if bar % 2 == 0 else 1), end, [_dominant(scale, palette.flavour)])
        spans += own
    spans = _ended(spans, sections[-1], scale, palette.flavour, bar, rng)
    change = _key_change(sections, style, brief, rng)
    if change:
        start = change[0]
        spans = replaced(spans, start - bar, start, [named((7 + change[1]) % 12, "7")])
    merged = tuple(spans)
    return Harmony(scale=scale, spans=merged, starts=tuple(s.start_beats for s in merged), key_change=change)


def _ended(
    spans: list[Span], last: Section, scale: Scale, flavour: Flavour, bar: int, rng: np.random.Generator
) -> list[Span]:
    """The last bar is home, the one before leads there."""
    end = last.start_beats + last.length_beats
    roads = _ROADS[flavour][scale.is_minor]
    road = [chord_spec(n) for n in roads[int(rng.integers(len(roads)))].split()]
    if last.length_beats >= 2 * bar:
        spans = replaced(spans, end - 2 * bar, end - bar, road)
    return replaced(spans, end - bar, end, [chord_spec(_HOMES[flavour][scale.is_minor])])


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
