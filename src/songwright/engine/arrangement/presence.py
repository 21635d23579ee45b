"""Who plays when: the intro builds, the first verse is thinner than the second, the last chorus is the fullest.

Conventions
    Players are ranked as the style lists them, the most typical first. `share` 0..1 of a passage is how far into it a
    bar lies. All rules are about roles, ranks and energy, never about a style's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from songwright.engine.arrangement.ground import Ground
from songwright.engine.arrangement.passages import Passage
from songwright.engine.arrangement.phrasing import phrased
from songwright.engine.material import Player

SPARSE_ENERGY = 0.36  #: below: no kick and snare, chords and arpeggios only
FULL_ENERGY = 0.8  #: above: octaves, open hats, crashes
STRICT_WEIGHT = 0.75  #: from this style weight on, later passages repeat the reference instead of varying it
JOINED_FORCE = 0.8
JOINING_ENERGY = 0.45
_HARMONY = frozenset(("comp", "arp"))
Alternative = TypeVar("Alternative", str, Mapping[str, str])


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a player takes part in a passage: with which patterns, from which bar on, how loud, in octaves or not."""

    patterns: tuple[str, ...]  #: bar by bar, in a circle
    first_bar: int = 0
    last_bar: int = 1_000  #: exclusive
    force: float = 1.0
    doubled: bool = False


def appearance(player: Player, rank: int, ground: Ground, passage: Passage) -> Appearance | None:
    """How the player takes part; None where it is silent."""
    pattern = _pattern(player, ground, passage)
    alternatives = player.patterns.get(passage.kind, ())
    force = 1.0
    if not pattern and _joins(player, ground, passage):
        alternatives = player.patterns["chorus"]
        pattern, force = next(iter(alternatives), ""), JOINED_FORCE
    if not pattern or _steps_back(player, rank, passage):
        return None
    first = _entrance(player, rank, ground, passage)
    last = _exit(rank, passage)
    if first >= min(last, passage.bars):
        return None
    doubled = passage.is_peak or (passage.lifts and passage.energy >= FULL_ENERGY and player.role in ("comp", "riff"))
    patterns = phrased(pattern, alternatives, ground.style.steps_per_bar, line=player.role == "riff")
    return Appearance(patterns, first, last, force * (0.94 if _is_first_verse(passage) else 1.0), doubled)


def _pattern(player: Player, ground: Ground, passage: Passage) -> str:
    """The chosen pattern, varied in later verses and at the peak."""
    alternatives = player.patterns.get(passage.kind, ())
    return taken(alternatives, "", varied=varies(passage, ground) and (passage.kind == "verse" or passage.is_peak))


def varies(passage: Passage, ground: Ground) -> bool:
    """Whether a passage leaves what was played before: later ones do, where the style is not followed strictly."""
    return (passage.nth > 0 or passage.is_peak) and ground.brief.style_weight < STRICT_WEIGHT


def taken(alternatives: Sequence[Alternative], silence: Alternative, *, varied: bool) -> Alternative:
    """The first alternative, or where it is to be varied the fullest of all."""
    if not alternatives:
        return silence
    return max(alternatives, key=fullness) if varied and fullness(alternatives[0]) else alternatives[0]


def fullness(pattern: str | Mapping[str, str]) -> float:
    """Strokes or notes a bar-length of text holds: of a groove, of a pattern with a character a step, of a line."""
    if not isinstance(pattern, str):
        return sum(fullness(voice) for voice in pattern.values())
    if ":" in pattern:
        return len(pattern.split()) / (1 if float(pattern.split()[-1].split(":")[0]) < 16 else 2)
    grid = pattern.replace(" ", "")
    return sum(mark not in ".-" for mark in grid) / max(1, len(grid)) * 16


def _joins(player: Player, ground: Ground, passage: Passage) -> bool:
    """Who waits for the chorus comes in early: a pad under the pre-chorus, one player more in the second verse."""
    if passage.energy < JOINING_ENERGY:
        return False
    if passage.kind in ("prechorus", "build"):
        return player.role == "pad"
    waiting = [one for one in ground.style.players if not any(one.patterns["verse"]) and any(one.patterns["chorus"])]
    first = next((one for one in waiting if one.role == "pad"), next(iter(waiting), None))
    return passage.kind == "verse" and passage.nth > 0 and player is first


def _steps_back(player: Player, rank: int, passage: Passage) -> bool:
    if passage.energy < SPARSE_ENERGY:
        return player.role == "riff" or (rank > 1 and player.role != "pad")
    if _is_first_verse(passage):
        return rank >= 3 or (player.role == "riff" and passage.energy < 0.5)
    return False


def _is_first_verse(passage: Passage) -> bool:
    return passage.kind == "verse" and passage.nth == 0


def _entrance(player: Player, rank: int, ground: Ground, passage: Passage) -> int:
    """The bar a player comes in: an intro builds in steps of two bars, the drums first where a style lives by them."""
    if passage.kind != "intro" or passage.bars < 4 or passage.energy >= 0.75:
        return 0
    led_by_drums = ground.style.mix.drums_db >= 0
    order = rank + (1 if led_by_drums else 0) + (1 if player.role not in _HARMONY and rank else 0)
    return min(passage.bars - 1, round(order * passage.bars / 6) // 2 * 2)


def _exit(rank: int, passage: Passage) -> int:
    """The bar a player leaves: an outro thins out to the first ranks before the final chord."""
    if passage.kind != "outro" or passage.bars < 4 or passage.energy >= FULL_ENERGY:
        return 1_000
    return passage.bars if rank < 2 else passage.bars - max(1, passage.bars // 2)


def rhythm_entrance(ground: Ground, passage: Passage, *, drums: bool) -> int:
    """The bar drums or bass come in."""
    if passage.kind != "intro" or passage.bars < 4 or passage.energy >= 0.75:
        return 0
    if drums and ground.style.mix.drums_db >= 0:
        return 0
    return passage.bars // 2
