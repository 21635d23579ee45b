"""Chords, pads and arpeggios: the style's patterns over the chords, with voices that move as little as they can.

Conventions
    A strike held over a change of chord ends there and is struck again if at least `RESTRIKE_BEATS` are left; one that
    pushes into the change belongs to the coming chord. Pads tie the tones two chords share. Distorted guitars play
    root, fifth and octave, whatever the chord's colours, because distortion makes mud of thirds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from songwright.engine.arrangement.drafts import EPSILON_BEATS, FORCE, Draft, tied
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.patterns import Strike, bars_of, strikes
from songwright.engine.arrangement.pitches import fold, nearest
from songwright.engine.arrangement.presence import Appearance
from songwright.engine.material import Chord, Player
from songwright.engine.theory import voicing

RESTRIKE_BEATS = 0.5
STRUM_S = 0.011  #: between the strings of a guitar
PAD_TIE_BEATS = 8.0
VOICES = {"comp": 4, "pad": 4, "arp": 4}
PAD_FORCE = 0.8
INNER_FORCE = 0.93  #: of the voices under the highest
DOUBLED_ABOVE = 7  #: how far an octave may leave the player's range
LEFT_HAND_MIDI = 48  #: the left hand keeps out of the bass's octave
ARP_FORCE = 1.0
_DISTORTED = frozenset((29, 30))
_GUITARS = frozenset((24, 25, 26, 27, 28, 104, 105, 106, 107))
_KEYBOARDS = frozenset(range(6))


def harmony_drafts(player: Player, look: Appearance, ground: Ground, passage: Passage) -> tuple[Draft, ...]:
    """A comp, pad or arp player in one passage."""
    if player.role == "arp":
        return tuple(_arpeggio(player, look, ground, passage))
    drafts = tuple(_chords(player, look, ground, passage))
    return tied(drafts, PAD_TIE_BEATS) if player.role == "pad" else drafts


def _placed(look: Appearance, ground: Ground, passage: Passage) -> Iterator[tuple[Strike, float, float]]:
    """(strike, start, end) of the pattern in the passage."""
    steps, beats = ground.style.steps_per_bar, ground.style.beats_per_bar
    for bar in range(look.first_bar, min(look.last_bar, passage.bars)):
        pattern = look.patterns[bar % len(look.patterns)]
        span = bars_of(pattern, steps, line=False)
        for strike in strikes(pattern):
            step = strike.step - bar % span * steps
            if 0 <= step < steps:
                start = passage.start_beats + bar * beats + step / ground.steps_per_beat
                end = min(start + strike.steps / ground.steps_per_beat, passage.end_beats)
                yield strike, start, end


def _chords(player: Player, look: Appearance, ground: Ground, passage: Passage) -> Iterator[Draft]:
    previous: tuple[int, ...] | None = None
    scale = look.force * (PAD_FORCE if player.role == "pad" else 1.0)
    for strike, start, end in _placed(look, ground, passage):
        for part_start, part_end, chord in _by_chord(start, end, ground):
            previous = voiced(player, chord, previous, doubled=look.doubled)
            restruck = 0.92 if part_start > start else 1.0
            force = FORCE[strike.mark] * scale * restruck
            yield from strummed(player, previous, part_start, part_end - part_start, force, ground)


def _by_chord(start: float, end: float, ground: Ground) -> Iterator[tuple[float, float, Chord]]:
    """A strike divided at changes of chord."""
    chord = ground.chord_for(start, end)
    change = chord.start_beats + chord.length_beats
    while end - change > EPSILON_BEATS and change < ground.score.length_beats - EPSILON_BEATS:
        yield start, change, chord
        if end - change < RESTRIKE_BEATS:
            return
        start, chord = change, ground.chord_at(change)
        change = chord.start_beats + chord.length_beats
    yield start, end, chord


def voiced(player: Player, chord: Chord, previous: tuple[int, ...] | None, *, doubled: bool) -> tuple[int, ...]:
    """The notes a player takes of a chord; `doubled` adds an octave."""
    low, high = player.low_midi, player.high_midi
    if player.program in _DISTORTED:
        return _power_chord(chord, low, high)
    before = None if previous is None else tuple(note for note in previous if low <= note <= high)
    notes = voicing(chord, low, high, before or None, voices=VOICES[player.role])
    if not doubled:
        return notes
    above = notes[-1] + 12 if notes[-1] + 12 <= high + DOUBLED_ABOVE else notes[0] + 12
    below = fold(chord.bass_pc, LEFT_HAND_MIDI, LEFT_HAND_MIDI + 11)
    extra = (below, above) if player.program in _KEYBOARDS else (above,)
    return tuple(sorted({*notes, *extra}))


def _power_chord(chord: Chord, low: int, high: int) -> tuple[int, ...]:
    root = fold(chord.bass_pc, low, low + 11)
    fifth = nearest(root + 7, [pc for pc in chord.pcs if (pc - chord.bass_pc) % 12 in (5, 6, 7, 8, 9)] or chord.pcs)
    return tuple(sorted({note for note in (root, fifth, root + 12) if low <= note <= high}))


def strummed(
    player: Player, notes: tuple[int, ...], start: float, length: float, force: float, ground: Ground
) -> Iterator[Draft]:
    """The notes of a chord; guitars strum, down on beats and up between them."""
    ordered = notes if ground.is_strong(start) else notes[::-1]
    gap = STRUM_S * ground.score.bpm / 60 if player.program in _GUITARS else 0.0
    gap = min(gap, length / (2 * max(1, len(notes))))
    for number, midi in enumerate(ordered):
        own = force if midi == notes[-1] else force * INNER_FORCE
        yield Draft(start + number * gap, length - number * gap, midi, own, player.role)


def _arpeggio(player: Player, look: Appearance, ground: Ground, passage: Passage) -> Iterator[Draft]:
    """Digits climb a ladder of chord tones; each note rings until the next strike or change of chord."""
    for strike, start, end in _placed(look, ground, passage):
        chord = ground.chord_for(start, end)
        midi = _rung(int(strike.mark), chord, player)
        force = FORCE["x"] * ARP_FORCE * look.force * (1.06 if ground.is_strong(start) else 0.96)
        change = chord.start_beats + chord.length_beats
        ring = min(end + 0.5 / ground.steps_per_beat, change, passage.end_beats)
        note = Draft(start, ring - start, midi, force, "arp")
        yield note
        if look.doubled and midi + 12 <= player.high_midi:
            yield replace(note, midi=midi + 12, force=force * 0.7)


def _rung(digit: int, chord: Chord, player: Player) -> int:
    """Chord tone number `digit`, counted from the lowest third of the range; 0 is a root below it."""
    low, high = player.low_midi, player.high_midi
    ladder = [note for note in range(low, high + 1) if note % 12 in chord.pcs]
    anchor = low + (high - low) // 4
    first = min(range(len(ladder)), key=lambda at: abs(ladder[at] - anchor))
    if digit == 0:
        roots = [note for note in ladder if note % 12 == chord.bass_pc % 12 and note <= ladder[first]]
        return roots[-1] if roots else ladder[0]
    return ladder[min(first + digit - 1, len(ladder) - 1)]
