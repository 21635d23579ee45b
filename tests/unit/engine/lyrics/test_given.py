"""What happens to words the user wrote."""

import time
from pathlib import Path

import pytest
from lyric_styles import style

from songwright.engine.lyrics import write_lyrics
from songwright.engine.lyrics.tags import read_tag
from songwright.engine.material import Assets, Brief, Lyrics


def _read(text: str, assets: Assets, **other: str) -> Lyrics:
    return write_lyrics(Brief(lyrics=text, **other), style(), assets)


def _lead(lyrics: Lyrics) -> str:
    return " ".join(line.text for s in lyrics.sections for line in s.lines if not line.backing)


@pytest.mark.parametrize(
    ("line", "kind", "hint"),
    [
        ("[Verse 1]", "verse", ""), ("[Chorus]", "chorus", ""), ("(Chorus:)", "chorus", ""), ("**Verse**", "verse", ""),
        ("Chorus:", "chorus", ""), ("[Pre-Chorus]", "prechorus", ""), ("[Post-Chorus]", "postchorus", ""),
        ("[Bridge]", "bridge", ""), ("[Hook]", "chorus", ""), ("[Refrain]", "chorus", ""), ("[Rap]", "rap", ""),
        ("[Intro]", "intro", ""), ("[Outro]", "outro", ""), ("[Instrumental]", "solo", ""),
        ("[Guitar solo]", "solo", "guitar"),
        ("[Break]", "break", ""), ("[Build]", "build", ""), ("[Drop]", "drop", ""), ("[Interlude]", "break", ""),
        ("[End]", "outro", ""), ("## Verse 2", "verse", ""), ("VERSE 2", "verse", ""), ("[Final Chorus]", "chorus", ""),
        ("[Verse 2: whispered]", "verse", "whispered"), ("[Whispered]", None, "Whispered"), ("[Coro]", "chorus", ""),
        ("【サビ】", "chorus", ""), ("[Brücke]", "bridge", ""), ("[Припев]", "chorus", ""), ("[Куплет 1]", "verse", ""),
        ("[후렴]", "chorus", ""), ("[前奏]", "intro", ""), ("[间奏]", "break", ""), ("[Interlúdio]", "break", ""),
        ("[Introducción]", "intro", ""), ("[Spoken]", None, "Spoken"), ("Verse Two", "verse", ""),
        ("VERSE II", "verse", ""),
        ("[Solo de guitarra]", "solo", "de guitarra"), ("[Chorus x2]", "chorus", ""),
    ],
)  # fmt: skip
def test_tags_are_known_in_every_spelling(line: str, kind: str | None, hint: str) -> None:
    tag = read_tag(line)
    assert tag is not None
    assert (tag.kind, tag.hint) == (kind, hint)


@pytest.mark.parametrize(
    "line", ["I love you", "(I love you)", "The end of the road: here", "*sigh*", "Break my heart"]
)
def test_words_are_no_tags(line: str) -> None:
    assert read_tag(line) is None


def test_sections_keep_their_labels_order_and_emptiness(assets: Assets) -> None:
    lyrics = _read("[Intro]\n\n[Verse 1]\nHello my friend\n\n[Guitar solo]\n\n[Chorus]\nSing with me\n", assets)
    assert [(s.kind, s.label, len(s.lines)) for s in lyrics.sections] == [
        ("intro", "Intro", 0), ("verse", "Verse 1", 1), ("solo", "Guitar solo", 0), ("chorus", "Chorus", 1),
    ]  # fmt: skip
    assert lyrics.text.startswith("[Intro]")


def test_backing_vocals_stand_on_their_own_right_after_the_lead(assets: Assets) -> None:
    lyrics = _read("[Verse]\nI love you (love you) so\n(ooh, la la)\nGoodbye", assets)
    assert [(x.text, x.backing) for x in lyrics.sections[0].lines] == [
        ("I love you so", False), ("love you", True), ("ooh, la la", True), ("Goodbye", False),
    ]  # fmt: skip


