"""Chords from Roman numerals, as the style data writes them: `I:4 V/7:4 vi7:4 bVImaj7:2 II7:2`.

Conventions
    Numerals are relative to the MAJOR scale on the tonic in every mode (minor keys read `i bVI bIII bVII`); upper case
    is major, lower case minor. A secondary dominant is written as what it is (`II7` = V of V). `/7` puts the seventh
    degree of the major scale in the bass. The number after the colon is the length in beats. A *letter* is 0..6 for
    the seven note names counted from the tonic's: the third of a chord is two letters above its root.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from songwright.engine.material import Chord
from songwright.engine.theory.scales import pitch_name, prefers_flats

_DEGREES = (0, 2, 4, 5, 7, 9, 11)
_ROMAN = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "mmaj7": (0, 3, 7, 11),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "11": (0, 7, 10, 14, 17),
    "m11": (0, 3, 7, 10, 17),
    "13": (0, 4, 7, 10, 21),
    "m13": (0, 3, 7, 10, 21),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "ø7": (0, 3, 6, 10),
    "aug": (0, 4, 8),
    "7#9": (0, 4, 7, 10, 15),
    "7b9": (0, 4, 7, 10, 13),
}
_TOKEN = re.compile(
    r"^(?P<sign>[b#]?)(?P<roman>VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?P<suffix>[a-zø0-9#]*)"
    r"(?:/(?P<bass_sign>[b#]?)(?P<bass>[1-7]))?(?::(?P<beats>\d+(?:\.\d+)?))?$"
)
_SIGNS = {"": 0, "b": -1, "#": 1}
_ROOT_NAMES = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
_LETTERS_UP = {0: 0, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 4, 9: 5, 10: 6, 11: 6}


@dataclass(frozen=True, slots=True)
class ChordSpec:
    """A chord relative to the tonic. `quality` is the suffix after the root's name (`m7`)."""

    numeral: str
    root: int  #: semitones above the tonic
    bass: int  #: semitones above the tonic
    quality: str

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root, colours above the octave."""
        return _QUALITIES[self.quality]

    @property
    def degrees(self) -> tuple[int, ...]:
        """Pitch classes above the tonic, from the root upwards."""
        return tuple((self.root + i) % 12 for i in self.intervals)

    @property
    def letters(self) -> tuple[tuple[int, int], ...]:
        """Which letter of the scale each chord note within the octave is spelled with: (letter, pc above the tonic)."""
        match = _TOKEN.match(self.numeral)
        roman = match["roman"].upper() if match else "I"
        first = tuple(_ROMAN).index(roman)
        inside = [i for i in self.intervals if i in _LETTERS_UP]
        return tuple(((first + _LETTERS_UP[i]) % 7, (self.root + i) % 12) for i in inside)

    @property
    def is_minor(self) -> bool:
        """Minor or diminished third."""
        return 3 in self.intervals

    @property
    def is_dominant(self) -> bool:
        """Whether it wants to go home: V in any dress, bVII, vii."""
        return self.root in (7, 10, 11) and self.quality not in ("m", "m7", "maj7")


@lru_cache(maxsize=1024)
def chord_spec(numeral: str) -> ChordSpec:
    """`V7sus4`, `bVImaj7`, `I/3` -> ChordSpec."""
    match = _TOKEN.match(numeral)
    if match is None:
        raise ValueError(f"not a chord: {numeral!r}")
    root = (_ROMAN[match["roman"].upper()] + _SIGNS[match["sign"]]) % 12
    bass = root
    if match["bass"]:
        bass = (_DEGREES[int(match["bass"]) - 1] + _SIGNS[match["bass_sign"] or ""]) % 12
    return ChordSpec(numeral, root, bass, _quality(match["roman"].islower(), match["suffix"], numeral))


def _quality(minor: bool, suffix: str, numeral: str) -> str:
    quality = f"m{suffix}" if minor and f"m{suffix}" in _QUALITIES else suffix
    if quality not in _QUALITIES:
        raise ValueError(f"unknown chord suffix {suffix!r} in {numeral!r}")
    return quality


def named(root: int, quality: str) -> ChordSpec:
    """A chord from its root (semitones above the tonic) and quality; the bass is the root."""
    minor = 3 in _QUALITIES[quality]
    name = _ROOT_NAMES[root % 12]
    sign, roman = (name[0], name[1:]) if name[0] in "b#" else ("", name)
    suffix = quality[1:] if quality.startswith("m") and not quality.startswith("maj") else quality
    return chord_spec(sign + (roman.lower() if minor else roman) + suffix)


def parse_progression(text: str) -> tuple[tuple[ChordSpec, float], ...]:
    """`I:4 vi:4` -> ((I, 4.0), (vi, 4.0))."""
    chords: list[tuple[ChordSpec, float]] = []
    for token in text.split():
        numeral, _, beats = token.partition(":")
        if not beats:
            raise ValueError(f"a chord needs its length in beats: {token!r}")
        chords.append((chord_spec(numeral), float(beats)))
    if not chords:
        raise ValueError("an empty progression")
    return tuple(chords)


def realise(spec: ChordSpec, tonic_pc: int, *, start_beats: float, length_beats: float, minor: bool = False) -> Chord:
    """The chord in a key; `minor` only decides between sharps and flats in its name."""
    flats = prefers_flats(tonic_pc, minor=minor) or spec.numeral.startswith("b")
    root, bass = (tonic_pc + spec.root) % 12, (tonic_pc + spec.bass) % 12
    symbol = pitch_name(root, flats=flats) + spec.quality
    if bass != root:
        symbol += "/" + pitch_name(bass, flats=flats)
    pcs = tuple((root + i) % 12 for i in spec.intervals)
    return Chord(start_beats, length_beats, symbol, spec.numeral, root, bass, pcs)
