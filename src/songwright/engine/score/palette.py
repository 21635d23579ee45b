"""Palette: mode, tonic and a progression for each kind of section, with as many surprises as are wished.

Conventions
    Degrees are semitones above the tonic. A progression is (chord, beats) pairs that fill whole bars and repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from songwright.engine.material import Brief, SectionKind, Style
from songwright.engine.theory import MINOR_MODES, MODES, ChordSpec, named, parse_key, parse_progression

Progression = tuple[tuple[ChordSpec, float], ...]
Flavour = Literal["plain", "sevenths", "power", "blues"]
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
_SWAPS: Mapping[int, tuple[tuple[int, str], ...]] = {  # root of a plain chord -> borrowed ones that do its work
    5: ((5, "m"), (10, ""), (2, "7")),
    7: ((10, ""), (7, "m7"), (1, "maj7")),
    9: ((8, "maj7"), (9, "7"), (4, "7")),
    2: ((2, "7"), (5, "m6"), (1, "maj7")),
    4: ((4, "7"), (3, "maj7")),
    8: ((5, ""), (8, "maj7"), (1, "maj7")),
    10: ((7, "7"), (2, "")),
    3: ((7, "m7"), (10, "7")),
    0: ((1, "maj7"), (8, "maj7"), (3, "7")),
}
_POWER_SWAPS = (named(1, "5"), named(6, "5"), named(8, "5"))
_COUSINS: Mapping[int, tuple[tuple[int, str], tuple[int, str]]] = {  # root -> its stand-in in major, in minor
    0: ((9, "m7"), (8, "")),
    2: ((5, ""), (5, "m")),
    3: ((7, ""), (0, "m")),
    4: ((9, "m"), (3, "")),
    5: ((2, "m7"), (8, "")),
    7: ((5, ""), (10, "")),
    8: ((5, "m"), (5, "m")),
    9: ((4, "m"), (8, "")),
    10: ((5, ""), (7, "m")),
}
CLEARLY_OTHER = 0.45  #: share of chords in which the second take differs at least, where it can
_QUIET = 0.35  #: below this weirdness no chord is replaced
_WILD = 0.8  #: from this weirdness on every loop has a surprise


@dataclass(frozen=True, slots=True)
class Palette:
    """The mode and the progression of each kind of section."""

    mode: str
    progressions: Mapping[SectionKind, Progression]

    @property
    def flavour(self) -> Flavour:
        """How its chords are dressed; cadences follow it."""
        chords = [spec for progression in self.progressions.values() for spec, _ in progression]
        home = [spec.quality for spec in chords if spec.root == 0]
        if self.mode == "blues" or home.count("7") + home.count("9") > len(home) / 2:
            return "blues"
        if sum(spec.quality == "5" for spec in chords) > len(chords) / 2:
            return "power"
        return "sevenths" if sum(len(spec.intervals) > 3 for spec in chords) >= 0.6 * len(chords) else "plain"

    def of(self, kind: SectionKind) -> Progression:
        """The progression of a section, by way of the fallbacks."""
        while kind not in self.progressions:
            kind = FALLBACK.get(kind, "verse")
        return self.progressions[kind]


def _agrees(progression: Progression, *, minor: bool) -> bool:
    """Whether a progression belongs to a minor (or major) key: by its home chord, else by the scale it fits better."""
    homes = [spec for spec, _ in progression if spec.root == 0]
    if homes:
        return any(spec.is_minor or spec.numeral.startswith("i") for spec in homes) == minor
    notes = [degree for spec, _ in progression for degree in spec.degrees]
    in_minor = sum(n in (0, 2, 3, 5, 7, 8, 10) for n in notes)
    in_major = sum(n in (0, 2, 4, 5, 7, 9, 11) for n in notes)
    return in_minor >= in_major if minor else in_major >= in_minor


def choose_palette(style: Style, brief: Brief, hook_beats: float) -> Palette:
    """Mode and progressions, surprises included. The second take of a task goes the furthest from the first."""
    plain = _plain_palette(style, brief, hook_beats)
    return Palette(
        plain.mode,
        {
            kind: _surprised(progression, plain.mode, brief, brief.rng(f"surprise {kind}"), style.beats_per_bar)
            for kind, progression in plain.progressions.items()
        },
    )


def _plain_palette(style: Style, brief: Brief, hook_beats: float) -> Palette:
    other = _plain_palette(style, replace(brief, take=0), hook_beats) if brief.take else None
    asked = parse_key(brief.key) if brief.key else None
    mode = asked[1] if asked else _draw_mode(style, brief.rng("mode"))
    minor = mode in MINOR_MODES
    available = _available(style)
    main = available.get("chorus") or available["verse"]
    if not any(_agrees(p, minor=minor) for p in main) and not asked and mode != "blues":
        minor = not minor
        mode = "minor" if minor else "major"
    chosen: dict[SectionKind, Progression] = {}
    for kind, all_of in available.items():
        agreeing = [p for p in all_of if _agrees(p, minor=minor)]
        options = agreeing or (all_of if mode == "blues" else [_relative(p, to_minor=minor) for p in all_of])
        if kind == "chorus":
            options = _by_hook(options, hook_beats)
        if other is None:
            chosen[kind] = options[int(brief.rng(f"progression {kind}").integers(len(options)))]
        else:
            options = [*options, *(_varied(p, minor=minor) for p in options)]
            chosen[kind] = _unlike(other.of(kind), options, brief.rng(f"progression {kind}"))
    return Palette(mode, chosen)


def _available(style: Style) -> dict[SectionKind, list[Progression]]:
    """The progressions each kind of section has of its own; the verse always has some."""
    main_texts = [style.chords.get("verse"), style.chords.get("chorus")]
    found: dict[SectionKind, list[Progression]] = {
        _as_kind(kind): [_in_bars(parse_progression(t), style.beats_per_bar) for t in texts]
        for kind, texts in style.chords.items()
        if texts and (kind in ("verse", "chorus") or texts not in main_texts)
    }
    if "verse" not in found:
        plain = _in_bars(parse_progression("I:4 V:4 vi:4 IV:4"), style.beats_per_bar)
        found["verse"] = next(iter(found.values()), [plain])
    return found


def _unlike(other: Progression, options: Sequence[Progression], rng: np.random.Generator) -> Progression:
    """One of the progressions that are clearly another; their own form before the varied one where both are."""
    distances = [_distance(other, option) for option in options]
    own = [i for i in range(len(options) // 2) if distances[i] >= CLEARLY_OTHER]
    if own:
        return options[own[int(rng.integers(len(own)))]]
    return options[int(np.argmax(distances))]


def _distance(a: Progression, b: Progression) -> float:
    """Edit distance of the two chord successions, each repeated to fill about eight chords, as a share."""
    x, y = ([spec.numeral for spec, _ in p] * max(1, 8 // len(p)) for p in (a, b))
    row = list(range(len(y) + 1))
    for i, first in enumerate(x, 1):
        before, row[0] = row[0], i
        for j, second in enumerate(y, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (first != second))
    return row[-1] / max(len(x), len(y))


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


def _varied(progression: Progression, *, minor: bool) -> Progression:
    """Every second chord replaced by its cousin: the other take of a style that has only one progression."""
    out: list[tuple[ChordSpec, float]] = []
    for i, (spec, beats) in enumerate(progression):
        cousin = _COUSINS.get(spec.root) if i % 2 or len(progression) == 1 else None
        if cousin and len(progression) == 1 and beats >= 8:
            out += [(spec, beats / 2), (named(*cousin[minor]), beats / 2)]
        else:
            out.append((named(*cousin[minor]) if cousin and len(progression) > 1 else spec, beats))
    return tuple(out)


def _in_bars(progression: Progression, beats_per_bar: int) -> Progression:
    """Lengths refitted where a style is played in another metre than its progressions were written in."""
    total = sum(beats for _, beats in progression)
    if abs(total % beats_per_bar) < 1e-6:
        return progression
    return tuple((spec, float(beats_per_bar * max(1, round(beats / 4)))) for spec, beats in progression)


def _surprised(
    progression: Progression, mode: str, brief: Brief, rng: np.random.Generator, beats_per_bar: int
) -> Progression:
    """Borrowed and secondary chords in place of plain ones; more of them the weirder the song is wished.

    Only chords of the key are replaced, and only by such as leave it, so that a weirder song never has fewer surprises:
    what is replaced at one weirdness is replaced at every higher one. Where nothing was drawn, a wild song still gets
    one at the end of the loop.
    """
    rate = max(0.0, brief.weirdness - _QUIET) * 0.7
    most = 1 if brief.weirdness <= 0.6 else len(progression)
    out: list[Progression] = [((spec, beats),) for spec, beats in progression]
    done = 0
    draws = rng.random((len(progression), 2))
    for i, (spec, beats) in enumerate(progression):
        chance, which = draws[i]
        if i and chance < rate and done < most:
            other = _surprise(spec, beats, progression[(i + 1) % len(progression)][0], mode, which, beats_per_bar)
            out[i] = other or out[i]
            done += other is not None
    if not done and brief.weirdness >= _WILD:
        for i in reversed(range(len(progression))):
            spec, beats = progression[i]
            other = _surprise(spec, beats, progression[0][0], mode, draws[i][1], beats_per_bar, halves=i == 0)
            if other:
                out[i] = other
                break
    return tuple(chord for part in out for chord in part)


def is_borrowed(spec: ChordSpec, mode: str) -> bool:
    """Whether a chord has a note outside the key."""
    return not set(spec.degrees) <= set(MODES[mode])


def _surprise(
    spec: ChordSpec,
    beats: float,
    following: ChordSpec,
    mode: str,
    which: float,
    beats_per_bar: int,
    *,
    halves: bool = False,
) -> Progression | None:
    """What stands for a plain chord in a weirder song; None where it is a surprise itself. With `halves` it keeps its
    first half: home is left only after it was heard."""
    if is_borrowed(spec, mode):
        return None
    if spec.quality == "5":
        swaps = _POWER_SWAPS
    else:
        swaps = tuple(named(*swap) for swap in _SWAPS.get(spec.root, ()))
    swaps = tuple(s for s in swaps if is_borrowed(s, mode) and s.root != following.root)
    leading = named((following.root + 7) % 12, "7")
    divides = beats >= beats_per_bar and beats % 2 == 0
    if divides and is_borrowed(leading, mode) and spec.quality != "5" and (which < 0.35 or not swaps):
        return ((spec, beats / 2), (leading, beats / 2))
    if not swaps:
        return None
    swap = swaps[int(which * 97) % len(swaps)]
    if halves:
        return ((spec, beats / 2), (swap, beats / 2)) if divides else None
    return ((swap, beats),)


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
