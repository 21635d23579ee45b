"""Pictures of places: a sun over water, ridges of cut paper, a city at night."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from songwright.engine.cover_art.canvas import Canvas, Field, Pen, waves
from songwright.engine.cover_art.lettering import TitleBox
from songwright.engine.cover_art.painting import Painting
from songwright.engine.cover_art.palette import Colour, Palette, mix, ramp

CURVE_POINTS = 220


def paint_sunrise(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """A banded sun going down behind a sea of waves, its light on the water; or the moon, at night."""
    canvas = Canvas(size_px, palette.deep)
    horizon = rng.uniform(0.66, 0.73)
    night = rng.random() < 0.35
    zenith = mix(palette.ink, palette.deep, 0.6)  # dark enough for a light title
    canvas.vertical((*palette.night, palette.accent) if night else (zenith, *palette.sky), bottom=horizon + 0.1)
    if night:
        _stars(canvas, palette, rng)
    centre = (rng.choice([0.34, 0.5, 0.66]) + rng.uniform(-0.04, 0.04), horizon - rng.uniform(-0.02, 0.05))
    radius = rng.uniform(0.2, 0.25)
    canvas.glow(centre, radius * 2.1, mix(palette.warm, palette.light, 0.5), 0.55)
    bands = 0 if night else int(rng.integers(4, 7))

    def sun(pen: Pen) -> None:
        pen.disc(centre, radius)
        for band in range(bands):  # gaps widen towards the water
            y = centre[1] + radius * (-0.05 + 1.05 * band / bands)
            pen.rectangle(0, y, 1, y + radius * (0.018 + 0.02 * band), 0)

    canvas.paint(sun, mix(palette.light, palette.warm, 0.2) if night else mix(palette.accent, palette.warm, 0.15))
    _clouds(canvas, palette, horizon, rng)
    _water(canvas, palette, horizon, centre[0], rng)
    canvas.grain(rng, 3)
    return Painting(canvas, TitleBox(0.075, 0.065, 0.925, 0.42), "sans")


def _clouds(canvas: Canvas, palette: Palette, horizon: float, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(3, 6))):
        y, x, length = rng.uniform(horizon - 0.22, horizon - 0.02), rng.uniform(-0.1, 0.9), rng.uniform(0.18, 0.5)
        height = rng.uniform(0.006, 0.013)

        def streak(pen: Pen, y: float = y, x: float = x, length: float = length, height: float = height) -> None:
            pen.rectangle(x, y, x + length, y + height)
            pen.disc((x, y + height / 2), height / 2)
            pen.disc((x + length, y + height / 2), height / 2)

        canvas.paint(streak, palette.light, rng.uniform(0.25, 0.6))


def _water(canvas: Canvas, palette: Palette, horizon: float, sun_x: float, rng: np.random.Generator) -> None:
    x = np.linspace(0, 1, CURVE_POINTS, dtype=np.float32)
    layers = 7
    for layer in range(layers):
        depth = layer / (layers - 1)
        top = horizon + (1 - horizon) * 0.86 * depth**1.35
        curve = top + (0.002 + 0.016 * depth) * waves(rng, x, octaves=2, lowest=3.4 - 2.2 * depth)
        colour = ramp((mix(palette.mid, palette.warm, 0.35), palette.mid, palette.deep, palette.ink), depth)
        canvas.paint(_below(x, curve), colour, 0.94)
        _glitter(canvas, palette, (sun_x, top), depth, rng)


def _glitter(canvas: Canvas, palette: Palette, at: tuple[float, float], depth: float, rng: np.random.Generator) -> None:
    dashes = [
        (at[0] + rng.normal(0, 0.05 + 0.05 * depth), at[1] + rng.uniform(0.008, 0.03 + 0.03 * depth)) for _ in range(9)
    ]
    lengths = rng.uniform(0.012, 0.05, size=9) * (0.6 + depth)

    def draw(pen: Pen) -> None:
        for (x, y), length in zip(dashes, lengths, strict=True):
            pen.line([(x - length, y), (x + length, y)], 0.0026 + 0.0018 * depth)

    canvas.paint(draw, mix(palette.warm, palette.light, 0.5), 0.75 - 0.35 * depth)


def paint_paper_cut(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """Ridges of cut paper, each sheet throwing its shadow on the one behind, a moon or sun between them."""
    canvas = Canvas(size_px, palette.light)
    dusk = rng.random() < 0.5
    far, near = (mix(palette.warm, palette.light, 0.45), palette.ink) if not dusk else (palette.mid, palette.ink)
    canvas.vertical((mix(far, palette.light, 0.55), far) if not dusk else (palette.deep, palette.mid, palette.warm))
    centre = (rng.uniform(0.25, 0.75), rng.uniform(0.42, 0.5))
    disc = canvas.mask(lambda pen: pen.disc(centre, 0.13))
    canvas.shadow(disc, blur=0.03, offset=(0, 0.012), opacity=0.35, colour=palette.ink)
    canvas.fill(disc, palette.accent if not dusk else palette.light)
    x = np.linspace(0, 1, CURVE_POINTS, dtype=np.float32)
    sheets = int(rng.integers(5, 8))
    steps: Sequence[Colour] = (
        (far, palette.warm, palette.accent, palette.deep, near)
        if not dusk
        else (mix(palette.mid, palette.warm, 0.5), palette.mid, palette.deep, near)
    )
    for sheet in range(sheets):
        depth = sheet / (sheets - 1)
        top = 0.5 + 0.42 * depth + 0.075 * (1.15 - depth) * _ridge(rng, x, sheet)
        shape = canvas.mask(_below(x, top))
        canvas.shadow(shape, blur=0.016, offset=(0, -0.012), opacity=0.5, colour=palette.ink)
        canvas.fill(shape, ramp(steps, 0.12 + 0.88 * depth))
        if 0 < sheet < sheets - 1:
            _trees(canvas, x, top, ramp(steps, 0.12 + 0.88 * depth), rng)
    canvas.grain(rng, 5)
    return Painting(canvas, TitleBox(0.08, 0.065, 0.92, 0.36, "centre"), "serif")


def _ridge(rng: np.random.Generator, x: Field, sheet: int) -> Field:
    """Rolling hills or sharp peaks in turn."""
    curve = waves(rng, x, octaves=4, lowest=1.1 + 0.25 * sheet, roughness=0.48)
    return curve * 1.5 if sheet % 2 else (1.2 - 2.6 * np.abs(curve)).astype(np.float32)


def _trees(canvas: Canvas, x: Field, top: Field, colour: Colour, rng: np.random.Generator) -> None:
    places = rng.uniform(0.02, 0.98, size=int(rng.integers(0, 22)))
    heights = rng.uniform(0.018, 0.042, size=places.size)

    def draw(pen: Pen) -> None:
        for place, height in zip(places, heights, strict=True):
            foot = float(np.interp(place, x, top)) + 0.006
            for part in range(3):
                low, width = foot - height * 0.28 * part, height * (0.3 - 0.07 * part)
                pen.polygon([(place - width, low), (place + width, low), (place, low - height * 0.5)])

    canvas.paint(draw, colour)


def paint_city(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """Rows of towers with lit windows under a large moon, mirrored in wet ground."""
    canvas = Canvas(size_px, palette.ink)
    ground = 0.86
    canvas.vertical((*palette.night, palette.warm), bottom=ground)
    _stars(canvas, palette, rng)
    moon = (rng.uniform(0.22, 0.78), rng.uniform(0.46, 0.54))
    canvas.glow(moon, 0.42, palette.accent, 0.35)
    canvas.paint(lambda pen: pen.disc(moon, 0.15), mix(palette.light, palette.warm, 0.25))
    for row, (low, high, width) in enumerate([(0.3, 0.5, 0.05), (0.2, 0.38, 0.075), (0.08, 0.3, 0.11)]):
        colour = mix(mix(palette.deep, palette.mid, 0.5), palette.ink, 0.25 + 0.33 * row)
        _towers(canvas, palette, colour, ground, (low, high, width), rng)
    _mirror(canvas, palette, ground)
    canvas.grain(rng, 4)
    return Painting(canvas, TitleBox(0.07, 0.065, 0.93, 0.36), "narrow")


def _stars(canvas: Canvas, palette: Palette, rng: np.random.Generator) -> None:
    places, radii = rng.uniform(0, 1, size=(140, 2)) * (1, 0.55), rng.uniform(0.0006, 0.0019, size=140)

    def draw(pen: Pen) -> None:
        for (x, y), radius in zip(places, radii, strict=True):
            pen.disc((x, y), radius)

    canvas.paint(draw, palette.light, 0.8)


def _towers(
    canvas: Canvas,
    palette: Palette,
    colour: Colour,
    ground: float,
    sizes: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    low, high, width = sizes
    blocks: list[tuple[float, float, float]] = []
    left = -rng.uniform(0, width)
    while left < 1:
        broad = width * rng.uniform(0.6, 1.25)
        blocks.append((left, ground - rng.uniform(low, high), left + broad))
        left += broad + width * rng.choice([0.0, 0.0, 0.18])

    def walls(pen: Pen) -> None:
        for left, top, right in blocks:
            pen.rectangle(left, top, right, ground)
            if (right - left) > width * 0.95:  # a mast on the broad ones
                middle = (left + right) / 2
                pen.rectangle(middle - 0.0015, top - 0.05, middle + 0.0015, top)

    canvas.paint(walls, colour)
    pitch, pane = width * 0.2, width * 0.085
    lit: list[tuple[float, float]] = []
    for left, top, right in blocks:
        for x in np.arange(left + pitch * 0.7, right - pitch * 0.6, pitch):
            for y in np.arange(top + pitch * 0.8, ground - pitch * 0.5, pitch * 1.25):
                if rng.random() < 0.36:
                    lit.append((float(x), float(y)))
    glowing = rng.random(len(lit)) < 0.25

    def windows(pen: Pen, accent: bool) -> None:
        for (x, y), bright in zip(lit, glowing, strict=True):
            if bright == accent:
                pen.rectangle(x, y, x + pane, y + pane * 1.35)

    canvas.paint(lambda pen: windows(pen, False), mix(palette.warm, palette.light, 0.35), 0.85)
    canvas.paint(lambda pen: windows(pen, True), palette.accent, 0.95)


def _mirror(canvas: Canvas, palette: Palette, ground: float) -> None:
    """The picture above the ground, upside down, darker and drawn out."""
    side = canvas.size_px
    edge = round(ground * side)
    depth = side - edge
    pixels = np.asarray(canvas.image)
    rows = edge - 1 - (np.arange(depth) * 2.2).astype(int)
    shift = (3.5 * np.sin(np.arange(depth) * 0.55) * side / 1024).astype(int)
    reflection = np.stack([np.roll(pixels[r], s, axis=0) for r, s in zip(rows, shift, strict=True)]).astype(np.float32)
    share = np.linspace(0.35, 0.85, depth, dtype=np.float32)[:, None, None]
    reflection = reflection * (1 - share) + np.array(palette.ink, dtype=np.float32) * share
    canvas.image.paste(Image.fromarray(reflection.astype(np.uint8)), (0, edge))


def _below(x: Field, top: Field) -> Callable[[Pen], None]:
    """Everything under a curve."""
    points = np.concatenate([np.stack([x, top], axis=1), [(1.0, 1.01), (0.0, 1.01)]])
    return lambda pen: pen.polygon(points)
