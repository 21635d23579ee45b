"""What was heard becomes a song on paper whose bar lines are those of the recording."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from songwright.analysis import Heard, HeardBeats, HeardChord, HeardKey, HeardNote
from songwright.engine.reworking import CannotRework
from songwright.providers.embedded.hearing import original_heard, outline_heard


def heard(times_s: np.ndarray, *, steady: bool = True, first: int = 0, bar: int = 4) -> Heard:
    at = [float(t) for t in times_s]
    return Heard(
        duration_s=at[-1] + 0.5,
        loudness_lufs=-14.0,
        has_voice=True,
        voice_share=0.5,
        beats=HeardBeats(120.0, steady, bar, first, tuple(at)),
        key=HeardKey(9, "minor", 0.5),
        chords=(
            HeardChord(0.0, at[first], None, "major"),
            HeardChord(at[first], at[first + bar], 9, "minor"),
            HeardChord(at[first + bar], at[-1] + 0.5, 5, "major"),
        ),
        melody=tuple(HeardNote(a + 0.02, b - 0.05, 69) for a, b in pairwise(at[4:17])),
        melody_from="voice",
        sections_s=(at[first], at[first + 2 * bar]),
    )


@pytest.mark.parametrize(("first", "begins_s"), [(0, 0.2), (1, 0.2 + 0.5 - 2.0), (3, 0.2 + 1.5 - 2.0)])
def test_beat_zero_is_a_bar_line_at_or_before_the_first_beat(first: int, begins_s: float) -> None:
    original = original_heard(heard(np.arange(0.2, 16.2, 0.5), first=first), Path("x"), "")
    assert original.offset_s == pytest.approx(begins_s, abs=1e-6)
    assert original.offset_s <= 0.2


def test_chords_tile_the_song_on_beats_and_silence_takes_its_neighbours() -> None:
    score = outline_heard(heard(np.arange(0.2, 16.2, 0.5), first=2), "t").score
    assert [(c.start_beats, c.symbol) for c in score.chords] == [(0.0, "Am"), (4.0, "Am"), (8.0, "F")]
    assert (
        sum(c.length_beats for c in score.chords) == score.length_beats == sum(s.length_beats for s in score.sections)
    )
    assert score.length_beats % 4 == 0


def test_the_tune_lies_on_sixteenths_where_it_was_sung() -> None:
    outline = outline_heard(heard(np.arange(0.2, 16.2, 0.5)), "t")
    tones = [tone for phrase in outline.phrases for tone in phrase]
    assert [tone.start_beats for tone in tones] == [float(k) for k in range(4, 16)]


def test_music_without_a_steady_tempo_goes_on_at_the_pace_of_its_last_beats() -> None:
    times_s = np.cumsum(np.concatenate([[0.1], np.full(20, 0.6), np.full(20, 0.5)]))
    music = heard(times_s, steady=False)
    original = original_heard(music, Path("x"), "")
    assert original.score.bpm == pytest.approx(120.0)
    assert original.time_s(40.0) == pytest.approx(times_s[40])
    assert "not steady" in outline_heard(music, "").score.notes[0]


def test_three_beats_a_bar_stay_three() -> None:
    assert outline_heard(heard(np.arange(0.2, 16.2, 0.5), bar=3), "").score.beats_per_bar == 3


def test_where_no_beat_was_heard_nothing_can_be_worked_on() -> None:
    music = heard(np.arange(0.2, 16.2, 0.5))
    silent = HeardBeats(120.0, False, 4, 0, (0.0, 0.5))
    with pytest.raises(CannotRework, match="beat"):
        outline_heard(Heard(**{f: getattr(music, f) for f in music.__slots__ if f != "beats"}, beats=silent), "")
