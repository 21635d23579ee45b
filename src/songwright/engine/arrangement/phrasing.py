"""Phrases of the band: a bar is said, said again and answered, so that nothing is looped for eight bars.

Conventions
    Eight bars are played A A A B A A C B: A is the passage's own pattern, B the one of its alternatives whose strokes
    lie most like it, C the next. A pattern that already spans four bars answers itself and is left alone but for
    the eighth bar. Similarity is the Jaccard index of the steps that are struck.
"""

from __future__ import annotations

from collections.abc import Sequence

from songwright.engine.arrangement.patterns import bars_of, strikes, tones

PHRASE = "AAABAACB"
LEAST_ALIKE = 0.2  #: patterns with less in common than this belong to another feel and answer nothing


def phrased(base: str, alternatives: Sequence[str], steps_per_bar: int, *, line: bool) -> tuple[str, ...]:
    """The pattern of each of eight bars."""
    ranked = _ranked(base, alternatives, steps_per_bar, line=line)
    if not base or not ranked:
        return (base,)
    answer, other = ranked[0], ranked[-1] if len(ranked) > 1 else ranked[0]
    if bars_of(base, steps_per_bar, line=line) == len(PHRASE) // 2:
        return (*(base,) * (len(PHRASE) - 1), answer)
    by_letter = {"A": base, "B": answer, "C": other}
    return tuple(by_letter[letter] for letter in PHRASE)


def _ranked(base: str, alternatives: Sequence[str], steps_per_bar: int, *, line: bool) -> list[str]:
    """The alternatives that could answer, the most alike first."""
    own = _struck(base, steps_per_bar, line=line)
    likeness = {
        other: len(own & struck) / len(own | struck)
        for other in dict.fromkeys(alternatives)
        if other and other != base and (struck := _struck(other, steps_per_bar, line=line))
    }
    alike = [other for other, share in likeness.items() if share >= (0 if line else LEAST_ALIKE)]
    return sorted(alike, key=lambda other: -likeness[other])


def _struck(pattern: str, steps_per_bar: int, *, line: bool) -> frozenset[int]:
    if line:
        return frozenset(int(tone.step) % steps_per_bar for tone in tones(pattern))
    return frozenset(strike.step % steps_per_bar for strike in strikes(pattern))
