"""Tempo and key as people write them: `120 bpm`, `90-100bpm`, `in A minor`, `F#m`, `key of E flat major`.

Conventions
    Each reader returns what it found and the text without it. Tempi outside `BPM_LOWEST`..`BPM_HIGHEST` are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from songwright.engine.styles.book import PITCH_CLASSES
from songwright.engine.theory import MODES

BPM_LOWEST, BPM_HIGHEST = 40.0, 240.0
_BPM = re.compile(
    r"\b(?:bpm|tempo)\s*[:=]?\s*(?P<after>\d{1,5}(?:\.\d+)?)(?:\s*bpm)?\b"
    r"|\b(?P<low>\d{1,5}(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(?P<high>\d{1,5}(?:\.\d+)?))?\s*(?:bpm|beats per minute)\b",
    re.IGNORECASE,
)
_MODE_WORDS = {"maj": "major", "min": "minor", "m": "minor", "moll": "minor", "dur": "major", "": None}
_MODE = r"major|minor|maj|min|moll|dur|dorian|phrygian|lydian|mixolydian|harmonic minor|m"
_KEY = re.compile(
    rf"(?P<lead>\b(?:in|key of|key)\b\s*[:=]?\s*(?:the\s+key\s+of\s+)?)?\b(?P<letter>[A-Ga-g])"
    rf"(?P<accidental>\s?[#♯♭]|b(?![a-z])|b(?=m\b|maj|min)|[ -](?:sharp|flat)\b)?(?:[ -]?(?P<mode>{_MODE})\b)?"
    r"(?![\w#♯♭])",
)
_NOT_A_KEY = re.compile(r"\s*(?:key|mode|scale|chords?|feel|mood)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, and the mode if it was said."""

    tonic_pc: int
    mode: str | None
    text: str


def find_bpm(text: str) -> tuple[float | None, str, str]:
    """(beats a minute or None, the refused words or "", the text without them)."""
    match = _BPM.search(text)
    if match is None:
        return None, "", text
    low = float(match["after"] or match["low"])
    bpm = (low + float(match["high"])) / 2 if match["high"] else low
    rest = _BPM.sub(" , ", text)
    if not BPM_LOWEST <= bpm <= BPM_HIGHEST:
        return None, match[0].strip(), rest
    return bpm, "", rest


def find_key(text: str) -> tuple[Key | None, str]:
    """(key or None, the text without it)."""
    for match in _KEY.finditer(text):
        if _is_key(match, text):
            return _key(match), f"{text[: match.start()]} , {text[match.end() :]}"
    return None, text


def _is_key(match: re.Match[str], text: str) -> bool:
    mode, upper = match["mode"], match["letter"].isupper()
    if mode and _NOT_A_KEY.match(text, match.end()) and match["letter"] in "aA":
        return False  # "in a minor key" names a mode only
    if match["lead"]:
        return upper or bool(mode) or bool(match["accidental"])
    if mode == "m":
        return upper and (match["letter"] != "A" or bool(match["accidental"]))  # "I Am" is no key
    return bool(mode) and (upper or bool(match["accidental"]))


def _key(match: re.Match[str]) -> Key:
    accidental = (match["accidental"] or "").strip(" -").lower()
    shift = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}[accidental]
    mode = (match["mode"] or "").lower().replace(" ", "_")
    known = _MODE_WORDS.get(mode, mode)
    tonic_pc = (PITCH_CLASSES[match["letter"].upper()] + shift) % 12
    return Key(tonic_pc, known if known in MODES else None, match[0].strip())