def test_a_parenthesis_over_several_lines_is_all_backing(assets: Assets) -> None:
    lyrics = _read("[Chorus]\n(ooh ooh\nla la la)\nstay", assets)
    assert [x.backing for x in lyrics.sections[0].lines] == [True, True, False]


def test_unlabelled_words_find_their_chorus_by_repetition(assets: Assets) -> None:
    chorus = "We are the light\nWe are the day"
    lyrics = _read(
        f"One small step\nand then one more\n\n{chorus}\n\nTwo more steps\nacross the floor\n\n{chorus}", assets
    )
    assert [s.kind for s in lyrics.sections] == ["verse", "chorus", "verse", "chorus"]
    assert any("no section tags" in note for note in lyrics.notes)


def test_forty_lines_without_a_break_are_divided(assets: Assets) -> None:
    lyrics = _read("\n".join(f"this is the line that tells of {k}" for k in range(40)), assets)
    assert len(lyrics.sections) >= 8
    assert sum(len(s.lines) for s in lyrics.sections) == 40
    assert {"verse", "chorus"} <= {s.kind for s in lyrics.sections}


def test_every_lead_word_is_sung_once_in_order(assets: Assets) -> None:
    verse = "Well, it's 10:30 on May 21st & I owe $5.50, w/ love — Mr. Jones!"
    lyrics = _read(f"[Verse]\n{verse}\n[Chorus]\nDamn it all to hell… (yeah)", assets)
    words = " ".join(w.text for s in lyrics.sections for line in s.lines if not line.backing for w in line.words)
    assert words == f"{verse} Damn it all to hell…"


def test_a_long_line_is_divided_and_loses_nothing(assets: Assets) -> None:
    line = "I was walking down the avenue when suddenly the rain began to fall, and all the people ran for cover, " * 2
    lyrics = _read(f"[Verse]\n{line}", assets)
    assert _lead(lyrics) == line.strip()
    assert all(len(x.syllables) <= 14 for s in lyrics.sections for x in s.lines)
    assert any(x.text.endswith(",") for x in lyrics.sections[0].lines)


def test_punctuation_alone_gives_no_sections_and_a_note(assets: Assets) -> None:
    for text in ("...", "!!! ??? ---", "😀🎉", "\x00\x00", "[Verse]\n***"):
        lyrics = _read(text, assets)
        assert lyrics.sections == ()
        assert any("no words" in note for note in lyrics.notes)


def test_emoji_are_named_and_not_sung(assets: Assets) -> None:
    lyrics = _read("[Verse]\nI love 🎉 you 😀", assets)
    assert [len(w.syllables) for w in lyrics.sections[0].lines[0].words] == [1, 1, 1]
    assert any("🎉" in note for note in lyrics.notes)


def test_an_unknown_tag_becomes_a_hint(assets: Assets) -> None:
    lyrics = _read("[Whispered]\n[Verse]\nhello\n[Chorus]\nhey\n[Shouted]\nho", assets)
    assert [(s.kind, s.hint, len(s.lines)) for s in lyrics.sections] == [
        ("verse", "Whispered", 1),
        ("chorus", "Shouted", 2),
    ]


def test_a_chorus_named_again_is_sung_again(assets: Assets) -> None:
    lyrics = _read("[Chorus]\nSing with me\n[Verse]\nOne\n[Chorus]\n\n[Verse]\nTwo\n[Repeat Chorus]\n", assets)
    assert [[x.text for x in s.lines] for s in lyrics.sections if s.kind == "chorus"] == [["Sing with me"]] * 3
    twice = _read("[Chorus x2]\nSing with me\n[Verse]\nOne", assets)
    assert len(twice.sections[0].lines) == 2


def test_marks_without_width_neither_divide_words_nor_hide_tags(assets: Assets) -> None:
    lyrics = _read("[Ver\u200bse]\nhel\u200blo wo\u200drld \ufeffsing\u00ad \u202ealong\u202c", assets)
    assert lyrics.language == "en"
    assert [(w.text, len(w.syllables)) for w in lyrics.sections[0].lines[0].words] == [
        ("hello", 2), ("world", 1), ("sing", 1), ("along", 2),
    ]  # fmt: skip


