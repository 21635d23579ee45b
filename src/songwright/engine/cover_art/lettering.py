"""The title on the picture: wrapped, as large as fits, in a colour that can be read where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from songwright.engine.cover_art.palette import Colour, Palette, contrast, luminance
from songwright.engine.typeface import SANS, Face

LEADING = 1.16  #: distance of lines, shares of the font size
LARGEST = 0.17  #: font size, share of the side
SMALLEST = 0.034
STEP = 0.93
MAX_LINES = 6
FADE = 0.2  #: how far the veil behind a title fades, share of the side
KEPT_WHOLE = 9  #: so many Han, kana or Hangul characters in a row are not divided
READABLE = 4.5  #: least contrast (WCAG AA)
FIRST_CJK = 0x2E80  #: from here on, characters of scripts written without spaces
ARTIST = "SONGWRIGHT"
ARTIST_SIZE = 0.0195
Align = Literal["left", "centre"]


@dataclass(frozen=True, slots=True)
class TitleBox:
    """Where the title may stand: shares of the side. It sits at the box's top or bottom edge, or in its middle."""

    left: float
    top: float
    right: float
    bottom: float
    align: Align = "left"
    anchor: Literal["top", "middle", "bottom"] = "top"


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    line_px: float

    @property
    def height_px(self) -> float:
        return self.line_px * len(self.lines)

    @property
    def width_px(self) -> float:
        return max(self.font.getlength(line) for line in self.lines)


def draw_title(image: Image.Image, title: str, face: Face, box: TitleBox, palette: Palette) -> None:
    """Write `title` (already known to be writable with `face`) and the small artist line below it."""
    side = image.width
    artist_px = ARTIST_SIZE * side
    width_px = (box.right - box.left) * side
    block = _fit(title, face, side, width_px, (box.bottom - box.top) * side - 2.6 * artist_px)
    total_px = block.height_px + 2.2 * artist_px
    slack_px = (box.bottom - box.top) * side - total_px
    top_px = box.top * side + slack_px * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[box.anchor]
    left_px = box.left * side
    ink_width_px = max(block.width_px, artist_px * 9)
    ink_left_px = left_px if box.align == "left" else left_px + (width_px - ink_width_px) / 2
    area = (ink_left_px, top_px, ink_left_px + ink_width_px, top_px + total_px)
    colour = _readable(image, area, palette)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(block.lines):
        x = left_px if box.align == "left" else left_px + (width_px - block.font.getlength(line)) / 2
        draw.text((x, top_px + number * block.line_px), line, font=block.font, fill=colour)
    _spaced(draw, (left_px, top_px + block.height_px + artist_px * 1.0), width_px, box.align, artist_px, colour)


def _spaced(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], width_px: float, align: Align, size_px: float, colour: Colour
) -> None:
    """The artist line, letters set apart."""
    font = SANS.font(size_px)
    gap = size_px * 0.42
    total = sum(font.getlength(c) + gap for c in ARTIST) - gap
    x = at[0] if align == "left" else at[0] + (width_px - total) / 2
    for character in ARTIST:
        draw.text((x, at[1]), character, font=font, fill=colour)
        x += font.getlength(character) + gap


def _fit(title: str, face: Face, side: int, width_px: float, height_px: float) -> _Block:
    size = LARGEST
    while True:
        block = _set(title, face.font(size * side), size * side, width_px)
        if block.height_px <= height_px and len(block.lines) <= MAX_LINES and not _broken(title, block, width_px):
            return block
        if size * STEP < SMALLEST:
            return _shorten(_set(title, face.font(SMALLEST * side), SMALLEST * side, width_px), width_px, height_px)
        size *= STEP


