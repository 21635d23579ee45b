from dataclasses import replace
from pathlib import Path

import pytest

from songwright.engine.material import Assets, Brief
from songwright.engine.voice import SINGERS, NoVoice, choose_singer
from songwright.engine.voice import singers as room


def test_there_are_eight_and_more_english_singers_of_both_kinds():
    english = [s for s in SINGERS if s.language == "en"]
    assert len({s.blend for s in english}) >= 8
    assert {s.gender for s in english} == {"female", "male"}
    assert len({s.name for s in SINGERS}) == len(SINGERS)


def test_both_clips_of_a_task_share_their_singer_and_seeds_differ(assets, make_style):
    for seed in range(5):
        first, second = (choose_singer(Brief(seed=seed, take=t), make_style(), "en", assets) for t in (0, 1))
        assert first == second
    assert len({choose_singer(Brief(seed=s), make_style(), "en", assets).name for s in range(30)}) >= 5


@pytest.mark.parametrize("gender", ["female", "male"])
def test_gender_is_heard_from_brief_and_style(gender, assets, make_style):
    style = make_style()
    assert choose_singer(Brief(gender=gender), style, "en", assets).gender == gender
    assert choose_singer(Brief(), replace(style, gender=gender), "en", assets).gender == gender


def test_a_singer_is_found_by_name(assets, make_style):
    assert choose_singer(Brief(voice="felix"), make_style(), "en", assets).name == "Felix"
    assert choose_singer(Brief(voice="af_bella"), make_style(), "en", assets).name == "Mabel"


def test_an_unknown_name_or_language_is_sung_and_said(assets, make_style):
    assert "Caruso" in choose_singer(Brief(voice="Caruso"), make_style(), "en", assets).fallback
    finnish = choose_singer(Brief(), make_style(), "fi", assets)
    assert finnish.kind == "neural"
    assert "'fi'" in finnish.fallback


@pytest.mark.parametrize("language", ["es", "fr", "pt", "it", "zh", "ja", "hi"])
def test_other_languages_have_their_own_singers(language, assets, make_style):
    singer = choose_singer(Brief(gender="female"), make_style(), language, assets)
    assert (singer.language, singer.fallback) == (language, "")


def test_breathy_styles_prefer_breathy_singers(assets, make_style):
    style = make_style(manner="soft breathy whispered close")
    names = [choose_singer(Brief(seed=s), style, "en", assets).name for s in range(20)]
    assert names.count("Nell") >= 10


def test_without_the_model_a_synthetic_voice_sings_and_says_so(tmp_path: Path, make_style, monkeypatch):
    monkeypatch.setattr(room.shutil, "which", lambda _name: "/usr/bin/espeak-ng")
    singer = choose_singer(Brief(gender="male"), make_style(), "en", Assets(tmp_path))
    assert (singer.kind, singer.gender) == ("espeak", "male")
    assert "not installed" in singer.fallback


def test_without_any_voice_the_reason_says_what_to_do(tmp_path: Path, make_style, monkeypatch):
    monkeypatch.setattr(room.shutil, "which", lambda _name: None)
    with pytest.raises(NoVoice, match="espeak-ng"):
        choose_singer(Brief(), make_style(), "en", Assets(tmp_path))


def test_ranges_are_where_people_sing():
    for singer in SINGERS:
        assert 36 <= singer.low_midi <= 55
        assert 15 <= singer.high_midi - singer.low_midi <= 18
