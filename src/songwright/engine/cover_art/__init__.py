"""Cover art: a picture from a title, a style and a seed, drawn with numpy and Pillow alone.

Conventions
    `size_px` is the side of the square; PNG, 8-bit sRGB. Same arguments, same bytes (of one Pillow version).
    Nine families of pictures; title words, style and chance choose one, the mood chooses the colours (`palette`).
    A title is any text: what no font at hand can write is left off, never drawn as boxes.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from songwright.engine.cover_art.choice import choose_family
from songwright.engine.cover_art.lettering import draw_title
from songwright.engine.cover_art.palette import choose_palette
from songwright.engine.material import MACHINE_MARK, Style, stable_rng
from songwright.engine.typeface import SHIPPED, cjk_face, write_with

__all__ = ["draw_cover", "machine_made"]

PNG_LEVEL = 4  #: half the time of the default for 4 % more bytes


def draw_cover(title: str, style: Style, seed: int, size_px: int = 1024, *, fonts: Path | None = None) -> bytes:
    """The cover as a PNG. `fonts` is the asset folder with the optional CJK font."""
    rng = stable_rng("cover_art", title.encode(errors="replace"), style.name, style.mood, seed)
    palette = choose_palette(style.mood, seed)
    painting = choose_family(title, style.name, rng)(size_px, palette, rng)
    faces = sorted(SHIPPED, key=lambda face: face.name != painting.face)
    cjk = cjk_face(fonts)
    written = write_with(title, [*faces, cjk] if cjk else faces)
    image = painting.canvas.image
    if written:
        face, text = written
        draw_title(image, text.upper() if face.name == "narrow" else text, face, painting.title, palette)
    png = BytesIO()
    image.save(png, "PNG", compress_level=PNG_LEVEL, pnginfo=machine_made())
    return png.getvalue()


def machine_made() -> PngInfo:
    """The mark in a PNG: a text chunk that viewers show as the picture's comment."""
    mark = PngInfo()
    mark.add_text("Comment", MACHINE_MARK)
    return mark
