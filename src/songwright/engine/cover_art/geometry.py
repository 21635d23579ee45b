"""Pictures of circles: a globe in printed dots, and orbits with their planets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songwright.engine.cover_art.canvas import Canvas, Pen, cloud
from songwright.engine.cover_art.lettering import TitleBox
from songwright.engine.cover_art.painting import Painting
from songwright.engine.cover_art.palette import Palette, mix


def paint_halftone(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """A globe and drifting light, printed in two inks as dots of growing size."""
    canvas = Canvas(size_px, palette.light)
    paper, first, second = [
        (palette.light, palette.deep, palette.accent),
        (palette.ink, palette.accent, palette.warm),
        (palette.warm, palette.ink, palette.light),
    ][int(rng.integers(3))]
    canvas.vertical((paper, mix(paper, palette.mid, 0.12)))
    centre = (rng.uniform(0.52, 0.7), rng.uniform(0.33, 0.45))
    radius = rng.uniform(0.29, 0.36)
    canvas.paint(lambda pen: pen.disc(centre, radius), second, 0.92)
    cells = int(rng.integers(46, 62))
    tone = _globe(rng, cells, centre, radius)
    _print(canvas, tone, cells, np.deg2rad(rng.choice([15.0, 30.0, 45.0])), first)
    canvas.grain(rng, 5)
    return Painting(canvas, TitleBox(0.07, 0.6, 0.9, 0.935, anchor="bottom"), "narrow")


def _globe(rng: np.random.Generator, cells: int, centre: tuple[float, float], radius: float) -> NDArray[np.floating]:
    """How dark each place is, 0..1, on a grid of 3 x 3 samples a cell: a lit ball before waves of light."""
    side = cells * 3
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side
    x, y = (axis[None, :] - centre[0]) / radius, (axis[:, None] - centre[1]) / radius
    inside = x**2 + y**2
    lamp = rng.uniform(0, 2 * np.pi)
    height = np.sqrt(np.clip(1 - inside, 0, 1))
    ball = np.clip(0.5 - 0.72 * (np.cos(lamp) * x + np.sin(lamp) * y) - 0.28 * height, 0.03, 0.92)
    ripples = 0.5 + 0.5 * np.sin(9 * (cloud(rng, side, 3) + 0.5 * axis[:, None]) * np.pi)
    around = 0.62 * ripples * np.clip(1.15 - 1.0 * axis[:, None], 0.0, 1) * np.clip((inside - 1) * 2.5, 0, 1)
    return np.where(inside < 1, ball, around)


def _print(canvas: Canvas, tone: NDArray[np.floating], cells: int, angle: float, colour: tuple[int, int, int]) -> None:
    pitch = 1 / cells
    reach = int(cells * 0.75)
    cos, sin = np.cos(angle), np.sin(angle)
    places = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T * pitch
    x = 0.5 + cos * places[:, 0] - sin * places[:, 1]
    y = 0.5 + sin * places[:, 0] + cos * places[:, 1]
    seen = (x > -pitch) & (x < 1 + pitch) & (y > -pitch) & (y < 1 + pitch)
    x, y = x[seen], y[seen]
    last = tone.shape[0] - 1
    dark = tone[np.clip((y * last).astype(int), 0, last), np.clip((x * last).astype(int), 0, last)]
    radii = pitch * 0.68 * np.sqrt(dark)

    def dots(pen: Pen) -> None:
        for place in np.flatnonzero(radii > pitch * 0.06):
            pen.disc((float(x[place]), float(y[place])), float(radii[place]))

    canvas.paint(dots, colour)


def paint_orbits(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """A glowing star, its rings and planets, deep space behind."""
    canvas = Canvas(size_px, palette.ink)
    dust = cloud(rng, size_px, 4) * 0.55 + cloud(rng, size_px, 11) * 0.2
    canvas.shade(
        dust, (palette.ink, mix(palette.ink, palette.deep, 0.6), palette.deep, mix(palette.deep, palette.accent, 0.5))
    )
    _sprinkle(canvas, palette, rng)
    centre = (rng.uniform(0.4, 0.6), rng.uniform(0.36, 0.44))
    canvas.glow(centre, 0.62, palette.accent, 0.4)
    canvas.glow(centre, 0.24, palette.warm, 0.85)
    canvas.paint(lambda pen: pen.disc(centre, 0.072), mix(palette.light, palette.warm, 0.15))
    rings = int(rng.integers(5, 8))
    radii = np.sort(0.13 + 0.5 * (np.arange(rings) + rng.uniform(-0.25, 0.25, size=rings)) / rings)
    for number, radius in enumerate(radii):
        _ring(canvas, palette, centre, float(radius), number, rng)
    canvas.grain(rng, 4)
    return Painting(canvas, TitleBox(0.08, 0.66, 0.92, 0.94, "centre", "bottom"), "sans")


def _sprinkle(canvas: Canvas, palette: Palette, rng: np.random.Generator) -> None:
    places = rng.uniform(0, 1, size=(420, 2))
    radii = 0.0005 + 0.0022 * rng.uniform(0, 1, size=420) ** 4

    def stars(pen: Pen) -> None:
        for (x, y), radius in zip(places, radii, strict=True):
            pen.disc((x, y), radius)

    canvas.paint(stars, palette.light, 0.85)


def _ring(
    canvas: Canvas, palette: Palette, centre: tuple[float, float], radius: float, number: int, rng: np.random.Generator
) -> None:
    canvas.paint(lambda pen: pen.ring(centre, radius, 0.0028), palette.light, 0.6)
    angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(0.014, 0.034) * (0.8 + 0.12 * number)
    place = (centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle))
    colour = [palette.warm, palette.accent, palette.mid, palette.light, palette.deep][int(rng.integers(5))]
    canvas.glow(place, size * 3.2, colour, 0.5)
    canvas.paint(lambda pen: pen.disc(place, size), colour)
    # The side that is turned away from the star lies in the dark.
    canvas.paint(lambda pen: _crescent(pen, place, _towards(place, centre, size * 0.55), size), palette.ink, 0.55)
    if rng.random() < 0.3:
        canvas.paint(lambda pen: pen.ring(place, size * 1.75, 0.003), palette.light, 0.8)


def _crescent(pen: Pen, place: tuple[float, float], light: tuple[float, float], size: float) -> None:
    pen.disc(place, size)
    pen.disc(light, size, 0)


def _towards(place: tuple[float, float], goal: tuple[float, float], length: float) -> tuple[float, float]:
    distance = float(np.hypot(goal[0] - place[0], goal[1] - place[1]))
    return (place[0] + (goal[0] - place[0]) / distance * length, place[1] + (goal[1] - place[1]) / distance * length)
