"""A style's patterns and progressions in another metre, and drums in half or double time.

Conventions
    A grid is beats in a bar and steps in a beat. A pattern is cut into one cell a beat; cells are chosen, repeated or
    regrouped to fill the bars of the other metre, then each cell is put on the other division of the beat: sixteenths
    become thirds of a beat by swinging, thirds become sixteenths by their nearest step. Between 4 and 2 beats a bar
    nothing is lost: two bars of 6/8 are one of 4/4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from songwright.engine.material import DrumKit, Player, Style
from songwright.engine.styles.book import BEATS_PER_BAR
from songwright.engine.styles.notation import BARS_A_PATTERN, unspaced
from songwright.engine.theory import parse_progression

STEPS_PER_BEAT = {"6/8": 3, "12/8": 3}
COMPOUND_TEMPO = 0.62  #: a dotted quarter is slower than a quarter: the eighths stay about as fast
COMPOUND_SLOWEST = 54.0
# Which beats of the old bar fill the new one; the second choice is for what would fall silent with the first.
_BEATS_TAKEN = {
    (4, 3): ((0, 1, 3), (0, 2, 3)),
    (3, 4): ((0, 1, 0, 2),),
    (3, 2): ((0, 1), (0, 2)),
    (2, 3): ((0, 1, 1),),
}
_STEP_TO = {(4, 3): (0, 1, 2, 2), (3, 4): (0, 1, 2), (2, 3): (0, 2), (2, 4): (0, 2), (4, 2): (0, 0, 1, 1)}
_STRENGTH = ".-o9876543210xX"
_TIMEKEEPERS = frozenset(("h", "d", "sh", "p"))
_BACKBONE = frozenset(("k", "s", "r", "c"))
Grid = tuple[int, int]  #: beats in a bar, steps in a beat


def grid_of(style: Style) -> Grid:
    """The grid a style's patterns are written on."""
    return style.beats_per_bar, style.steps_per_bar // style.beats_per_bar


def in_metre(style: Style, metre: str) -> Style:
    """`style` played in another metre."""
    if metre == style.metre:
        return style
    beats, (_, steps) = BEATS_PER_BAR[metre], grid_of(style)
    target = (beats, STEPS_PER_BEAT.get(metre, steps))
    compound = STEPS_PER_BEAT.get(metre) == 3 and STEPS_PER_BEAT.get(style.metre) is None
    moved = on_grid(style, target)
    moved = replace(moved, metre=metre, swing=0.5 if target[1] == 3 else style.swing)
    return _in_dotted_quarters(moved) if compound and steps != 3 else moved


def _in_dotted_quarters(style: Style) -> Style:
    """The tempo of a style whose beat has become a dotted quarter; already slow ones stop at `COMPOUND_SLOWEST`."""

    def slower(bpm: float) -> float:
        return float(round(max(min(bpm, COMPOUND_SLOWEST), bpm * COMPOUND_TEMPO)))

    low_high = None if style.bpm_range is None else (slower(style.bpm_range[0]), slower(style.bpm_range[1]))
    return replace(style, bpm=slower(style.bpm), bpm_range=low_high)


def on_grid(style: Style, target: Grid) -> Style:
    """`style` with drums, players and progressions written on another grid."""
    source = grid_of(style)
    if source == target:
        return style
    chords = {
        kind: tuple(progression_in(text, source[0], target[0]) for text in texts)
        for kind, texts in style.chords.items()
    }
    return replace(
        style,
        beats_per_bar=target[0],
        steps_per_bar=target[0] * target[1],
        chords=chords,
        drums=_drums_on(style.drums, source, target),
        bass=player_on(style.bass, source, target),
        players=tuple(player_on(player, source, target) for player in style.players),
    )


def _drums_on(drums: DrumKit, source: Grid, target: Grid) -> DrumKit:
    def groove_on(groove: Mapping[str, str]) -> Mapping[str, str]:
        return {voice: _drum_on(voice, pattern, source, target) for voice, pattern in groove.items()}

    grooves = {kind: tuple(groove_on(groove) for groove in all_of) for kind, all_of in drums.grooves.items()}
    return replace(
        drums,
        grooves=grooves,
        fills=tuple(_first_bars(groove_on(fill), target) for fill in drums.fills),
        turns=tuple(_first_bars(groove_on(turn), target) for turn in drums.turns),
        layers={kind: groove_on(layer) for kind, layer in drums.layers.items()},
    )


def _drum_on(voice: str, pattern: str, source: Grid, target: Grid) -> str:
    moved = strikes_on(pattern, source, target)
    if voice in _TIMEKEEPERS and source[1] == 4 and target[1] == 3:
        cells = (moved[at : at + 3] for at in range(0, len(moved), 3))
        return "".join(f"{cell[0]}o{cell[2]}" if "." not in (cell[0], cell[2]) else cell for cell in cells)
    return moved


def _first_bars(fill: Mapping[str, str], target: Grid) -> Mapping[str, str]:
    """A fill keeps its end: the last bar of what became two."""
    bar = target[0] * target[1]
    return {voice: pattern[-bar:] for voice, pattern in fill.items()}


