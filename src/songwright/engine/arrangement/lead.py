"""Tunes of the band: riffs, the hook before it is sung, themes and solos, answers in the singer's gaps.

Conventions
    `Score.riff` is counted from beat 0, `Score.themes` in the song's own time; both are moved by octaves into the
    lead's range. Where the lead has a theme or the hook to play, its own riff is silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.arrangement.drafts import EPSILON_BEATS, Draft, one_voice
from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.patterns import Tone, bars_of, tones
from songwright.engine.arrangement.pitches import SEMITONES, fitted, fold, over_chord
from songwright.engine.arrangement.presence import Appearance
from songwright.engine.material import Player, VocalNote

LEAD_TOP_MIDI = 74  #: a lead reaches at least this high
UNDER_VOICE = 0.78  #: force of a tune while the singer sings
HOOK_FORCE, THEME_FORCE, ANSWER_FORCE = 98.0, 102.0, 84.0
ANSWER_GAP_BEATS = 2.0  #: gaps shorter than this are the singer's breath
ANSWER_NOTES = 6
_ARTICULATED = {"n": 0.9, "s": 0.5, "l": 1.0, "a": 0.9, "g": 0.4, "sl": 1.0}
_ACCENTED = {"n": 92.0, "s": 90.0, "l": 90.0, "a": 108.0, "g": 54.0, "sl": 96.0}
_HOOKED = frozenset(("intro", "postchorus", "break", "outro"))
_SOLO_PROGRAMS = {
    "guitar": 29, "acoustic": 25, "piano": 0, "organ": 18, "sax": 66, "trumpet": 56, "violin": 40, "fiddle": 40,
    "strings": 48, "flute": 73, "harmonica": 22, "synth": 81, "bass": 33, "cello": 42, "accordion": 21,
}  # fmt: skip


def lead_of(players: Sequence[Player]) -> Player | None:
    """Who plays the tunes: a riff player who reaches high and thinks in the key, else whoever reaches highest."""
    riffs = [player for player in players if player.role == "riff" and player.high_midi >= LEAD_TOP_MIDI]
    if riffs:
        return next((player for player in riffs if player.relative_to_key), riffs[0])
    return max(players, key=lambda player: player.high_midi, default=None)


def soloist(lead: Player, passage: Passage) -> Player:
    """The instrument a tag such as `[Guitar Solo]` asks for, else the lead."""
    words = passage.hint.lower().split()
    program = next((number for word, number in _SOLO_PROGRAMS.items() if word in words), None)
    if program is None or passage.kind not in ("solo", "break", "bridge"):
        return lead
    name = next(word for word, number in _SOLO_PROGRAMS.items() if number == program)
    return replace(lead, name=f"{name} solo", program=program, synth=None, low_midi=55, high_midi=86)


# -------------------------------------------------------------------------------------------------------- riffs


def riff_drafts(player: Player, look: Appearance, ground: Ground, passage: Passage) -> tuple[Draft, ...]:
    """A riff player's own pattern in one passage, softer under the voice; in octaves at the peak but for the lead."""
    drafts = one_voice(_riff(player, look, ground, passage))
    if not look.doubled or player is lead_of(ground.style.players):
        return drafts
    octaves = tuple(_octave(draft, player) for draft in drafts)
    return (*drafts, *(draft for draft in octaves if draft is not None))


def _octave(draft: Draft, player: Player) -> Draft | None:
    midi = draft.midi + 12 if draft.midi + 12 <= player.high_midi else draft.midi - 12
    return replace(draft, midi=midi, force=draft.force * 0.8) if midi >= player.low_midi else None


def _riff(player: Player, look: Appearance, ground: Ground, passage: Passage) -> Iterator[Draft]:
    steps, beats = ground.style.steps_per_bar, ground.style.beats_per_bar
    for bar in range(look.first_bar, min(look.last_bar, passage.bars)):
        pattern = look.patterns[bar % len(look.patterns)]
        span = bars_of(pattern, steps, line=True)
        for tone in tones(pattern):
            step = tone.step - bar % span * steps
            if 0 <= step < steps:
                start = passage.start_beats + bar * beats + step / ground.steps_per_beat
                yield _riff_note(tone, start, player, look, ground, passage)


def _riff_note(tone: Tone, start: float, player: Player, look: Appearance, ground: Ground, passage: Passage) -> Draft:
    length = min(tone.steps / ground.steps_per_beat * _ARTICULATED[tone.articulation], passage.end_beats - start)
    low, high = player.low_midi, player.high_midi
    if player.relative_to_key:
        midi = fold(ground.tonic_at(start), low, low + 11) + SEMITONES.get(tone.degree, 0)
    else:
        chord = ground.chord_for(start, start + length)
        midi = fold(chord.root_pc, low, low + 11) + (over_chord(tone.degree, chord) if tone.degree in SEMITONES else 0)
    change = ground.next_change(start)
    if start + length > change + 0.5:
        length = change - start if change - start >= 0.25 else length
    midi = fold(fitted(midi, start, length, ground), low, high)
    voiced = UNDER_VOICE if ground.sings(start, start + length) else 1.0
    return Draft(start, length, midi, _ACCENTED[tone.articulation] * look.force * voiced, "riff")


