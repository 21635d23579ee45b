"""Mending: where a finished draft misses a gate, single lines of the section at fault are set anew until it passes.

Conventions
    A *family* is a line with all its literal returns; it changes as a whole, so that what comes again stays the same.
    Faults of pitch keep the rhythm of the line, so that rhymes of rhythm between lines survive; faults of rhythm draw
    both. A change is kept only where the gates together come out better (`gates.severity`); merit decides between
    equals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from songwright.engine.score.gates import Check, Facts, checks_of, facts_of, failed, severity
from songwright.engine.score.lines import (
    LineRhythm,
    Sources,
    melodies,
    reserved_interval,
    returns_of,
    rhythm_of,
)
from songwright.engine.score.past import NO_PAST, Past
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Slot, Tune
from songwright.engine.score.tunes import with_air

ROUNDS = 18  #: lines set anew at most, in a song of `SYLLABLES` or fewer; longer songs get fewer
SYLLABLES = 260
LEAST_ROUNDS = 4
SOFT_ROUNDS = 6  #: where no hard gate is missed
CLEAR_BEATS = 0.75  #: least distance from a line's last onset to the next line's first
_MERIT = 0.02  #: worth of a step of merit against the severity of gates
_RHYTHMS, _MELODIES_A_RHYTHM, _KEPT_A_RHYTHM = 6, 6, 2
_SHAPES = ((1.0, 0.0), (1.6, 0.0), (0.75, 0.0), (1.2, 1.5), (1.2, -1.5))  #: (stretch, scale steps higher) of new tunes
_MELODIES_A_SHAPE = 5


@dataclass(slots=True)
class _Desk:
    """The draft being mended."""

    setting: Setting
    slots: tuple[Slot, ...]
    past: Past
    tunes: list[Tune]  #: in order of time, last notes as long as they can be
    tried: dict[int, int] = field(default_factory=dict[int, int])  #: first line of a family -> times set anew
    known: dict[int, tuple[Tune, Facts]] = field(default_factory=dict[int, tuple[Tune, Facts]])

    def facts(self, tunes: Sequence[Tune]) -> list[Facts]:
        """The facts of all lines as they will sound; measured once for each tune."""
        out: list[Facts] = []
        for raw, tune in zip(tunes, with_air(tunes, self.past.after), strict=True):
            known = self.known.get(id(raw))
            if known is None or known[0] is not raw or tune is not raw:
                known = (raw, facts_of(self.setting, tune))
                if tune is raw:
                    self.known[id(raw)] = known
            out.append(known[1])
        return out


def mended(
    setting: Setting, tunes: Sequence[Tune], rng: np.random.Generator, past: Past = NO_PAST
) -> tuple[list[Tune], list[Check], int]:
    """The draft with lines set anew until it passes the gates; the gates it still misses; how many lines changed."""
    desk = _Desk(setting, tuple(t.slot for t in tunes), past, list(tunes))
    syllables = sum(len(t.midis) for t in tunes)
    rounds = max(LEAST_ROUNDS, round(ROUNDS * min(1.0, SYLLABLES / max(syllables, 1))))
    changed = 0
    for number in range(rounds):
        lines = desk.facts(desk.tunes)
        checks = checks_of(setting, lines)
        bad = failed(checks)
        if not bad or (number >= SOFT_ROUNDS and not any(c.is_hard for c in bad)):
            break
        check = bad[number % len(bad)]
        family = _family_to_mend(desk, check, lines)
        changed += bool(family) and _set_anew(desk, family, check, severity(checks), rng)
    return with_air(desk.tunes, past.after), failed(checks_of(setting, desk.facts(desk.tunes))), changed


def _families(desk: _Desk) -> list[list[int]]:
    """Numbers of the lines that are one tune, first in time first."""
    by_tune: dict[tuple[object, ...], list[int]] = {}
    for i, t in enumerate(desk.tunes):
        if not t.slot.backing and t.midis:
            is_shared = desk.setting.is_high(t.slot.kind)
            key = (t.slot.kind, t.slot.text, t.onsets, t.midis) if is_shared else (i,)
            by_tune.setdefault(key, []).append(i)
    return list(by_tune.values())


def _family_to_mend(desk: _Desk, check: Check, lines: Sequence[Facts]) -> list[int]:
    """The family most at fault, the least tried first, the hook last."""
    families = [
        f for f in _families(desk) if check.section is None or any(lines[i].slot.section == check.section for i in f)
    ]
    if check.name == "chorus ends on a chord tone":
        last = max(i for i, line in enumerate(lines) if line.slot.section == check.section and not line.slot.backing)
        return next((f for f in families if last in f), [])

    def rank(family: list[int]) -> tuple[float, ...]:
        first = family[0]
        fault = sum(_fault(check, lines[i]) for i in family)
        return (desk.tried.get(first, 0) - (fault > 0), any(lines[i].slot.hook for i in family), -fault, first)

    return min(families, key=rank, default=[])


def _fault(check: Check, line: Facts) -> float:
    """How much a line has to do with a failed gate, where that can be told line by line."""
    match check.name:
        case "lines of few pitches":
            return float(len(line.midis) >= 6 and len(set(line.midis)) < 4)
        case "chord tones":
            return line.strong.count(False)
        case "left by step":
            return line.left.count(False)
        case "word stress":
            return line.words.count(False)
        case "stressed on beats":
            return line.heavy.count(False)
        case "unstressed on beats" | "stressed minus unstressed":
            return line.light.count(True)
        case "longest run":
            return float(sum(not any(three) for three in zip(line.moves, line.moves[1:], line.moves[2:], strict=False)))
        case "chorus lift":
            return float(line.slot.kind in ("chorus", "verse"))
        case _:
            return 0.0


def _set_anew(desk: _Desk, family: list[int], check: Check, before: float, rng: np.random.Generator) -> bool:
    """Draw candidates for a family and keep the best one where the gates gain by it."""
    first = family[0]
    sources = _sources(desk, family, free=desk.tried.get(first, 0) > 0)
    desk.tried[first] = desk.tried.get(first, 0) + 1
    own = desk.tunes[first]
    if check.cure == "rhythm":
        candidates = _other_rhythms(desk, own, sources, rng)
    else:
        rhythm = LineRhythm(own.onsets, own.lengths, 0.0)
        candidates = [
            tune
            for stretch, height in _SHAPES
            for tune in melodies(
                desk.setting, own.slot, rhythm, sources, _MELODIES_A_SHAPE, rng, stretch=stretch, height=height
            )
        ]
    best: tuple[float, list[Tune]] | None = None
    top = max(t.merit for t in candidates)
    for candidate in candidates:
        tunes = list(desk.tunes)
        for i in family:
            tunes[i] = replace(candidate, slot=desk.slots[i])
        if check.cure == "rhythm" and not _is_clear(desk, tunes, family):
            continue
        bad = severity(checks_of(desk.setting, desk.facts(tunes)))
        worth = bad + _MERIT * (top - candidate.merit)
        if bad < before - 1e-9 and (best is None or worth < best[0]):
            best = (worth, tunes)
    if best is not None:
        desk.tunes = best[1]
    return best is not None


def _other_rhythms(desk: _Desk, own: Tune, sources: Sources, rng: np.random.Generator) -> list[Tune]:
    """New rhythms with the best melodies for each."""
    out: list[Tune] = []
    for _ in range(_RHYTHMS):
        rhythm = rhythm_of(desk.setting, own.slot, sources, rng)
        tunes = melodies(desk.setting, own.slot, rhythm, sources, _MELODIES_A_RHYTHM, rng)
        out += sorted(tunes, key=lambda t: -t.merit)[:_KEPT_A_RHYTHM]
    return out


def _sources(desk: _Desk, family: list[int], *, free: bool) -> Sources:
    """What the line looks at; where a first try was in vain it is set `free` of the lines it was bound to."""
    at = family[0]
    slot, tunes = desk.slots[at], desk.tunes
    earlier = [t for t in (*desk.past.tunes, *tunes[:at]) if t.slot.kind == slot.kind and not t.slot.backing]
    model = next((t for t in earlier if t.slot.number == slot.number and t.slot.section != slot.section), None)
    motif = next((t for t in earlier if t.slot.letter == slot.letter and t is not model), None)
    hook = next((t for t in (*desk.past.tunes, *tunes) if t.slot.hook), None)
    return Sources(
        model=None if free else model,
        motif=None if free else motif,
        before=tunes[at - 1] if at else desk.past.before,
        after=tunes[at + 1] if at + 1 < len(tunes) else desk.past.after,
        floor_beats=desk.past.floor_beats,
        reserved=None if desk.setting.is_high(slot.kind) else reserved_interval(hook),
        returns=returns_of(desk.setting, slot, desk.slots),
    )


def _is_clear(desk: _Desk, tunes: Sequence[Tune], family: Sequence[int]) -> bool:
    """Whether every member of the family leaves its neighbours room."""
    around = [desk.past.before, *tunes, desk.past.after]
    for i in family:
        three = [t for t in around[i : i + 3] if t is not None]
        if any(b.first_beats - a.last_beats < CLEAR_BEATS - 1e-6 for a, b in pairwise(three)):
            return False
        if tunes[i].first_beats < desk.past.floor_beats - 1e-6:
            return False
    return True
