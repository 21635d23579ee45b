"""What the stages hand to each other, as immutable values.

Conventions
    Musical time is in beats from the start of the song (`start_beats`, `length_beats`), a beat being what the tempo
    counts (a dotted quarter in 6/8 and 12/8). Beat positions are floats on the grid (multiples of 1/12 beat before
    swing and humanising). Seconds (`_s`) and samples begin in `instruments` and `voice`.
    Pitch is a MIDI number (69 = A4 = 440 Hz); `_pc` is a pitch class 0..11 (0 = C). Levels are in dB (`_db`).
    Audio is float32, shape [2, samples] (stereo) or [samples] (mono), at `SAMPLE_RATE_HZ`, full scale = 1.0.
    Randomness enters as `numpy.random.Generator`; the same brief, seed and engine version give the same song.
"""

from songwright.engine.material.brief import Assets, Brief, Gender, stable_rng
from songwright.engine.material.mark import MACHINE_MARK
from songwright.engine.material.paper import Arrangement, Chord, Note, Part, Role, Score, Section, VocalLine, VocalNote
from songwright.engine.material.sound import SAMPLE_RATE_HZ, Audio, Master, Report, Stem, WordTime
from songwright.engine.material.style import DrumKit, MelodyTraits, MixTraits, Player, Style, VocalTraits
from songwright.engine.material.words import LyricLine, Lyrics, LyricSection, SectionKind, Syllable, Word

__all__ = [
    "MACHINE_MARK",
    "SAMPLE_RATE_HZ",
    "Arrangement",
    "Assets",
    "Audio",
    "Brief",
    "Chord",
    "DrumKit",
    "Gender",
    "LyricLine",
    "LyricSection",
    "Lyrics",
    "Master",
    "MelodyTraits",
    "MixTraits",
    "Note",
    "Part",
    "Player",
    "Report",
    "Role",
    "Score",
    "Section",
    "SectionKind",
    "Stem",
    "Style",
    "Syllable",
    "VocalLine",
    "VocalNote",
    "VocalTraits",
    "Word",
    "WordTime",
    "stable_rng",
]
