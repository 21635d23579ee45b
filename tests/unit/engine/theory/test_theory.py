"""Theory: keys as people write them, chords from numerals, metre, swing, voicings."""

import pytest

from songwright.engine.styles import load_style, style_names
from songwright.engine.theory import (
    MODES,
    Metre,
    Scale,
    chord_spec,
    key_name,
    named,
    parse_key,
    parse_progression,
    realise,
    swung,
    voice_leading,
    voicing,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("A minor", (9, "minor")),
        ("C#m", (1, "minor")),
        ("F# major", (6, "major")),
        ("Bb", (10, "major")),
        ("e dorian", (4, "dorian")),
        ("G♭ Maj", (6, "major")),
        ("D harmonic minor", (2, "harmonic_minor")),
        ("H minor", None),
        ("", None),
        ("loud", None),
    ],
)
def test_keys_are_read_as_people_write_them(text: str, key: tuple[int, str] | None) -> None:
    assert parse_key(text) == key


def test_key_names_are_read_back() -> None:
    for mode in MODES:
        for pc in range(12):
            assert parse_key(key_name(pc, mode)) == (pc, mode)


def test_scale_indices_count_through_octaves() -> None:
    scale = Scale(9, "minor")
    assert [scale.midi(i) for i in range(28, 36)] == [57, 59, 60, 62, 64, 65, 67, 69]
    assert [scale.midi(i) for i in scale.indices(57, 60)] == [57, 59, 60]


@pytest.mark.parametrize(
    ("numeral", "tonic_pc", "symbol", "pcs"),
    [
        ("I", 0, "C", (0, 4, 7)),
        ("vi7", 0, "Am7", (9, 0, 4, 7)),
        ("V/7", 7, "D/F#", (2, 6, 9)),
        ("bVImaj7", 0, "Abmaj7", (8, 0, 3, 7)),
        ("II7", 0, "D7", (2, 6, 9, 0)),
        ("iiø7", 9, "Bø7", (11, 2, 5, 9)),
        ("#ivdim7", 0, "F#dim7", (6, 9, 0, 3)),
        ("i", 10, "Bbm", (10, 1, 5)),
        ("Vsus4", 2, "Asus4", (9, 2, 4)),
    ],
)
def test_numerals_become_chords(numeral: str, tonic_pc: int, symbol: str, pcs: tuple[int, ...]) -> None:
    minor = numeral == "i"
    chord = realise(chord_spec(numeral), tonic_pc, start_beats=0, length_beats=4, minor=minor)
    assert (chord.symbol, chord.pcs) == (symbol, pcs)


def test_bad_progressions_are_refused() -> None:
    for text in ("", "I", "VIII:4", "Ifoo:4", "I:x"):
        with pytest.raises(ValueError):
            parse_progression(text)


def test_every_progression_of_the_styles_is_whole_bars() -> None:
    for name in style_names():
        style = load_style(name)
        for texts in style.chords.values():
            for text in texts:
                assert sum(beats for _, beats in parse_progression(text)) % style.beats_per_bar == 0


def test_named_chords_are_spelled_back() -> None:
    for root in range(12):
        for quality in ("", "m", "7", "m7", "maj7", "dim", "ø7", "sus4"):
            spec = named(root, quality)
            assert (spec.root, spec.quality) == (root, quality)


def test_letters_follow_the_root() -> None:
    assert chord_spec("II7").letters == ((1, 2), (3, 6), (5, 9), (0, 0))
    assert chord_spec("bVI").letters == ((5, 8), (0, 0), (2, 3))


def test_downbeats_are_heaviest_in_every_metre() -> None:
    for beats in (2, 3, 4, 5, 6, 7, 9):
        for steps in (1, 2, 3, 4, 6):
            weights = Metre(beats, steps).weights()
            assert len(weights) == beats * steps
            assert weights[0] == max(weights)
            assert max((w for i, w in enumerate(weights) if i % steps), default=0) < 1


def test_swing_moves_the_second_of_a_pair_only() -> None:
    assert swung(2.0, 0.66, 8) == pytest.approx(2.0)
    assert swung(2.5, 0.66, 8) == pytest.approx(2.66)
    assert swung(2.25, 0.6, 16) == pytest.approx(2.3)
    assert swung(1.5, 0.5, 8) == pytest.approx(1.5)


def test_voicings_stay_in_the_window_and_move_little() -> None:
    chords = [
        realise(spec, 0, start_beats=0, length_beats=beats) for spec, beats in parse_progression("I:4 vi7:4 ii9:4 V7:4")
    ]
    previous: tuple[int, ...] | None = None
    for chord in [*chords, chords[0]]:
        notes = voicing(chord, 52, 76, previous)
        assert all(52 <= n <= 76 for n in notes)
        assert {n % 12 for n in notes} <= set(chord.pcs)
        assert len(notes) >= 3
        assert previous is None or voice_leading(previous, notes) <= 10
        previous = notes


def test_a_window_too_narrow_for_a_chord_keeps_what_fits() -> None:
    chord = realise(chord_spec("Imaj9"), 0, start_beats=0, length_beats=4)
    assert all(60 <= n <= 64 for n in voicing(chord, 60, 64))
