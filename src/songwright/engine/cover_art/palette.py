"""Colours by mood: six roles from the darkest to the lightest, so that every family of pictures can use every palette.

Conventions: a colour is (red, green, blue), 0..255, sRGB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """`ink` is the darkest and `light` the lightest; `accent` stands out against all the others."""

    ink: Colour
    deep: Colour
    mid: Colour
    warm: Colour
    accent: Colour
    light: Colour

    @property
    def sky(self) -> tuple[Colour, ...]:
        """From the zenith to the horizon."""
        return (self.deep, self.mid, self.warm, self.light)

    @property
    def night(self) -> tuple[Colour, ...]:
        """The same at night."""
        return (self.ink, mix(self.ink, self.deep, 0.75), mix(self.deep, self.mid, 0.55))


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of `b` in `a`."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def ramp(colours: Sequence[Colour], position: float) -> Colour:
    """The colour at 0..1 along `colours`, spaced evenly."""
    place = min(max(position, 0.0), 1.0) * (len(colours) - 1)
    index = min(int(place), len(colours) - 2)
    return mix(colours[index], colours[index + 1], place - index)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0..1 (WCAG 2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: float, b: float) -> float:
    """Contrast ratio of two luminances, 1..21 (WCAG 2)."""
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def _palette(row: str) -> Palette:
    colours: list[Colour] = [(int(h[:2], 16), int(h[2:4], 16), int(h[4:], 16)) for h in row.split()]
    return Palette(*colours)


#: mood -> palettes; each row is ink, deep, mid, warm, accent, light
PALETTES: dict[str, tuple[Palette, ...]] = {
    mood: tuple(map(_palette, rows))
    for mood, rows in {
        "bright": (
            "14213d 1f6fb2 4fb6d6 ffb703 fb5607 fff3d6",
            "2b1d3f d7263d f46036 ffbe5c 1b998b fff1d6",
            "10302b 0f8b8d 7cc6a4 f9dc5c ee4266 fdf6e3",
            "2d1e5f 6a4cff ff6fb5 ffc75f 00c2a8 fff4e0",
        ),
        "dark": (
            "07070d 1b1b3a 41286b a63a50 e0607e f1e3e4",
            "050a0f 0b2530 1c4b57 c2593f f2a65a f3ead8",
            "0a0a0a 1f1f24 4a4a55 a4161a e5383b f5f3f4",
            "060614 10104a 3a1f8f b5179e 4cc9f0 efe9ff",
        ),
        "calm": (
            "12263a 2c5d73 7ba7a6 d9c8a9 c8775a f6f0e4",
            "1d2b24 3f6450 8fae8b d8cfa6 d98c5f f7f3e6",
            "20203a 4d5a8c 95a3c8 e3c7c0 d88373 f8f2ef",
            "0f2230 274c66 6b93a8 b9cdd0 e8b04a f4f4ee",
        ),
        "wild": (
            "12002b 5a00c8 ff006e fb8500 ffe600 fff7e8",
            "0b0b0b ff2e00 ff8a00 ffd60a 00e5c3 fffbe6",
            "001219 005f73 ee3b8a f77f00 c6ff00 f8ffe5",
            "1a0033 3d00a8 00bbf9 f15bb5 fee440 ffffff",
        ),
        "tender": (
            "3a1f33 8e4a6b d98ba0 f6c7b4 e2725b fff3ec",
            "2c2440 6b5b95 b8a1cf f3c5c5 e98a7b fcf4f2",
            "33261d 7a5542 c99b7d f0d3b2 b5504a fdf6ec",
            "1f2a44 53688f a9b4cf f2cfc4 d5647c faf3ef",
        ),
        "neutral": (
            "1b1b1e 2f4858 6b7f82 e1b07e d1495b f7f2e8",
            "17202a 33658a 86bbd8 f6ae2d f26419 f8f4ea",
            "1c1a2e 3d348b 7678ed f7b801 f35b04 faf5ea",
            "14281d 355834 6e9075 f1bb6a c8553d f6f1e1",
        ),
    }.items()
}


def choose_palette(mood: str, turn: int) -> Palette:
    """A palette of the mood; an unknown mood is neutral. Neighbouring turns have different palettes."""
    palettes = PALETTES.get(mood, PALETTES["neutral"])
    return palettes[turn % len(palettes)]
