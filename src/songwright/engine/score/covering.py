"""A new version of a song on paper: its tempo, chords, form and tune are kept, other words are set on the tune.

Conventions
    The old song is an `Outline`: a score (whose lines do not matter) and the phrases of its tune, in beats on a grid of
    sixteenths. A line of words goes on one phrase: a syllable a note; with fewer syllables than notes some are sung on
    several, with more the longest notes are struck again. Phrases without words are played by the lead instrument.
    `brief.audio_weight` 1 keeps every note and chord; the less it is, the more of them are varied, and what is varied
    at one weight is varied at every smaller one too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from songwright.engine.material import (
    Brief,
    Chord,
    LyricLine,
    Lyrics,
    Score,
    Section,
    SectionKind,
    Style,
    VocalLine,
    VocalNote,
    stable_rng,
)
from songwright.engine.score.phrasing import Phrase, Tone, fitted, split_to
from songwright.engine.score.themes import LEAD_HIGH_MIDI, LEAD_LOW_MIDI
from songwright.engine.theory import chord_spec, named, realise

MOST_VARIED_TONES, MOST_VARIED_CHORDS = 0.6, 0.5  #: shares, at audio weight 0
NEAR_BARS = 2  #: a boundary of the old form this near to one of the words is the same boundary
SLOWEST, FASTEST = 0.66, 1.5  #: of a style's own tempo, before half or double time is nearer
ENERGY: Mapping[SectionKind, float] = {
    "intro": 0.4,
    "verse": 0.5,
    "chorus": 0.9,
    "break": 0.35,
    "solo": 0.7,
    "drop": 1.0,
}
_USUAL_ENERGY = 0.6


@dataclass(frozen=True, slots=True)
class Outline:
    """What is kept of a song."""

    score: Score
    phrases: tuple[Phrase, ...]


def outline_of(score: Score) -> Outline:
    """The outline of a song whose score is known: its lead lines are the phrases."""
    phrases = [
        tuple(Tone(n.start_beats, n.length_beats, n.midi) for n in line.notes)
        for line in score.lines
        if line.role == "lead" and line.notes and not line.line.backing
    ]
    if not phrases and score.themes:
        phrases = [tuple(Tone(n.start_beats, n.length_beats, n.midi) for n in score.themes)]
    return Outline(score, tuple(phrases))


def in_time_of(outline: Outline, style: Style) -> Outline:
    """The same song counted in half or double time where that is nearer to how the style is counted."""
    low, high = style.bpm_range or (style.bpm, style.bpm)
    bpm = outline.score.bpm
    factor = 2.0 if bpm < SLOWEST * low else 0.5 if bpm > FASTEST * high else 1.0
    return outline if factor == 1.0 else _stretched(outline, factor)


def cover_score(outline: Outline, lyrics: Lyrics, style: Style, brief: Brief, voice_range: tuple[int, int]) -> Score:
    """The song of `outline` with these words. Lines for which there is no phrase are left out, as `notes` tells."""
    outline = _in_range(_varied(outline, brief), voice_range)
    placed, left, notes = _set_words(outline, lyrics)
    old = outline.score
    sections = _sections(old, placed, lyrics, left)
    hook = _hook(placed, lyrics)
    lines = [
        VocalLine(_section_of(sections, sung[0].start_beats), line, sung, "lead", number == hook)
        for number, (_, line, sung) in enumerate(placed)
    ]
    return replace(
        old,
        title=lyrics.title or brief.title or old.title,
        sections=sections,
        lines=tuple(lines),
        themes=_themes(left),
        riff=(),
        swing=0.5 if style.metre in ("6/8", "12/8") else style.swing,
        swing_unit=style.swing_unit,
        notes=notes,
    )


# ----------------------------------------------------------------------------------------------------------- outline


def _stretched(outline: Outline, factor: float) -> Outline:
    """Every beat `factor` beats long, as fast as before; a last half bar becomes a whole one."""
    score = outline.score
    bar = score.beats_per_bar
    sections = [
        replace(s, start_beats=_to_bar(s.start_beats * factor, bar), length_beats=s.length_beats * factor)
        for s in score.sections
    ]
    end = float(np.ceil(score.length_beats * factor / bar - 1e-6) * bar)
    starts = [s.start_beats for s in sections]
    kept = [
        replace(s, length_beats=b - a) for s, (a, b) in zip(sections, pairwise([*starts, end]), strict=True) if b > a
    ]
    chords = [
        replace(c, start_beats=c.start_beats * factor, length_beats=c.length_beats * factor) for c in score.chords
    ]
    chords[-1] = replace(chords[-1], length_beats=end - chords[-1].start_beats)
    changed = tuple((at * factor, up) for at, up in score.key_changes)
    moved = replace(
        score,
        bpm=score.bpm * factor,
        sections=tuple(kept),
        chords=tuple(chords),
        key_changes=changed,
        lines=(),
        themes=(),
    )
    phrases = tuple(
        tuple(Tone(t.start_beats * factor, t.length_beats * factor, t.midi) for t in phrase)
        for phrase in outline.phrases
    )
    return Outline(moved, phrases)


def _to_bar(beats: float, bar: int) -> float:
    return float(round(beats / bar) * bar)


def _varied(outline: Outline, brief: Brief) -> Outline:
    """Tones moved to others of their chord, chords to their relatives: the more, the less the audio weighs."""
    freedom = 1.0 - float(np.clip(brief.audio_weight, 0.0, 1.0))
    rng = stable_rng("cover", brief.seed, brief.take)
    count = sum(map(len, outline.phrases))
    ranks, ups = rng.random(count), rng.random(count) < 0.5
    chord_ranks = rng.random(len(outline.score.chords))
    tones, at = list[Phrase](), 0
    for phrase in outline.phrases:
        own: list[Tone] = []
        for tone in phrase:
            moves = ranks[at] < MOST_VARIED_TONES * freedom
            own.append(_other_tone(outline.score, tone, up=bool(ups[at])) if moves else tone)
            at += 1
        tones.append(tuple(own))
    inner = range(1, len(outline.score.chords) - 1)
    chords = [
        _relative(chord) if i in inner and chord_ranks[i] < MOST_VARIED_CHORDS * freedom else chord
        for i, chord in enumerate(outline.score.chords)
    ]
    return Outline(replace(outline.score, chords=tuple(chords)), tuple(tones))


def _other_tone(score: Score, tone: Tone, *, up: bool) -> Tone:
    """The next tone of its chord above or below."""
    chord = _chord_at(score, tone.start_beats)
    others = [m for m in range(tone.midi - 7, tone.midi + 8) if m % 12 in chord.pcs[:3] and m % 12 != tone.midi % 12]
    wished = [m for m in others if (m > tone.midi) == up] or others
    return replace(tone, midi=min(wished, key=lambda m: abs(m - tone.midi))) if wished else tone


def _chord_at(score: Score, beats: float) -> Chord:
    return next((c for c in reversed(score.chords) if c.start_beats <= beats + 1e-6), score.chords[0])


def _relative(chord: Chord) -> Chord:
    """The chord that shares two notes with it: a third below a major one, a third above a minor one."""
    spec = chord_spec(chord.numeral)
    other = named((spec.root + 3) % 12, "") if spec.is_minor else named((spec.root + 9) % 12, "m")
    tonic = (chord.root_pc - spec.root) % 12  # of the key it stands in, after a change of key as well
    return realise(other, tonic, start_beats=chord.start_beats, length_beats=chord.length_beats, minor=spec.is_minor)


def _in_range(outline: Outline, voice_range: tuple[int, int]) -> Outline:
    """The tune in the singer's octave; single tones outside the voice go an octave up or down."""
    low, high = voice_range
    tones = [tone.midi for phrase in outline.phrases for tone in phrase]
    if not tones:
        return outline
    octaves = range(-4, 5)
    outside = [sum(not low <= m + 12 * k <= high for m in tones) for k in octaves]
    middle = [abs(float(np.median(tones)) + 12 * k - (low + high) / 2) for k in octaves]
    shift = 12 * min(octaves, key=lambda k: (outside[k + 4], middle[k + 4]))
    phrases = tuple(
        tuple(replace(t, midi=_folded(t.midi + shift, low, high)) for t in phrase) for phrase in outline.phrases
    )
    return Outline(outline.score, phrases)


