import numpy as np

from songwright.engine.voice.contour import SungNote, contour
from songwright.engine.voice.expression import Expression, expression_of

TIMES_S = np.arange(-0.2, 4.0, 0.005)
STEADY = Expression(drift_semitones=0.0, scoop_semitones=0.0, fall_semitones=0.0, vibrato_semitones=0.0)


def drawn(notes, expression=STEADY, seed=0):
    return contour(TIMES_S, notes, expression, np.random.default_rng(seed))


def middle(pitch, note):
    inside = (note.start_s + 0.3 * note.length_s < TIMES_S) & (note.start_s + 0.8 * note.length_s > TIMES_S)
    return float(np.median(pitch[inside]))


def test_the_middle_of_every_note_is_in_tune_even_when_short():
    notes = [SungNote(0.0, 0.15, 60), SungNote(0.15, 0.15, 64), SungNote(0.3, 0.15, 57), SungNote(0.45, 1.0, 62)]
    pitch, _ = drawn(notes)
    assert all(abs(middle(pitch, note) - note.midi) < 0.3 for note in notes)


def test_a_leap_between_long_notes_glides_and_overshoots():
    pitch, _ = drawn([SungNote(0.0, 1.0, 60), SungNote(1.0, 1.0, 67)])
    rise = (pitch > 60.7) & (pitch < 66.3) & (TIMES_S < 1.3)
    assert 0.05 < rise.sum() * 0.005 < 0.12
    assert 67.05 < pitch.max() < 67.8


def test_only_long_notes_get_vibrato_and_it_starts_late():
    how = Expression(drift_semitones=0.0, scoop_semitones=0.0, fall_semitones=0.0)
    pitch, tremolo_db = drawn([SungNote(0.0, 0.3, 60), SungNote(0.3, 2.0, 60)], how)
    assert np.ptp(pitch[TIMES_S < 0.45]) < 0.01
    held = pitch[(TIMES_S > 1.2) & (TIMES_S < 2.0)]
    assert 0.5 < np.ptp(held) < 1.6
    crossings = np.flatnonzero(np.diff(np.sign(held - 60)))
    assert 5.0 < (len(crossings) - 1) / 2 / ((crossings[-1] - crossings[0]) * 0.005) < 6.5
    assert np.abs(tremolo_db).max() <= 1.0


def test_a_phrase_end_falls_without_pulling_the_next_phrase_down():
    how = Expression(drift_semitones=0.0, scoop_semitones=0.0, vibrato_semitones=0.0)
    notes = [SungNote(0.0, 0.8, 60), SungNote(1.5, 0.8, 60)]
    pitch, _ = drawn(notes, how)
    assert pitch[np.searchsorted(TIMES_S, 0.85)] < 59.95
    assert abs(middle(pitch, notes[1]) - 60) < 0.05


def test_the_same_seed_draws_the_same_line():
    notes = [SungNote(0.0, 1.0, 60), SungNote(1.0, 1.0, 64)]
    assert np.array_equal(drawn(notes, Expression(), 7)[0], drawn(notes, Expression(), 7)[0])
    assert not np.array_equal(drawn(notes, Expression(), 7)[0], drawn(notes, Expression(), 8)[0])


def test_manner_is_understood():
    soft, loud = expression_of("soft breathy no vibrato"), expression_of("forceful dark soaring chorus")
    assert soft.vibrato_semitones == 0.0
    assert soft.breathiness > 0.1
    assert soft.effort < 0 < loud.effort
    assert expression_of("") == Expression()
