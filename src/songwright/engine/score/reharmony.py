"""Other chords under a tune that stays: the hook brings its chords along, and the last chorus is heard in a new light.

Conventions
    Substitutes are degrees above the tonic and qualities. One is taken only where every sung note fits it at least as
    well as the chord that was written; so the melody never has to move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.material import Section
from songwright.engine.score.gates import chord_fit
from songwright.engine.score.harmony import Harmony, Span, replaced
from songwright.engine.score.palette import is_borrowed
from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Slot, Tune
from songwright.engine.theory import named

_LOOP_CHORDS = 3  #: styles that hover over fewer chords in their chorus keep them
_PLAIN = {"maj7": "", "m7": "m", "m6": "m", "ø7": "dim", "7sus4": "sus4"}  #: for songs of triads
_SUBSTITUTES: Mapping[bool, Mapping[int, tuple[tuple[int, str], ...]]] = {  # minor key -> root -> stand-ins, best first
    False: {
        5: ((5, "m"), (2, "m7"), (10, "")),
        7: ((10, ""), (5, "m6"), (2, "m7"), (7, "7sus4")),
        0: ((9, "m7"), (4, "m7"), (8, "maj7")),
        9: ((5, "maj7"), (2, "m7"), (0, "maj7")),
        2: ((5, "m6"), (2, "7"), (10, "maj7")),
        4: ((4, "7"), (0, "maj7")),
    },
    True: {
        0: ((8, "maj7"), (3, ""), (5, "m7")),
        8: ((5, "m7"), (1, "maj7"), (0, "m7")),
        10: ((7, "m7"), (7, "7"), (3, "")),
        3: ((8, "maj7"), (0, "m7")),
        5: ((8, "maj7"), (2, "ø7"), (5, "")),
        7: ((10, ""), (3, "")),
    },
}


def with_hook_chords(harmony: Harmony, slots: Sequence[Slot], beats_per_bar: int) -> Harmony:
    """Where the hook returns within its kind of section over other chords, those of its first time.

    A twelve-bar blues keeps its own: there the tune meets the fourth degree on its return.
    """
    if harmony.scale.mode == "blues":
        return harmony
    first: dict[tuple[str, str], Slot] = {}
    for slot in slots:
        if not slot.hook:
            continue
        model = first.setdefault((slot.kind, slot.text), slot)
        if model is not slot and model.bars == slot.bars:
            harmony = _carried(harmony, model.start_beats, slot.start_beats, slot.bars * beats_per_bar)
    return harmony


def _carried(harmony: Harmony, source: float, target: float, length: float) -> Harmony:
    """The chords of `source..source + length` written again at `target`."""
    spans = harmony.spans
    for span in harmony.spans:
        start = max(span.start_beats, source)
        stop = min(span.start_beats + span.length_beats, source + length)
        if stop - start > 1e-6:
            spans = tuple(replaced(spans, target + start - source, target + stop - source, [span.spec]))
    return harmony.with_spans([s for s in spans if s.length_beats > 1e-6])


def reharmonised(
    setting: Setting, sections: Sequence[Section], tunes: Sequence[Tune], weirdness: float, rng: np.random.Generator
) -> Harmony:
    """The harmony with one to three new chords in the last chorus: IV becomes iv, V bVII, a cadence is deceived.

    Only where a chorus was heard before, and more of them the weirder the song is wished (none at 0).
    """
    harmony = setting.harmony
    choruses = [i for i, s in enumerate(sections) if s.kind == "chorus"]
    sung = {t.slot.section for t in tunes}
    if len(choruses) < 2 or choruses[-1] not in sung or weirdness <= 0 or setting.blue:
        return harmony
    section = sections[choruses[-1]]
    end = section.start_beats + section.length_beats
    own = [s for s in harmony.spans if section.start_beats - 1e-6 <= s.start_beats < end - 1e-6]
    if len({s.spec.root for s in own}) < _LOOP_CHORDS or all(s.spec.quality == "5" for s in own):
        return harmony
    here = [t for t in tunes if t.slot.section == choruses[-1] and not t.slot.backing]
    most = 1 + round(2 * weirdness)
    ends_song = choruses[-1] == len(sections) - 1
    half = section.start_beats + section.length_beats / 2
    late = [s for s in own[1:] if s.start_beats >= half and not is_borrowed(s.spec, harmony.scale.mode)]
    places = [late[int(i)] for i in rng.permutation(len(late))]
    for span in places:
        if most and not (ends_song and span in own[-2:]):
            changed = _substituted(setting, harmony, span, here)
            most -= changed is not harmony
            harmony = changed
    return harmony


def _substituted(setting: Setting, harmony: Harmony, span: Span, tunes: Sequence[Tune]) -> Harmony:
    """The first stand-in for one chord under which no note fits worse than before; else the harmony as it is."""
    before = _fits(setting, harmony, tunes)
    at = harmony.spans.index(span)
    beside = {s.spec.root for s in (harmony.spans[at - 1], *harmony.spans[at + 1 : at + 2])}
    plain = sum(len(s.spec.intervals) > 3 for s in harmony.spans) <= 0.3 * len(harmony.spans)
    for root, quality in _SUBSTITUTES[harmony.scale.is_minor].get(span.spec.root, ()):
        quality = _PLAIN.get(quality, quality) if plain else quality
        if (root, quality) == (span.spec.root, span.spec.quality) or root in beside:
            continue
        specs = [s if s is not span else replace(s, spec=named(root, quality)) for s in harmony.spans]
        changed = harmony.with_spans(specs)
        if all(fits or not did for fits, did in zip(_fits(setting, changed, tunes), before, strict=True)):
            return changed
    return harmony


def _fits(setting: Setting, harmony: Harmony, tunes: Sequence[Tune]) -> list[bool]:
    """Whether each note belongs to its chord."""
    there = replace(setting, harmony=harmony)
    return [tone for tune in tunes for _, tone in chord_fit(there, tune)]
