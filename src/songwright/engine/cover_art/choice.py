"""Which family of pictures suits a song: by the words of its title, its style, and chance."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from songwright.engine.cover_art.bauhaus import paint_bauhaus
from songwright.engine.cover_art.geometry import paint_halftone, paint_orbits
from songwright.engine.cover_art.landscapes import paint_city, paint_paper_cut, paint_sunrise
from songwright.engine.cover_art.lines import paint_bloom, paint_flow, paint_ranges
from songwright.engine.cover_art.painting import Painting
from songwright.engine.cover_art.palette import Palette

Painter = Callable[[int, Palette, np.random.Generator], Painting]

FAMILIES: Mapping[str, Painter] = {
    "sunrise": paint_sunrise,
    "paper_cut": paint_paper_cut,
    "city": paint_city,
    "bauhaus": paint_bauhaus,
    "halftone": paint_halftone,
    "orbits": paint_orbits,
    "flow": paint_flow,
    "ranges": paint_ranges,
    "bloom": paint_bloom,
}
TITLE_WEIGHT = 9.0
STYLE_WEIGHT = 2.0
CHANCE_WEIGHT = 0.5

#: Words, or beginnings of words, of a title that call for a family.
TITLE_WORDS: Mapping[str, str] = {
    "sunrise": "sun summer morning dawn sunset beach sea ocean wave sail harbo island shore river water golden light",
    "paper_cut": "mountain hill forest tree home road valley field winter snow autumn country wild wood leaf north",
    "city": "city street night midnight neon downtown town window roof train rain lamp traffic taxi radio",
    "bauhaus": "machine robot work shape square play toy factory colou color jazz game monday build",
    "halftone": "rock loud fight rebel power pop crush kiss hero riot news revolution scream fire",
    "orbits": "star moon space sky planet orbit galax comet satellite gravity eclipse cosmic universe heaven",
    "flow": "wind dream dance river flow hair silk breath drift storm ghost spirit feather smoke",
    "ranges": "wave signal echo noise pulse silence sound voice memory static heartbeat song",
    "bloom": "love heart flower rose tender soft honey bloom sleep skin glow forever you baby",
}
STYLE_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "pop": ("sunrise", "bauhaus", "bloom", "halftone"),
    "rock": ("halftone", "ranges", "sunrise"),
    "indie_folk": ("paper_cut", "flow", "sunrise"),
    "ballad": ("bloom", "flow", "paper_cut"),
    "country": ("paper_cut", "sunrise"),
    "country_waltz": ("paper_cut", "sunrise"),
    "blues": ("city", "flow", "paper_cut"),
    "jazz_swing": ("bauhaus", "city", "flow"),
    "bossa_nova": ("sunrise", "bauhaus", "flow"),
    "reggae": ("sunrise", "bauhaus", "paper_cut"),
    "funk": ("bauhaus", "halftone"),
    "soul_rnb": ("bloom", "city", "flow"),
    "gospel": ("sunrise", "flow", "orbits"),
    "hip_hop": ("city", "halftone", "bauhaus"),
    "trap": ("city", "orbits", "ranges"),
    "house": ("bauhaus", "bloom", "ranges"),
    "techno": ("ranges", "halftone", "bauhaus"),
    "synthwave": ("sunrise", "city", "orbits"),
    "drum_and_bass": ("ranges", "halftone", "city"),
    "ambient": ("orbits", "bloom", "ranges", "flow"),
    "lofi": ("city", "paper_cut", "bloom"),
    "metal": ("ranges", "flow", "halftone"),
    "punk": ("halftone", "bauhaus"),
    "latin_pop": ("sunrise", "bauhaus", "flow"),
    "orchestral": ("flow", "paper_cut", "orbits"),
    "kpop": ("bloom", "bauhaus", "halftone"),
    "disco": ("orbits", "halftone", "bauhaus"),
    "afrobeats": ("bauhaus", "sunrise", "flow"),
}


def choose_family(title: str, style_name: str, rng: np.random.Generator) -> Painter:
    """A painter, drawn by weight."""
    words = re.findall(r"\w+", title.lower())
    weights = [
        CHANCE_WEIGHT
        + TITLE_WEIGHT * any(word.startswith(tuple(TITLE_WORDS[family].split())) for word in words)
        + STYLE_WEIGHT * (family in STYLE_FAMILIES.get(style_name, ()))
        for family in FAMILIES
    ]
    shares = np.array(weights) / sum(weights)
    return tuple(FAMILIES.values())[int(rng.choice(len(shares), p=shares))]
