"""Ad-libs: what a singer throws in between the lines, made from the hook's last words when the score has none.

Conventions
    Where: `last_chorus` and `gang_shouts` fill the gaps of the last chorus and the outro, `line_ends` and `everywhere`
    those of every chorus but the first as well, `scat_outro` only the outro. An ad-lib begins after the line before it
    has ended and ends before the next one begins, whoever sings that. Its pitches are chord tones above the lead's last
    note, one syllable per half beat (a third in swing), the last one held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final

import numpy as np

from songwright.engine.material import LyricLine, Score, Style, Syllable, VocalLine, VocalNote, Word

_CHORUSES: Final = frozenset({"chorus", "postchorus", "drop"})
_BUSY: Final = frozenset({"line_ends", "everywhere"})  #: adlibs in more than the last chorus
_NEVER: Final = frozenset({"none", "solo", "chops_in_drop"})  #: the last two are played, not sung
_MOST: Final = 8
_SHORTEST_S: Final = 0.16
_BREATHER_BEATS: Final = 0.5  #: between an ad-lib and the lines around it
_LONGEST_HELD_BEATS: Final = 2.0


def _word(text: str, *syllables: tuple[str, str, str]) -> Word:
    return Word(text, tuple(Syllable(text, o, n, c, 2 if i == 0 else 0) for i, (o, n, c) in enumerate(syllables)))


_CRIES: Final = ((_word("oh", ("", "O", "")), _word("yeah", ("j", "æ", ""))), (_word("ooh", ("", "u", "")),))
_SCAT: Final = (
    _word("doo", ("d", "u", "")), _word("bah", ("b", "ɑ", "")), _word("dee", ("d", "i", "")),
    _word("dah", ("d", "ɑ", "")), _word("bop", ("b", "ɑ", "p")), _word("shoo", ("ʃ", "u", "")),
    _word("be", ("b", "i", "")), _word("dow", ("d", "W", "")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Gap:
    """Room between two lines, in beats, and the lead's pitch before it."""

    section: int
    start_beats: float
    end_beats: float
    midi: int


def with_adlibs(score: Score, style: Style, voice_range: tuple[int, int], rng: np.random.Generator) -> Score:
    """The score with ad-libs as its style wants them; unchanged when it has some, or nothing is sung."""
    lead = [line for line in score.lines if line.role == "lead" and not line.line.backing and line.notes]
    manner = style.vocal.adlibs
    if manner in _NEVER or not lead or any(line.role == "adlib" for line in score.lines):
        return score
    tail = _tail(next((line for line in reversed(lead) if line.is_hook), lead[-1]).line.words)
    wordings = cycle([tail, _CRIES[0], tail, _CRIES[1]] if manner == "everywhere" else [tail])
    added: list[VocalLine] = []
    for gap in _gaps(score, lead, manner):
        words = _SCAT if manner == "scat_outro" else next(wordings)
        line = _adlib(score, gap, words, voice_range, rng)
        if line is not None:
            added.append(replace(line, role="backing") if manner == "gang_shouts" else line)
    lines = sorted([*score.lines, *added[:_MOST]], key=lambda line: min(n.start_beats for n in line.notes))
    return replace(score, lines=tuple(lines))


def _tail(words: Sequence[Word]) -> tuple[Word, ...]:
    """The last words, of two syllables or more together, without what punctuation they end in."""
    taken: list[Word] = []
    for word in reversed(words):
        if taken and sum(len(w.syllables) for w in (*taken, word)) > 4:
            break
        taken.insert(0, replace(word, text=word.text.strip(".,;:!?")))
        if sum(len(w.syllables) for w in taken) >= 2 and any(s.stress == 2 for w in taken for s in w.syllables):
            break
    return tuple(taken)


def _gaps(score: Score, lead: Sequence[VocalLine], manner: str) -> Iterator[_Gap]:
    """Every other gap of the sections an ad-lib may be heard in, and the outro's first bars where nobody sings."""
    choruses = [i for i, s in enumerate(score.sections) if s.kind in _CHORUSES]
    allowed = set(choruses[1:] if manner in _BUSY else choruses[-1:])
    allowed = {
        i for i, s in enumerate(score.sections) if s.kind == "outro" or (i in allowed and manner != "scat_outro")
    }
    busy = sorted((line.notes[0].start_beats, _end(line)) for line in score.lines if line.notes)
    taken = False
    for line in lead:
        taken = line.section in allowed and not taken
        if taken:
            end_beats = min((start for start, _ in busy if start >= _end(line) - 0.01), default=score.length_beats)
            yield _Gap(line.section, _end(line), end_beats, line.notes[-1].midi)
    for index, section in enumerate(score.sections):
        sung = any(
            start < section.start_beats + section.length_beats and end > section.start_beats for start, end in busy
        )
        if section.kind == "outro" and not sung:
            for bar in range(0, min(int(section.length_beats / score.beats_per_bar), 4), 2):
                start_beats = section.start_beats + bar * score.beats_per_bar
                yield _Gap(index, start_beats, start_beats + 2 * score.beats_per_bar, lead[-1].notes[-1].midi)


def _end(line: VocalLine) -> float:
    return max(note.start_beats + note.length_beats for note in line.notes)


def _adlib(
    score: Score, gap: _Gap, words: Sequence[Word], voice_range: tuple[int, int], rng: np.random.Generator
) -> VocalLine | None:
    """The words on falling or rising chord tones, or None where they do not fit."""
    places = [(w, s) for w, word in enumerate(words) for s in range(len(word.syllables))]
    step = 0.5 if score.seconds(0.5) >= _SHORTEST_S else 1.0
    start = np.ceil((gap.start_beats + _BREATHER_BEATS / 2) / 0.5) * 0.5
    room = gap.end_beats - _BREATHER_BEATS - start
    held = min(room - (len(places) - 1) * step, _LONGEST_HELD_BEATS)
    if held < step:
        return None
    ladder = _chord_tones(score, start, voice_range)
    rung = min(range(len(ladder)), key=lambda i: abs(ladder[i] - gap.midi - 4))
    moves = rng.choice([-1, -1, 0, 1], len(places))
    notes: list[VocalNote] = []
    for i, (word, syllable) in enumerate(places):
        length = held if i + 1 == len(places) else step
        notes.append(VocalNote(float(start + i * step), float(length), ladder[rung], word, syllable))
        rung = int(np.clip(rung + moves[i], 0, len(ladder) - 1))
    text = " ".join(word.text for word in words)
    return VocalLine(gap.section, LyricLine(text, tuple(words), backing=True), tuple(notes), role="adlib")


def _chord_tones(score: Score, beats: float, voice_range: tuple[int, int]) -> list[int]:
    low, high = voice_range
    pcs = next((c.pcs for c in reversed(score.chords) if c.start_beats <= beats + 0.01), (score.tonic_pc,))
    return [m for m in range(low, high + 1) if m % 12 in pcs[:3]] or [(low + high) // 2]
