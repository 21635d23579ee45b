import json
import re
from pathlib import Path

import pytest

from songwright.engine.encode import enhanced_lrc, line_times, lrc, srt, vtt, word_entries, write_words
from songwright.engine.material import WordTime

TIMES = (
    WordTime("Hello,", 2.0, 2.45, 0, 0, "lead", (("Hel", 2.0, 2.2), ("lo,", 2.2, 2.45))),
    WordTime("<wörld>", 2.5, 3.2, 0, 0, "lead", (("<wörld>", 2.5, 3.2),)),
    WordTime("ooh", 3.0, 3.9, 1, 0, "backing", (("ooh", 3.0, 3.9),)),
    WordTime("& me", 3.1, 3.4, 0, 0, "lead", (("& me", 3.1, 3.4),)),
    WordTime("Again", 3725.9996, 3726.5, 2, 1, "adlib", (("A", 3725.9996, 3726.1), ("gain", 3726.1, 3726.5))),
)
WORDS = word_entries(TIMES)


def test_words_json_holds_what_the_formats_need(tmp_path: Path) -> None:
    write_words(tmp_path / "words.json", TIMES)
    assert json.loads((tmp_path / "words.json").read_text(encoding="utf-8")) == WORDS
    assert WORDS[0] == {
        "word": "Hello,", "start_s": 2.0, "end_s": 2.45, "line": 0, "section": 0, "role": "lead",
        "syllables": [{"text": "Hel", "start_s": 2.0, "end_s": 2.2}, {"text": "lo,", "start_s": 2.2, "end_s": 2.45}],
    }  # fmt: skip


def test_a_line_is_kept_together_when_the_choir_answers_inside_it() -> None:
    lines = line_times(WORDS)
    assert [line["text"] for line in lines] == ["Hello, <wörld> & me", "ooh", "Again"]
    assert [(line["start_s"], line["end_s"]) for line in lines] == [(2.0, 3.4), (3.0, 3.9), (3726.0, 3726.5)]


def test_lrc_times_lines_and_clears_them_before_long_pauses() -> None:
    text = lrc(WORDS, title="Grüße\nvom Meer")
    assert text.startswith("[ti:Grüße vom Meer]\n")
    assert "[00:02.00]Hello, <wörld> & me\n[00:03.00]ooh\n[00:03.90]\n[62:06.00]Again\n" in text


def test_enhanced_lrc_times_every_word_and_the_end_of_the_line() -> None:
    text = enhanced_lrc(WORDS)
    assert "[00:02.00]<00:02.00>Hello, <00:02.50><wörld> <00:03.10>& me<00:03.40>\n" in text
    assert "[62:06.00]<62:06.00>Again<62:06.50>\n" in text


def test_srt_has_a_numbered_cue_per_line() -> None:
    assert srt(WORDS).startswith("1\n00:00:02,000 --> 00:00:03,400\nHello, <wörld> & me\n\n2\n00:00:03,000 --> ")
    assert "3\n01:02:06,000 --> 01:02:06,500\nAgain\n" in srt(WORDS)


def test_vtt_stamps_lie_inside_their_cue_in_order_and_text_is_escaped() -> None:
    text = vtt(WORDS, title="A --> B")
    assert text.startswith("WEBVTT - A --&gt; B\n\n00:00:02.000 --> 00:00:03.400\nHello, <00:00:02.500>&lt;wörld&gt; ")
    twins = [{"word": "a", "start_s": 1.0, "end_s": 1.1}, {"word": "b", "start_s": 1.0, "end_s": 1.2}]
    assert "\na b\n" in vtt(twins)
    for cue in re.findall(r"(\S+) --> (\S+)\n(.*)", text):
        stamps = re.findall(r"<(\d\d:\d\d:\d\d\.\d{3})>", cue[2])
        assert stamps == sorted(set(stamps))
        assert all(cue[0] < stamp < cue[1] for stamp in stamps)


@pytest.mark.parametrize("form", [lrc, enhanced_lrc, srt, vtt])
def test_words_of_older_files_are_divided_at_pauses(form) -> None:
    old = [{"word": w, "start_s": s, "end_s": s + 0.4} for w, s in (("one", 1.0), ("two", 1.5), ("three", 3.0))]
    assert [line["text"] for line in line_times(old)] == ["one two", "three"]
    assert "three" in form(old)


def test_no_words_make_empty_but_valid_files(tmp_path: Path) -> None:
    write_words(tmp_path / "words.json", ())
    assert json.loads((tmp_path / "words.json").read_text()) == []
    assert srt([]) == ""
    assert vtt([]).startswith("WEBVTT")
    assert "[length:00:00]" in lrc([])
