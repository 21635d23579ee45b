"""The form of a song without words: the style's own, grown or cut to its length."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from songwright.engine.material import Brief, SectionKind, Style
from songwright.engine.score.form import SHORTEST_FREE_S, TEMPO_PLAY, choose_tempo, style_form
from songwright.engine.score.sketch import Block, Form

_REPEATED: tuple[SectionKind, ...] = ("verse", "solo", "bridge", "chorus")
_LONGEST_FREE_S = 200.0


def plan_instrumental(style: Style, brief: Brief, rng: np.random.Generator) -> Form:
    """Sections of the style's form; without a wished duration as long as the form is, within 60 s and 200 s."""
    bpm, fixed, notes = choose_tempo(style, brief, rng)
    bar_s = style.beats_per_bar * 60 / bpm
    shape = style_form(style, brief.take)
    if brief.duration_s is not None:
        total = max(1, round(brief.duration_s / bar_s))
        if not fixed:
            exact = total * style.beats_per_bar * 60 / brief.duration_s
            bpm = float(np.clip(exact, bpm * (1 - TEMPO_PLAY), bpm * (1 + TEMPO_PLAY)))
    else:
        longest = min(_LONGEST_FREE_S, brief.max_duration_s)
        shortest = min(SHORTEST_FREE_S, longest)
        natural = sum(bars for _, bars in shape)
        total = min(max(natural, math.ceil(shortest / bar_s)), math.floor(longest / bar_s))
    blocks = [Block(kind, kind.capitalize(), bars) for kind, bars in _fitted(shape, total)]
    return Form(blocks=tuple(blocks), bpm=bpm, notes=notes)


def _fitted(shape: Sequence[tuple[SectionKind, int]], total: int) -> list[tuple[SectionKind, int]]:
    """The form with exactly `total` bars: body sections come again or go, intro and outro take what is left."""
    intro = min(next((b for k, b in shape if k == "intro"), 4), max(0, total // 6))
    outro = min(next((b for k, b in shape if k == "outro"), 4), max(1, total // 6))
    body: list[tuple[SectionKind, int]] = [(k, b) for k, b in shape if k not in ("intro", "outro")]
    room = max(0, total - intro - outro)
    while sum(b for _, b in body) < room:
        size = 8
        body.insert(max(len(body) - 1, 0), (_REPEATED[len(body) % len(_REPEATED)], size))
    while body and sum(b for _, b in body) > room:
        over = sum(b for _, b in body) - room
        at = _spare(body)
        kind, bars = body.pop(at)
        keep = bars - over
        if keep >= 2:
            body.insert(at, (kind, keep))
    rest = total - intro - outro - sum(b for _, b in body)
    out: list[tuple[SectionKind, int]] = [("intro", intro)] if intro else []
    return [*out, *body, ("outro", outro + max(0, rest))]


def _spare(body: Sequence[tuple[SectionKind, int]]) -> int:
    """The section a shorter song does without: the last one before the final chorus, then the first verse."""
    kinds = [k for k, _ in body]
    last_high = max((i for i, k in enumerate(kinds) if k in ("chorus", "drop")), default=len(body) - 1)
    return next((i for i in range(last_high - 1, -1, -1)), last_high)
