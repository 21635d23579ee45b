"""The words of the video: in time, in the frame, and never anything but words."""

import itertools
import re

import pytest

from songwright.engine.typeface import SANS
from songwright.engine.video.subtitles import LEFT_PX, RIGHT_PX, VideoLine, subtitle_script

ACCENT = (250, 180, 20)


def line(text: str, start_s: float, word_s: float = 0.4) -> VideoLine:
    words = tuple((w, start_s + i * word_s, start_s + (i + 0.9) * word_s) for i, w in enumerate(text.split(" ")))
    return VideoLine(start_s, words[-1][2], words)


def script(*lines: VideoLine, duration_s: float = 60.0) -> str:
    return subtitle_script(lines, duration_s, ACCENT, None)[0]


def events(text: str, style: str) -> list[tuple[float, float, str]]:
    def seconds(clock: str) -> float:
        hours, minutes, rest = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    rows = (row.split(",", 9) for row in text.splitlines() if row.startswith("Dialogue:"))
    return [(seconds(row[1]), seconds(row[2]), row[9]) for row in rows if row[3] == style]


def test_each_word_is_coloured_when_it_is_sung():
    (start_s, _, text), *_ = events(script(line("one two three", 10.0)), "Sung")
    clock = round(start_s * 100)
    sung = {}
    for pause, length, word in re.findall(r"\{\\k(\d+)\} ?\{\\kf(\d+)\}([^{\\]+)", text):
        clock += int(pause)
        sung[word] = clock / 100
        clock += int(length)
    assert sung == pytest.approx({"one": 10.0, "two": 10.4, "three": 10.8}, abs=0.011)


def test_lines_follow_each_other_without_standing_on_one_another():
    windows = events(script(*(line("la la la la", 5 + 2.0 * n) for n in range(8))), "Sung")
    assert len(windows) == 8
    for (_, end_s, _), (start_s, _, _) in itertools.pairwise(windows):
        assert end_s <= start_s + 0.011


def test_a_line_is_seen_before_it_is_sung():
    lines = [line("la la", 4.0), line("la la", 20.0), line("la la", 22.0)]
    for given, (start_s, _, _) in zip(lines, events(script(*lines), "Sung"), strict=True):
        assert start_s <= given.start_s - 0.7


@pytest.mark.parametrize(
    "word",
    [
        "{\\fs200}big",
        "\\Nnew",
        "}x{",
        "a\\b",
        "{\\p1}m 0 0 l 9 9",
        "x\nDialogue: 0,0:00:00.00",
        "a\r\nb",
        "\x00nul",
        "\u2028z",
    ],
)
def test_user_text_never_becomes_a_tag_or_an_event(word):
    clean, odd = script(VideoLine(1, 2, (("safe", 1.0, 2.0),))), script(VideoLine(1, 2, ((word, 1.0, 2.0),)))
    assert len(odd.splitlines()) == len(clean.splitlines())
    (_, _, shown), *_ = events(odd, "Sung")
    visible = re.sub(r"^\{[^}]*\}\{\\k\d+\}\{\\kf\d+\}", "", shown)
    assert not set(visible) & set("{}\\\r\n")


def test_words_nobody_can_write_show_no_line():
    assert events(script(line("أغنية المطر", 3.0)), "Sung") == []


def test_a_word_nobody_can_write_is_left_off_its_line():
    (_, _, shown), *_ = events(script(line("hello हिन्दी - world", 3.0)), "Sung")
    assert re.sub(r"\{[^}]*\}", "", shown).split() == ["hello", "-", "world"]


@pytest.mark.parametrize("text", ["word " * 30 + "end", "W" * 44, "a " * 40 + "b"])
def test_long_lines_stay_in_the_frame(text):
    (_, _, shown), *_ = events(script(line(text, 3.0, 0.1)), "Sung")
    size_px = int(re.search(r"\\fs(\d+)", shown)[1]) / (sum(SANS.font(100).getmetrics()) / 100)
    rows = re.sub(r"\{[^}]*\}", "", shown).split("\\N")
    assert len(rows) <= 3
    assert max(SANS.font(size_px).getlength(row) for row in rows) <= (RIGHT_PX - LEFT_PX) * 1.03 or text[0] == "W"


def test_an_instrumental_has_only_the_progress_line():
    text = script()
    assert events(text, "Sung") == [] and events(text, "Near") == []
    (start_s, end_s, _), *rest = events(text, "Bar")
    assert (start_s, end_s, rest) == (0.0, 60.0, [])


def test_nothing_is_shown_after_the_end():
    for style in ("Sung", "Near"):
        assert all(
            end_s <= 12 for _, end_s, _ in events(script(line("la la", 11.0), line("la", 13.0), duration_s=12.0), style)
        )
