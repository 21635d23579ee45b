"""Typefaces: which font can write a text. Three families ship with the package; a CJK one is an optional asset.

Conventions: text is cleaned to what a font can show (NFC, no control characters, one space between words); a text with
a letter that no font at hand has is not written at all: nobody wants to see boxes. Right-to-left and Indic scripts are
not covered by these fonts, so no shaping beyond Latin, Greek, Cyrillic, kana, Han and Hangul is needed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

FaceName = Literal["sans", "serif", "narrow", "cjk"]
FONT_FOLDER = Path(__file__).parent / "fonts"
CJK_FILE = "NotoSansCJKtc-Bold.otf"
PROBE_PX = 32
#: No font has a glyph for the last character of the last private plane: what it draws is the "missing" box.
UNASSIGNED = "\U0010fffd"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file, and the family name that subtitle renderers know it by."""

    name: FaceName
    path: Path
    family: str

    def font(self, size_px: float) -> ImageFont.FreeTypeFont:
        """The font at a size."""
        return ImageFont.truetype(self.path, max(1.0, size_px), layout_engine=ImageFont.Layout.BASIC)


SANS = Face("sans", FONT_FOLDER / "Manrope-ExtraBold.ttf", "Manrope ExtraBold")
SERIF = Face("serif", FONT_FOLDER / "PlayfairDisplay-Bold.ttf", "Playfair Display")
NARROW = Face("narrow", FONT_FOLDER / "Oswald-SemiBold.ttf", "Oswald SemiBold")
SHIPPED = (SANS, SERIF, NARROW)


def cjk_face(folder: Path | None) -> Face | None:
    """The optional asset below `folder`, when it is there."""
    path = folder / CJK_FILE if folder else None
    return Face("cjk", path, "Noto Sans CJK TC Bold") if path and path.is_file() else None


def clean_text(text: str) -> str:
    """NFC, without control, format, private and unassigned characters, words one space apart."""
    kept = (c if unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def write_with(text: str, faces: Iterable[Face]) -> tuple[Face, str] | None:
    """The first face that has every letter and digit, and the text without the signs it lacks (emoji, say).

    None when the text is empty or no face can write it.
    """
    text = clean_text(text)
    if not any(unicodedata.category(c)[0] in "LN" for c in text):
        return None
    for face in faces:
        if all(has_glyph(face, c) for c in text if unicodedata.category(c)[0] in "LNM"):
            return face, " ".join("".join(c for c in text if c == " " or has_glyph(face, c)).split())
    return None


@lru_cache(maxsize=8192)
def has_glyph(face: Face, character: str) -> bool:
    """True when the face draws something else for it than the box for missing characters."""
    return _shape(face.path, character) != _shape(face.path, UNASSIGNED)


@lru_cache(maxsize=8192)
def _shape(path: Path, character: str) -> bytes:
    image = Image.new("L", (2 * PROBE_PX, 2 * PROBE_PX))
    ImageDraw.Draw(image).text((PROBE_PX // 2, 0), character, font=_probe(path), fill=255)
    return image.tobytes()


@lru_cache(maxsize=8)
def _probe(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, PROBE_PX, layout_engine=ImageFont.Layout.BASIC)
