"""Cut songs on paper at bar lines, and put them together again: scores, arrangements, word times.

Conventions: positions in beats of the song that is cut; what is cut out begins at beat 0. A line belongs to the part in
which its first note lies, and ends with it. Two songs that are joined share tempo, metre and key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from songwright.engine.material import Arrangement, Note, Part, Score, VocalLine, VocalNote, WordTime
from songwright.engine.score.past import clipped, until

EARLY_BEATS = 0.1  #: by so much a played note may come before the beat it stands for


def score_between(score: Score, start_beats: float, end_beats: float) -> Score:
    """What is on paper between two bar lines."""
    sections = [
        replace(s, start_beats=max(s.start_beats, start_beats) - start_beats, length_beats=length)
        for s in score.sections
        if (length := min(s.start_beats + s.length_beats, end_beats) - max(s.start_beats, start_beats)) > 1e-6
    ]
    skipped = sum(s.start_beats + s.length_beats <= start_beats + 1e-6 for s in score.sections)
    lines = until([v for v in score.lines if v.notes and v.notes[0].start_beats >= start_beats - 1e-6], end_beats)
    chords = [
        replace(c, start_beats=max(c.start_beats, start_beats) - start_beats, length_beats=length)
        for c in score.chords
        if (length := min(c.start_beats + c.length_beats, end_beats) - max(c.start_beats, start_beats)) > 1e-6
    ]
    last = len(sections) - 1
    themes = clipped([n for n in score.themes if n.start_beats >= start_beats - 1e-6], end_beats)
    changes = [(max(at - start_beats, 0.0), up) for at, up in score.key_changes if at < end_beats - 1e-6]
    return replace(
        score,
        sections=tuple(sections),
        lines=tuple(
            replace(v, section=min(max(v.section - skipped, 0), last), notes=_moved(v.notes, -start_beats))
            for v in lines
        ),
        chords=tuple(chords),
        themes=_moved(themes, -start_beats),
        key_changes=tuple(changes),
    )


def joined_scores(first: Score, then: Score) -> Score:
    """One song after the other. Raises ValueError where they do not share tempo and metre."""
    if first.beats_per_bar != then.beats_per_bar or abs(first.bpm / then.bpm - 1) > 1e-6:
        raise ValueError("two parts of different tempo have no common score")
    by, count = first.length_beats, len(first.sections)
    moved = (replace(v, section=v.section + count, notes=_moved(v.notes, by)) for v in then.lines)
    known = set(first.key_changes)
    later = [(at + by, up) for at, up in then.key_changes]
    return replace(
        first,
        sections=(*first.sections, *(replace(s, start_beats=s.start_beats + by) for s in then.sections)),
        lines=(*first.lines, *moved),
        chords=(*first.chords, *(replace(c, start_beats=c.start_beats + by) for c in then.chords)),
        themes=(*first.themes, *_moved(then.themes, by)),
        riff=first.riff or then.riff,
        key_changes=first.key_changes if known else tuple(later),
        notes=(*first.notes, *(n for n in then.notes if n not in first.notes)),
    )


def arrangement_between(arrangement: Arrangement, start_beats: float, end_beats: float) -> Arrangement:
    """Every part with the notes that begin between two bar lines, none longer than that."""
    parts = [
        replace(
            part, notes=tuple(_inside(note, start_beats, end_beats) for note in _begun(part, start_beats, end_beats))
        )
        for part in arrangement.parts
    ]
    return Arrangement(parts=tuple(part for part in parts if part.notes))


def joined_arrangements(first: Arrangement, then: Arrangement, by_beats: float) -> Arrangement:
    """One after the other; players of the same name go on."""
    later = {part.name: _later(part, by_beats) for part in then.parts}
    parts = [
        replace(part, notes=(*part.notes, *later.pop(part.name).notes)) if part.name in later else part
        for part in first.parts
    ]
    return Arrangement(parts=(*parts, *later.values()))


def with_part(old: Arrangement | None, new: Arrangement, start_beats: float, end_beats: float) -> Arrangement:
    """`old` with what `new` plays between two bar lines."""
    middle = arrangement_between(new, start_beats, end_beats)
    if old is None:
        return joined_arrangements(Arrangement(parts=()), middle, start_beats)
    before = arrangement_between(old, 0.0, start_beats)
    whole = joined_arrangements(before, middle, start_beats)
    after = arrangement_between(old, end_beats, float("inf"))
    return joined_arrangements(whole, after, end_beats) if after.parts else whole


def kept_words(words: Sequence[WordTime], old: Score, new: Score) -> dict[int, int]:
    """For each line of the old score that is in the new one as well, its index there."""
    places: Mapping[object, int] = {_place(line): index for index, line in enumerate(new.lines) if line.notes}
    told = {word.line for word in words if word.line < len(old.lines)}
    return {index: places[place] for index in sorted(told) if (place := _place(old.lines[index])) in places}


def _place(line: VocalLine) -> object:
    first = line.notes[0] if line.notes else None
    text = line.line.words[first.word].text if first and first.word < len(line.line.words) else ""
    return line.role, line.line.backing, first and (round(first.start_beats, 4), first.midi), text


def _moved(notes: Sequence[VocalNote], by_beats: float) -> tuple[VocalNote, ...]:
    return tuple(replace(note, start_beats=note.start_beats + by_beats) for note in notes)


def _begun(part: Part, start_beats: float, end_beats: float) -> list[Note]:
    return [n for n in part.notes if start_beats - EARLY_BEATS <= n.start_beats < end_beats - EARLY_BEATS]


def _inside(note: Note, start_beats: float, end_beats: float) -> Note:
    at = max(note.start_beats, start_beats)
    return replace(note, start_beats=at - start_beats, length_beats=min(note.length_beats, end_beats - at))


def _later(part: Part, by_beats: float) -> Part:
    return replace(part, notes=tuple(replace(n, start_beats=n.start_beats + by_beats) for n in part.notes))
