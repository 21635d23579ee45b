"""Lines, scores and styles small enough to read."""

from collections.abc import Callable, Sequence

import pytest

from songwright.engine.material import (
    Chord,
    DrumKit,
    LyricLine,
    MelodyTraits,
    MixTraits,
    Player,
    Score,
    Section,
    SectionKind,
    Style,
    Syllable,
    VocalLine,
    VocalNote,
    VocalTraits,
    Word,
)

MakeLine = Callable[..., VocalLine]
MakeScore = Callable[..., Score]
MakeStyle = Callable[..., Style]


def _syllables(text: str, sounds: str) -> tuple[Syllable, ...]:
    """`ɹ-ɪ-/v-ə-ɹ` -> two syllables, the first stressed."""
    parts = [part.split("-") for part in sounds.split("/")]
    return tuple(Syllable(text, o, n, c, 2 if i == 0 else 0) for i, (o, n, c) in enumerate(parts))


RIVER = (("the", "ð-ə-"), ("river", "ɹ-ɪ-/v-ə-ɹ"), ("sang", "s-æ-ŋ"))


@pytest.fixture
def make_line() -> MakeLine:
    """A line of words (spelling, sounds) on the pitches `midi`, one note a syllable of `beats` from `start_beats`."""

    def make(
        words: Sequence[tuple[str, str]] = RIVER,
        midi: Sequence[int] = (60, 62, 64, 60),
        *,
        start_beats: float = 4.0,
        beats: float = 1.0,
        backing: bool = False,
    ) -> VocalLine:
        written = tuple(Word(text, _syllables(text, sounds)) for text, sounds in words)
        places = [(w, s) for w, word in enumerate(written) for s in range(len(word.syllables))]
        notes = tuple(
            VocalNote(start_beats + i * beats, beats, midi[i % len(midi)], w, s) for i, (w, s) in enumerate(places)
        )
        return VocalLine(0, LyricLine(" ".join(w for w, _ in words), written, backing), notes)

    return make


@pytest.fixture
def make_score() -> MakeScore:
    """A score of one section over C major at 120 beats a minute."""

    def make(*lines: VocalLine, kind: SectionKind = "verse", bpm: float = 120.0, length_beats: float = 16.0) -> Score:
        triads = ((0, (0, 4, 7)), (5, (5, 9, 0)), (7, (7, 11, 2)), (0, (0, 4, 7)))
        quarter = length_beats / 4
        chords = tuple(Chord(i * quarter, quarter, "", "", r, r, pcs) for i, (r, pcs) in enumerate(triads))
        section = Section(kind, kind.title(), 0.0, length_beats, 0.6)
        return Score(
            title="",
            bpm=bpm,
            beats_per_bar=4,
            tonic_pc=0,
            mode="major",
            sections=(section,),
            chords=chords,
            lines=lines,
        )

    return make


@pytest.fixture
def make_style() -> MakeStyle:
    """A style that only says how it is sung."""

    def make(*, doubles: str = "none", harmonies: tuple[str, ...] = (), manner: str = "", swing: float = 0.5) -> Style:
        return Style(
            name="plain",
            bpm=120,
            metre="4/4",
            beats_per_bar=4,
            steps_per_bar=16,
            swing=swing,
            swing_unit=8,
            modes={"major": 1.0},
            tonic_pcs=(0,),
            chords={},
            forms=(),
            drums=DrumKit(kit="standard", grooves={}, fills=()),
            bass=Player(name="bass", role="bass", program=33, low_midi=28, high_midi=48),
            players=(),
            melody=MelodyTraits(),
            vocal=VocalTraits(doubles=doubles, harmonies=harmonies, manner=manner),
            mix=MixTraits(),
        )

    return make
