"""The score stage: words and style become a song on paper.

Conventions
    Everything is in beats and MIDI numbers (see `songwright.engine.material`), on a straight grid. The order of work is
    form and tempo, harmony, hook, the other lines, what is played between them. In a song that fails a gate
    single lines are set anew; where that is not enough it is drawn again, at most `REDRAWS` times, and the best one is
    kept, which `Score.notes` tells. Randomness is `brief.rng("score")`.
"""

from songwright.engine.score.composing import REDRAWS, compose
from songwright.engine.score.continuing import continue_score, replace_section

__all__ = ["REDRAWS", "compose", "continue_score", "replace_section"]
