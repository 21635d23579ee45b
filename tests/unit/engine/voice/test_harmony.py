import pytest

from songwright.engine.voice.harmony import HARMONIES, harmonise

C_MAJOR = {0, 2, 4, 5, 7, 9, 11}


@pytest.mark.parametrize("kind", sorted(HARMONIES))
def test_harmonies_stay_in_the_scale(kind, make_score, make_line):
    line = make_line(midi=(60, 62, 64, 65), start_beats=0.0, beats=4.0)
    score = make_score(line)
    assert {m % 12 for m in harmonise(score, line.notes, kind, 40, 90)} <= C_MAJOR


def test_a_third_above_prefers_the_chord(make_score, make_line):
    line = make_line(midi=(60, 65, 67, 64), start_beats=0.0, beats=4.0)  # over C, F, G, C
    assert harmonise(make_score(line), line.notes, "third_up", 40, 90) == (64, 69, 71, 67)


def test_a_voice_above_the_range_sings_an_octave_lower(make_score, make_line):
    line = make_line(midi=(72,), start_beats=0.0)
    assert harmonise(make_score(line), line.notes, "octave_up", 55, 76) == (72, 72, 72, 72)
