"""Covers: for any title, different by seed, the same again, readable."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from songwright.engine.cover_art import draw_cover
from songwright.engine.cover_art.choice import FAMILIES, STYLE_FAMILIES, TITLE_WORDS, choose_family
from songwright.engine.cover_art.lettering import TitleBox, _set, draw_title
from songwright.engine.cover_art.palette import PALETTES, choose_palette, contrast, luminance
from songwright.engine.material import DrumKit, MelodyTraits, MixTraits, Player, Style, VocalTraits
from songwright.engine.typeface import SANS, SHIPPED

SIZE_PX = 192


def style(name: str = "pop", mood: str = "bright") -> Style:
    return Style(
        name=name,
        bpm=100,
        metre="4/4",
        beats_per_bar=4,
        steps_per_bar=16,
        swing=0.5,
        swing_unit=8,
        modes={},
        tonic_pcs=(),
        chords={},
        forms=(),
        drums=DrumKit(kit="standard", grooves={}, fills=()),
        bass=Player(name="bass", role="bass", program=33, low_midi=28, high_midi=48),
        players=(),
        melody=MelodyTraits(),
        vocal=VocalTraits(),
        mix=MixTraits(),
        mood=mood,
    )


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=np.int16)


ODD_TITLES = [
    "",
    " ",
    "x" * 200,
    "word " * 40,
    "🎵🎶",
    "أغنية المطر",
    "\x00\x1b[31m\u202e",
    "\ud800",
    "夏" * 90,
    "\n\n",
    "ﷺ" * 9,
]


@pytest.mark.parametrize("title", ODD_TITLES, ids=[ascii(t[:6]) for t in ODD_TITLES])
def test_any_title_gives_a_picture(title):
    image = Image.open(BytesIO(draw_cover(title, style(), 1, SIZE_PX)))
    assert (image.format, image.size, image.mode) == ("PNG", (SIZE_PX, SIZE_PX), "RGB")
    assert np.asarray(image).std() > 8


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("mood", PALETTES)
def test_every_family_paints_in_every_mood(family, mood):
    painting = FAMILIES[family](SIZE_PX, choose_palette(mood, 1), np.random.default_rng(5))
    assert painting.canvas.image.size == (SIZE_PX, SIZE_PX)
    assert len(np.unique(np.asarray(painting.canvas.image).reshape(-1, 3), axis=0)) > 50


def test_the_same_order_gives_the_same_bytes_and_another_seed_another_picture():
    first = draw_cover("Summer", style(), 10, SIZE_PX)
    assert draw_cover("Summer", style(), 10, SIZE_PX) == first
    assert np.abs(pixels(first) - pixels(draw_cover("Summer", style(), 11, SIZE_PX))).mean() > 8


def test_both_clips_of_a_task_have_covers_that_differ():
    for seed in range(0, 40, 2):
        one, two = (pixels(draw_cover("Harbour", style(), s, 64)) for s in (seed, seed + 1))
        assert np.abs(one - two).mean() > 5


def test_title_words_and_style_choose_the_family_most_of_the_time():
    chosen = [choose_family("Mountain road", "country", np.random.default_rng(s)) for s in range(60)]
    assert chosen.count(FAMILIES["paper_cut"]) > 30


def test_words_and_styles_name_only_families_that_exist():
    assert TITLE_WORDS.keys() == FAMILIES.keys()
    assert {family for families in STYLE_FAMILIES.values() for family in families} <= FAMILIES.keys()


def test_palettes_run_from_dark_to_light():
    for palettes in PALETTES.values():
        for palette in palettes:
            assert contrast(luminance(palette.ink), luminance(palette.light)) >= 9


@pytest.mark.parametrize("grey", [0, 90, 128, 160, 255])
def test_a_title_stands_out_from_any_ground(grey):
    palette = choose_palette("neutral", 0)
    noise = np.random.default_rng(3).integers(max(0, grey - 60), min(255, grey + 60) + 1, (256, 256, 3))
    image = Image.fromarray(noise.astype(np.uint8)).resize((512, 512))
    draw_title(image, "Mmm", SANS, TitleBox(0.1, 0.1, 0.9, 0.5), palette)
    drawn = np.asarray(image, dtype=int)
    inked = [luminance(c) for c in (palette.light, palette.ink) if (drawn == np.array(c)).all(axis=2).sum() > 500]
    assert len(inked) == 1
    letters = [(drawn == np.array(c)).all(axis=2) for c in (palette.light, palette.ink)]
    ground_there = drawn[60:240, 60:440][~(letters[0] | letters[1])[60:240, 60:440]]
    median = np.median(ground_there, axis=0)
    assert contrast(inked[0], luminance(tuple(median))) >= 3.5


def test_a_small_cover_is_the_same_kind_of_picture():
    large = Image.open(BytesIO(draw_cover("City", style("lofi", "dark"), 4, 512))).resize(
        (64, 64), Image.Resampling.BOX
    )
    small = Image.open(BytesIO(draw_cover("City", style("lofi", "dark"), 4, 64)))
    difference = np.abs(np.asarray(large, dtype=int).mean(axis=(0, 1)) - np.asarray(small, dtype=int).mean(axis=(0, 1)))
    assert difference.max() < 25


def test_no_word_of_a_title_is_broken_when_it_fits() -> None:
    for face in SHIPPED:
        for width_px in (420.0, 560.0, 700.0):
            font = face.font(120)
            block = _set("Summer Days", font, 120, width_px)
            if font.getlength("Summer") <= width_px:
                assert "".join(f"{line} " for line in block.lines).split() == ["Summer", "Days"]
