"""The style book is complete, and a broken file is named with its field."""

from collections import Counter
from importlib import resources

import pytest

from songwright.engine.styles import StyleFileError, load_style, style_names
from songwright.engine.styles.book import SECTION_KINDS, entry_from_text, read_entry
from songwright.engine.styles.words import squash

POP = (resources.files("songwright.engine.styles") / "data" / "pop.yaml").read_text(encoding="utf-8")


def test_there_are_at_least_28_styles() -> None:
    assert len(style_names()) >= 28


@pytest.mark.parametrize("name", style_names())
def test_every_style_has_alternatives_for_the_band(name: str) -> None:
    style = load_style(name)
    assert len(style.drums.grooves["verse"]) >= 2
    assert len(style.drums.grooves["chorus"]) >= 2
    assert len(style.drums.fills) >= 2
    assert len(style.players) >= 3
    assert len(style.bass.patterns["verse"]) >= 2


@pytest.mark.parametrize("name", style_names())
def test_every_kind_of_section_has_chords_grooves_and_patterns(name: str) -> None:
    style = load_style(name)
    for kind in SECTION_KINDS:
        assert style.chords[kind]
        assert style.drums.grooves[kind]
        assert all(player.patterns[kind] for player in (style.bass, *style.players))


@pytest.mark.parametrize("name", style_names())
def test_every_player_plays_somewhere(name: str) -> None:
    for player in load_style(name).players:
        assert any(pattern for alternatives in player.patterns.values() for pattern in alternatives), player.name


def test_no_word_names_two_styles() -> None:
    words = Counter(squash(word) for name in style_names() for word in read_entry(name).synonyms)
    assert [word for word, count in words.items() if count > 1] == []


def test_grooves_of_two_styles_are_never_the_same() -> None:
    grooves = Counter(str(sorted(load_style(name).drums.grooves["chorus"][0].items())) for name in style_names())
    assert max(grooves.values()) == 1


def test_a_name_the_book_lacks_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_style("polka of the moon")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('k: "X... ..x. ..X. ...."', 'k: "X... ..x. ..X. ..."', "drums.grooves.verse.k"),
        ("{k: ", "{kk: ", "drums.grooves.verse"),
        ("kit: standard", "kit: garage", "drums.kit"),
        ("I:4 V:4 vi:4 IV:4", "I:4 V:4 vi:4 IV:3", "chords.verse"),
        ("I:4 V:4 vi:4 IV:4", "I:4 Z:4 vi:4 IV:4", "chords.verse"),
        ("0:1:6:n", "0:9:6:n", "bass.play.verse"),
        ("swing: 0.5", "swing: 0.9", "swing"),
        ("swing: 0.5", "swing: much", "swing"),
        ("drive: ", "driven: ", "file"),
        ("intro4 verse8", "intro4 choir8", "forms"),
        ("range: [52, 76]", "range: [76, 52]", "piano.range"),
        ("transitions: [riser", "transitions: [elevator", "transitions"),
    ],
)
def test_a_broken_file_is_named_with_its_field(old: str, new: str, place: str) -> None:
    assert old in POP
    with pytest.raises(StyleFileError) as caught:
        entry_from_text(POP.replace(old, new, 1), "pop")
    assert caught.value.file == "pop.yaml"
    assert caught.value.place == place or not caught.value.place
    assert "pop.yaml" in str(caught.value)
