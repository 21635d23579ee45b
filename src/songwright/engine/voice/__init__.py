"""Sing the vocal lines of a score.

A line is read by a neural speech model on the pitches it will be sung on, taken apart by the WORLD vocoder, stretched
so that every vowel begins on its note, given a singer's pitch contour, and put together again. The dear part, the
reading, is done once for all clips, doubles and harmonies that use the line.

Conventions
    Score time is in beats; here it becomes seconds (`_s`). Inside this room sound is mono at 24 kHz; the stems handed
    out are stereo at 44.1 kHz. Pitches are MIDI numbers, fractional where sung.

Reading order: adlibs, takes (what to sing) -> reading (spoken) -> alignment, contour, synthesis (sung)
-> stems (laid out).
"""

from songwright.engine.voice.adlibs import with_adlibs
from songwright.engine.voice.graphs import prepare_graphs
from songwright.engine.voice.model import load_model, release_model
from songwright.engine.voice.runtime import choose_runtime, installed_runtimes
from songwright.engine.voice.singers import SINGERS, NoVoice, Singer, choose_singer
from songwright.engine.voice.singing import SungPart, SungTake, sing_take
from songwright.engine.voice.stems import Vocals, vocal_stems
from songwright.engine.voice.takes import Melody, Take, plan_takes

__all__ = [
    "SINGERS",
    "Melody",
    "NoVoice",
    "Singer",
    "SungPart",
    "SungTake",
    "Take",
    "Vocals",
    "choose_runtime",
    "choose_singer",
    "installed_runtimes",
    "load_model",
    "plan_takes",
    "prepare_graphs",
    "release_model",
    "sing_take",
    "vocal_stems",
    "with_adlibs",
]