def _folded(midi: int, low: int, high: int) -> int:
    while midi > high and midi - 12 >= low - 6:
        midi -= 12
    while midi < low and midi + 12 <= high + 6:
        midi += 12
    return midi


# ------------------------------------------------------------------------------------------------------------- words

_Placed = tuple[int, LyricLine, tuple[VocalNote, ...]]
"""(section of the words, line, notes)"""


def _set_words(outline: Outline, lyrics: Lyrics) -> tuple[list[_Placed], list[Tone], tuple[str, ...]]:
    """Lines on phrases, and the tones nobody sings."""
    lines = [(i, line) for i, section in enumerate(lyrics.sections) for line in section.lines if line.words]
    if not lines or not outline.phrases:
        return [], [t for phrase in outline.phrases for t in phrase], ()
    phrases = list(outline.phrases)
    if lyrics.origin == "written":
        lines = [lines[i % len(lines)] for i in range(len(phrases))]
    else:
        phrases = split_to(phrases, len(lines))
    dropped = max(len(lines) - len(phrases), 0)
    lines = lines[: len(lines) - dropped]
    placed: list[_Placed] = []
    left: list[Tone] = []
    chosen = _chosen([len(line.syllables) for _, line in lines], [len(phrase) for phrase in phrases])
    ends = [*(phrase[0].start_beats for phrase in phrases[1:]), outline.score.length_beats]
    for number, phrase in enumerate(phrases):
        if number in chosen:
            section, line = lines[chosen[number]]
            notes, rest = fitted(line, phrase, ends[number])
            placed.append((section, line, notes))
            left += rest
        else:
            left += phrase
    notes = (f"{dropped} lines found no phrase of the tune and were left out.",) if dropped else ()
    return placed, left, notes


