"""What has to be sung: every different line once, with all the melodies that use it.

Conventions
    Notes of a melody are in seconds from its line's first note, swing applied. A take is read once (the dear part) and
    sung once per different melody (the cheap part); choruses that repeat note for note are sung once and placed often.
    Roles: `lead`; `double_left`, `double_right`; `harmony_<interval>`; `choir_<n>` for lines in parentheses; `adlib`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from songwright.engine.material import Score, Section, Style, VocalLine, VocalNote, Word
from songwright.engine.theory import swung
from songwright.engine.voice.contour import SungNote
from songwright.engine.voice.expression import Expression, expression_of
from songwright.engine.voice.harmony import HARMONIES, harmonise
from songwright.engine.voice.singers import Singer

_CHORUSES: Final = frozenset({"chorus", "postchorus", "drop"})
_CHOIR: Final = (("unison", 0.97), ("third_up", 1.04), ("third_down", 1.0))  #: interval, formant factor
_ROOM_S: Final = 0.12  #: kept free at the end of a line before the next one of the same part
_SHORTEST_S: Final = 0.06
_LONGEST_S: Final = 12.0

Use = tuple[int, int]
"""(clip, index into that clip's Score.lines)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Melody:
    """One way a take is sung. `notes[i]` are those of syllable i, usually one."""

    role: str
    notes: tuple[tuple[SungNote, ...], ...]
    expression: Expression
    ending_only: bool = False  #: only the line's last word is heard
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A line to be read once; `spoken` keeps the intonation of speech (rap)."""

    words: tuple[Word, ...]
    spoken: bool
    melodies: tuple[Melody, ...]

    @property
    def cost_s(self) -> float:
        """About how long it takes, to hand out the long ones first."""
        syllables = sum(len(word.syllables) for word in self.words)
        sung_s = sum(m.notes[-1][-1].end_s for m in self.melodies)
        return 0.25 * 0.3 * syllables + 0.04 * sung_s


@dataclass(slots=True)
class _Draft:
    words: tuple[Word, ...]
    spoken: bool
    melodies: dict[object, Melody] = field(default_factory=dict[object, Melody])

    def add(self, melody: Melody) -> None:
        """A melody already known gets one more use."""
        key = (melody.role, melody.notes, melody.expression, melody.ending_only)
        known = self.melodies.get(key)
        self.melodies[key] = melody if known is None else replace(known, uses=known.uses + melody.uses)


def plan_takes(scores: Sequence[Score], singer: Singer, style: Style) -> tuple[Take, ...]:
    """The different lines of all clips of a task, each with every melody it is sung on."""
    drafts: dict[object, _Draft] = {}
    for clip, score in enumerate(scores):
        for index, line in enumerate(score.lines):
            words = sung_words(line)
            if not words:
                continue
            spoken = style.vocal.rapped(score.sections[line.section].kind)
            draft = drafts.setdefault((_sound_of(words), spoken), _Draft(words, spoken))
            for melody in _melodies(score, line, (clip, index), singer, style):
                draft.add(melody)
    return tuple(Take(words=d.words, spoken=d.spoken, melodies=tuple(d.melodies.values())) for d in drafts.values())


def sung_words(line: VocalLine) -> tuple[Word, ...]:
    """The words of a line cut down to the syllables that have notes."""
    sung: dict[int, set[int]] = {}
    for note in _notes_with_words(line):
        sung.setdefault(note.word, set()).add(note.syllable)
    words = [(line.line.words[w], sorted(sung[w])) for w in sorted(sung)]
    return tuple(replace(word, syllables=tuple(word.syllables[i] for i in indices)) for word, indices in words)


def _notes_with_words(line: VocalLine) -> list[VocalNote]:
    """The notes that have a syllable, in the order of the words."""
    words = line.line.words
    known = [n for n in line.notes if 0 <= n.word < len(words) and 0 <= n.syllable < len(words[n.word].syllables)]
    return sorted(known, key=lambda note: (note.word, note.syllable, note.start_beats))


def _sound_of(words: Sequence[Word]) -> object:
    return tuple(tuple((s.onset, s.nucleus, s.coda, s.stress) for s in word.syllables) for word in words)


def sounds_at_s(score: Score, beats: float) -> float:
    """When a position on the score's straight grid sounds."""
    return score.seconds(swung(beats, score.swing, score.swing_unit))


def line_start_s(score: Score, line: VocalLine) -> float:
    """When the first note of a line sounds."""
    return sounds_at_s(score, _notes_with_words(line)[0].start_beats)


# -------------------------------------------------------------------------------------------------- melodies


@dataclass(frozen=True, slots=True)
class _Voice:
    """One singer of a line and the pitches it gets."""

    role: str
    midi: Sequence[int]
    expression: Expression
    ending_only: bool = False


def _melodies(score: Score, line: VocalLine, use: Use, singer: Singer, style: Style) -> Iterator[Melody]:
    notes = _notes_with_words(line)
    room_s = _room_s(score, use[1])
    for voice in _voices(score, line, notes, singer, style):
        yield Melody(
            role=voice.role,
            notes=_timed(score, notes, voice.midi, room_s),
            expression=voice.expression,
            ending_only=voice.ending_only,
            uses=(use,),
        )


def _voices(
    score: Score, line: VocalLine, notes: Sequence[VocalNote], singer: Singer, style: Style
) -> Iterator[_Voice]:
    """Who sings the line: the lead with doubles and harmonies as the style wants them, or the choir, or an ad-lib."""
    section = score.sections[line.section]
    expression = _expression(section, style, singer)
    written = [note.midi for note in notes]
    part = _part(line)
    if part == "adlib":
        yield _Voice("adlib", written, expression)
    elif part == "backing":
        for number, (kind, formant) in enumerate(_CHOIR):
            midi = harmonise(score, notes, kind, singer.low_midi, singer.high_midi)
            yield _Voice(f"choir_{number}", midi, _companion(expression, formant=formant))
    else:
        yield _Voice("lead", written, expression)
        yield from _doubles(written, section, style, expression)
        if section.kind in _CHORUSES:
            for kind in [k for k in style.vocal.harmonies if k in HARMONIES][:2]:
                midi = harmonise(score, notes, kind, singer.low_midi, singer.high_midi + 4)
                yield _Voice(f"harmony_{kind}", midi, _companion(expression, formant=1.02))


def _doubles(written: Sequence[int], section: Section, style: Style, expression: Expression) -> Iterator[_Voice]:
    wanted = style.vocal.doubles
    if wanted in ("all", "line_ends") or (wanted == "chorus" and section.kind in _CHORUSES):
        for role, formant in (("double_left", 1.03), ("double_right", 0.975)):
            yield _Voice(role, written, _companion(expression, formant=formant), wanted == "line_ends")


def _expression(section: Section, style: Style, singer: Singer) -> Expression:
    """The style's manner; a section's energy adds to the effort, and rap is spoken more than sung."""
    plain = expression_of(style.vocal.manner, singer.natural_hz)
    effort = max(-1.0, min(1.0, plain.effort + round(section.energy - 0.6, 1)))
    if style.vocal.rapped(section.kind):
        return replace(plain, effort=effort, melody_share=0.4, vibrato_semitones=0.0, scoop_semitones=0.3)
    return replace(plain, effort=effort)


def _companion(expression: Expression, *, formant: float) -> Expression:
    """A second singer: another throat, not quite together, less vibrato."""
    return replace(
        expression,
        formant=formant,
        timing_jitter_s=0.012,
        vibrato_semitones=0.7 * expression.vibrato_semitones,
        breathiness=expression.breathiness + 0.03,
    )


def _timed(
    score: Score, notes: Sequence[VocalNote], midi: Sequence[int], room_s: float
) -> tuple[tuple[SungNote, ...], ...]:
    """Notes in seconds from the line's start, grouped by syllable, never overlapping and never endless."""
    starts_s = [sounds_at_s(score, note.start_beats) for note in notes]
    ends_s = [sounds_at_s(score, n.start_beats + n.length_beats) for n in notes]
    limits_s = [*starts_s[1:], starts_s[-1] + max(room_s, _SHORTEST_S)]
    groups: dict[tuple[int, int], list[SungNote]] = {}
    for note, pitch, start_s, end_s, limit_s in zip(notes, midi, starts_s, ends_s, limits_s, strict=True):
        length_s = min(max(min(end_s, limit_s) - start_s, _SHORTEST_S), _LONGEST_S)
        sung = SungNote(round(start_s - starts_s[0], 5), round(length_s, 5), float(pitch))
        groups.setdefault((note.word, note.syllable), []).append(sung)
    return tuple(tuple(group) for group in groups.values())


def _room_s(score: Score, index: int) -> float:
    """How long the last note of a line may be before it runs into the next line of the same part."""
    line = score.lines[index]
    own = _part(line)
    last_s = sounds_at_s(score, _notes_with_words(line)[-1].start_beats)
    following = (other for other in score.lines[index + 1 :] if sung_words(other) and _part(other) == own)
    next_line = next(following, None)
    if next_line is None:
        return _LONGEST_S
    return max(line_start_s(score, next_line) - last_s - _ROOM_S, _SHORTEST_S)


def _part(line: VocalLine) -> str:
    return "backing" if line.line.backing and line.role == "lead" else line.role


def mean_midi(take: Take) -> tuple[float, ...]:
    """Per syllable, the middle of the pitches it is sung on: what the reading is pitched at."""
    leading = [m for m in take.melodies if not m.role.startswith(("harmony", "double"))] or list(take.melodies)
    rows = [[group[0].midi for group in melody.notes] for melody in leading]
    return tuple(float(v) for v in np.mean(rows, axis=0))