# ------------------------------------------------------------------------------------------- hook and themes


def theme_drafts(lead: Player, ground: Ground, passage: Passage) -> tuple[Draft, ...]:
    """What the lead has to say in a passage: the score's theme, or the hook where a theme is missing."""
    themes = [n for n in ground.score.themes if passage.start_beats <= n.start_beats < passage.end_beats]
    if themes:
        return one_voice(_played(themes, lead, THEME_FORCE, passage, ground))
    if ground.score.riff and not passage.sung and (passage.kind in _HOOKED or passage.kind == "solo"):
        return one_voice(_hook(lead, ground, passage))
    return ()


def _hook(lead: Player, ground: Ground, passage: Passage) -> Iterator[Draft]:
    """The hook's riff in every phrase, fitted to the chords; a long intro begins without it, an outro recalls it."""
    beats = ground.style.beats_per_bar
    riff = ground.score.riff
    length = riff[-1].start_beats + riff[-1].length_beats
    phrase = max(2, -(-int(np.ceil(length)) // beats)) * beats
    quiet_bars = passage.bars // 2 if passage.kind == "intro" and passage.bars >= 8 else 0
    first = passage.start_beats + quiet_bars * beats
    last = passage.start_beats + (min(passage.bars, 2) if passage.kind == "outro" else passage.bars) * beats
    at = first
    while at < last - EPSILON_BEATS:
        moved = [replace(note, start_beats=note.start_beats + at) for note in riff]
        for draft in _played(moved, lead, HOOK_FORCE, passage, ground):
            midi = fitted(draft.midi, draft.start_beats, draft.length_beats, ground)
            yield replace(draft, midi=fold(midi, lead.low_midi, lead.high_midi))
        at += phrase


def _played(
    notes: Sequence[VocalNote], lead: Player, force: float, passage: Passage, ground: Ground
) -> Iterator[Draft]:
    """A tune by an instrument, in its octave."""
    middle = sum(note.midi for note in notes) / len(notes)
    shift = 12 * round(((lead.low_midi + lead.high_midi) / 2 - middle) / 12)
    for note in notes:
        length = min(note.length_beats, passage.end_beats - note.start_beats)
        if length > EPSILON_BEATS:
            midi = fold(note.midi + shift, lead.low_midi, lead.high_midi)
            weight = 1.05 if ground.is_strong(note.start_beats) else 0.97
            yield Draft(note.start_beats, length * 0.95, midi, force * weight, "lead")


# ------------------------------------------------------------------------------------------------------ answers


def answer_drafts(lead: Player, ground: Ground, passage: Passage, rng: np.random.Generator) -> tuple[Draft, ...]:
    """Short answers of the lead where the singer breathes for two beats or more."""
    if not passage.sung or passage.energy < 0.4:
        return ()
    drafts: list[Draft] = []
    edges = [
        (end, next_start)
        for (_, end), (next_start, _) in zip(ground.vocals, ground.vocals[1:], strict=False)
        if passage.start_beats <= end and next_start <= passage.end_beats + EPSILON_BEATS
    ]
    for end, next_start in edges:
        chance = float(rng.random())
        shape = int(rng.integers(3))
        if next_start - end >= ANSWER_GAP_BEATS and chance < 0.35 + 0.4 * passage.energy:
            drafts += _answer(end, next_start, shape, lead, ground, passage)
    return one_voice(drafts)


def _answer(
    gap_start: float, gap_end: float, shape: int, lead: Player, ground: Ground, passage: Passage
) -> Iterator[Draft]:
    """Eighths (or thirds of a beat) through chord and scale: rising, falling or turning, the last note held."""
    unit = 1 / 3 if ground.steps_per_beat == 3 else 0.5
    first = np.ceil((gap_start + 0.25) / unit) * unit
    count = min(ANSWER_NOTES, int((gap_end - 0.5 - first) / unit))
    if count < 2:
        return
    steps = {0: range(count), 1: range(count, 0, -1), 2: [*range(0, count, 2), *range(count - 1, 0, -2)][:count]}[shape]
    scale = sorted(ground.scale_at(first))
    base = (lead.low_midi + lead.high_midi) // 2 - 3
    ladder = [m for m in range(base, base + 26) if m % 12 in scale]
    for number, rung in enumerate(steps):
        start = float(first + number * unit)
        last = number == count - 1
        length = min(1.5, passage.end_beats - start, gap_end + 0.5 - start) if last else unit * 0.9
        midi = fold(fitted(ladder[rung], start, length, ground), lead.low_midi, lead.high_midi)
        yield Draft(start, max(unit * 0.5, length), midi, ANSWER_FORCE, "lead")
