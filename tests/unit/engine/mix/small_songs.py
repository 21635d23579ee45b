"""Small songs for tests of the sound stages: scores, bands and a voice made of a buzz and two formants."""

import numpy as np

from songwright.engine.dsp import band_pass, filter_in_place
from songwright.engine.material import (
    SAMPLE_RATE_HZ,
    Arrangement,
    DrumKit,
    MelodyTraits,
    MixTraits,
    Note,
    Part,
    Player,
    Score,
    Section,
    Stem,
    Style,
    VocalTraits,
)

CHORDS = ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12))  # I V vi IV in semitones above C


def small_score(bars_each: int = 2, bpm: float = 112.0, kinds: tuple[str, ...] = ("verse", "chorus")) -> Score:
    energies = {"intro": 0.45, "verse": 0.5, "prechorus": 0.65, "chorus": 0.9, "bridge": 0.6, "outro": 0.5}
    beats = 4.0 * bars_each
    sections = tuple(
        Section(kind, kind.title(), index * beats, beats, energies[kind]) for index, kind in enumerate(kinds)
    )
    return Score(
        title="Small", bpm=bpm, beats_per_bar=4, tonic_pc=0, mode="major", sections=sections, chords=(), lines=()
    )


def small_style(**mix: float | str) -> Style:
    bass = Player(name="bass", role="bass", program=33, low_midi=28, high_midi=50)
    return Style(
        name="pop", bpm=112, metre="4/4", beats_per_bar=4, steps_per_bar=16, swing=0.5, swing_unit=16, modes={},
        tonic_pcs=(0,), chords={}, forms=(), drums=DrumKit(kit="standard", grooves={}, fills=()), bass=bass, players=(),
        melody=MelodyTraits(), vocal=VocalTraits(), mix=MixTraits(**mix),
    )  # fmt: skip


def small_band(score: Score, *, electronic: bool = False) -> Arrangement:
    bars = range(int(score.length_beats / 4))
    chords = [CHORDS[bar % 4] for bar in bars]
    drums, bass, keys, pad, lead = [], [], [], [], []
    for bar, chord in zip(bars, chords, strict=True):
        at = 4.0 * bar
        is_chorus = any(
            s.kind == "chorus" and s.start_beats <= at < s.start_beats + s.length_beats for s in score.sections
        )
        kicks = (0, 1, 2, 3) if electronic else (0, 1.5, 2)
        drums += [Note(at + b, 0.2, 36, 110) for b in kicks] + [Note(at + b, 0.2, 38, 105) for b in (1, 3)]
        drums += [Note(at + b / 2, 0.1, 42, 70 + 20 * (b % 2 == 0)) for b in range(8)]
        bass += [Note(at + b / 2, 0.45, 36 + chord[0] % 12, 96) for b in range(8)]
        keys += [Note(at + b, 0.9, 60 + p, 84) for b in range(4) for p in chord]
        if is_chorus:
            pad += [Note(at, 4.0, 60 + p, 80) for p in chord]
            drums.append(Note(at, 2.0, 49, 100))
        lead += [Note(at + b, 0.5, 72 + chord[b % 3], 88) for b in range(4)]
    if electronic:
        return Arrangement(
            parts=(
                Part(name="Drums", role="drums", synth="kit_909", notes=tuple(drums)),
                Part(name="Bass", role="bass", synth="saw_bass", notes=tuple(bass)),
                Part(name="Chords", role="harmony", synth="stab", pan=-0.3, notes=tuple(keys)),
                Part(name="Pad", role="pads", synth="supersaw_pad", notes=tuple(pad)),
                Part(name="Lead", role="lead", synth="saw_lead", pan=0.2, notes=tuple(lead)),
            )
        )
    return Arrangement(
        parts=(
            Part(name="Drums", role="drums", drum_kit=0, notes=tuple(drums)),
            Part(name="Bass", role="bass", program=33, notes=tuple(bass)),
            Part(name="Piano", role="harmony", program=0, pan=-0.2, notes=tuple(keys)),
            Part(name="Guitar", role="harmony", program=25, pan=0.5, notes=tuple(keys)),
            Part(name="Strings", role="pads", program=48, notes=tuple(pad)),
            Part(name="Lead", role="lead", program=80, pan=0.2, notes=tuple(lead)),
        )
    )


def small_voice(score: Score) -> Stem:
    """One buzzing vowel a beat, with a burst of hiss before it, silent every fourth bar."""
    rng = np.random.default_rng(7)
    samples = round(score.duration_s * SAMPLE_RATE_HZ)
    mono = np.zeros(samples, np.float32)
    beat = round(score.seconds(1.0) * SAMPLE_RATE_HZ)
    for index in range(int(score.length_beats)):
        if index % 16 >= 12:
            continue
        length = min(int(0.85 * beat), samples - index * beat)
        time_s = np.arange(length) / SAMPLE_RATE_HZ
        hz = 220.0 * 2.0 ** ([0, 4, 7, 4, 2, 5, 7, 0][index % 8] / 12.0)
        buzz = sum(np.sin(2 * np.pi * k * hz * time_s) / k for k in range(1, 30))
        buzz *= np.minimum(time_s / 0.03, 1.0) * np.minimum((time_s[-1] - time_s) / 0.05, 1.0)
        hiss = rng.standard_normal(length) * np.exp(-(((time_s - 0.03) / 0.02) ** 2))
        mono[index * beat : index * beat + length] += (0.1 * buzz + 0.05 * hiss).astype(np.float32)
    audio = np.stack([mono, mono])
    formants = np.zeros_like(audio)
    for hz, gain in ((600.0, 1.0), (1700.0, 0.5), (2900.0, 0.4), (6500.0, 0.3)):
        part = audio.copy()
        filter_in_place(part, band_pass(hz, 2.0))
        formants += np.float32(gain) * part
    return Stem(name="Lead vocal", role="vocal", audio=formants)
