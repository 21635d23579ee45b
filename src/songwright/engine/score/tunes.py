"""The tunes: every line of the song, hook first, the rest by contrast and memory.

Conventions
    The section of the hook and the first verse are drawn several times as a whole and kept by what they are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.score.lines import compose_line
from songwright.engine.score.past import NO_PAST, Past
from songwright.engine.score.remembrance import contrast
from songwright.engine.score.remembrance import memory as memory_score
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Memory, Slot, Tune

AIR_BEATS = 0.5  #: silence between two lines
SYLLABLES_IN_FULL = 800  #: songs with more get fewer candidates a line
CHORUS_DRAWS, VERSE_DRAWS = 3, 2  #: whole sections tried
MEMORY_WORTH, CONTRAST_WORTH = 2.0, 1.5  #: against the merit of lines


def compose_tunes(
    setting: Setting, slots: Sequence[Slot], rng: np.random.Generator, past: Past = NO_PAST
) -> list[Tune]:
    """All lines in order of time; they remember `past` and keep clear of the lines before and after them.

    Last notes may still ring into the next line: see `with_air`.
    """
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
        memory.keep(compose_line(setting, slot, slots, memory, thrift, rng))
    return [memory.tunes[s.section, s.number] for s in slots]


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
        out.append(compose_line(setting, slot, slots, tried, thrift, rng))
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


def with_air(tunes: Sequence[Tune], last_after: Tune | None = None) -> list[Tune]:
    """Last notes end half a beat before the next line begins."""
    out: list[Tune] = []
    for tune, after in zip(tunes, [*tunes[1:], last_after], strict=False):
        last = tune.lengths[-1]
        if after is not None:
            room = after.first_beats - tune.last_beats
            last = min(last, max(room - AIR_BEATS, min(0.25, room / 2)))
        out.append(tune if last == tune.lengths[-1] else replace(tune, lengths=(*tune.lengths[:-1], last)))
    return out
