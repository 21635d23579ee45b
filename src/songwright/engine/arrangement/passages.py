"""The song's sections as the band sees them: which verse this is, what follows, how full it may get.

Conventions
    `energy` 0..1 comes from the score. A passage is `sung` where the lead sings in it. Bars are counted from the
    passage's start; a passage of a broken number of bars has its remainder in the last one.
"""

from __future__ import annotations

from dataclasses import dataclass

from songwright.engine.material import Score, SectionKind

LIFTS: frozenset[str] = frozenset(("chorus", "drop", "postchorus", "solo"))


@dataclass(frozen=True, slots=True)
class Passage:
    """One section of the song, in its place."""

    index: int
    kind: SectionKind
    start_beats: float
    length_beats: float
    bars: int
    energy: float
    next_energy: float | None  #: of the passage that follows; None at the end of the song
    nth: int  #: 0 for the first of its kind
    last_of_kind: bool
    sung: bool
    hint: str

    @property
    def end_beats(self) -> float:
        """Where the next one begins."""
        return self.start_beats + self.length_beats

    @property
    def lifts(self) -> bool:
        """Whether it is a high point of the form."""
        return self.kind in LIFTS

    @property
    def is_peak(self) -> bool:
        """The last of several choruses or drops: the fullest place of the song."""
        return self.kind in ("chorus", "drop") and self.last_of_kind and self.nth > 0


def passages_of(score: Score) -> tuple[Passage, ...]:
    """The score's sections."""
    kinds = [section.kind for section in score.sections]
    sung = {line.section for line in score.lines if line.role == "lead" and line.notes}
    out: list[Passage] = []
    for index, section in enumerate(score.sections):
        following = score.sections[index + 1].energy if index + 1 < len(score.sections) else None
        out.append(
            Passage(
                index=index,
                kind=section.kind,
                start_beats=section.start_beats,
                length_beats=section.length_beats,
                bars=max(1, round(section.length_beats / score.beats_per_bar)),
                energy=min(1.0, max(0.0, section.energy)),
                next_energy=following,
                nth=kinds[:index].count(section.kind),
                last_of_kind=section.kind not in kinds[index + 1 :],
                sung=index in sung,
                hint=section.hint,
            )
        )
    return tuple(out)
