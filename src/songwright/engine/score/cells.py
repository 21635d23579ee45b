"""Rhythm cells: the one-bar rhythms a style sings, from `data/rhythm_cells.yaml`, as the prior of the rhythm search.

Conventions
    A cell is written on its family's grid (`steps_per_beat` 4 or 3); a line may use a coarser or finer one, and then
    only cells that fall on its steps count. `high` means chorus height. Positions are steps of the line's metre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import cast

import numpy as np
import yaml
from numpy.typing import NDArray

from songwright.engine.material import Style
from songwright.engine.theory import Metre

SIXTEENTHS_FROM = 0.3  #: a family with this share of cells off the eighths is sung on sixteenths
SYNCOPATED_FROM = 0.35  #: a style unknown to the table syncopates from this `sync` on
MAX_GAP_STEPS = 24
_FAVOURITE = 3.0  #: how much likelier a song's favourite cells are than the others of their family
_NEAR_SYLLABLES = 1.3  #: spread of a cell's syllables around the wished number, for the drawing of cells


@dataclass(frozen=True, slots=True)
class Cell:
    """One bar: onsets and those of them that want a stressed syllable, in steps of its family's grid."""

    onsets: tuple[int, ...]
    accents: frozenset[int]


@dataclass(frozen=True, slots=True)
class Family:
    """The cells of one manner of singing."""

    name: str
    beats_per_bar: int
    steps_per_beat: int
    verse: tuple[Cell, ...]
    chorus: tuple[Cell, ...]

    @property
    def on_sixteenths(self) -> bool:
        """Whether much of it lies between the eighths."""
        cells = (*self.verse, *self.chorus)
        return self.steps_per_beat == 4 and sum(any(o % 2 for o in c.onsets) for c in cells) >= SIXTEENTHS_FROM * len(
            cells
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Cells laid over a line: steps where syllables are wished, and where stressed ones are."""

    onsets: frozenset[int] = frozenset()
    accents: frozenset[int] = frozenset()


NO_PATTERN = Pattern()


def _cell(text: str) -> Cell:
    steps = text.replace(" ", "")
    onsets = tuple(i for i, mark in enumerate(steps) if mark in "xX")
    return Cell(onsets, frozenset(i for i in onsets if steps[i] == "X"))


@lru_cache(maxsize=1)
def _book() -> tuple[dict[str, Family], dict[str, list[str]]]:
    text = files("songwright.engine.score").joinpath("data/rhythm_cells.yaml").read_text("utf-8")
    data = cast("dict[str, dict[str, object]]", yaml.safe_load(text))
    families: dict[str, Family] = {}
    for name, parts in cast("dict[str, dict[str, list[str]]]", data["families"]).items():
        groups = parts["verse"][0].split()
        verse, chorus = (tuple(_cell(t) for t in parts[kind]) for kind in ("verse", "chorus"))
        families[name] = Family(name, len(groups), len(groups[0]), verse, chorus)
    return families, cast("dict[str, list[str]]", data["styles"])


def families_of(style: Style, *, rap: bool = False) -> tuple[Family, ...]:
    """The families a style sings from; a style or metre the table lacks gets one by its metre and syncopation."""
    families, styles = _book()
    thirds = style.metre in ("6/8", "12/8") or (style.steps_per_bar in (12, 24) and style.beats_per_bar == 4)
    grid = (style.beats_per_bar, 3 if thirds else 4)
    named = ["rap"] if rap and grid == (4, 4) and style.name != "trap" else styles.get(style.name, [])
    chosen = tuple(f for n in named if ((f := families[n]).beats_per_bar, f.steps_per_beat) == grid)
    if chosen:
        return chosen
    syncopated = max(style.melody.sync) >= SYNCOPATED_FROM
    fallback = {
        (4, 4): "pop" if syncopated else "folk",
        (4, 3): "swing" if syncopated else "shuffle",
        (3, 4): "three_sync" if syncopated else "waltz",
        (2, 3): "six_eight",
    }.get(grid)
    return (families[fallback],) if fallback else ()


@lru_cache(maxsize=512)
def cells_on(families: tuple[Family, ...], high: bool, metre: Metre) -> tuple[Cell, ...]:
    """The cells that fall on the steps of `metre`, moved onto them; none where the metres differ."""
    out: list[Cell] = []
    for family in families:
        if family.beats_per_bar != metre.beats_per_bar:
            continue
        own, line = family.steps_per_beat, metre.steps_per_beat
        for cell in family.chorus if high else family.verse:
            if all(o * line % own == 0 for o in cell.onsets):
                accents = frozenset(o * line // own for o in cell.accents)
                out.append(Cell(tuple(o * line // own for o in cell.onsets), accents))
    return tuple(out)


@lru_cache(maxsize=512)
def gap_prior(families: tuple[Family, ...], high: bool, metre: Metre) -> NDArray[np.float64] | None:
    """ln of how much likelier each gap is in the style's cells than chance, [step of the bar, gap 0..MAX_GAP_STEPS].

    Cells repeat bar by bar. Counts of a step are smoothed by half a count a gap. None where no cell fits.
    """
    cells = cells_on(families, high, metre)
    if not cells:
        return None
    bar = metre.steps_per_bar
    counts: Counter[tuple[int, int]] = Counter()
    for cell in cells:
        following = (*cell.onsets[1:], cell.onsets[0] + bar)
        counts.update((a, min(b - a, MAX_GAP_STEPS)) for a, b in zip(cell.onsets, following, strict=True))
    table = np.zeros((bar, MAX_GAP_STEPS + 1))
    longest = min(bar, MAX_GAP_STEPS)
    for step in range(bar):
        total = sum(counts[step, gap] for gap in range(1, longest + 1))
        for gap in range(1, longest + 1):
            table[step, gap] = np.log((counts[step, gap] + 0.5) / (total + 0.5 * longest) * longest)
    return table


def lay_cells(
    cells: Sequence[Cell],
    favourites: Sequence[float],
    bars: int,
    syllables: int,
    metre: Metre,
    rng: np.random.Generator,
) -> Pattern:
    """Cells for every bar of a line, A B A C..., about as many onsets as it has syllables.

    `favourites` are numbers 0..1 that pick this song's favourite cells out of any family.
    """
    if not cells:
        return NO_PATTERN
    wished = syllables / max(bars - 0.35, 0.65)
    counts = np.array([len(c.onsets) for c in cells], dtype=np.float64)
    weights = np.exp(-0.5 * ((counts - np.clip(wished, counts.min(), counts.max())) / _NEAR_SYLLABLES) ** 2)
    for share in favourites:
        weights[int(share * len(cells)) % len(cells)] *= _FAVOURITE
    first, *others = (
        cells[int(i)] for i in rng.choice(len(cells), size=1 + max(1, bars // 2), p=weights / weights.sum())
    )
    onsets: set[int] = set()
    accents: set[int] = set()
    for bar in range(bars):
        cell = others[bar // 2 % len(others)] if bar % 2 else first
        onsets |= {bar * metre.steps_per_bar + o for o in cell.onsets}
        accents |= {bar * metre.steps_per_bar + o for o in cell.accents}
    return Pattern(frozenset(onsets), frozenset(accents))