def test_a_doctor_pays_on_third_street(assets: Assets) -> None:
    words = [
        w
        for s in _read("[Verse]\nDr. Smith paid $5.50 at 7:30pm on 3rd St.", assets).sections[0].lines
        for w in s.words
    ]
    assert [len(w.syllables) for w in words] == [2, 1, 1, 5, 1, 6, 1, 1, 1]
    assert words[-1].syllables[0].onset == "stɹ"


@pytest.mark.parametrize(
    "text", ["la la la\nla la la", "visit https://example.com or me@mail.com", "na na na", "hello"]
)
def test_a_word_or_an_address_proves_no_other_language(assets: Assets, text: str) -> None:
    assert _read(text, assets).language == "en"


def test_numbers_and_letters_inside_japanese_and_chinese_are_sung(assets: Assets) -> None:
    pytest.importorskip("janome")
    pytest.importorskip("pypinyin")
    japanese = _read("歌を3回、ABCの音楽", assets).sections[0].lines
    assert "".join(line.text for line in japanese) == "歌を3回、ABCの音楽"
    assert sum(len(line.syllables) for line in japanese) == len(
        [*"うた", "を", "さん", *"かい", *"ABC", "の", "おん", *"がく"]
    )
    chinese = _read("我有3个苹果，love你", assets).sections[0].lines
    assert [w.text for line in chinese for w in line.words] == ["我", "有", "3", "个", "苹", "果，", "love", "你"]


def test_the_title_comes_from_the_chorus(assets: Assets) -> None:
    assert _read("[Verse]\nhello there\n[Chorus]\nburning all night, oh yes", assets).title == "Burning All Night"
    assert _read("[Verse]\nhello", assets, title="Mine").title == "Mine"


_HARD = {
    "5000 characters": "la di da and on we go\n" * 227,
    "one line of 5000": "and on and on we go " * 250,
    "one word": "hello",
    "sixty syllables": "and " * 60,
    "mixed scripts": "hello 世界 and мир and שלום and 안녕 नमस्ते",
    "right to left": "שלום עולם\nمرحبا يا عالم",
    "numbers": "1 22 333 4444 55555 666666 7777777 1,000,000 $3.99 50% 1/2 24/7 9am 10:30 90s #1 3rd 1e9 007",
    "profanity": "fuck this shit, damn it all",
    "zero byte": "hello\x00world",
    "one endless word": "a" * 4000,
    "endless consonants": "bcdfg" * 800,
    "surrogate": "hello \ud800 world",
    "brackets": "[[[[((((hello))))]]]]\n[unclosed\n(unclosed\n)\n]",
    "combining": "e" + "\u0301" * 300 + " hello",
    "links": "see https://www.example.com/song?id=3&x=%20 and me@mail.com",
    "sixty syllables without a space": "la-la-" * 30,
    "a thousand tags": "[Verse]\nla\n" * 1000,
    "tabs": "\t\tVerse:\t\n\r\n\rhello\r\n",
}


@pytest.mark.parametrize("name", list(_HARD))
def test_hard_input_is_sung_as_well_as_can_be(assets: Assets, name: str) -> None:
    started = time.process_time()
    lyrics = _read(_HARD[name], assets)
    # Work, not waiting: a hang would be a thousand times this.
    assert time.process_time() - started < 20
    for section in lyrics.sections:
        for line in section.lines:
            assert line.words
            assert all(w.syllables and len(w.syllables) <= 24 for w in line.words)
    assert lyrics.sections


def test_without_dictionaries_the_rules_still_sing(tmp_path: Path) -> None:
    lyrics = _read("[Verse]\nWalking home tonight", Assets(tmp_path))
    assert [len(w.syllables) for w in lyrics.sections[0].lines[0].words] == [2, 1, 2]
    assert any("dictionaries are missing" in note for note in lyrics.notes)
