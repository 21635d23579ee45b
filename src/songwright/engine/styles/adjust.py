"""Tempo, key, mood and voice of a style, as a person's words wish them.

Conventions
    Each function takes a style and a wish and returns the style adjusted. Tempo in beats a minute; a lean is a place in
    the style's range, -1 slowest, 0 usual, 1 fastest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from songwright.engine.material import Style
from songwright.engine.styles.book import read_common
from songwright.engine.styles.lexicon import Manner, Mood
from songwright.engine.styles.numbers import BPM_HIGHEST, BPM_LOWEST
from songwright.engine.styles.regrid import progression_in
from songwright.engine.theory import MINOR_MODES, parse_progression

NARROW = 0.05  #: how far the tempo may still move when words placed it, as a share
MOOD_PULL = 1.6  #: a mood of pull 1 makes minor exp(2 * 1.6) times as likely against major
MOOD_TEMPO = 0.6
OTHER_METRE_BEATS = 4


def at_bpm(style: Style, bpm: float) -> Style:
    """Exactly this tempo."""
    return replace(style, bpm=min(BPM_HIGHEST, max(BPM_LOWEST, bpm)), bpm_range=None)


def leaning(style: Style, lean: float) -> Style:
    """The tempo moved within the style's range, or a tenth beyond it for leans over 1."""
    if not lean or style.bpm_range is None:
        return style
    low, high = style.bpm_range
    edge, reach = (high, high * 1.1) if lean > 0 else (low, low * 0.88)
    share = min(1.0, abs(lean))
    bpm = style.bpm + share * (edge - style.bpm) + max(0.0, min(1.0, 2 * (abs(lean) - 1))) * (reach - edge)
    bpm = float(round(min(BPM_HIGHEST, max(BPM_LOWEST, bpm))))
    return replace(style, bpm=bpm, bpm_range=(bpm * (1 - NARROW), bpm * (1 + NARROW)))


def in_mode(style: Style, mode: str, *, exactly: bool) -> Style:
    """The mode; not `exactly` lets the style keep its own kinds of minor or major. Progressions follow."""
    minor = mode in MINOR_MODES
    own = {name: weight for name, weight in style.modes.items() if (name in MINOR_MODES) == minor and name != "blues"}
    modes = {mode: 1.0} if exactly or mode not in ("major", "minor") or not own else _normalised(own)
    chords = {kind: _agreeing(kind, texts, style, minor=minor) for kind, texts in style.chords.items()}
    return replace(style, modes=modes, chords=chords)


def _agreeing(kind: str, texts: tuple[str, ...], style: Style, *, minor: bool) -> tuple[str, ...]:
    own = tuple(text for text in texts if _is_minor(text) == minor)
    if own:
        return own
    common = read_common().progressions["minor" if minor else "major"]
    while kind not in common:
        kind = read_common().section_fallback[kind]
    return tuple(progression_in(text, OTHER_METRE_BEATS, style.beats_per_bar) for text in common[kind])


def _is_minor(progression: str) -> bool:
    """Whether its home is a minor chord; without a home, whether it borrows from minor."""
    specs = [spec for spec, _ in parse_progression(progression)]
    home = [spec.is_minor for spec in specs if spec.root == 0]
    return home[0] if home else any(spec.root in (3, 8, 10) for spec in specs)


def _normalised(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def in_mood(style: Style, moods: Iterable[Mood], *, moves_tempo: bool) -> Style:
    """The moods' pulls on mode, tempo and room; the first mood gives the style its word."""
    all_of = tuple(moods)
    if not all_of:
        return replace(style, mood="neutral")
    pull = sum(mood.minor for mood in all_of) / len(all_of)
    weights = {
        name: weight * math.exp(MOOD_PULL * pull * (1 if name in MINOR_MODES else -1))
        for name, weight in style.modes.items()
    }
    room_db = max(mood.reverb_db for mood in all_of)
    mix = replace(style.mix, reverb_send_db=style.mix.reverb_send_db + room_db)
    style = replace(style, mood=all_of[0].mood, modes=_normalised(weights), mix=mix)
    return leaning(style, MOOD_TEMPO * sum(mood.tempo for mood in all_of) / len(all_of)) if moves_tempo else style


def sung(style: Style, manners: Iterable[Manner]) -> Style:
    """The manner of singing that was asked for."""
    vocal = style.vocal
    words = [manner.manner for manner in manners]
    for manner in manners:
        vocal = replace(
            vocal,
            rap=vocal.rap if manner.rap is None else manner.rap,
            doubles=manner.doubles or vocal.doubles,
            harmonies=manner.harmonies or vocal.harmonies,
        )
    return replace(style, vocal=replace(vocal, manner=" ".join(dict.fromkeys(words)))) if words else style
