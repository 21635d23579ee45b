import pickle
from dataclasses import replace
from itertools import pairwise

from songwright.engine.voice import SINGERS, plan_takes
from songwright.engine.voice.takes import mean_midi, sounds_at_s

IRIS = SINGERS[0]


def test_one_reading_serves_the_same_line_of_both_clips(make_line, make_score, make_style):
    first, second = make_score(make_line(midi=(60, 62, 64, 60))), make_score(make_line(midi=(64, 66, 68, 64)))
    (take,) = plan_takes((first, second), IRIS, make_style())
    assert [m.uses for m in take.melodies] == [((0, 0),), ((1, 0),)]
    assert mean_midi(take) == (62.0, 64.0, 66.0, 62.0)


def test_a_repeated_line_on_the_same_notes_is_sung_once_and_used_twice(make_line, make_score, make_style):
    score = make_score(make_line(), make_line(start_beats=10.0), length_beats=20.0)
    (take,) = plan_takes((score,), IRIS, make_style())
    (melody,) = take.melodies
    assert melody.uses == ((0, 0), (0, 1))


def test_choruses_get_the_doubles_and_harmonies_of_the_style(make_line, make_score, make_style):
    style = make_style(doubles="chorus", harmonies=("third_up", "octave_down"))
    (verse,) = plan_takes((make_score(make_line()),), IRIS, style)
    assert [m.role for m in verse.melodies] == ["lead"]
    (chorus,) = plan_takes((make_score(make_line(), kind="chorus"),), IRIS, style)
    assert [m.role for m in chorus.melodies] == [
        "lead", "double_left", "double_right", "harmony_third_up", "harmony_octave_down",
    ]  # fmt: skip


def test_a_line_in_parentheses_is_sung_by_the_choir(make_line, make_score, make_style):
    (take,) = plan_takes((make_score(make_line(backing=True)),), IRIS, make_style())
    assert [m.role for m in take.melodies] == ["choir_0", "choir_1", "choir_2"]


def test_rap_is_read_as_speech(make_line, make_score, make_style):
    (take,) = plan_takes((make_score(make_line(), kind="rap"),), IRIS, make_style())
    assert take.spoken
    assert take.melodies[0].expression.melody_share < 0.5


def test_lines_without_words_or_notes_are_left_out(make_line, make_score, make_style):
    silent = make_line(words=())
    assert plan_takes((make_score(silent),), IRIS, make_style()) == ()


def test_notes_run_neither_into_each_other_nor_into_the_next_line(make_line, make_score, make_style):
    score = make_score(make_line(), make_line(midi=(67,), start_beats=7.5), length_beats=20.0)
    take = plan_takes((score,), IRIS, make_style())[0]
    notes = [group[0] for group in take.melodies[0].notes]
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(notes))
    assert notes[-1].end_s <= (7.5 - 4.0) * 0.5


def test_sung_notes_swing_with_the_score(make_line, make_score):
    score = replace(make_score(make_line()), swing=2 / 3)
    assert [round(2 * sounds_at_s(score, beats), 3) for beats in (0, 0.5, 1, 1.5)] == [0, 0.667, 1, 1.667]


def test_takes_travel_to_other_processes(make_line, make_score, make_style):
    takes = plan_takes((make_score(make_line()),), IRIS, make_style())
    assert pickle.loads(pickle.dumps(takes)) == takes
