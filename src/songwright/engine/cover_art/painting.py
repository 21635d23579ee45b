"""What every family of pictures hands back."""

from __future__ import annotations

from dataclasses import dataclass

from songwright.engine.cover_art.canvas import Canvas
from songwright.engine.cover_art.lettering import TitleBox
from songwright.engine.typeface import FaceName


@dataclass(frozen=True, slots=True)
class Painting:
    """A picture, the quiet place in it, and the kind of lettering that suits it."""

    canvas: Canvas
    title: TitleBox
    face: FaceName
