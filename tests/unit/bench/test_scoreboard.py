"""What the scoreboard measures with: known sounds and songs give known numbers, without librosa or a model."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scoreboard import apart, beats, fad, harmony, sections, spectrum

from songwright.analysis import HeardChord
from songwright.engine.material import SAMPLE_RATE_HZ, Chord, Score, Section


def song(*, bpm: float = 120.0) -> Score:
    """A verse and a chorus of 16 beats over C, Am."""
    chords = (
        Chord(0, 16, "C", "I", 0, 0, (0, 4, 7)),
        Chord(16, 16, "Am7", "vi7", 9, 9, (9, 0, 4, 7)),
    )
    return Score(
        title="", bpm=bpm, beats_per_bar=4, tonic_pc=0, mode="major", chords=chords, lines=(),
        sections=(Section("verse", "", 0, 16, 0.5), Section("chorus", "", 16, 16, 0.9)),
    )  # fmt: skip


def test_a_tone_is_all_in_its_octave() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    levels = spectrum.octave_levels_db(tone, SAMPLE_RATE_HZ)
    assert levels[5] == pytest.approx(0, abs=0.1)
    assert max(np.delete(levels, 5)) < -40


def test_each_octave_of_white_noise_is_three_decibels_above_the_one_below() -> None:
    noise = np.random.default_rng(1).standard_normal((2, 10 * SAMPLE_RATE_HZ))
    assert np.diff(spectrum.octave_levels_db(noise, SAMPLE_RATE_HZ))[2:9] == pytest.approx(3.01, abs=0.25)


def test_a_song_of_the_reference_s_shape_is_right_although_4_4_db_off_the_curve_as_published() -> None:
    reference = np.array(spectrum.REFERENCE_DB, float)
    like_it = reference - 10 * np.log10((10 ** (reference / 10)).sum())
    assert spectrum.balance_distance_db(like_it) == pytest.approx(0, abs=1e-9)
    assert spectrum.raw_distance_db(like_it) == pytest.approx(4.4, abs=0.05)
    assert spectrum.raw_distance_db(reference) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_short_term_loudness_agrees_with_pyloudnorm_on_steady_sound(rate_hz: int) -> None:
    noise = 0.1 * np.random.default_rng(2).standard_normal((2, 8 * rate_hz))
    times_s, lufs = sections.short_term_lufs(noise, rate_hz)
    assert np.median(lufs) == pytest.approx(pyloudnorm.Meter(rate_hz).integrated_loudness(noise.T), abs=0.15)
    assert times_s[0] == pytest.approx(1.5)


def test_a_chorus_played_twice_as_loud_is_six_decibels_above_the_verse() -> None:
    score = song()
    noise = 0.05 * np.random.default_rng(3).standard_normal((2, 16 * SAMPLE_RATE_HZ))
    noise[:, 8 * SAMPLE_RATE_HZ :] *= 2
    loudness = sections.section_loudness(score, *sections.short_term_lufs(noise, SAMPLE_RATE_HZ))
    assert sections.chorus_minus_verse_db(score, loudness) == pytest.approx(6.02, abs=0.1)


def test_beats_tapped_late_within_tolerance_count_and_off_beats_do_not() -> None:
    written_s = beats.written_beats_s(song())
    assert beats.beat_f(written_s, written_s + 0.05) == 1
    assert beats.beat_f(written_s, written_s + 0.25) == 0
    assert beats.beat_f_any_level(written_s, written_s + 0.25) == pytest.approx(1, abs=0.05)
    assert beats.beat_f(written_s, written_s[::2]) == pytest.approx(2 / 3, abs=0.05)
    assert beats.beat_f_any_level(written_s, written_s[::2]) == 1


def test_heard_chords_agree_with_the_score_for_the_time_they_are_right() -> None:
    right = [HeardChord(0, 8, 0, "major"), HeardChord(8, 16, 9, "minor")]
    assert harmony.agreement(song(), right) == 1
    assert harmony.agreement(song(), [HeardChord(0, 16, 0, "major")]) == pytest.approx(0.5, abs=0.01)
    assert harmony.agreement(song(), [HeardChord(0, 16, 0, "minor")]) == 0


@pytest.mark.parametrize(
    ("pcs", "wanted"),
    [
        ((0, 4, 7, 10), (0, 0)),
        ((0, 3, 7), (0, 1)),
        ((0, 7), (0, None)),
        ((0, 5, 7), (0, None)),
        ((0, 3, 6), None),
        ((0, 4, 8), None),
    ],
)
def test_a_chord_is_judged_by_its_third(pcs: tuple[int, ...], wanted: object) -> None:
    assert harmony.triad_of(Chord(0, 4, "", "", 0, 0, pcs)) == wanted


def test_equal_sets_have_no_frechet_distance_and_shifted_ones_the_square_of_the_shift() -> None:
    rows = np.random.default_rng(4).standard_normal((400, 5))
    assert fad.frechet_distance(rows, rows) == pytest.approx(0, abs=1e-6)
    assert fad.frechet_distance(rows, rows + 2) == pytest.approx(20, abs=1e-6)
    assert fad.frechet_distance(rows, 3 * rows) == pytest.approx(4 * np.trace(np.cov(rows.T)), rel=0.05)


def test_styles_that_differ_are_told_apart_and_equal_ones_are_not() -> None:
    rng = np.random.default_rng(5)

    def seeds(centre: float) -> list[dict[str, list[float]]]:
        return [{"groove": [centre + rng.normal(0, 0.1)], "timbre": [rng.normal(), 7.0]} for _ in range(4)]

    far = apart.classify({"a": seeds(0), "b": seeds(5), "c": seeds(10)}, ["groove"])
    assert apart.accuracy(far) == 1
    same = apart.classify({"a": seeds(0), "b": seeds(0), "c": seeds(0)}, ["groove", "timbre"])
    assert apart.accuracy(same) < 0.75
    assert {v.style for v in apart.mistaken(same)} <= {"a", "b", "c"}
