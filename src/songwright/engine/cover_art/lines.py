"""Pictures of movement: lines that follow a wind, ranges of sound, drifting light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.cover_art.canvas import Canvas, Pen, cloud, waves
from songwright.engine.cover_art.lettering import TitleBox
from songwright.engine.cover_art.painting import Painting
from songwright.engine.cover_art.palette import Palette, mix, ramp

FLOW_LINES = 1500
FLOW_STEPS = 46
RANGE_POINTS = 320


def paint_flow(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """Hundreds of strokes that follow one wind, coloured by where they come from."""
    dark = rng.random() < 0.65
    ground = palette.ink if dark else palette.light
    canvas = Canvas(size_px, ground)
    canvas.vertical((ground, mix(ground, palette.deep if dark else palette.warm, 0.35)))
    paths = _follow_wind(rng)
    inks = [palette.deep, palette.mid, palette.warm, palette.accent, palette.light if dark else palette.ink]
    hue = cloud(rng, 64, 3)
    starts = np.clip((paths[:, 0] * 63).astype(int), 0, 63)
    tint = hue[starts[:, 1], starts[:, 0]] + rng.normal(0, 0.07, size=len(paths))
    groups = np.clip((tint * 12).astype(int), 0, 11)
    widths = rng.choice([0.0016, 0.0026, 0.0045, 0.0075], size=len(paths), p=[0.35, 0.35, 0.2, 0.1])
    for group in rng.permutation(12):

        def strokes(pen: Pen, group: int = int(group)) -> None:
            for number in np.flatnonzero(groups == group):
                pen.line(paths[number], float(widths[number]))

        canvas.paint(strokes, ramp(inks, group / 11), 0.92)
    canvas.grain(rng, 3)
    return Painting(canvas, TitleBox(0.07, 0.56, 0.93, 0.93, anchor="bottom"), "serif")


def _follow_wind(rng: np.random.Generator) -> NDArray[np.float64]:
    """Paths of points carried by a smooth field of directions, shape [lines, steps, 2]."""
    grid = 256
    angle = rng.uniform(0, 2 * np.pi) + 2.6 * np.pi * (0.75 * cloud(rng, grid, 2) + 0.25 * cloud(rng, grid, 5))
    paths = np.empty((FLOW_LINES, FLOW_STEPS, 2))
    paths[:, 0] = rng.uniform(-0.08, 1.08, size=(FLOW_LINES, 2))
    stride = rng.uniform(0.003, 0.0085, size=FLOW_LINES)
    for step in range(1, FLOW_STEPS):
        cell = np.clip((paths[:, step - 1] * grid).astype(int), 0, grid - 1)
        heading = angle[cell[:, 1], cell[:, 0]]
        paths[:, step] = paths[:, step - 1] + stride[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return paths


def paint_ranges(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """Line behind line, each rising in the middle as a recording does, the nearer hiding the farther."""
    dark = rng.random() < 0.7
    ground, ink = (palette.ink, palette.light) if dark else (palette.light, palette.ink)
    canvas = Canvas(size_px, ground)
    x = np.linspace(0, 1, RANGE_POINTS, dtype=np.float32)
    count = int(rng.integers(30, 44))
    top, bottom = 0.19, 0.75
    focus, spread = rng.uniform(0.42, 0.58), rng.uniform(0.14, 0.2)
    for number in range(count):
        depth = number / (count - 1)
        base = top + (bottom - top) * depth
        swell = np.exp(-(((x - focus - 0.06 * np.sin(5 * depth + focus * 9)) / spread) ** 2) / 2)
        detail = np.abs(waves(rng, x, octaves=5, lowest=3.0, roughness=0.62))
        height = 0.004 * detail + swell * (0.03 + 0.2 * detail) * (0.75 + 0.5 * np.sin(np.pi * depth))
        line = np.stack([0.1 + 0.8 * x, base - height], axis=1)
        hidden = np.concatenate([line, [(0.9, base + 0.03), (0.1, base + 0.03)]])
        canvas.paint(lambda pen, hidden=hidden: pen.polygon(hidden), ground)
        colour = ramp((palette.mid if dark else palette.deep, palette.accent, palette.warm if dark else ink), depth)
        canvas.paint(lambda pen, line=line: pen.line(line, 0.0038), colour)
    canvas.grain(rng, 4)
    return Painting(canvas, TitleBox(0.1, 0.775, 0.9, 0.95, "centre", "middle"), "narrow")


def paint_bloom(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """Soft drifting light in all the palette's colours, a thin ring of fluted glass before it."""
    canvas = Canvas(size_px, palette.deep)
    x, y = canvas.grid()
    field = 0.62 * cloud(rng, size_px, 2) + 0.38 * cloud(rng, size_px, 4)
    swirl = np.clip(field + np.float32(0.22) * np.sin(2 * np.pi * (0.9 * x + 0.7 * y + field)), 0, 1).astype(np.float32)
    canvas.shade(swirl, (palette.ink, palette.deep, palette.accent, palette.warm, palette.light))
    centre, radius = (rng.uniform(0.44, 0.56), 0.46), rng.uniform(0.27, 0.33)
    _flutes(canvas, centre, radius, int(rng.integers(11, 19)))
    canvas.paint(lambda pen: pen.ring(centre, radius, 0.004), palette.light, 0.75)
    canvas.grain(rng, 6)
    return Painting(canvas, TitleBox(0.075, 0.07, 0.925, 0.93, anchor="bottom"), "sans")


def _flutes(canvas: Canvas, centre: tuple[float, float], radius: float, count: int) -> None:
    """What is behind a disc of fluted glass: each flute shows a mirrored strip from further aside."""
    side = canvas.size_px
    x, _ = canvas.grid()
    place = (x[0] - (centre[0] - radius)) / (2 * radius) * count
    within = place - np.floor(place)
    source = x[0] + (0.5 - within) * (2 * radius / count) * 3.4
    columns = np.clip((source * side).astype(int), 0, side - 1)
    pixels = np.asarray(canvas.image)[:, columns].astype(np.float32)
    pixels *= (0.86 + 0.3 * np.sin(np.pi * within)[None, :, None]).astype(np.float32)
    seen = canvas.mask(lambda pen: pen.disc(centre, radius))
    canvas.paste(pixels, seen)
