"""Length: exact where it is ordered, 60 s to the maximum where it is not."""

import pytest
from sung_words import (
    CHORUS,
    NOTHING,
    RIVER,
    SECOND_VERSE,
    VERSE,
    lead,
    lyrics,
    section,
    song,
)

WORD = lyrics(section("verse", "HEL-lo"))
LONG = lyrics(*(section(k, *t) for k, t in [("verse", VERSE), ("chorus", CHORUS), ("verse", SECOND_VERSE)] * 8))


@pytest.mark.parametrize("words", [WORD, RIVER, LONG, NOTHING], ids=["word", "song", "long", "instrumental"])
@pytest.mark.parametrize("style", ["pop", "ambient", "country_waltz"])
@pytest.mark.parametrize("duration_s", [10, 31.5, 480])
def test_an_ordered_duration_is_kept_within_a_bar(words: object, style: str, duration_s: float) -> None:
    score = song(words, style, duration_s=duration_s)  # pyright: ignore[reportArgumentType]
    assert abs(score.duration_s - duration_s) <= score.seconds(score.beats_per_bar)


def test_an_ordered_tempo_stays_exact_under_an_ordered_duration() -> None:
    score = song(duration_s=100, bpm=111)
    assert score.bpm == 111
    assert abs(score.duration_s - 100) <= score.seconds(score.beats_per_bar)


@pytest.mark.parametrize("duration_s", [47, 61, 75, 90, 119, 240])
def test_the_tempo_moves_at_most_six_percent_for_a_duration(duration_s: float) -> None:
    assert abs(song(WORD, duration_s=duration_s).bpm / song(WORD).bpm - 1) <= 0.06 + 1e-9


@pytest.mark.parametrize("words", [WORD, RIVER, LONG, NOTHING], ids=["word", "song", "long", "instrumental"])
@pytest.mark.parametrize("style", ["pop", "ballad", "punk"])
def test_a_free_song_lasts_a_minute_to_its_maximum(words: object, style: str) -> None:
    score = song(words, style)  # pyright: ignore[reportArgumentType]
    assert score.duration_s + 0.5 >= 60
    assert score.duration_s <= 240


def test_lines_that_cannot_fit_are_left_out_from_the_end_and_noted() -> None:
    score = song(LONG, duration_s=30)
    texts = [one.line.text for one in lead(score)]
    assert texts == [one.text for s in LONG.sections for one in s.lines][: len(texts)]
    assert 0 < len(texts) < 96
    assert any("left out" in note for note in score.notes)


def test_a_line_too_long_for_the_time_is_sung_as_far_as_it_goes() -> None:
    words = lyrics(section("verse", " ".join(["NE-ver TELL a LONE-ly STO-ry TO the MOON"] * 9)))
    score = song(words, duration_s=10)
    assert 1 <= len(score.lines[0].notes) < 90
    assert any("first words" in note for note in score.notes)


def test_short_songs_end_with_a_played_bar() -> None:
    score = song(WORD, duration_s=10)
    assert score.sections[-1].kind == "outro"


def test_a_written_intro_and_outro_are_not_doubled() -> None:
    words = lyrics(section("intro"), section("verse", *VERSE), section("chorus", *CHORUS), section("outro"))
    kinds = [s.kind for s in song(words).sections]
    assert kinds.count("intro") == kinds.count("outro") == 1
