"""The plan: where every section and line lies, which lines share a motif, which line is the hook, where the climax is.

Conventions
    Letters: verses go A B A C, choruses H B H C (H = hook). Offsets are scale steps above the section's height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from songwright.engine.material import LyricLine, Lyrics, Section, SectionKind, Style
from songwright.engine.score.density import RAP_STYLE
from songwright.engine.score.sketch import ENERGY, Block, Form, PlacedLine, Slot, beatables

_VERSE = (("A", 0.0, "open"), ("B", 0.6, "half"), ("A", 1.0, "open"), ("C", 1.4, "close"))
_CHORUS = (("H", 0.0, "open"), ("B", -0.5, "half"), ("H", 0.0, "open"), ("C", 1.0, "close"))
_HOOK_KINDS: tuple[SectionKind, ...] = ("chorus", "drop", "postchorus")
_ENERGY_OF_RETURN = 0.04  #: a section that comes again plays a little harder


def lay_out(form: Form) -> tuple[Section, ...]:
    """Sections in time, with an energy curve: a return is a little stronger, the last chorus the strongest."""
    sections: list[Section] = []
    seen: dict[SectionKind, int] = {}
    choruses = [i for i, b in enumerate(form.blocks) if b.kind in ("chorus", "drop")]
    at = 0.0
    for i, block in enumerate(form.blocks):
        again = seen.get(block.kind, 0)
        energy = min(ENERGY[block.kind] + _ENERGY_OF_RETURN * again, 0.95)
        if choruses and i == choruses[-1]:
            energy = 1.0
        sections.append(Section(block.kind, block.label, at, float(block.bars), energy, block.hint))
        seen[block.kind] = again + 1
        at += block.bars
    return tuple(sections)


def in_beats(sections: Sequence[Section], beats_per_bar: int) -> tuple[Section, ...]:
    """Positions from bars to beats."""
    return tuple(
        replace(s, start_beats=s.start_beats * beats_per_bar, length_beats=s.length_beats * beats_per_bar)
        for s in sections
    )


def hook_section(form: Form) -> int | None:
    """The section that carries the hook: the first sung chorus, else the first sung section."""
    sung = [i for i, b in enumerate(form.blocks) if any(not p.line.backing for p in b.lines)]
    for kind in _HOOK_KINDS:
        for i in sung:
            if form.blocks[i].kind == kind:
                return i
    return sung[0] if sung else None


def _words(text: str) -> set[str]:
    return {"".join(c for c in w.lower() if c.isalnum()) for w in text.split()} - {""}


def hook_line(lines: Sequence[PlacedLine], title: str) -> int:
    """The line that says the title; else the one that comes most often; else the first. Among lead lines."""
    wanted = _words(title)
    leads = [i for i, p in enumerate(lines) if not p.line.backing]
    texts = [" ".join(sorted(_words(p.line.text))) for p in lines]

    def rank(i: int) -> tuple[float, int, int]:
        said = len(wanted & _words(lines[i].line.text)) / len(wanted) if wanted else 0.0
        return (said if said >= 0.75 else 0.0, texts.count(texts[i]), -i)

    return max(leads, key=rank)


def make_slots(
    form: Form,
    sections: Sequence[Section],
    lyrics: Lyrics,
    style: Style,
    rng: np.random.Generator,
    known_hook: LyricLine | None = None,
) -> tuple[Slot, ...]:
    """A slot for every line that has bars of its own. With a `known_hook` only its words are the hook."""
    home = hook_section(form)
    hook_text = _normal(known_hook) if known_hook else ""
    if home is not None and not known_hook:
        lines = form.blocks[home].lines
        hook_text = _normal(lines[hook_line(lines, lyrics.title)].line)
    climax_at = float(rng.random())
    slots: list[Slot] = []
    for index, (block, section) in enumerate(zip(form.blocks, sections, strict=True)):
        slots += _block_slots(index, block, section, style, hook_text, climax_at, echoes=known_hook is not None)
    return tuple(slots)


def _normal(line: LyricLine) -> str:
    return "".join(c for c in line.text.lower() if c.isalnum())


def _block_slots(
    index: int, block: Block, section: Section, style: Style, hook_text: str, climax_at: float, *, echoes: bool
) -> list[Slot]:
    """The slots of one section; where it `echoes` a known hook, other words may be sung to the hook's tune."""
    placed = [p for p in block.lines if p.bars]
    total = len(placed)
    high = block.kind in _HOOK_KINDS
    rap = block.kind == "rap" or (block.kind == "verse" and style.vocal.rap >= RAP_STYLE)
    climax = total - 2 if total > 2 and climax_at < 0.4 else total - 1
    slots: list[Slot] = []
    at = section.start_beats
    for number, p in enumerate(placed):
        letter, offset, cadence = (_CHORUS if high else _VERSE)[number % 4]
        hook = bool(hook_text) and _normal(p.line) == hook_text
        says_hook = echoes or any(_normal(q.line) == hook_text for q in placed[number % 2 :: 2])
        if number == total - 1 and not hook:
            letter, cadence = ("C" if total > 1 else letter), _last_cadence(block.kind, index)
        if hook:
            letter = "H"
        elif letter == "H" and high and not says_hook:
            letter = "B"
        slots.append(
            Slot(
                section=index,
                number=number,
                kind=block.kind,
                line=p.line,
                syllables=beatables(p.line),
                start_beats=at,
                bars=p.bars,
                letter=letter,
                offset=offset,
                cadence=cadence,
                climax=high and number == climax,
                hook=hook,
                rap=rap,
                backing=p.line.backing,
            )
        )
        at += p.bars * style.beats_per_bar
    return slots


def _last_cadence(kind: SectionKind, index: int) -> str:
    if kind in _HOOK_KINDS or kind == "outro":
        return "close"
    if kind == "verse":
        return ("close", "lift", "close")[index % 3]
    return "lift" if kind == "prechorus" else "half"
