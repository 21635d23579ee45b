"""What a sound contains: voice and band apart, tempo, bars, key, chords, tune, form.

Everything here runs offline on models that packages ship (see `assets/manifest.toml`, group `listening`).
"""

from songwright.analysis.heard import Heard, HeardBeats, HeardChord, HeardKey, HeardNote
from songwright.analysis.listening import listen
from songwright.analysis.models import ListeningModels, ModelsMissing
from songwright.analysis.separation import load_networks, separate_file

__all__ = [
    "Heard",
    "HeardBeats",
    "HeardChord",
    "HeardKey",
    "HeardNote",
    "ListeningModels",
    "ModelsMissing",
    "listen",
    "load_networks",
    "separate_file",
]
