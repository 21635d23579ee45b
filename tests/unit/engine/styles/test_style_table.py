"""A table of what people type, and what it is understood as."""

import re

import pytest
from style_texts import rows

from songwright.engine.material import Brief, Style
from songwright.engine.styles import style_names, understand_style
from songwright.engine.styles.book import read_entry
from songwright.engine.styles.words import squash
from songwright.engine.theory import MINOR_MODES

ROWS = rows()
TEMPO = re.compile(r"bpm([=<>])(\d+)")


def holds(feature: str, style: Style) -> bool:
    """Whether the style has a feature of the table."""
    mark, rest = feature[0], feature[1:]
    if tempo := TEMPO.fullmatch(feature):
        bpm = float(tempo[2])
        return {"=": style.bpm == bpm, "<": style.bpm < bpm, ">": style.bpm > bpm}[tempo[1]]
    if feature in ("-drums", "-bass"):
        silent = style.drums.grooves if rest == "drums" else style.bass.patterns
        return not any(alternative for alternatives in silent.values() for alternative in alternatives)
    if mark in "+-":
        names = [player.name for player in style.players]
        return any(rest in name for name in names) if mark == "+" else rest not in names
    if mark == "?":
        return any(rest in note for note in style.ignored)
    minor = sum(weight for mode, weight in style.modes.items() if mode in MINOR_MODES)
    named = {
        "!": not style.ignored,
        "female": style.gender == "female",
        "male": style.gender == "male",
        "minor": minor > 0.5,
        "major": minor < 0.5,
        "instrumental": style.instrumental,
        "rap": style.vocal.rap >= 0.5,
    }
    if feature in named:
        return named[feature]
    if feature.startswith("mood="):
        return style.mood == feature.removeprefix("mood=")
    return style.metre == feature if "/" in feature else style.name == feature


@pytest.mark.parametrize(("text", "features"), ROWS, ids=[text for text, _ in ROWS])
def test_what_people_type_is_understood(text: str, features: list[str]) -> None:
    style = understand_style(Brief(style=text, style_weight=1.0, seed=2))
    missing = [feature for feature in features if not holds(feature, style)]
    assert not missing, (style.name, style.bpm, [p.name for p in style.players], style.understood, style.ignored)


def test_the_table_has_28_styles_and_over_120_texts() -> None:
    assert len(ROWS) >= 120
    assert len({feature for _, features in ROWS for feature in features} & set(style_names())) >= 28


def test_at_least_500_words_name_a_genre() -> None:
    assert len({squash(word) for name in style_names() for word in read_entry(name).synonyms}) >= 500


@pytest.mark.parametrize(
    "tag",
    ["phonk", "drill", "hyperpop", "bossa nova", "afrobeats", "k-pop", "city pop", "shoegaze", "bluegrass", "amapiano",
     "reggaeton", "drum and bass", "lo-fi", "cinematic orchestral", "dream pop", "jazz-hop"],
)  # fmt: skip
def test_tags_of_the_trade_leave_nothing_over(tag: str) -> None:
    style = understand_style(Brief(style=tag))
    assert not style.ignored
    assert not any("no style was named" in note for note in style.understood)


def test_a_relative_is_told_from_its_style_by_tempo_or_band() -> None:
    for name in style_names():
        plain = understand_style(Brief(style=name.replace("_", " "), style_weight=1.0))
        for word in read_entry(name).relatives:
            style = understand_style(Brief(style=word, style_weight=1.0))
            if style.name == name:
                bands = [(p.name, p.program) for p in style.players], [(p.name, p.program) for p in plain.players]
                same_sound = style.drums == plain.drums and style.swing == plain.swing
                assert style.bpm != plain.bpm or bands[0] != bands[1] or not same_sound, word


def test_negative_tags_remove_the_part() -> None:
    style = understand_style(Brief(style="rock", negative_style="guitar, organ, drums"))
    assert not {24, 25, 26, 27, 28, 29, 30, 31, 16, 17, 18} & {player.program for player in style.players}
    assert not any(groove for grooves in style.drums.grooves.values() for groove in grooves)
    assert {"without guitar", "without organ", "without drums"} <= set(style.understood)