def player_on(player: Player, source: Grid, target: Grid) -> Player:
    """A player with all patterns on another grid."""
    move = line_on if player.role in ("bass", "riff") else strikes_on
    patterns = {
        kind: tuple(move(pattern, source, target) for pattern in all_of) for kind, all_of in player.patterns.items()
    }
    return replace(player, patterns=patterns)


def strikes_on(pattern: str, source: Grid, target: Grid) -> str:
    """A pattern with one character a step, on another grid."""
    grid = unspaced(pattern)
    if not grid or source == target:
        return grid
    cells = [grid[at : at + source[1]] for at in range(0, len(grid), source[1])]
    return "".join(_cell_on(cell, source[1], target[1]) for cell in _regrouped(cells, source[0], target[0]))


def _cell_on(cell: str, source_steps: int, target_steps: int) -> str:
    if source_steps == target_steps:
        return cell
    out = ["." if cell[0] == "." else "-"] * target_steps if "-" in cell else ["."] * target_steps
    places = _STEP_TO[source_steps, target_steps]
    for step, strike in enumerate(cell):
        out[places[step]] = max(out[places[step]], strike, key=_STRENGTH.index)
    return "".join(out)


def _regrouped(cells: list[str], source_beats: int, target_beats: int) -> list[str]:
    choices = _BEATS_TAKEN.get((source_beats, target_beats), ())
    if choices:
        bars = [cells[at : at + source_beats] for at in range(0, len(cells), source_beats)]
        taken = [[bar[beat] for bar in bars for beat in choice] for choice in choices]
        return next((chosen for chosen in taken if set("".join(chosen)) - set(".-")), taken[0])
    while len(cells) % target_beats or len(cells) // target_beats not in BARS_A_PATTERN:
        cells = cells * 2 if len(cells) // target_beats < BARS_A_PATTERN[-1] else cells[: target_beats * 4]
    return cells


def line_on(pattern: str, source: Grid, target: Grid) -> str:
    """A bass line or riff on another grid."""
    if not pattern or source == target:
        return pattern
    tokens = [token.split(":") for token in pattern.split()]
    last = max(float(token[0]) for token in tokens)
    bars = next(bars for bars in BARS_A_PATTERN if last < bars * source[0] * source[1])
    cells = [str(beat) for beat in range(bars * source[0])]
    out: list[tuple[int, str]] = []
    for place, beat in enumerate(_regrouped(cells, source[0], target[0])):
        for step, degree, length, articulation in tokens:
            within = float(step) - int(beat) * source[1]
            if 0 <= within < source[1]:
                at = place * target[1] + _step_on(int(within), source[1], target[1])
                steps = max(1.0, float(length) * target[1] / source[1])
                out.append((at, f"{at}:{degree}:{steps:g}:{articulation}"))
    firsts = dict(reversed(out))
    return " ".join(firsts[at] for at in sorted(firsts))


def _step_on(step: int, source_steps: int, target_steps: int) -> int:
    return step if source_steps == target_steps else _STEP_TO[source_steps, target_steps][step]


def progression_in(progression: str, source_beats: int, target_beats: int) -> str:
    """A progression with bars of another number of beats; changes within a bar fall on whole beats."""
    if source_beats == target_beats:
        return progression
    ends: list[tuple[str, int]] = []
    at = 0.0
    for spec, beats in parse_progression(progression):
        at += beats
        ends.append((spec.numeral, round(at * target_beats / source_beats)))
    lengths = [(numeral, end - (ends[i - 1][1] if i else 0)) for i, (numeral, end) in enumerate(ends)]
    return " ".join(f"{numeral}:{length}" for numeral, length in lengths if length > 0)


def at_half_time(drums: DrumKit, factor: float, steps_per_bar: int) -> DrumKit:
    """Kick and snare twice as slow (2) or twice as fast (0.5) under cymbals that keep their pace."""

    def stretched(groove: Mapping[str, str]) -> Mapping[str, str]:
        return {v: _stretched(unspaced(p), factor) if v in _BACKBONE else p for v, p in groove.items()}

    limit = steps_per_bar * BARS_A_PATTERN[-1]
    grooves = {
        kind: tuple(g if any(len(unspaced(p)) * factor > limit for p in g.values()) else stretched(g) for g in all_of)
        for kind, all_of in drums.grooves.items()
    }
    turns = tuple({v: p for v, p in turn.items() if v not in _BACKBONE} for turn in drums.turns)
    layers = {kind: {v: p for v, p in layer.items() if v not in _BACKBONE} for kind, layer in drums.layers.items()}
    return replace(drums, grooves=grooves, turns=tuple(turn for turn in turns if turn), layers=layers)


def _stretched(grid: str, factor: float) -> str:
    if factor > 1:
        return "".join(strike + "." for strike in grid)
    pairs = (grid[at : at + 2] for at in range(0, len(grid), 2))
    fast = "".join(max(pair, key=_STRENGTH.index) for pair in pairs)
    return fast * 2
