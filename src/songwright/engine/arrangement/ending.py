"""The end: everyone who still plays strikes the last chord together and holds it; nothing goes on after it.

Conventions
    The final chord falls on the last bar's downbeat, or later where the score's last chord begins later. It is held
    to the end of the song; drums let a cymbal ring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from songwright.engine.arrangement.drafts import EPSILON_BEATS, Draft, Track, cut_at
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.harmony import strummed, voiced
from songwright.engine.arrangement.pitches import fold, nearest
from songwright.engine.material import Player

FINAL_FORCE = 96.0
RECENT_BEATS = 16.0  #: who has been silent for longer is not called back for the last chord


def final_beats(ground: Ground) -> float:
    """Where the last chord is struck."""
    score = ground.score
    last_bar = score.length_beats - score.beats_per_bar
    last_chord = score.chords[-1]
    return max(last_bar, last_chord.start_beats)


def ended(track: Track, player: Player | None, ground: Ground) -> Track:
    """The track with the final chord; `player` is who plays it, None for drums and effects."""
    at = final_beats(ground)
    before = cut_at(track.drafts, at, ground.score.length_beats + ground.style.beats_per_bar)
    if track.role == "effects":
        return replace(track, drafts=before)
    heard = any(draft.end_beats > at - RECENT_BEATS for draft in track.drafts)
    final = tuple(_final(track, player, ground, at)) if heard else ()
    return replace(track, drafts=(*before, *final))


def _final(track: Track, player: Player | None, ground: Ground, at: float) -> Iterator[Draft]:
    length = ground.score.length_beats - at - EPSILON_BEATS
    chord = ground.chord_at(at)
    if player is None:
        yield from _final_stroke(track, at, length)
    elif track.role == "bass":
        yield Draft(at, length, fold(chord.bass_pc, player.low_midi, player.low_midi + 11), FINAL_FORCE, "bass")
    elif player.role == "riff":
        middle = (player.low_midi + player.high_midi) // 2
        midi = fold(nearest(middle, [chord.root_pc]), player.low_midi, player.high_midi)
        yield Draft(at, length, midi, FINAL_FORCE * 0.9, "lead")
    else:
        notes = voiced(replace(player, role="comp"), chord, None, doubled=False)
        yield from strummed(player, notes, at, length, FINAL_FORCE, ground)


def _final_stroke(track: Track, at: float, length: float) -> Iterator[Draft]:
    """Kick and crash, by kits that have used them; hand percussion strikes what it struck last."""
    keys = {draft.voice: draft.midi for draft in track.drafts}
    if "k" in keys:
        yield Draft(at, 0.5, keys["k"], FINAL_FORCE, "k")
    if "y" in keys:
        yield Draft(at, length, keys["y"], FINAL_FORCE, "y")
    if not {"k", "y"} & set(keys):
        voice, midi = next(iter(keys.items()))
        yield Draft(at, 0.5, midi, FINAL_FORCE * 0.8, voice)
