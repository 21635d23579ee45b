"""The form: which sections in which order, how many bars each, at which tempo, so that the song has its length.

Conventions
    Sung sections keep the order of the lyrics and every line is sung once. Length comes from what is played between
    them: intro, breaks, solos and outro grow or vanish. Where the words are too many for the time, lines are set more
    tightly and the tempo rises, and only then are the last lines left out (and that is noted).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from songwright.engine.material import Brief, Lyrics, SectionKind, Style
from songwright.engine.score.density import SQUEEZES, Squeeze, shortened, sung_blocks
from songwright.engine.score.sketch import ENERGY, Block, Form

SHORTEST_FREE_S = 60.0  #: without a wished duration a song lasts at least this long
INTERLUDE_BELOW_S = 110.0  #: shorter songs get a solo or a break between sung sections
TEMPO_PLAY = 0.06  #: how far the tempo may move so that the bars land on the wished duration
SANE_BPM = (40.0, 220.0)
_TOKEN = re.compile(r"^([a-z]+)(\d+)$")
_PLAYED = ("solo", "break", "build", "drop")


@dataclass(frozen=True, slots=True)
class Frame:
    """Bars that are played, not sung: before, between (one per boundary between sung blocks) and after."""

    intro: int
    gaps: tuple[int, ...]
    outro: int

    @property
    def bars(self) -> int:
        """All of them."""
        return self.intro + sum(self.gaps) + self.outro


def style_form(style: Style, take: int) -> tuple[tuple[SectionKind, int], ...]:
    """The style's own form for this take: (kind, bars)."""
    if not style.forms:
        return (("intro", 4), ("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("outro", 4))
    text = style.forms[take % len(style.forms)]
    parsed = [_TOKEN.match(token) for token in text.split()]
    return tuple((_kind(m[1]), int(m[2])) for m in parsed if m)


def _kind(word: str) -> SectionKind:
    return next(kind for kind in ENERGY if kind == word)


def choose_tempo(style: Style, brief: Brief, rng: np.random.Generator) -> tuple[float, bool, tuple[str, ...]]:
    """Beats a minute, whether it is fixed by the order, and notes."""
    if brief.bpm is not None and SANE_BPM[0] <= brief.bpm <= SANE_BPM[1]:
        return float(brief.bpm), True, ()
    notes = () if brief.bpm is None else (f"A tempo of {brief.bpm:g} bpm cannot be played; the style's own was taken.",)
    bpm = style.bpm
    if style.bpm_range is not None:
        low, high = style.bpm_range
        bpm = round(float(np.clip(bpm * (1 + rng.uniform(-0.05, 0.05)), low, high)))
    return bpm, False, notes


def plan_form(lyrics: Lyrics, style: Style, brief: Brief, rng: np.random.Generator, *, opens: bool = True) -> Form:
    """The form of a sung song, or of the rest of one: then it `opens` with a sung section and may be short."""
    bpm, fixed, notes = choose_tempo(style, brief, rng)
    shape = style_form(style, brief.take)
    play = 0.0 if fixed else TEMPO_PLAY
    ceiling = bpm * (1 + play) if style.bpm_range is None or fixed else max(bpm * (1 + play), style.bpm_range[1])
    near = tuple(dict.fromkeys((bpm, bpm * (1 + play / 2), bpm * (1 + play))))
    tries = [(squeeze, tempo) for squeeze in SQUEEZES[:2] for tempo in near]
    tries += [(squeeze, tempo) for squeeze in SQUEEZES[1:] for tempo in (*near, ceiling)]
    for squeeze, tempo in tries:
        blocks = sung_blocks(lyrics, style, tempo, squeeze)
        if sum(b.bars for b in blocks) + (0 if squeeze.tight else 2) <= _most_bars(style, brief, tempo):
            return _framed(blocks, shape, style, brief, tempo, fixed, squeeze, notes, opens)
    cuts = {tempo: _cut(lyrics, style, brief, tempo) for tempo in (*near, ceiling)}
    tempo = max(cuts, key=lambda t: sum(len(b.lines) for b in cuts[t][0]))
    blocks, note = cuts[tempo]
    notes = (*notes, *filter(None, (note,)))
    return _framed(blocks, shape, style, brief, tempo, fixed, SQUEEZES[-1], notes, opens)


def _most_bars(style: Style, brief: Brief, bpm: float) -> int:
    bar_s = style.beats_per_bar * 60 / bpm
    if brief.duration_s is not None:
        return max(2, round(brief.duration_s / bar_s))
    return max(2, math.floor(brief.max_duration_s / bar_s))


def _cut(lyrics: Lyrics, style: Style, brief: Brief, bpm: float) -> tuple[tuple[Block, ...], str]:
    """Whole lines from the front, as many as fit; of the first line at least one word. And what to say about it."""
    most_bars = _most_bars(style, brief, bpm)
    blocks = [b for b in sung_blocks(lyrics, style, bpm, SQUEEZES[-1]) if b.lines]
    if blocks[0].lines[0].bars > most_bars:
        return (shortened(blocks[0], most_bars, style, bpm),), "Only the first words fitted into the time."
    kept: list[Block] = []
    used = 0
    for block in blocks:
        lines = list(block.lines)
        while lines and used + sum(p.bars for p in lines) > max(most_bars - 1, blocks[0].lines[0].bars):
            lines.pop()
        if lines:
            kept.append(replace(block, lines=tuple(lines), bars=sum(p.bars for p in lines)))
            used += kept[-1].bars
        if len(lines) < len(block.lines):
            break
    dropped = sum(len(b.lines) for b in blocks) - sum(len(b.lines) for b in kept)
    note = f"{dropped} lines did not fit into the time and were left out." if dropped else ""
    return tuple(kept), note


def _framed(
    blocks: Sequence[Block],
    shape: Sequence[tuple[SectionKind, int]],
    style: Style,
    brief: Brief,
    bpm: float,
    fixed: bool,
    squeeze: Squeeze,
    notes: tuple[str, ...],
    opens: bool,
) -> Form:
    bar_s = style.beats_per_bar * 60 / bpm
    sung = sum(b.bars for b in blocks)
    if brief.duration_s is None:
        total = _free_bars(blocks, shape, bar_s, brief, squeeze, opens)
    else:
        total = max(_most_bars(style, brief, bpm), sung)
        if not fixed:
            exact = total * style.beats_per_bar * 60 / brief.duration_s
            bpm = float(np.clip(exact, bpm * (1 - TEMPO_PLAY), bpm * (1 + TEMPO_PLAY)))
    frame = _spread(total - sung, len(blocks) + 1, shape, _first_choice(blocks, opens), opens)
    return Form(blocks=_assemble(blocks, frame, shape), bpm=bpm, notes=notes)


def _free_bars(
    blocks: Sequence[Block],
    shape: Sequence[tuple[SectionKind, int]],
    bar_s: float,
    brief: Brief,
    squeeze: Squeeze,
    opens: bool,
) -> int:
    """How long a song without a wished duration is, in bars."""
    sung = sum(b.bars for b in blocks)
    most = math.floor(brief.max_duration_s / bar_s)
    if squeeze.tight:
        return min(sung + 2, most)
    phrase = 8 if bar_s < 2.6 else 4
    if not opens:
        return max(min(sung + min(_bars_of(shape, "outro", 4), phrase), most), sung)
    wish = sung + min(_bars_of(shape, "intro", 4), phrase) + min(_bars_of(shape, "outro", 4), phrase)
    has_played = any(not b.lines and b.kind in _PLAYED for b in blocks)
    if wish * bar_s < INTERLUDE_BELOW_S and len(blocks) > 1 and not has_played:
        wish += phrase
    least = math.ceil(min(SHORTEST_FREE_S, brief.max_duration_s) / bar_s)
    if wish < least:
        wish = math.ceil(least / 4) * 4
    return max(min(wish, most), sung)


def _bars_of(shape: Sequence[tuple[SectionKind, int]], kind: SectionKind, default: int) -> int:
    return next((bars for k, bars in shape if k == kind), default)


def _first_choice(blocks: Sequence[Block], opens: bool) -> tuple[int, ...]:
    """Boundaries in the order in which they get an interlude: before the last chorus, other inner ones, end, front."""
    inner = list(range(1, len(blocks)))
    choruses = [i for i in inner if blocks[i].kind == "chorus"]
    after_chorus = [i for i in inner if blocks[i - 1].kind in ("chorus", "postchorus")]
    order = [*choruses[-1:], *after_chorus, *inner, len(blocks), 0]
    return tuple(i for i in dict.fromkeys(order) if i or opens)


def _spread(
    extra: int, boundaries: int, shape: Sequence[tuple[SectionKind, int]], order: Sequence[int], opens: bool
) -> Frame:
    """Deal the played bars out, the most needed first: an ending, an intro, interludes, then all of them longer."""
    intro_wish, outro_wish = min(_bars_of(shape, "intro", 4), 8), min(_bars_of(shape, "outro", 4), 8)
    bars = {"intro": 0, "outro": 0, **{f"gap{i}": 0 for i in range(boundaries)}}
    wishes: list[tuple[str, int]] = [("outro", 1), ("intro", 2), ("outro", 2), ("intro", min(4, intro_wish))]
    wishes += [("outro", min(4, outro_wish)), *[(f"gap{i}", 4) for i in order[:1]], ("intro", intro_wish)]
    wishes += [("outro", outro_wish), *[(f"gap{i}", 8) for i in order[:2]]]
    for size in range(8, 8 + max(extra, 0), 8):
        wishes += [(f"gap{i}", size) for i in order] + [("intro", min(size, 16)), ("outro", min(size, 16))]
    left = max(extra, 0)
    for name, upto in wishes:
        step = min(max(upto - bars[name], 0), left)
        if (name.startswith("gap") and step < 4) or (name == "intro" and not opens):
            continue
        bars[name] += step
        left -= step
    bars["outro"] += left
    return Frame(bars["intro"], tuple(bars[f"gap{i}"] for i in range(boundaries)), bars["outro"])


def _assemble(blocks: Sequence[Block], frame: Frame, shape: Sequence[tuple[SectionKind, int]]) -> tuple[Block, ...]:
    """Sung blocks with everything that is played around them; a written intro or outro grows instead of doubling."""
    played = [kind for kind in dict.fromkeys(kind for kind, _ in shape) if kind in _PLAYED]
    cycle = list(dict.fromkeys((*played, "solo", "break", "bridge")))
    out: list[Block] = []
    intro, outro = frame.intro, frame.outro
    body = list(blocks)
    if body[0].kind == "intro" and not body[0].lines:
        body[0], intro = replace(body[0], bars=body[0].bars + intro), 0
    if body[-1].kind == "outro" and not body[-1].lines:
        body[-1], outro = replace(body[-1], bars=body[-1].bars + outro), 0
    if intro:
        out.append(Block("intro", "Intro", intro))
    for i, gap in enumerate(frame.gaps):
        after = body[i].kind if i < len(body) else None
        while gap > 0:
            size = gap if gap < 12 else 8
            kind = next(k for k in cycle if k not in (out[-1].kind if out else None, after))
            cycle.remove(kind)
            cycle.append(kind)
            out.append(Block(_kind(kind), kind.capitalize(), size))
            gap -= size
        if i < len(body):
            out.append(body[i])
    if outro:
        out.append(Block("outro", "Outro", outro))
    return tuple(out)
