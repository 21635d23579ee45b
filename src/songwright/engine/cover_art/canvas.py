"""A square canvas in unit coordinates: gradients, smooth-edged shapes, glows, shadows and grain.

Conventions
    Positions and lengths are shares of the side, (0, 0) top left, (1, 1) bottom right; angles in radians, clockwise.
    Shapes are drawn as masks at `OVERSAMPLING` times the size and averaged down, which smooths their edges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from songwright.engine.cover_art.palette import Colour

OVERSAMPLING = 2
Point = tuple[float, float]
Field = NDArray[np.float32]


class Canvas:
    """Something to paint on."""

    def __init__(self, size_px: int, colour: Colour) -> None:
        self.size_px = size_px
        self.image = Image.new("RGB", (size_px, size_px), colour)

    def grid(self) -> tuple[Field, Field]:
        """x and y of every pixel's centre, shapes [1, size] and [size, 1]."""
        axis = ((np.arange(self.size_px) + 0.5) / self.size_px).astype(np.float32)
        return axis[None, :], axis[:, None]

    def shade(self, field: NDArray[np.floating], colours: Sequence[Colour]) -> None:
        """Fill with the colours along `field` (0..1, broadcast to the canvas)."""
        place = np.clip(np.broadcast_to(field, (self.size_px, self.size_px)), 0, 1)
        # 1,024 steps between the first and the last colour: finer than 8 bits can show.
        table = np.stack(
            [
                np.interp(np.linspace(0, 1, 1024), np.linspace(0, 1, len(colours)), channel)
                for channel in np.array(colours, dtype=np.float32).T
            ],
            axis=1,
        )
        # A little ordered noise before rounding hides the steps of 8-bit gradients.
        dither = np.tile(np.array([[0.1, 0.6], [0.85, 0.35]]), (self.size_px // 2 + 1, self.size_px // 2 + 1))
        pixels = table[(place * 1023).astype(np.int16)] + dither[: self.size_px, : self.size_px, None]
        self.image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))

    def vertical(self, colours: Sequence[Colour], *, top: float = 0.0, bottom: float = 1.0) -> None:
        """A gradient from `top` to `bottom`."""
        _, y = self.grid()
        self.shade((y - top) / (bottom - top), colours)

    def mask(self, draw: Callable[[Pen], None]) -> Image.Image:
        """What `draw` draws, as a smooth mask of the canvas' size."""
        side = self.size_px * OVERSAMPLING
        large = Image.new("L", (side, side), 0)
        draw(Pen(ImageDraw.Draw(large), side))
        return large.reduce(OVERSAMPLING)

    def fill(self, mask: Image.Image, colour: Colour, opacity: float = 1.0) -> None:
        """Paint `colour` through `mask`."""
        if opacity < 1:
            mask = mask.point([round(v * opacity) for v in range(256)])
        self.image.paste(colour, (0, 0), mask)

    def paint(self, draw: Callable[[Pen], None], colour: Colour, opacity: float = 1.0) -> None:
        """Draw shapes in one colour."""
        self.fill(self.mask(draw), colour, opacity)

    def shadow(self, mask: Image.Image, *, blur: float, offset: Point, opacity: float, colour: Colour) -> None:
        """The soft shadow that a sheet of the mask's shape throws."""
        small = mask.reduce(4)  # a blur needs no detail
        moved = Image.new("L", small.size, 0)
        moved.paste(small, (round(offset[0] * small.width), round(offset[1] * small.height)))
        soft = moved.filter(ImageFilter.GaussianBlur(blur * small.width))
        self.fill(soft.resize(mask.size, Image.Resampling.BILINEAR), colour, opacity)

    def paste(self, pixels: Field, mask: Image.Image) -> None:
        """Put pixels (0..255, shape [size, size, 3]) in place through `mask`."""
        self.image.paste(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), (0, 0), mask)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Light around a point, fading with distance."""
        x, y = self.grid()
        distance = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / radius**2
        mask = Image.fromarray((np.exp(-2.0 * distance) * 255 * min(strength, 1.0)).astype(np.uint8))
        self.image.paste(colour, (0, 0), mask)

    def grain(self, rng: np.random.Generator, levels: int) -> None:
        """The roughness of print, `levels` of 255 either way."""
        side = (self.size_px + 1) // 2  # two-pixel grain: finer only makes the file larger
        noise = rng.integers(-levels, levels + 1, size=(side, side), dtype=np.int16)
        noise = noise.repeat(2, axis=0).repeat(2, axis=1)[: self.size_px, : self.size_px, None]
        pixels = np.asarray(self.image, dtype=np.int16) + noise
        self.image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


class Pen:
    """Draws white shapes on a mask, in unit coordinates."""

    def __init__(self, draw: ImageDraw.ImageDraw, side: int) -> None:
        self._draw = draw
        self._side = side

    def polygon(self, points: Sequence[Point] | NDArray[np.floating], value: int = 255) -> None:
        """A filled polygon."""
        flat = (np.asarray(points, dtype=np.float64) * self._side).ravel().tolist()
        self._draw.polygon(flat, fill=value)

    def disc(self, centre: Point, radius: float, value: int = 255) -> None:
        """A filled circle."""
        self._draw.ellipse(self._box(centre, radius), fill=value)

    def ring(self, centre: Point, radius: float, width: float) -> None:
        """A circle's outline."""
        self._draw.ellipse(self._box(centre, radius), outline=255, width=self._width(width))

    def sector(self, centre: Point, radius: float, start_deg: float, end_deg: float) -> None:
        """A slice of a disc, degrees clockwise from three o'clock."""
        self._draw.pieslice(self._box(centre, radius), start_deg, end_deg, fill=255)

    def rectangle(self, left: float, top: float, right: float, bottom: float, value: int = 255) -> None:
        """A filled rectangle."""
        if right > left and bottom > top:
            s = self._side
            # A bound belongs to the rectangle in Pillow; thin ones keep at least a pixel.
            box = (left * s, top * s, max(left * s, right * s - 1), max(top * s, bottom * s - 1))
            self._draw.rectangle(box, fill=value)

    def line(self, points: Sequence[Point] | NDArray[np.floating], width: float, value: int = 255) -> None:
        """A line through the points."""
        flat = (np.asarray(points, dtype=np.float64) * self._side).ravel().tolist()
        self._draw.line(flat, fill=value, width=self._width(width), joint="curve")

    def _box(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        (x, y), s = centre, self._side
        return ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)

    def _width(self, width: float) -> int:
        return max(1, round(width * self._side))


def waves(rng: np.random.Generator, x: Field, *, octaves: int, lowest: float, roughness: float = 0.5) -> Field:
    """A smooth random curve over `x`, about -1..1: sines of rising frequency and falling height."""
    curve = np.zeros_like(x)
    for octave in range(octaves):
        frequency = lowest * 2**octave * rng.uniform(0.8, 1.25)
        curve += roughness**octave * np.sin(2 * np.pi * (frequency * x + rng.uniform()))
    return (curve / (1 / (1 - roughness))).astype(np.float32)


def cloud(rng: np.random.Generator, size_px: int, cells: int) -> Field:
    """A smooth random surface, 0..1, shape [size, size], with about `cells` hills a side."""
    small = Image.fromarray(rng.uniform(0, 1, size=(cells + 3, cells + 3)).astype(np.float32))
    surface = np.asarray(small.resize((size_px, size_px), Image.Resampling.BICUBIC), dtype=np.float32)
    low, high = float(surface.min()), float(surface.max())
    return (surface - low) / max(high - low, 1e-6)
