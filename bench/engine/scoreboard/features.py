"""What a listener tells styles apart by, as numbers: groove, tempo, harmony, timbre.

Groove: how often kick, snare, cymbals, other drums, bass and chords begin in each sixteenth of a bar, how dense they
are, and how late the off-beats come. Tempo: beats a minute (octaves), beats a bar. Harmony: mode, chord types, roots,
how often chords change, chords outside the key. Timbre: what sixteen seconds of the band's chorus sound like
(cepstrum, octaves, brightness, noisiness, attacks, width, dynamics). Instruments and style names are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

import librosa
import numpy as np
import soxr

from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Chord, Note, Score
from songwright.engine.theory import MODES

from .spectrum import octave_levels_db

Features = dict[str, list[float]]  #: group -> values, always of the same length

STEPS = 16
KICKS, SNARES = {35, 36}, {37, 38, 39, 40}
CYMBALS = {42, 44, 46, 49, 51, 53, 57, 59, 69, 70, 82}
RATE_HZ = 22_050


def paper_features(score: Score, arrangement: Arrangement) -> Features:
    """Groove, tempo and harmony."""
    return {"groove": _groove(score, arrangement), "tempo": _tempo(score), "harmony": _harmony(score)}


def _tempo(score: Score) -> list[float]:
    return [4 * float(np.log2(score.bpm)), float(score.beats_per_bar)]


def _groove(score: Score, arrangement: Arrangement) -> list[float]:
    voices = _voices(arrangement)
    bars = score.length_beats / score.beats_per_bar
    out: list[float] = []
    for notes in voices.values():
        places = [n.start_beats % score.beats_per_bar / score.beats_per_bar * STEPS for n in notes]
        counts = np.bincount(np.round(places).astype(int) % STEPS, minlength=STEPS) / bars
        out += [*np.minimum(counts, 2.0), len(notes) / bars / 4]
    return [*out, *_lateness(voices["cymbals"] or voices["chords"])]


def _voices(arrangement: Arrangement) -> dict[str, list[Note]]:
    drums = [n for part in arrangement.parts if part.role == "drums" for n in part.notes]
    known = KICKS | SNARES | CYMBALS
    return {
        "kick": [n for n in drums if n.midi in KICKS],
        "snare": [n for n in drums if n.midi in SNARES],
        "cymbals": [n for n in drums if n.midi in CYMBALS],
        "others": [n for n in drums if n.midi not in known],
        "bass": [n for part in arrangement.parts if part.role == "bass" for n in part.notes],
        "chords": [n for part in arrangement.parts if part.role in ("harmony", "pads") for n in part.notes],
    }


def _lateness(notes: Iterable[Note]) -> list[float]:
    """Where the second eighth of a beat and the second sixteenth of an eighth fall, 0.5 = straight."""
    out: list[float] = []
    for unit in (1.0, 0.5):
        places = np.array([n.start_beats % unit / unit for n in notes])
        second = places[(places > 0.4) & (places < 0.8)]
        out.append(10 * (float(np.median(second)) - 0.5) if len(second) > 4 else 0.0)
    return out


def _harmony(score: Score) -> list[float]:
    total = sum(c.length_beats for c in score.chords)
    kinds = np.zeros(8)
    for chord in score.chords:
        kinds += chord.length_beats / total * np.array(_chord_kind(chord), float)
    scale = {(score.tonic_pc + step) % 12 for step in MODES[score.mode]}
    outside = sum(c.length_beats for c in score.chords if not set(c.pcs) <= scale) / total
    bars = score.length_beats / score.beats_per_bar
    is_minor = (score.tonic_pc + 3) % 12 in scale and (score.tonic_pc + 4) % 12 not in scale
    roots = np.zeros(12)
    for chord in score.chords:
        roots[(chord.root_pc - score.tonic_pc) % 12] += chord.length_beats / total
    return [*kinds, outside, len(score.chords) / bars / 2, float(is_minor), *roots]


def _chord_kind(chord: Chord) -> list[bool]:
    above = {(pc - chord.root_pc) % 12 for pc in chord.pcs}
    third = above & {3, 4}
    return [
        4 in above, 3 in above and 4 not in above, not third, 10 in above, 11 in above, bool(above & {1, 2}),
        9 in above, chord.bass_pc != chord.root_pc,
    ]  # fmt: skip


def timbre_features(pcm: np.ndarray) -> list[float]:
    """Of stereo sound [2, samples]."""
    mono = soxr.resample(pcm.mean(axis=0), SAMPLE_RATE_HZ, RATE_HZ).astype(np.float32)
    power = np.abs(librosa.stft(mono, n_fft=1024, hop_length=512)) ** 2
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=RATE_HZ, n_mels=64), top_db=80)
    cepstrum = librosa.feature.mfcc(S=mel, n_mfcc=16)[1:]
    amplitude = np.sqrt(power)
    centroid = librosa.feature.spectral_centroid(S=amplitude, sr=RATE_HZ)[0]
    flatness = librosa.feature.spectral_flatness(S=amplitude)[0]
    attacks = np.maximum(0, np.diff(mel, axis=1)).mean(axis=0)
    middle, side = pcm.mean(axis=0), (pcm[0] - pcm[1]) / 2
    rms = np.sqrt((pcm**2).mean())
    return [
        *(cepstrum.mean(axis=1) / 10), *(cepstrum.std(axis=1) / 5), *(octave_levels_db(pcm, SAMPLE_RATE_HZ)[:9] / 5),
        float(np.log2(np.median(centroid)) * 2), float(np.log10(np.median(flatness) + 1e-9)),
        float(attacks.mean()), float(attacks.std()),
        float(np.log10((side**2).mean() / (middle**2).mean() + 1e-6)),
        float(20 * np.log10(np.abs(pcm).max() / rms) / 3),
    ]  # fmt: skip
