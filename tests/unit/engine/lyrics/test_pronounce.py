"""How words are said."""

from collections.abc import Callable

import pytest

from songwright.engine.lyrics.language import detect_language
from songwright.engine.lyrics.letters import sound_out
from songwright.engine.lyrics.pronounce import make_speaker
from songwright.engine.lyrics.romance import romance_phonemes, romanise
from songwright.engine.lyrics.spoken import spoken
from songwright.engine.lyrics.syllabify import divide_letters, syllabify
from songwright.engine.material import Assets, Syllable

Say = Callable[..., tuple[Syllable, ...]]


@pytest.fixture
def say(assets: Assets) -> Say:
    def _say(text: str, language: str = "en") -> tuple[Syllable, ...]:
        return tuple(s for w in make_speaker(assets, language, [text]).words(text) for s in w.syllables)

    return _say


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("$5.50", "five dollars fifty"), ("50%", "fifty percent"), ("21st", "twenty first"), ("1999",
        "nineteen ninety nine"),
        ("2005", "two thousand five"), ("2024", "twenty twenty four"), ("10:30", "ten thirty"), ("5am", "five A M"),
        ("80s", "eighties"), ("'90s", "nineties"), ("24/7", "twenty four seven"), ("1,000,000", "one million"),
        ("3.14", "three point one four"), ("&", "and"), ("w/", "with"), ("Mr.", "mister"), ("#1", "number one"),
        ("4ever", "forever"), ("gr8", "great"), ("555-1234",
        "five hundred fifty five one thousand two hundred thirty four"),
        ("rock-n-roll", "rock n roll"), ("R.E.M.", "REM"), ("!!!", ""), ("😀", ""), ("$2k", "two thousand dollars"),
        ("1234567", "one two three four five six seven"), ("12:05", "twelve oh five"),
    ],
)  # fmt: skip
def test_what_is_written_is_said(token: str, words: str) -> None:
    assert " ".join(spoken(token)) == words


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("every", 2), ("fire", 1), ("hour", 1), ("heaven", 2), ("walkin'", 2), ("dreamin'", 2), ("wanted", 2),
        ("kissed", 1),
        ("wishes", 2), ("girls'", 1), ("we'll", 1), ("unbreakable", 4), ("moonlit", 2), ("FBI", 3), ("NASA", 2),
        ("LOVE", 1),
        ("sooooo", 1), ("rock-n-roll", 3), ("1999", 5), ("skibidi", 3), ("evening", 2), ("wonderland", 3),
        ("couldn't", 2),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_sung(say: Say, word: str, count: int) -> None:
    assert len(say(word)) == count


def test_function_words_are_light_and_content_words_heavy(say: Say) -> None:
    assert [s.stress for s in say("the night is on my side")] == [0, 2, 0, 0, 0, 2]
    assert [s.stress for s in say("tonight beautiful")] == [0, 2, 2, 0, 0]


def test_heteronyms_follow_the_word_before(say: Say) -> None:
    assert say("the wind")[-1].nucleus == "ɪ"
    assert say("I live")[-1].nucleus == "ɪ"
    assert say("to record")[-1].stress == 2
    assert say("a record")[1].stress == 2


def test_the_is_said_by_the_sound_after_it(say: Say) -> None:
    assert say("the ocean")[0].nucleus == "i"
    assert say("the night")[0].nucleus == "ə"


def test_letters_are_shared_out_and_none_is_lost(say: Say) -> None:
    for word in ("beautiful", "wanted", "walking", "tomorrow", "heartbreaker", "queue", "rhythm", "o'clock"):
        syllables = say(word)
        assert "".join(s.text for s in syllables) == word
        assert all(s.text for s in syllables)
    assert divide_letters("summer", 2) == ["sum", "mer"]
    assert divide_letters("dancing", 2) == ["dan", "cing"]


def test_consonants_begin_a_syllable_as_far_as_they_can() -> None:
    first, second = syllabify("ˈæstɹO", "astro")
    assert (first.coda, second.onset) == ("", "stɹ")


def test_spelling_rules_alone_count_syllables() -> None:
    known = {
        "home": 1,
        "walking": 2,
        "station": 2,
        "table": 2,
        "kissed": 1,
        "wanted": 2,
        "flower": 2,
        "zorp": 1,
        "people": 2,
    }
    counted = {word: len(syllabify(sound_out(word), word)) for word in known}
    assert sum(counted[w] == n for w, n in known.items()) >= len(known) - 1, counted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I love you and the night", "en"), ("la noche y el corazón", "es"), ("je t'aime dans la nuit", "fr"),
        ("eu não quero mais você", "pt"), ("il cuore e la notte sono miei", "it"), ("ich liebe dich und die Nacht",
        "de"),
        ("月亮在海上", "zh"), ("夜の海に歌う", "ja"), ("사랑해요", "ko"), ("я тебя люблю", "ru"), ("שלום", "he"),
        ("zzz",
        "en"),
    ],
)  # fmt: skip
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_italian_vowel_pairs_share_a_note(say: Say) -> None:
    assert len(say("mio", "it")) == 1
    assert len(say("cuore", "it")) == 2
    assert len(say("luna", "it")) == 2
    assert len(say("poesia", "it")) == 3


@pytest.mark.parametrize(
    ("word", "language", "phonemes"),
    [
        ("corazón", "es", "koɾaθˈon"), ("noche", "es", "nˈoʧe"), ("cuore", "it", "kwˈore"), ("giorno", "it", "ʤˈorno"),
        ("canção", "pt", "kansˈɐ̃w"), ("guerra", "es", "ɡˈera"),
    ],
)  # fmt: skip
def test_romance_spelling_is_read_without_any_program(word: str, language: str, phonemes: str) -> None:
    assert romance_phonemes(word, language) == phonemes


def test_any_script_has_a_romanisation() -> None:
    assert romanise("사랑") == "sarang"
    assert romanise("море") == "more"


def test_chinese_is_one_syllable_a_character(assets: Assets) -> None:
    pytest.importorskip("pypinyin")
    words = make_speaker(assets, "zh", []).words("月亮在海上，我等你")
    assert [len(w.syllables) for w in words] == [1] * 8
    assert words[4].text == "上，"


def test_japanese_kanji_are_read(assets: Assets) -> None:
    pytest.importorskip("janome")
    words = make_speaker(assets, "ja", []).words("夜の海")
    assert "".join(w.text for w in words) == "夜の海"
    assert sum(len(w.syllables) for w in words) == 5
