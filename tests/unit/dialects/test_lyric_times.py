"""Words find their lines, and the files of words are what players read."""

from __future__ import annotations

import re

from songwright.dialects.base import lrc, srt, timed_lines, vtt
from songwright.dialects.base.lyric_times import TimedWord

LYRICS = "[Verse 1]\nIt's a beautiful day\n\nOh-oh, come on!\n[Chorus]\nLa <la>\n[Outro]"


def words(*texts: str) -> list[TimedWord]:
    return [TimedWord(text, 10.0 + i, 10.75 + i) for i, text in enumerate(texts)]


SUNG = words("It's", "a", "beautiful", "day", "Oh-oh", "come", "on", "La", "<la>")


def test_every_line_has_its_own_words_and_tags_have_none() -> None:
    lines = timed_lines(LYRICS, SUNG)
    assert [(line.text, line.tag, len(line.words)) for line in lines] == [
        ("[Verse 1]", "Verse 1", 0),
        ("It's a beautiful day", "", 4),
        ("Oh-oh, come on!", "", 3),
        ("[Chorus]", "Chorus", 0),
        ("La <la>", "", 2),
        ("[Outro]", "Outro", 0),
    ]
    assert [word for line in lines for word in line.words] == SUNG


def test_words_cut_otherwise_than_written_stay_in_their_lines() -> None:
    cut = words("It's", "a", "beau", "tiful", "day", "Oh", "oh", "come", "on", "La", "la")
    assert [len(line.words) for line in timed_lines(LYRICS, cut) if not line.tag] == [5, 4, 2]


def test_what_is_sung_but_not_written_is_a_line_of_its_own_at_the_end() -> None:
    lines = timed_lines(LYRICS, [*SUNG, *words("yeah")])
    assert lines[-1].text == "yeah" and len(lines[-1].words) == 1


def test_nothing_sung_has_lines_without_words() -> None:
    assert all(not line.words for line in timed_lines("[Instrumental]", ()))


def test_the_three_formats() -> None:
    lines = timed_lines(LYRICS, SUNG)
    plain, enhanced = lrc(lines, "T", 80.0), lrc(lines, "T", 80.0, enhanced=True)
    assert plain.splitlines()[2:4] == ["[length:01:20]", "[00:10.00]It's a beautiful day"]
    assert "[00:10.00]<00:10.00>It's <00:11.00>a" in enhanced
    assert srt(lines).startswith("1\n00:00:10,000 --> 00:00:13,750\nIt's a beautiful day\n\n2\n")
    assert "La <00:00:18.000>&lt;la&gt;" in vtt(lines, "T")
    starts = re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) -->", vtt(lines, "T"))
    assert starts == sorted(starts) and len(starts) == 3
