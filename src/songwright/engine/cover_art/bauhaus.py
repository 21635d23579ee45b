"""A board of quarter circles, discs, triangles and stripes above a plain band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from songwright.engine.cover_art.canvas import Canvas, Pen, Point
from songwright.engine.cover_art.lettering import TitleBox
from songwright.engine.cover_art.painting import Painting
from songwright.engine.cover_art.palette import Colour, Palette

MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class _Tile:
    """A square of the board: its top left corner, its side, and the corner (0..3, clockwise) it turns to."""

    x: float
    y: float
    side: float
    corner: int

    @property
    def corners(self) -> tuple[Point, ...]:
        right, bottom = self.x + self.side, self.y + self.side
        return ((self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom))

    @property
    def middle(self) -> Point:
        return (self.x + self.side / 2, self.y + self.side / 2)


def _quarter(pen: Pen, tile: _Tile, share: float = 1.0) -> None:
    start_deg = 90 * tile.corner
    pen.sector(tile.corners[tile.corner], tile.side * share, start_deg, start_deg + 90)


def _small_quarter(pen: Pen, tile: _Tile) -> None:
    _quarter(pen, tile, 0.5)


def _disc(pen: Pen, tile: _Tile) -> None:
    pen.disc(tile.middle, tile.side * 0.37)


def _small_disc(pen: Pen, tile: _Tile) -> None:
    pen.disc(tile.middle, tile.side * 0.15)


def _left_half_disc(pen: Pen, tile: _Tile) -> None:
    pen.sector((tile.x, tile.middle[1]), tile.side / 2, -90, 90)


def _right_half_disc(pen: Pen, tile: _Tile) -> None:
    pen.sector(tile.middle, tile.side / 2, -90, 90)


def _triangle(pen: Pen, tile: _Tile) -> None:
    pen.polygon([p for number, p in enumerate(tile.corners) if number != tile.corner])


def _stripes(pen: Pen, tile: _Tile) -> None:
    step = tile.side / 7
    for stripe in (1, 3, 5):
        if tile.corner % 2:
            pen.rectangle(tile.x, tile.y + stripe * step, tile.x + tile.side, tile.y + (stripe + 1) * step)
        else:
            pen.rectangle(tile.x + stripe * step, tile.y, tile.x + (stripe + 1) * step, tile.y + tile.side)


def _dots(pen: Pen, tile: _Tile) -> None:
    step = tile.side / 4
    for column in range(4):
        for row in range(4):
            pen.disc((tile.x + (column + 0.5) * step, tile.y + (row + 0.5) * step), step * 0.24)


def _rings(pen: Pen, tile: _Tile) -> None:
    for radius in (0.46, 0.33, 0.2):
        pen.ring(tile.middle, tile.side * radius, tile.side * 0.055)


def _nothing(pen: Pen, tile: _Tile) -> None:
    del pen, tile


Shape = Callable[[Pen, _Tile], None]
#: (weight, shape in the front colour, shape on it in the third colour)
TILES: tuple[tuple[float, Shape, Shape], ...] = (
    (6, _quarter, _small_quarter),
    (4, _quarter, _nothing),
    (3, _disc, _small_disc),
    (3, _left_half_disc, _right_half_disc),
    (3, _triangle, _nothing),
    (2, _triangle, _small_disc),
    (2, _stripes, _nothing),
    (2, _dots, _nothing),
    (2, _rings, _nothing),
)


def paint_bauhaus(size_px: int, palette: Palette, rng: np.random.Generator) -> Painting:
    """A board of simple shapes; the title stands on the plain band below it."""
    dark = rng.random() < 0.4
    ground, letters = (palette.ink, palette.light) if dark else (palette.light, palette.ink)
    canvas = Canvas(size_px, ground)
    columns = int(rng.integers(4, 7))
    side = (1 - 2 * MARGIN) / columns
    rows = round(columns * 0.7)
    colours: list[Colour] = [palette.deep, palette.mid, palette.warm, palette.accent, letters]
    weights = np.array([weight for weight, _, _ in TILES])
    for place in range(rows * columns):
        tile = _Tile(MARGIN + place % columns * side, MARGIN + place // columns * side, side, int(rng.integers(4)))
        back, front, third = (colours[i] for i in rng.permutation(len(colours))[:3])
        _, shape, detail = TILES[int(rng.choice(len(TILES), p=weights / weights.sum()))]
        _lay(canvas, tile, ((_square, ground if rng.random() < 0.2 else back), (shape, front), (detail, third)))
    canvas.grain(rng, 4)
    return Painting(canvas, TitleBox(MARGIN, MARGIN + rows * side + 0.03, 1 - MARGIN, 0.955), "sans")


def _square(pen: Pen, tile: _Tile) -> None:
    pen.rectangle(tile.x, tile.y, tile.x + tile.side, tile.y + tile.side)


def _lay(canvas: Canvas, tile: _Tile, layers: tuple[tuple[Shape, Colour], ...]) -> None:
    for shape, colour in layers:
        canvas.paint(lambda pen, shape=shape: shape(pen, tile), colour)
