"""Words with their stresses, for tests of the composer: `WALK-ing THROUGH the CI-ty`, capitals are stressed."""

from __future__ import annotations

from functools import cache

from songwright.engine.material import (
    Brief,
    LyricLine,
    Lyrics,
    LyricSection,
    Score,
    SectionKind,
    Syllable,
    VocalLine,
    Word,
)
from songwright.engine.score import compose
from songwright.engine.styles import load_style

VERSE = (
    "the RI-ver KEEPS on RUN-ning to the SEA",
    "and CAR-ries ALL the LET-ters that you WROTE to me",
    "the WIL-low LEANS to LIS-ten by the SHORE",
    "i do not WAIT for SUM-mer AN-y-MORE",
)
SECOND_VERSE = (
    "the MOUN-tain HAS a SHA-dow like a HAND",
    "it CO-vers EVE-ry VIL-lage in the LAND",
    "my FA-ther USED to TELL me not to STAY",
    "but EVE-ry ROAD was LEA-ding me a-WAY",
)
CHORUS = (
    "TAKE me HOME, RI-ver, TAKE me HOME",
    "O-ver the WA-ter, O-ver the STONE",
    "TAKE me HOME, RI-ver, TAKE me HOME",
    "I have been TOO LONG a-LONE",
)


def line(text: str) -> LyricLine:
    backing = text.startswith("(")
    words = text.strip("()").split()
    return LyricLine(" ".join(words).replace("-", "").lower(), tuple(_word(w) for w in words), backing)


def _word(text: str) -> Word:
    parts = text.split("-")
    syllables = tuple(Syllable(p.lower(), "", "a", "", 2 if p.isupper() and text != "I" else 0) for p in parts)
    return Word(text.replace("-", "").lower(), syllables)


def section(kind: SectionKind, *lines: str) -> LyricSection:
    return LyricSection(kind, kind.capitalize(), tuple(line(text) for text in lines))


def lyrics(*sections: LyricSection, title: str = "") -> Lyrics:
    text = "\n".join(one.text for s in sections for one in s.lines)
    return Lyrics(title=title, language="en", sections=sections, origin="given", text=text)


RIVER = lyrics(
    section("verse", *VERSE),
    section("chorus", *CHORUS),
    section("verse", *SECOND_VERSE),
    section("chorus", *CHORUS),
    title="Take Me Home",
)
NOTHING = Lyrics(title="", language="en", sections=(), origin="none", text="")


@cache
def song(words: Lyrics = RIVER, style: str = "pop", voice: tuple[int, int] = (55, 74), **order: object) -> Score:
    """A score; the same order is composed once for all tests (scores are immutable)."""
    return compose(words, load_style(style), Brief(**{"seed": 7, **order}), voice)  # pyright: ignore[reportArgumentType]


def lead(score: Score) -> list[VocalLine]:
    return [one for one in score.lines if one.role == "lead"]


def sung(score: Score) -> list[VocalLine]:
    """Lead lines of sections that are sung rather than rapped."""
    return [one for one in lead(score) if score.sections[one.section].kind != "rap"]
