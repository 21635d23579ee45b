"""Bass: the style's line over the chords, with approaches to the next root and a new root at every change.

Conventions
    The root lies in the lowest octave of the player's range; degree 1 is the chord's bass note. A line never holds a
    note into a chord it does not belong to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from songwright.engine.arrangement.drafts import EPSILON_BEATS, Draft, Track, one_voice
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.patterns import Tone, bars_of, tones
from songwright.engine.arrangement.phrasing import phrased
from songwright.engine.arrangement.pitches import fold, nearest, over_chord
from songwright.engine.arrangement.presence import SPARSE_ENERGY, rhythm_entrance, taken, varies
from songwright.engine.material import Player

ARTICULATED = {"n": 0.92, "s": 0.5, "l": 1.0, "a": 0.92, "g": 0.4, "sl": 1.08}  #: share of the length that sounds
ACCENTED = {"n": 94.0, "s": 92.0, "l": 92.0, "a": 110.0, "g": 52.0, "sl": 98.0}
SHORTEST_ROOT_BEATS = 0.45


def bass_track(ground: Ground) -> Track | None:
    """The bass; None where the style has none."""
    player = ground.style.bass
    drafts: list[Draft] = []
    for passage in ground.passages:
        pattern = _pattern(player, ground, passage)
        if pattern:
            steps = ground.style.steps_per_bar
            patterns = phrased(pattern, player.patterns.get(passage.kind, ()), steps, line=True)
            line = one_voice(_line(player, patterns, ground, passage))
            drafts += _roots_at_changes(line, player, ground)
    if not drafts:
        return None
    return Track("Bass", "bass", player.program, tuple(drafts), synth=player.synth)


def _pattern(player: Player, ground: Ground, passage: Passage) -> str:
    alternatives = player.patterns.get(passage.kind, ())
    if passage.energy < SPARSE_ENERGY and passage.kind in ("break", "intro", "outro"):
        return f"0:1:{ground.style.steps_per_bar}:l" if any(alternatives) else ""
    later = passage.is_peak or passage.kind == "verse"
    return taken(alternatives, "", varied=later and varies(passage, ground))


def _line(player: Player, patterns: tuple[str, ...], ground: Ground, passage: Passage) -> Iterator[Draft]:
    steps, beats = ground.style.steps_per_bar, ground.style.beats_per_bar
    for bar in range(rhythm_entrance(ground, passage, drums=False), passage.bars):
        pattern = patterns[bar % len(patterns)]
        span = bars_of(pattern, steps, line=True)
        for tone in tones(pattern):
            step = tone.step - bar % span * steps
            if 0 <= step < steps:
                start = passage.start_beats + bar * beats + step / ground.steps_per_beat
                yield _note(tone, start, player, ground, passage)


def _note(tone: Tone, start: float, player: Player, ground: Ground, passage: Passage) -> Draft:
    length = min(tone.steps / ground.steps_per_beat * ARTICULATED[tone.articulation], passage.end_beats - start)
    chord = ground.chord_for(start, start + length)
    root = fold(chord.bass_pc, player.low_midi, player.low_midi + 11)
    if tone.degree in ("ap", "sc"):
        midi = _approach(tone, start, root, player, ground)
    elif tone.degree in ("1", "8"):
        midi = root + (12 if tone.degree == "8" else 0)
    else:
        chord_root = fold(chord.root_pc, player.low_midi, player.low_midi + 11)
        midi = chord_root + over_chord(tone.degree, chord)
        if ground.is_strong(start):
            midi = nearest(midi, chord.pcs)
    return Draft(start, length, fold(midi, player.low_midi, player.high_midi), ACCENTED[tone.articulation], "bass")


def _approach(tone: Tone, start: float, root: int, player: Player, ground: Ground) -> int:
    """A semitone (ap) or a step of the scale (sc) from the next chord's root, coming from the side of this one."""
    change = min(ground.next_change(start), ground.score.length_beats - EPSILON_BEATS)
    target = fold(ground.chord_at(change).bass_pc, player.low_midi, player.low_midi + 11)
    if change - start > 1.5 or target == root:
        return nearest(root + 7, ground.chord_at(start).pcs)
    side = 1 if root > target else -1
    if tone.degree == "ap":
        return target + side
    scale = ground.scale_at(start)
    return next((target + side * step for step in (1, 2, 3) if (target + side * step) % 12 in scale), target + side)


def _roots_at_changes(line: tuple[Draft, ...], player: Player, ground: Ground) -> Iterator[Draft]:
    """Notes held over a change of chord end there, and the new root is played."""
    for draft in line:
        change = ground.next_change(draft.start_beats)
        pushed = ground.chord_for(draft.start_beats, draft.end_beats) is not ground.chord_at(draft.start_beats)
        if pushed:
            change = ground.next_change(change)
        end = draft.end_beats
        while end > change + EPSILON_BEATS:
            if change - draft.start_beats > EPSILON_BEATS:
                yield replace(draft, length_beats=change - draft.start_beats)
            following = ground.next_change(change)
            root = fold(ground.chord_at(change).bass_pc, player.low_midi, player.low_midi + 11)
            draft = Draft(change, min(end, following) - change, root, draft.force * 0.96, "bass")
            change = following
        if draft.length_beats >= SHORTEST_ROOT_BEATS or draft.end_beats <= change + EPSILON_BEATS:
            yield replace(draft, length_beats=min(end, change) - draft.start_beats)
