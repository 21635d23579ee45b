"""The still picture behind the words: the cover in front of its own blur, darkened so that white text can be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH_PX, HEIGHT_PX = 1280, 720
COVER_BESIDE_PX, COVER_ALONE_PX = 500, 580
COVER_LEFT_PX = 76
CORNER_PX = 14
DARKNESS = 0.62  #: of the blur
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """The picture, and a light vivid colour of the cover for what has been sung."""

    image: Image.Image
    accent: Colour


def paint_scene(cover: Image.Image, *, with_lyrics: bool) -> Scene:
    """The cover on the left with room for words beside it, or in the middle."""
    image = _blurred(cover)
    side = COVER_BESIDE_PX if with_lyrics else COVER_ALONE_PX
    left = COVER_LEFT_PX if with_lyrics else (WIDTH_PX - side) // 2
    top = (HEIGHT_PX - side) // 2
    sheet = Image.new("L", (WIDTH_PX, HEIGHT_PX), 0)
    ImageDraw.Draw(sheet).rounded_rectangle((left, top, left + side - 1, top + side - 1), CORNER_PX, fill=255)
    shadow = Image.new("L", sheet.size, 0)
    shadow.paste(sheet.point([round(v * 0.55) for v in range(256)]), (0, 12))
    image.paste((0, 0, 0), (0, 0), shadow.filter(ImageFilter.GaussianBlur(18)))
    placed = Image.new("RGB", image.size)
    placed.paste(cover.resize((side, side), Image.Resampling.LANCZOS), (left, top))
    image.paste(placed, (0, 0), sheet)
    return Scene(image, _vivid(cover))


def _blurred(cover: Image.Image) -> Image.Image:
    # Blurred small and enlarged: the same picture as a wide blur at full size, in a hundredth of the time.
    small = cover.resize((160, 160), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(9)).crop((0, 35, 160, 125))
    large = small.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(6))
    return Image.blend(large, Image.new("RGB", large.size, (8, 8, 12)), DARKNESS)


def _vivid(cover: Image.Image) -> Colour:
    """The most colourful bright place of the cover, made lighter until it stands out from dark."""
    pixels = np.asarray(cover.resize((24, 24), Image.Resampling.BOX), dtype=np.float64).reshape(-1, 3)
    spread = pixels.max(axis=1) - pixels.min(axis=1)
    best = pixels[int(np.argmax(spread * (0.4 + pixels.max(axis=1) / 255)))]
    best = best * (235 / max(best.max(), 1.0))
    while best @ np.array([0.299, 0.587, 0.114]) < 170:
        best = best + (255 - best) * 0.15
    red, green, blue = (round(float(v)) for v in np.clip(best, 0, 255))
    return red, green, blue
