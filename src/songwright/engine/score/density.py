"""How many bars a line of words needs.

Conventions
    `density` of a style is syllables a bar that sing well. A line gets the fewest of 1, 2, 4, 8, 16 bars that keep it,
    and the lines of a section share a unit, so that phrases stay regular.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from songwright.engine.material import LyricLine, Lyrics, LyricSection, Style
from songwright.engine.score.sketch import Block, PlacedLine

SHORTEST_NOTE_S = 0.115  #: a sung syllable; rap goes down to SHORTEST_RAP_S
SHORTEST_RAP_S = 0.085
RAP_STYLE = 0.6  #: styles whose `vocal.rap` reaches this rap their verses
_SIZES = (1, 2, 4, 8, 16, 32)
_TIGHT_SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32)


@dataclass(frozen=True, slots=True)
class Squeeze:
    """How tightly words are set: `density` multiplies the style's; `tight` leaves out rests, intro and outro."""

    density: float = 1.0
    tight: bool = False
    least_bars: int = 2


SQUEEZES = (
    Squeeze(),
    Squeeze(tight=True),
    Squeeze(density=1.3, tight=True),
    Squeeze(density=1.6, tight=True, least_bars=1),
    Squeeze(density=9.0, tight=True, least_bars=1),
)


def is_compound(style: Style) -> bool:
    """Whether a beat divides in three: 6/8, 12/8 and swing written in thirds."""
    return style.metre in ("6/8", "12/8") or (style.beats_per_bar == 4 and style.steps_per_bar in (12, 24))


def is_rap(style: Style, section: LyricSection) -> bool:
    """Whether a section is spoken on pitch rather than sung."""
    return section.kind == "rap" or (section.kind == "verse" and style.vocal.rap >= RAP_STYLE)


def finest_steps(style: Style, bpm: float, *, rap: bool = False) -> int:
    """The finest steps a beat may be divided into, so that the shortest note stays singable."""
    shortest = SHORTEST_RAP_S if rap else SHORTEST_NOTE_S
    choices = (6, 3) if is_compound(style) else (4, 2)
    return next((n for n in choices if 60 / bpm / n >= shortest), choices[-1])


def least_gap_steps(steps_per_beat: int, bpm: float, *, rap: bool = False) -> int:
    """The smallest distance between two onsets, in steps."""
    shortest = SHORTEST_RAP_S if rap else SHORTEST_NOTE_S
    return max(1, math.ceil(shortest / (60 / bpm / steps_per_beat) - 1e-6))


def capacity(bars: int, style: Style, bpm: float, *, rap: bool = False) -> int:
    """The most syllables that fit, with a beat and a half left to breathe."""
    steps = finest_steps(style, bpm, rap=rap)
    gap_beats = least_gap_steps(steps, bpm, rap=rap) / steps
    return max(1, int((bars * style.beats_per_bar - 1.5) / gap_beats))


def _bars_needed(syllables: int, density: float, style: Style, bpm: float, squeeze: Squeeze, rap: bool) -> int:
    room = 0.95 if squeeze.density > 2 else 0.85
    least_bars = 1 if rap else squeeze.least_bars
    for bars in _TIGHT_SIZES if squeeze.density > 1 else _SIZES:
        fits = syllables <= density * bars and syllables <= max(1, room * capacity(bars, style, bpm, rap=rap))
        if bars >= least_bars and fits:
            return bars
    return _SIZES[-1]


def sung_blocks(lyrics: Lyrics, style: Style, bpm: float, squeeze: Squeeze) -> tuple[Block, ...]:
    """The sections of the lyrics with the bars they need; a section without lines is played."""
    verse_unit = max(
        (_unit(s, style, bpm, squeeze) for s in lyrics.sections if s.kind == "verse" and s.lines), default=1
    )
    out: list[Block] = []
    for section in lyrics.sections:
        if not section.lines:
            bars = 2 if squeeze.tight else 8 if section.kind in ("solo", "drop") else 4
            out.append(Block(section.kind, section.label, bars, section.hint))
            continue
        unit = _unit(section, style, bpm, squeeze)
        if section.kind == "chorus":
            unit = max(unit, min(4, verse_unit))
        out.append(_block(section, unit, style, bpm, squeeze))
    return tuple(out)


def _density(section: LyricSection, style: Style, squeeze: Squeeze) -> float:
    base = style.melody.density[1 if section.kind in ("chorus", "postchorus", "drop") else 0]
    if is_rap(style, section):
        base = max(base, 11)
    ease = 0.5 if style.beats_per_bar == 3 else 1.5  # a waltz has one stress a bar
    return (base + ease) * squeeze.density


def _need(line: LyricLine, section: LyricSection, style: Style, bpm: float, squeeze: Squeeze) -> int:
    density = _density(section, style, squeeze)
    return _bars_needed(len(line.syllables), density, style, bpm, squeeze, is_rap(style, section))


def _unit(section: LyricSection, style: Style, bpm: float, squeeze: Squeeze) -> int:
    """The bars most lines of the section need: one long line does not stretch its neighbours."""
    needs = sorted(_need(line, section, style, bpm, squeeze) for line in section.lines if not line.backing)
    return needs[math.ceil(0.7 * len(needs)) - 1] if needs else 1


def _block(section: LyricSection, unit: int, style: Style, bpm: float, squeeze: Squeeze) -> Block:
    placed: list[PlacedLine] = []
    for line in section.lines:
        after_lead = bool(placed) and not placed[-1].line.backing
        if line.backing and after_lead and len(line.syllables) <= style.beats_per_bar:
            placed.append(PlacedLine(line, 0))
            continue
        need = _need(line, section, style, bpm, squeeze)
        placed.append(PlacedLine(line, unit * math.ceil(need / unit)))
    bars = sum(p.bars for p in placed)
    if not squeeze.tight:
        bars += _rest(placed, bars)
    return Block(section.kind, section.label, bars, section.hint, tuple(placed))


def shortened(block: Block, bars: int, style: Style, bpm: float) -> Block:
    """The block's first line alone, with as many of its words as `bars` can take (at least one)."""
    line = block.lines[0].line
    count = len(line.words)
    while count > 1 and len(replace(line, words=line.words[:count]).syllables) > 0.95 * capacity(bars, style, bpm):
        count -= 1
    words = line.words[:count]
    kept = replace(line, words=words, text=" ".join(w.text for w in words))
    return replace(block, bars=bars, lines=(PlacedLine(kept, bars),))


def _rest(placed: Sequence[PlacedLine], bars: int) -> int:
    """Bars of rest that round an odd stanza of three lines or more up to a whole phrase."""
    lines = [p for p in placed if p.bars]
    return lines[-1].bars if len(lines) >= 3 and len(lines) % 2 and lines[-1].bars <= 4 and bars % 4 else 0
