"""What the band plays comes nearer to the style's reference the heavier the style weighs."""

from collections import Counter

import numpy as np
from toy_score import toy_score

from songwright.engine.arrangement import arrange
from songwright.engine.material import Arrangement, Brief, Score, Style
from songwright.engine.styles import style_names, understand_style

FORM = (("verse", 4), ("chorus", 4))
STEPS = 24  #: places in a bar: divisible by sixteenths of 4/4 and 3/4 and by triplets
SEEDS = (1, 2, 3, 4, 5)
WEIGHTS = (0.0, 0.5, 1.0)


def played(name: str, seed: int, weight: float) -> tuple[Style, Score, Arrangement]:
    order = Brief(style=name.replace("_", " "), seed=seed, style_weight=weight)
    style = understand_style(order)
    score = toy_score(style, FORM)
    return style, score, arrange(score, style, order)


def groove(score: Score, arrangement: Arrangement) -> np.ndarray:
    """Share of the strokes of each group of parts that falls on each place of the bar."""
    rows: list[np.ndarray] = []
    for roles in (("drums",), ("bass",), ("harmony", "pads"), ("lead",)):
        starts = [n.start_beats for part in arrangement.parts if part.role in roles for n in part.notes]
        places = [round(start % score.beats_per_bar / score.beats_per_bar * STEPS) % STEPS for start in starts]
        rows.append(np.bincount(places, minlength=STEPS) / max(1, len(places)))
    return np.concatenate(rows)


def instruments(arrangement: Arrangement) -> Counter[tuple[int, str | None]]:
    return Counter((part.program, part.synth) for part in arrangement.parts if part.role != "effects")


def distance(name: str, seed: int, weight: float) -> float:
    style, score, arrangement = played(name, seed, weight)
    usual_style, usual_score, usual = played(name, 0, 1.0)
    band, usual_band = instruments(arrangement), instruments(usual)
    strangers = sum((band - usual_band).values()) + sum((usual_band - band).values())
    moved = float(np.abs(groove(score, arrangement) - groove(usual_score, usual)).sum()) / 4
    return moved + strangers / sum(usual_band.values()) + abs(float(np.log2(style.bpm / usual_style.bpm)))


def test_the_distance_to_the_reference_falls_as_the_style_weighs_more_in_every_style() -> None:
    for name in style_names():
        loose, usual, strict = (float(np.mean([distance(name, seed, weight) for seed in SEEDS])) for weight in WEIGHTS)
        assert loose > usual > strict, (name, loose, usual, strict)
        assert strict < 0.25 * loose, name