def _chosen(syllables: Sequence[int], tones: Sequence[int]) -> dict[int, int]:
    """Phrase -> line: lines in order, each on a phrase of about as many tones; len(syllables) <= len(tones)."""
    lines, phrases = len(syllables), len(tones)
    cost = np.full((lines + 1, phrases + 1), np.inf)
    cost[0] = 0.0
    for i in range(1, lines + 1):
        for j in range(i, phrases + 1):
            fits = abs(float(np.log((tones[j - 1] + 0.5) / (syllables[i - 1] + 0.5))))
            cost[i, j] = min(cost[i, j - 1], cost[i - 1, j - 1] + fits)
    found: dict[int, int] = {}
    i, j = lines, phrases
    while i:
        if cost[i, j] == cost[i, j - 1]:
            j -= 1
        else:
            found[j - 1] = i - 1
            i, j = i - 1, j - 1
    return found


def _hook(placed: Sequence[_Placed], lyrics: Lyrics) -> int:
    """The first line of the first chorus, -1 where there is none."""
    kinds = [lyrics.sections[section].kind for section, _, _ in placed]
    return next((i for i, kind in enumerate(kinds) if kind in ("chorus", "drop")), -1)


# -------------------------------------------------------------------------------------------------------------- form


def _sections(old: Score, placed: Sequence[_Placed], lyrics: Lyrics, left: Sequence[Tone]) -> tuple[Section, ...]:
    """The old form, with boundaries where the words change theirs; named after what is sung in each part."""
    bar, end = old.beats_per_bar, old.length_beats
    changes = [n[0].start_beats for (a, *_), (b, _, n) in pairwise([(-1, None, ()), *placed]) if a != b and n]
    of_words = {min(_to_bar(at + 0.5, bar), end - bar) for at in changes}
    of_form = {s.start_beats for s in old.sections if all(abs(s.start_beats - w) >= NEAR_BARS * bar for w in of_words)}
    edges = sorted({0.0} | {edge for edge in of_words | of_form if 0 < edge < end})
    found: list[Section] = []
    for start, stop in pairwise([*edges, end]):
        sung = [s for s, _, notes in placed if start <= notes[0].start_beats + 1.0 < stop + 1.0]
        kind, label = _name(sung, lyrics, first=start == 0, last=stop == end, played=_any(left, start, stop))
        found.append(Section(kind, label, start, stop - start, ENERGY.get(kind, _USUAL_ENERGY)))
    return tuple(found)


def _any(tones: Sequence[Tone], start: float, stop: float) -> bool:
    return any(start <= tone.start_beats < stop for tone in tones)


def _name(sung: Sequence[int], lyrics: Lyrics, *, first: bool, last: bool, played: bool) -> tuple[SectionKind, str]:
    if sung:
        most = max(sorted(set(sung)), key=sung.count)
        return lyrics.sections[most].kind, lyrics.sections[most].label
    if first or last:
        return ("intro", "Intro") if first else ("outro", "Outro")
    return ("solo", "Solo") if played else ("break", "Break")


def _section_of(sections: Sequence[Section], beats: float) -> int:
    inside = [i for i, s in enumerate(sections) if s.start_beats <= beats + 1.0]
    return inside[-1] if inside else 0


def _themes(left: Sequence[Tone]) -> tuple[VocalNote, ...]:
    """What nobody sings, in the range of a lead instrument, one tone at a time."""
    ordered = sorted(left, key=lambda t: t.start_beats)
    if not ordered:
        return ()
    middle = (LEAD_LOW_MIDI + LEAD_HIGH_MIDI) / 2
    shift = 12 * round((middle - float(np.median([t.midi for t in ordered]))) / 12)
    until = [*(t.start_beats for t in ordered[1:]), float("inf")]
    return tuple(
        VocalNote(t.start_beats, min(t.length_beats, stop - t.start_beats), t.midi + shift, 0, 0)
        for t, stop in zip(ordered, until, strict=True)
        if stop > t.start_beats
    )
