"""What is already on paper when a score is continued or a part of it is written anew.

Conventions
    Tunes are read back from a finished score: pitches in its first key, onsets from the bar line where the line's room
    begins. Their sections count downwards from -1, so that they never meet the sections that are being written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from songwright.engine.material import LyricLine, Score, Section, VocalLine, VocalNote
from songwright.engine.score.palette import Progression
from songwright.engine.score.sketch import Slot, Tune, beatables
from songwright.engine.theory import Scale, chord_spec

LONGEST_PICKUP_BEATS = 2.0
_LETTERS = {True: "HBHC", False: "ABAC"}
_HIGH = ("chorus", "postchorus", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Tunes the new lines remember, and those they must not run into."""

    tunes: tuple[Tune, ...] = ()
    before: Tune | None = None  #: the line that ends where the new ones begin
    after: Tune | None = None  #: the kept line that follows them
    floor_beats: float = 0.0  #: nothing new sounds before

    @property
    def hook(self) -> Tune | None:
        """The hook, where the score has one."""
        return next((t for t in self.tunes if t.slot.hook), None)


NO_PAST = Past()


def shift_at(score: Score, beats: float) -> int:
    """Semitones by which the score is transposed at a moment."""
    return sum(up for start, up in score.key_changes if beats >= start - 1e-6)


def read_tunes(score: Score) -> tuple[Tune, ...]:
    """The lead lines as tunes, in order of time."""
    scale = Scale(score.tonic_pc, score.mode)
    out: list[Tune] = []
    for index, section in enumerate(score.sections):
        lines = [v for v in score.lines if v.role == "lead" and v.notes and v.section == index]
        for number, (line, start, bars) in enumerate(_rooms(score, section, lines)):
            out.append(_tune(score, scale, section, line, (-1 - index, number, start, bars)))
    return tuple(out)


def _rooms(score: Score, section: Section, lines: Sequence[VocalLine]) -> list[tuple[VocalLine, float, int]]:
    """For each line where its room begins and how many bars it has: equal rooms where they fit, else by its onsets."""
    bar = score.beats_per_bar
    total = round(section.length_beats / bar)
    if lines and total % len(lines) == 0:
        unit = total // len(lines)
        starts = [section.start_beats + i * unit * bar for i in range(len(lines))]
        offsets = [line.notes[0].start_beats - start for line, start in zip(lines, starts, strict=True)]
        if all(-LONGEST_PICKUP_BEATS <= o < unit * bar / 2 + 1 for o in offsets):
            return [(line, start, unit) for line, start in zip(lines, starts, strict=True)]
    starts = [_nearest_bar(line.notes[0].start_beats, section.start_beats, bar) for line in lines]
    ends = [*starts[1:], section.start_beats + section.length_beats][: len(starts)]
    return [
        (line, start, max(1, round((end - start) / bar))) for line, start, end in zip(lines, starts, ends, strict=True)
    ]


def _nearest_bar(onset: float, origin: float, bar: int) -> float:
    return max(origin, origin + bar * ((onset - origin + LONGEST_PICKUP_BEATS / 2) // bar))


def _tune(score: Score, scale: Scale, section: Section, line: VocalLine, place: tuple[int, int, float, int]) -> Tune:
    index, number, start, bars = place
    high = section.kind in _HIGH
    midis = tuple(n.midi - shift_at(score, n.start_beats) for n in line.notes)
    slot = Slot(
        section=index,
        number=number,
        kind=section.kind,
        line=line.line,
        syllables=beatables(line.line),
        start_beats=start,
        bars=bars,
        letter="H" if line.is_hook else _LETTERS[high][number % 4],
        offset=0.0,
        cadence="open",
        hook=line.is_hook,
    )
    return Tune(
        slot=slot,
        onsets=tuple(n.start_beats - start for n in line.notes),
        lengths=tuple(n.length_beats for n in line.notes),
        indices=tuple(_index(scale, midi) for midi in midis),
        midis=midis,
    )


def _index(scale: Scale, midi: int) -> int:
    """The scale index nearest to a pitch; a chord may have bent it by a semitone."""
    return min(scale.indices(midi - 2, midi + 2), key=lambda i: (abs(scale.midi(i) - midi), i))


def progression_of(score: Score, section: Section) -> Progression:
    """The chords of one section, as a progression that can be played again."""
    end = section.start_beats + section.length_beats
    out: list[tuple[float, str]] = []
    for chord in score.chords:
        start, stop = max(chord.start_beats, section.start_beats), min(chord.start_beats + chord.length_beats, end)
        if stop - start > 1e-6:
            out.append((stop - start, chord.numeral))
    return tuple((chord_spec(numeral), beats) for beats, numeral in out)


def until(lines: Sequence[VocalLine], end_beats: float) -> list[VocalLine]:
    """Lines as far as they have been sung by `end_beats`: later notes and the words they carried are left out."""
    out: list[VocalLine] = []
    for line in lines:
        notes = clipped(line.notes, end_beats)
        if len(notes) == len(line.notes):
            out.append(replace(line, notes=notes))
        elif notes:
            out.append(replace(line, notes=notes, line=_begun(line.line, notes), is_hook=False))
    return out


def clipped(notes: Sequence[VocalNote], end_beats: float) -> tuple[VocalNote, ...]:
    """Notes that begin before `end_beats`, none longer than that."""
    return tuple(
        n if n.start_beats + n.length_beats <= end_beats else replace(n, length_beats=end_beats - n.start_beats)
        for n in notes
        if n.start_beats < end_beats - 1e-6
    )


def _begun(line: LyricLine, notes: Sequence[VocalNote]) -> LyricLine:
    """The words of a line as far as notes carry them, the last one perhaps only in part."""
    last = notes[-1]
    words = list(line.words[: last.word + 1])
    if last.syllable + 1 < len(words[-1].syllables):
        said = words[-1].syllables[: last.syllable + 1]
        words[-1] = replace(words[-1], text="".join(s.text for s in said), syllables=said)
    return replace(line, words=tuple(words), text=" ".join(w.text for w in words))
