from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songwright.engine.voice.alignment import SyllableTime, align
from songwright.engine.voice.reading import Span, without_silence

SPANS = (Span(0.10, 0.20, 0.35, 0.40), Span(0.42, 0.50, 0.60, 0.65), Span(0.65, 0.75, 0.90, 1.00))


def at(alignment, read_s: float) -> float:
    return float(np.interp(read_s, alignment.read_s + np.arange(len(alignment.read_s)) * 1e-9, alignment.sung_s))


def test_every_vowel_begins_on_its_note():
    times = [SyllableTime(0.0, 0.5, False), SyllableTime(0.5, 1.0, False), SyllableTime(1.0, 2.0, True)]
    alignment = align(SPANS, times, 1.2)
    assert [span.vowel_s for span in alignment.spans] == [0.0, 0.5, 1.0]
    for span, time in zip(SPANS, times, strict=True):
        assert at(alignment, span.vowel_s) == pytest.approx(time.start_s, abs=2e-3)


def test_consonants_keep_their_natural_length_where_there_is_room():
    times = [SyllableTime(0.0, 0.8, False), SyllableTime(0.8, 1.6, False), SyllableTime(1.6, 3.0, False)]
    alignment = align(SPANS, times, 1.2)
    between = SPANS[1].vowel_s - SPANS[0].release_s
    assert times[1].start_s - alignment.spans[0].release_s == pytest.approx(between, abs=1e-6)


def test_a_rest_is_silent_and_consonants_stay_with_their_vowels():
    times = [SyllableTime(0.0, 0.5, False), SyllableTime(2.0, 2.5, False), SyllableTime(2.5, 3.0, False)]
    alignment = align(SPANS, times, 1.2)
    ((start_s, end_s),) = alignment.silences_s
    assert 0.4 < start_s < 0.6
    assert 1.85 < end_s < 2.0
    assert alignment.spans[1].onset_s == pytest.approx(end_s)


def test_short_notes_keep_both_a_vowel_and_consonants():
    times = [SyllableTime(0.08 * i, 0.08 * i + 0.08, False) for i in range(3)]
    alignment = align(SPANS, times, 1.2)
    assert alignment.spans[0].release_s - alignment.spans[0].vowel_s >= 0.049
    assert times[1].start_s - alignment.spans[0].release_s >= 0.025


@given(
    starts=st.lists(st.floats(0.08, 3.0), min_size=3, max_size=3),
    share=st.floats(0.1, 1.0),
    length_s=st.floats(1.0, 2.0),
)
def test_time_never_runs_backwards(starts: list[float], share: float, length_s: float):
    onsets = np.concatenate([[0.0], np.cumsum(starts)])
    times = [SyllableTime(a, a + share * (b - a), False) for a, b in pairwise(onsets)]
    alignment = align(SPANS, times, length_s)
    assert np.all(np.diff(alignment.sung_s) > 0)
    assert np.all(np.diff(alignment.read_s) >= 0)
    for span in alignment.spans:
        assert span.onset_s <= span.vowel_s <= span.release_s <= span.end_s


def test_silence_read_after_a_syllable_is_no_part_of_it():
    rate = 24_000
    times_s = np.arange(rate) / rate
    rng = np.random.default_rng(1)
    vowel = 0.3 * np.sin(2 * np.pi * 220 * times_s) * (times_s > 0.1) * (times_s < 0.4)
    hiss = 0.02 * rng.standard_normal(rate) * (times_s > 0.4) * (times_s < 0.5)
    (open_syllable,) = without_silence(vowel, [Span(0.05, 0.1, 0.9, 0.9)])
    assert open_syllable.release_s == pytest.approx(0.4, abs=0.02)
    assert open_syllable.end_s == open_syllable.release_s
    (closed,) = without_silence(vowel + hiss, [Span(0.05, 0.1, 0.4, 0.9)])
    assert (closed.release_s, closed.end_s) == (0.4, pytest.approx(0.5, abs=0.02))
    sounding = Span(0.05, 0.1, 0.3, 0.35)
    assert without_silence(vowel, [sounding]) == (sounding,)
    assert len(without_silence(np.zeros(rate), [sounding])) == 1
