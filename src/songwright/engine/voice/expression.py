"""How a melody is to be sung, as numbers a musician can read.

Conventions
    `effort` -1 (soft) .. 1 (belted) tilts the spectrum and raises the level; `breathiness` 0..0.3 is added noise;
    `melody_share` 1 = sung, 0 = spoken intonation round the mean of the notes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log2


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """Settings of one melody. Defaults are a plain, clear pop singer."""

    vibrato_semitones: float = 0.55
    vibrato_hz: float = 5.6
    scoop_semitones: float = 1.1  #: how far below a phrase's first note starts
    fall_semitones: float = 0.6  #: how far a phrase's last note drops
    drift_semitones: float = 0.03
    breathiness: float = 0.0
    effort: float = 0.0
    formant: float = 1.0  #: > 1 shortens the vocal tract
    timing_jitter_s: float = 0.0
    melody_share: float = 1.0
    falsetto_midi: float = 200.0  #: from here upwards the voice turns into falsetto


# How words of a style's manner change it: factors for vibrato and scoop, amounts added to breathiness and effort.
_MANNERS: dict[str, tuple[float, float, float, float]] = {
    "soft": (0.8, 0.9, 0.05, -0.4),
    "breathy": (0.6, 0.9, 0.12, -0.3),
    "airy": (0.8, 1.0, 0.09, -0.1),
    "whispered": (0.4, 0.7, 0.18, -0.6),
    "sleepy": (0.5, 1.1, 0.06, -0.5),
    "close": (0.8, 0.9, 0.04, -0.2),
    "intimate": (0.8, 0.9, 0.05, -0.2),
    "deadpan": (0.2, 0.3, 0.0, -0.2),
    "cool": (0.6, 0.7, 0.03, -0.1),
    "plain": (0.7, 0.8, 0.0, 0.0),
    "strong": (1.0, 1.0, 0.0, 0.5),
    "gritty": (0.8, 1.2, 0.03, 0.5),
    "powerful": (1.2, 1.0, 0.0, 0.6),
    "forceful": (0.9, 1.0, 0.0, 0.6),
    "shouted": (0.5, 0.8, 0.0, 0.8),
    "soaring": (1.2, 1.0, 0.0, 0.3),
    "soulful": (1.2, 1.4, 0.02, 0.1),
    "melismatic": (1.2, 1.3, 0.0, 0.1),
    "noble": (1.3, 0.6, 0.0, 0.2),
    "legato": (1.1, 0.8, 0.0, 0.0),
    "twang": (0.9, 1.4, 0.0, 0.1),
    "rhythmic": (0.7, 0.7, 0.0, 0.1),
    "percussive": (0.6, 0.6, 0.0, 0.3),
    "tuned": (0.3, 0.3, 0.0, 0.0),
}
#: Manners that take high notes lightly instead of belting them.
_LIGHT = frozenset({"soft", "breathy", "airy", "whispered", "sleepy", "intimate", "soulful", "melismatic", "falsetto"})
_BREAK_SEMITONES = 8.0  #: above the natural pitch


def expression_of(manner: str, natural_hz: float = 0.0) -> Expression:
    """The manner of a style, such as `soft breathy no vibrato`, as numbers for a voice that speaks at `natural_hz`."""
    vibrato, scoop, breathiness, effort = 1.0, 1.0, 0.0, 0.0
    words = manner.lower().replace(",", " ").split()
    for word in words:
        factors = _MANNERS.get(word, (1.0, 1.0, 0.0, 0.0))
        vibrato *= factors[0]
        scoop *= factors[1]
        breathiness += factors[2]
        effort += factors[3]
    if "no vibrato" in " ".join(words):
        vibrato = 0.0
    plain = Expression()
    light = natural_hz > 0 and bool(_LIGHT & set(words))
    return replace(
        plain,
        falsetto_midi=69 + 12 * log2(natural_hz / 440) + _BREAK_SEMITONES if light else plain.falsetto_midi,
        vibrato_semitones=plain.vibrato_semitones * min(vibrato, 1.6),
        scoop_semitones=plain.scoop_semitones * min(scoop, 1.6),
        breathiness=min(breathiness, 0.25),
        effort=max(min(effort, 1.0), -0.8),
    )
