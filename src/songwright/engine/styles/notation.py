"""The little languages of a style file, and what is wrong with a piece of text in one of them.

Conventions
    Each `*_problem` function returns one sentence, or "" for correct text. A pattern is given with the number of
    steps in a bar and may span 1, 2 or 4 bars. Lengths and positions are in steps, chord lengths in beats.
"""

from __future__ import annotations

import re

from songwright.engine.theory import parse_progression

BARS_A_PATTERN = (1, 2, 4)
DEGREES = frozenset(["1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7", "8", "5-", "ap", "sc"])
ARTICULATIONS = frozenset(("n", "s", "l", "a", "g", "sl"))
_STRIKES = frozenset("Xxo.-")
_DRUM_STRIKES = frozenset("Xxo.")
_ARP_DIGITS = frozenset("0123456789.-")
_FORM_TOKEN = re.compile(r"([a-z]+)(\d+)")


def unspaced(pattern: str) -> str:
    """The pattern's characters without the spaces that group them."""
    return pattern.replace(" ", "")


def grid_problem(pattern: str, steps: int, allowed: frozenset[str]) -> str:
    """Of a pattern with one character a step."""
    grid = unspaced(pattern)
    if not grid:
        return ""
    if len(grid) not in {steps * bars for bars in BARS_A_PATTERN}:
        return f"{len(grid)} steps are not 1, 2 or 4 bars of {steps}: {pattern!r}"
    strange = sorted(set(grid) - allowed)
    return f"unknown characters {''.join(strange)!r} in {pattern!r}" if strange else ""


def drum_problem(pattern: str, steps: int) -> str:
    """Of one drum voice."""
    return grid_problem(pattern, steps, _DRUM_STRIKES)


def player_problem(pattern: str, steps: int, role: str) -> str:
    """Of a player's pattern, in the notation of its role."""
    if role in ("bass", "riff"):
        return line_problem(pattern, steps)
    return grid_problem(pattern, steps, _ARP_DIGITS if role == "arp" else _STRIKES)


def line_problem(pattern: str, steps: int) -> str:
    """Of a bass line or riff: `step:degree:length:articulation ...`, in order of time."""
    last = -1.0
    for token in pattern.split():
        parts = token.split(":")
        if len(parts) != 4:
            return f"{token!r} is not step:degree:length:articulation"
        step, degree, length, articulation = parts
        if not (_is_number(step) and _is_number(length)):
            return f"{token!r} needs numbers for step and length"
        if not last < float(step) < steps * BARS_A_PATTERN[-1]:
            return f"{token!r} is out of order or beyond {BARS_A_PATTERN[-1]} bars"
        if float(length) <= 0 or degree not in DEGREES or articulation not in ARTICULATIONS:
            return f"{token!r} has an unknown degree, length or articulation"
        last = float(step)
    return ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", text) is not None


def progression_problem(progression: str, beats_per_bar: int) -> str:
    """Of a chord progression: chords that exist, whole bars."""
    try:
        total = sum(beats for _, beats in parse_progression(progression))
    except ValueError as error:
        return str(error)
    return f"{total:g} beats are not whole bars of {beats_per_bar}: {progression!r}" if total % beats_per_bar else ""


def form_problem(form: str, kinds: frozenset[str]) -> str:
    """Of a form: `intro4 verse8 ...`."""
    for token in form.split():
        match = _FORM_TOKEN.fullmatch(token)
        if match is None or match[1] not in kinds or not int(match[2]):
            return f"{token!r} is not a section with its number of bars"
    return "" if form.strip() else "is empty"