def _set(title: str, font: ImageFont.FreeTypeFont, size_px: float, width_px: float) -> _Block:
    """Wrap greedily, then narrow the column as far as the number of lines stays: lines of even length look better."""
    lines = _wrap(title, font, width_px)
    widest_word_px = max((font.getlength(word.rstrip()) for word in _words(title)), default=0.0)
    low, high = min(max(width_px / 2, widest_word_px), width_px), width_px  # narrower would break a word
    for _ in range(6):
        middle = (low + high) / 2
        if len(_wrap(title, font, middle)) > len(lines):
            low = middle
        else:
            high = middle
    return _Block(tuple(_wrap(title, font, high)), font, size_px * LEADING)


def _wrap(title: str, font: ImageFont.FreeTypeFont, width_px: float) -> list[str]:
    lines: list[str] = [""]
    for word in _words(title):
        candidate = lines[-1] + word
        if font.getlength(candidate.rstrip()) <= width_px:
            lines[-1] = candidate
        elif font.getlength(word.rstrip()) <= width_px:
            lines.append(word)
        else:
            for character in word:  # a word longer than a line is broken anywhere
                if font.getlength(lines[-1] + character) > width_px:
                    lines.append("")
                lines[-1] += character
    return [line.strip() for line in lines if line.strip()]


def _words(title: str) -> list[str]:
    """Pieces that may start a new line: words with the space after them, and the characters of long Han texts."""
    pieces: list[str] = []
    for word in title.split(" "):
        if len(word) > KEPT_WHOLE and any(ord(c) >= FIRST_CJK for c in word):
            pieces.extend(word)
            pieces[-1] += " "
        else:
            pieces.append(word + " ")
    return pieces


def _broken(title: str, block: _Block, width_px: float) -> bool:
    """True when a word was too long for a line: a smaller size is better then."""
    return any(block.font.getlength(word.strip()) > width_px for word in _words(title))


def _shorten(block: _Block, width_px: float, height_px: float) -> _Block:
    room = max(1, min(int(height_px / block.line_px), MAX_LINES))
    if len(block.lines) <= room:
        return block
    last = block.lines[room - 1]
    while last and block.font.getlength(last + "…") > width_px:
        last = last[:-1]
    return _Block((*block.lines[: room - 1], last.rstrip() + "…"), block.font, block.line_px)


def _readable(image: Image.Image, area: Sequence[float], palette: Palette) -> Colour:
    """The palette's ink or light, whichever stands out; where neither does, the picture is calmed behind the title."""
    low, high = _luminance_range(image, area)
    worst = {
        colour: min(contrast(luminance(colour), low), contrast(luminance(colour), high))
        for colour in (palette.light, palette.ink)
    }
    best = max(worst, key=lambda colour: worst[colour])
    other = palette.ink if best == palette.light else palette.light
    for opacity in (0.35, 0.5, 0.65, 0.8):
        if worst[best] >= READABLE:
            break
        _veil(image, area, other, opacity)
        low, high = _luminance_range(image, area)
        worst[best] = min(contrast(luminance(best), low), contrast(luminance(best), high))
    return best


def _luminance_range(image: Image.Image, area: Sequence[float]) -> tuple[float, float]:
    """Luminance of the darkest and lightest twentieth of the area."""
    box = (max(0, int(area[0])), max(0, int(area[1])), min(image.width, int(area[2]) + 1), int(area[3]) + 1)
    pixels = np.asarray(image.crop(box).resize((48, 48), Image.Resampling.BOX), dtype=np.float64).reshape(-1, 3) / 255
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    values = linear @ np.array([0.2126, 0.7152, 0.0722])
    return float(np.percentile(values, 5)), float(np.percentile(values, 95))


def _veil(image: Image.Image, area: Sequence[float], colour: Colour, opacity: float) -> None:
    """A band of `colour` behind the area and out to the nearer edge, fading into the picture on the other side."""
    side = image.height
    rows = np.arange(side) + 0.5
    beyond = rows - area[3] if area[1] + area[3] < side else area[1] - rows
    share = np.clip(1 - beyond / (side * FADE), 0, 1)
    smooth = share * share * (3 - 2 * share) * opacity * 255
    mask = Image.fromarray(smooth.astype(np.uint8)[:, None]).resize(image.size)
    image.paste(colour, (0, 0), mask)
