"""Music theory as values: scales and keys, metre, chords from Roman numerals, voicings.

Conventions
    Pitch is a MIDI number (69 = A4), `_pc` a pitch class 0..11 (0 = C), an interval is in semitones.
    A *scale index* counts notes of a seven-note scale through all octaves: index 0 is the tonic of MIDI octave 0
    (MIDI 0..11), index 35 the tonic of the octave that begins at middle C. Time is in beats; a beat is what the tempo
    counts (a dotted quarter in 6/8 and 12/8). Everything here is a pure function of its arguments.
"""

from songwright.engine.theory.chords import ChordSpec, chord_spec, named, parse_progression, realise
from songwright.engine.theory.metre import Metre, swung
from songwright.engine.theory.scales import MINOR_MODES, MODES, Scale, key_name, parse_key
from songwright.engine.theory.voicing import voice_leading, voicing

__all__ = [
    "MINOR_MODES",
    "MODES",
    "ChordSpec",
    "Metre",
    "Scale",
    "chord_spec",
    "key_name",
    "named",
    "parse_key",
    "parse_progression",
    "realise",
    "swung",
    "voice_leading",
    "voicing",
]
