"""Which of a style's alternatives a clip takes: how strictly it follows the style, and how two takes differ.

Conventions
    `freedom(style_weight)` is the share of choices that leave the style's reference: none at weight 1, half at 0.5,
    all at 0. Every choice has one number u in 0..1, shared by both takes: take 0 leaves the reference where
    u < freedom, take 1 where 1 - u < freedom. So the set of departures only grows as the weight falls, and at the
    usual weight of 0.5 the two takes differ in every choice. The chosen alternative is put first; none is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from songwright.engine.material import Brief, DrumKit, MixTraits, Player, Style, stable_rng
from songwright.engine.styles.book import Entry, read_common

TEMPO_SPREAD = 0.06  #: largest departure from the usual tempo, as a share of it, at freedom 1
LEVEL_SPREAD_DB = 2.0
_LEVELS = ("drums_db", "bass_db", "harmony_db", "pads_db", "lead_db")
Alternative = TypeVar("Alternative")


def freedom(style_weight: float) -> float:
    """Share of choices that depart from the reference."""
    return 1 - min(1.0, max(0.0, style_weight))


@dataclass(frozen=True, slots=True)
class Chooser:
    """Draws each choice by its name, the same in every process and whatever else is drawn."""

    seed: int
    take: int
    freedom: float

    def departs(self, slot: str) -> bool:
        """Whether this clip leaves the reference in one choice."""
        u = float(stable_rng("style", slot, self.seed).random())
        return (1 - u if self.take % 2 else u) < self.freedom

    def pick(self, slot: str, alternatives: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
        """The alternatives with the chosen one first."""
        if len(alternatives) < 2 or not self.departs(slot):
            return alternatives
        rest = len(alternatives) - 1
        at = 1 + (int(stable_rng("style which", slot, self.seed).integers(rest)) + self.take) % rest
        return (alternatives[at], *alternatives[:at], *alternatives[at + 1 :])

    def drift(self, slot: str) -> float:
        """-1..1 times the freedom; the takes go opposite ways and never stay at 0."""
        rng = stable_rng("style drift", slot, self.seed)
        size = 0.35 + 0.65 * float(rng.random())
        sign = 1 if rng.random() < 0.5 else -1
        return size * sign * (-1 if self.take % 2 else 1) * self.freedom


def chooser(brief: Brief) -> Chooser:
    """The choices of one clip."""
    return Chooser(brief.seed, brief.take, freedom(brief.style_weight))


def variant(entry: Entry, choose: Chooser) -> Style:
    """The style of the book as one clip plays it."""
    style = entry.style
    players = tuple(_player(player, entry, choose) for player in style.players)
    return replace(
        style,
        bpm=_tempo(entry, choose),
        drums=_drums(style.drums, style.name, choose),
        bass=_player(style.bass, entry, choose),
        players=_without_one(players, style.name, choose),
        mix=_levels(style.mix, style.name, choose),
    )


def _tempo(entry: Entry, choose: Chooser) -> float:
    wished = entry.style.bpm * (1 + TEMPO_SPREAD * choose.drift(f"{entry.style.name} tempo"))
    return float(round(min(entry.bpm_high, max(entry.bpm_low, wished))))


def _drums(drums: DrumKit, name: str, choose: Chooser) -> DrumKit:
    fills = choose.pick(f"{name} fills", drums.fills)
    return replace(drums, grooves=_picked(drums.grooves, f"{name} drums", choose), fills=fills)


def _picked(
    by_kind: Mapping[str, tuple[Alternative, ...]], slot: str, choose: Chooser
) -> dict[str, tuple[Alternative, ...]]:
    """Kinds of section that share their alternatives share the choice."""
    return {kind: choose.pick(f"{slot} {alternatives}", alternatives) for kind, alternatives in by_kind.items()}


def _player(player: Player, entry: Entry, choose: Chooser) -> Player:
    slot = f"{entry.style.name} {player.name}"
    colours = (player.program, *entry.colours.get(player.name, ()))
    program = choose.pick(f"{slot} colour", colours)[0]
    return replace(
        player,
        name=_name(player, program),
        program=program,
        synth=player.synth if program == player.program else None,
        patterns=_picked(player.patterns, slot, choose),
    )


def _name(player: Player, program: int) -> str:
    """A player keeps the name within the family of instruments; a bass is a bass."""
    family, place = divmod(program, 8)
    if family == player.program // 8 or player.role == "bass":
        return player.name
    return read_common().program_names[family][place]


def _without_one(players: tuple[Player, ...], name: str, choose: Chooser) -> tuple[Player, ...]:
    """A player who only joins in the chorus may stay away, where there are three or more of them."""
    joining = [player for player in players if not any(player.patterns["verse"])]
    if len(joining) < 3 or not choose.departs(f"{name} absent"):
        return players
    absent = joining[(int(stable_rng("style absent", name, choose.seed).integers(len(joining))) + choose.take) % 3]
    return tuple(player for player in players if player is not absent)


def _levels(mix: MixTraits, name: str, choose: Chooser) -> MixTraits:
    moved = {field: LEVEL_SPREAD_DB * choose.drift(f"{name} {field}") for field in _LEVELS}
    return replace(mix, **{field: float(np.round(getattr(mix, field) + db, 2)) for field, db in moved.items()})
