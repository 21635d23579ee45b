"""Which font writes a text, and what is left off."""

import pytest

from songwright.engine.material import Assets
from songwright.engine.typeface import SANS, SERIF, SHIPPED, cjk_face, clean_text, has_glyph, write_with


@pytest.mark.parametrize("face", SHIPPED, ids=lambda face: face.name)
def test_shipped_faces_write_european_languages(face):
    for text in ("Ça déjà vu", "Größe", "Łódź, źdźbło", "Ночной поезд їжак", "Åse på øya", "Señor ¿qué?"):
        assert write_with(text, (face,)) == (face, text)


def test_greek_is_written_by_the_sans():
    assert write_with("Η θάλασσα", (SERIF, SANS)) == (SANS, "Η θάλασσα")


@pytest.mark.parametrize("text", ["夏の歌", "노래", "أغنية", "גשם", "बारिश", "", " \t\n", "🎵🎵", "\x00\x1b", "\ud800"])
def test_a_text_no_shipped_face_can_write_is_not_written(text):
    assert write_with(text, SHIPPED) is None


def test_signs_without_a_glyph_are_left_off_and_letters_stay():
    assert write_with("Stardust 🌟 Heart", SHIPPED) == (SANS, "Stardust Heart")


def test_control_and_format_characters_never_reach_a_picture():
    assert clean_text("a\x00b\u202ec\u200bd\r\n e\ud800f") == "abcd ef"


def test_the_missing_box_is_told_from_a_glyph():
    assert has_glyph(SANS, "A")
    assert not has_glyph(SANS, "歌")


def test_cjk_is_written_when_the_asset_is_there(assets: Assets):
    face = cjk_face(assets.fonts)
    if face is None:
        pytest.skip("the CJK font is an optional asset")
    for text in ("夏の歌", "노래", "中文歌曲"):
        assert write_with(text, (*SHIPPED, face)) == (face, text)


def test_no_folder_means_no_cjk_face(tmp_path):
    assert cjk_face(None) is None
    assert cjk_face(tmp_path) is None
