"""Seven-note scales, and keys as people write them (`C#m`, `F# major`, `Bb dorian`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "blues": (0, 2, 3, 5, 7, 9, 10),  # sung over dominant chords: minor third and seventh, natural sixth
}
MINOR_MODES = frozenset({"minor", "dorian", "phrygian", "harmonic_minor"})
_MODE_WORDS = {"maj": "major", "ionian": "major", "m": "minor", "min": "minor", "aeolian": "minor", "": "major"}
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_KEY = re.compile(r"^\s*([A-Ga-g])(#|♯|b|♭|[\s-]sharp|[\s-]flat)?[\s_-]*([A-Za-z]*)[\s_-]*([A-Za-z]*)\s*$")


@dataclass(frozen=True, slots=True)
class Scale:
    """A tonic and a mode."""

    tonic_pc: int
    mode: str

    @property
    def steps(self) -> tuple[int, ...]:
        """Semitones above the tonic."""
        return MODES[self.mode]

    @property
    def is_minor(self) -> bool:
        """Whether the tonic chord is minor."""
        return self.mode in MINOR_MODES

    def midi(self, index: int) -> int:
        """Scale index -> MIDI."""
        return self.tonic_pc + 12 * (index // 7) + self.steps[index % 7]

    def indices(self, low_midi: int, high_midi: int) -> tuple[int, ...]:
        """All scale indices that sound between two MIDI numbers, both included."""
        first = 7 * ((low_midi - self.tonic_pc) // 12)
        return tuple(i for i in range(first, first + 77) if low_midi <= self.midi(i) <= high_midi)


def parse_key(text: str) -> tuple[int, str] | None:
    """`C#m` -> (1, "minor"); None where the text is not a key."""
    match = _KEY.match(text)
    if match is None:
        return None
    letter, accidental, word, more = match.groups()
    sign = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get((accidental or "").strip(" -"), 0)
    name = "_".join(part.lower() for part in (word, more) if part)
    mode = "minor" if word == "m" else "major" if word == "M" else _MODE_WORDS.get(name, name)
    if mode not in MODES:
        return None
    return (_LETTERS[letter.upper()] + sign) % 12, mode


def prefers_flats(tonic_pc: int, *, minor: bool) -> bool:
    """Whether a key is written with flats: F, Bb, Eb, Ab, Db major and their relatives."""
    relative_major = (tonic_pc + (3 if minor else 0)) % 12
    return relative_major in (5, 10, 3, 8, 1)


def pitch_name(pc: int, *, flats: bool) -> str:
    """Pitch class -> letter name."""
    return (_FLATS if flats else _SHARPS)[pc % 12]


def key_name(tonic_pc: int, mode: str) -> str:
    """(9, "minor") -> `A minor`."""
    flats = prefers_flats(tonic_pc, minor=mode in MINOR_MODES)
    return f"{pitch_name(tonic_pc, flats=flats)} {mode.replace('_', ' ')}"
