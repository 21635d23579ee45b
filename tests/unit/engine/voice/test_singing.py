"""With the real model: one reading each, kept short."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import pyworld

from songwright.engine.material import SAMPLE_RATE_HZ
from songwright.engine.voice import SINGERS, choose_runtime, plan_takes, sing_take, vocal_stems

IRIS = SINGERS[0]
RUNTIME = choose_runtime()


def note_errors_cents(score, stem) -> list[float]:
    mono = stem.audio.mean(axis=0).astype(np.float64)
    errors = []
    for note in score.lines[0].notes:
        start_s, length_s = score.seconds(note.start_beats), score.seconds(note.length_beats)
        piece = mono[int((start_s - 0.05) * SAMPLE_RATE_HZ) : int((start_s + length_s + 0.05) * SAMPLE_RATE_HZ)]
        target_hz = 440 * 2 ** ((note.midi - 69) / 12)
        f0, at_s = pyworld.harvest(piece, SAMPLE_RATE_HZ, f0_floor=0.75 * target_hz, f0_ceil=1.4 * target_hz)
        middle = (at_s > 0.05 + 0.3 * length_s) & (at_s < 0.05 + 0.8 * length_s) & (f0 > 0)
        errors.append(abs(1200 * np.log2(np.median(f0[middle]) / target_hz)))
    return errors


def test_a_line_is_sung_in_tune_on_the_beat_with_its_words_timed(assets, make_line, make_score, make_style):
    style = make_style(doubles="chorus", harmonies=("third_up",))
    score = make_score(make_line(), kind="chorus")
    sung = [sing_take(take, IRIS, assets, RUNTIME) for take in plan_takes((score,), IRIS, style)]
    assert pickle.loads(pickle.dumps(sung))[0].part(0, 0, "lead") is not None

    vocals = vocal_stems(score, 0, sung, IRIS, seed=1)
    assert [(s.name, s.role) for s in vocals.stems] == [
        ("Lead vocal", "vocal"), ("Doubles", "double"), ("Harmonies", "backing"),
    ]  # fmt: skip
    for stem in vocals.stems:
        assert stem.audio.dtype == np.float32
        assert stem.audio.shape == vocals.stems[0].audio.shape
        assert stem.audio.shape[1] >= (score.duration_s + 2.0) * SAMPLE_RATE_HZ
        assert np.isfinite(stem.audio).all()
        assert 0.05 < np.abs(stem.audio).max() <= 0.95
    assert np.median(note_errors_cents(score, vocals.stems[0])) < 15
    assert max(note_errors_cents(score, vocals.stems[0])) < 50

    words = [(w.word, w.line) for w in vocals.word_times]
    assert words == [("the", 0), ("river", 0), ("sang", 0)]
    for word, beat in zip(vocals.word_times, (4, 5, 7), strict=True):
        assert score.seconds(beat) - 0.3 < word.start_s < score.seconds(beat)  # consonants lie before the beat
        assert word.end_s > score.seconds(beat) + 0.2
    starts = [w.start_s for w in vocals.word_times]
    assert starts == sorted(starts)
    river = vocals.word_times[1]
    assert [text for text, *_ in river.syllables] == [s.text for s in score.lines[0].line.words[1].syllables]
    assert (river.syllables[0][1], river.syllables[-1][2]) == (river.start_s, river.end_s)
    assert river.syllables[0][2] == river.syllables[1][1]


def test_the_same_arguments_sing_the_same_sound(assets, make_line, make_score, make_style):
    (take,) = plan_takes((make_score(make_line()),), IRIS, make_style())
    first, second = (sing_take(take, IRIS, assets, RUNTIME).parts[0].audio for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("words", "beats"),
    [
        ((("oh", "-O-"),), 12.0),  # one syllable for 6 s
        ((("x", "☃-☃-☃"), ("sang", "s-æ-ŋ")), 1.0),  # sounds nobody knows
        (tuple(("strengths", "stɹ-ɛ-ŋθs") for _ in range(12)), 0.16),  # 80 ms notes full of consonants
    ],
)
def test_unusual_lines_are_sung(words, beats, assets, make_line, make_score, make_style):
    score = make_score(make_line(words, beats=beats), length_beats=24.0)
    (take,) = plan_takes((score,), IRIS, make_style())
    (part,) = sing_take(take, IRIS, assets, RUNTIME).parts
    assert np.isfinite(part.audio).all()
    assert np.sqrt(np.mean(part.audio**2)) > 0.02
    assert len(part.audio) / 24000 >= len(words) * beats * 0.5


def test_sixty_syllables_are_sung_to_the_last(assets, make_line, make_score, make_style):
    words = tuple((("la", "l-ɑ-"), ("moon", "m-u-n"), ("day", "d-A-"))[i % 3] for i in range(60))
    score = make_score(make_line(words, beats=0.5), length_beats=40.0)
    (take,) = plan_takes((score,), IRIS, make_style())
    (part,) = sing_take(take, IRIS, assets, RUNTIME).parts
    assert len(part.word_spans_s) == 60
    end = int((59 * 0.25 - part.offset_s) * 24000)
    assert np.sqrt(np.mean(part.audio[end : end + 4800] ** 2)) > 0.02


def test_rap_keeps_the_beat_but_not_the_tune(assets, make_line, make_score, make_style):
    score = make_score(make_line(midi=(55, 55, 67, 55)), kind="rap")
    (take,) = plan_takes((score,), IRIS, make_style())
    vocals = vocal_stems(score, 0, [sing_take(take, IRIS, assets, RUNTIME)], IRIS, seed=1)
    assert vocals.word_times[1].start_s == pytest.approx(score.seconds(5), abs=0.2)
    assert np.abs(vocals.stems[0].audio).max() > 0.05


def test_the_verses_of_a_rap_style_are_spoken_and_its_choruses_sung(make_line, make_score, make_style):
    rap = make_style()
    rap = replace(rap, vocal=replace(rap.vocal, rap=0.9))
    for kind, spoken in (("rap", True), ("verse", True), ("chorus", False)):
        (take,) = plan_takes((make_score(make_line(), kind=kind),), IRIS, rap)
        assert take.spoken is spoken
        assert (take.melodies[0].expression.melody_share < 0.5) is spoken


def test_an_adlib_has_its_own_stem_and_its_words_are_told(assets, make_line, make_score, make_style):
    adlib = replace(make_line((("oh", "-O-"),), start_beats=9.0), role="adlib")
    score = make_score(make_line(), adlib)
    sung = [sing_take(take, IRIS, assets, RUNTIME) for take in plan_takes((score,), IRIS, make_style())]
    vocals = vocal_stems(score, 0, sung, IRIS, seed=1)
    assert [(s.name, s.role) for s in vocals.stems] == [("Lead vocal", "vocal"), ("Ad-libs", "adlib")]
    assert [w.word for w in vocals.word_times if w.role == "adlib"] == ["oh"]


def test_the_synthetic_voice_sings_in_tune_too(assets, make_line, make_score, make_style):
    robot = replace(IRIS, name="Espeak", blend=(("f3", 1.0),), kind="espeak")
    score = make_score(make_line())
    sung = [sing_take(take, robot, assets, RUNTIME) for take in plan_takes((score,), robot, make_style())]
    vocals = vocal_stems(score, 0, sung, robot, seed=1)
    assert np.median(note_errors_cents(score, vocals.stems[0])) < 15


def test_nothing_to_sing_gives_no_stems(make_score, make_style):
    vocals = vocal_stems(make_score(), 0, [], IRIS, seed=1)
    assert vocals.stems == ()
    assert vocals.word_times == ()
