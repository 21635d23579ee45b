"""A score on paper for tests of the band: sections, chords from the style, a singer who sings every other bar."""

from collections.abc import Sequence

from songwright.engine.material import (
    Chord,
    LyricLine,
    Score,
    Section,
    SectionKind,
    Style,
    Syllable,
    VocalLine,
    VocalNote,
    Word,
)
from songwright.engine.theory import parse_progression, realise

ENERGY: dict[SectionKind, float] = {
    "intro": 0.45,
    "verse": 0.5,
    "prechorus": 0.65,
    "chorus": 0.9,
    "postchorus": 0.85,
    "bridge": 0.55,
    "rap": 0.6,
    "solo": 0.85,
    "break": 0.3,
    "build": 0.7,
    "drop": 1.0,
    "outro": 0.5,
}
SONG: tuple[tuple[SectionKind, int], ...] = (("intro", 4), ("verse", 8), ("chorus", 8), ("outro", 4))
_SUNG = frozenset(("verse", "prechorus", "chorus", "bridge"))
_LINE = LyricLine("la", (Word("la", (Syllable("la", "l", "ɑ", "", 2),)),))


def toy_score(
    style: Style,
    form: Sequence[tuple[SectionKind, int]] = SONG,
    *,
    themes: tuple[VocalNote, ...] = (),
    riff: bool = True,
    mode: str | None = None,
) -> Score:
    sections: list[Section] = []
    chords: list[Chord] = []
    lines: list[VocalLine] = []
    at = 0.0
    tonic = style.tonic_pcs[0]
    for index, (kind, bars) in enumerate(form):
        length = float(bars * style.beats_per_bar)
        sections.append(Section(kind, kind, at, length, ENERGY[kind]))
        chords += _chords(style, kind, at, length, tonic)
        if kind in _SUNG:
            lines += [_line(index, at + bar * style.beats_per_bar) for bar in range(0, bars, 2)]
        at += length
    return Score(
        title="Toy",
        bpm=style.bpm,
        beats_per_bar=style.beats_per_bar,
        tonic_pc=tonic,
        mode=mode or max(style.modes, key=lambda name: style.modes[name]),
        sections=tuple(sections),
        chords=tuple(chords),
        lines=tuple(lines),
        riff=tuple(VocalNote(i * 0.5, 0.5, 67 + tonic - 7 * (i % 2), 0, 0) for i in range(4)) if riff else (),
        themes=themes,
        swing=0.5 if style.steps_per_bar // style.beats_per_bar == 3 else style.swing,
        swing_unit=style.swing_unit,
    )


def _chords(style: Style, kind: SectionKind, start: float, length: float, tonic: int) -> list[Chord]:
    progression = parse_progression(style.chords[kind][0])
    chords: list[Chord] = []
    at = start
    while at < start + length - 1e-9:
        for spec, beats in progression:
            beats = min(beats, start + length - at)
            if beats > 1e-9:
                chords.append(realise(spec, tonic, start_beats=at, length_beats=beats))
                at += beats
    return chords


def _line(section: int, start: float) -> VocalLine:
    return VocalLine(section, _LINE, (VocalNote(start, 1.5, 64, 0, 0),))
