"""The drawn instruments by name, and who stands in for a General MIDI program when there is no sound font."""

from __future__ import annotations

from songwright.engine.instruments.amplifiers import AMPLIFIER_NAMES
from songwright.engine.instruments.drums import DRUMS, play_drums
from songwright.engine.instruments.effects import EFFECTS, play_effect
from songwright.engine.instruments.patch import Patch, play_patch
from songwright.engine.instruments.struck import Modulated, Partials, String, play_struck
from songwright.engine.instruments.timing import TimedNote
from songwright.engine.material import Audio


class UnknownInstrument(ValueError):
    """A part names a synthesised instrument that does not exist."""


_PATCHES: dict[str, Patch] = {
    "sub_bass": Patch(sine=1.0, attack_s=0.006, release_s=0.12, drive=1.3, level=0.4),
    "bass_808": Patch(
        sine=1.0, attack_s=0.003, decay_s=1.1, sustain=0.15, release_s=0.25, drive=2.2, glide_s=0.09,
        drop_octaves=0.9, level=0.42,
    ),
    "saw_bass": Patch(
        saw=1.0, sub=0.0, sine=0.5, copies=2, detune_cents=5, cutoff_hz=250, cutoff_tracking=3, envelope_octaves=2.2,
        envelope_s=0.14, resonance=1.0, decay_s=0.4, sustain=0.75, release_s=0.1, level=0.28,
    ),
    "square_bass": Patch(
        square=0.8, sine=0.4, cutoff_hz=300, cutoff_tracking=4, envelope_octaves=1.5, envelope_s=0.12, decay_s=0.3,
        sustain=0.7, release_s=0.09, level=0.28,
    ),
    "reese_bass": Patch(
        saw=1.0, sine=0.6, copies=3, detune_cents=22, cutoff_hz=350, cutoff_tracking=2, resonance=0.9, release_s=0.2,
        drive=1.2, level=0.3,
    ),
    "acid_bass": Patch(
        saw=1.0, cutoff_hz=180, cutoff_tracking=2, envelope_octaves=3.2, envelope_s=0.12, resonance=3.0, decay_s=0.25,
        sustain=0.5, release_s=0.07, drive=1.6, glide_s=0.06, level=0.26,
    ),
    "round_bass": Patch(
        saw=0.7, sine=0.6, cutoff_hz=150, cutoff_tracking=2.5, envelope_octaves=1.4, envelope_s=0.08, decay_s=0.7,
        sustain=0.4, release_s=0.12, level=0.36,
    ),
    "saw_lead": Patch(
        saw=1.0, copies=2, detune_cents=8, spread=0.4, cutoff_hz=1800, cutoff_tracking=3, envelope_octaves=0.8,
        attack_s=0.008, release_s=0.2, vibrato_cents=16, level=0.2,
    ),
    "square_lead": Patch(
        square=0.8, cutoff_hz=1800, cutoff_tracking=3, attack_s=0.006, release_s=0.15, vibrato_cents=16, level=0.22
    ),
    "supersaw_lead": Patch(
        saw=1.0, copies=7, detune_cents=18, spread=0.8, cutoff_hz=3000, cutoff_tracking=4, envelope_octaves=0.7,
        attack_s=0.006, release_s=0.3, level=0.22,
    ),
    "pluck": Patch(
        saw=1.0, copies=2, detune_cents=7, spread=0.5, cutoff_hz=250, cutoff_tracking=1.5, envelope_octaves=3.5,
        envelope_s=0.09, decay_s=0.18, sustain=0.0, release_s=0.35, level=0.34,
    ),
    "stab": Patch(
        saw=1.0, copies=3, detune_cents=12, spread=0.6, cutoff_hz=500, cutoff_tracking=2, envelope_octaves=2.4,
        envelope_s=0.15, resonance=1.2, decay_s=0.3, sustain=0.2, release_s=0.3, level=0.24,
    ),
    "supersaw_pad": Patch(
        saw=1.0, copies=7, detune_cents=16, spread=1.0, cutoff_hz=900, cutoff_tracking=2, attack_s=0.35, release_s=1.0,
        level=0.18,
    ),
    "warm_pad": Patch(
        saw=0.7, square=0.3, copies=4, detune_cents=10, spread=0.9, cutoff_hz=450, cutoff_tracking=1.6, attack_s=0.5,
        release_s=1.4, level=0.24,
    ),
    "strings": Patch(
        saw=1.0, copies=5, detune_cents=11, spread=0.9, cutoff_hz=1500, cutoff_tracking=2, attack_s=0.14,
        release_s=0.5, vibrato_cents=7, level=0.18,
    ),
    "choir": Patch(
        saw=0.7, noise=0.06, copies=5, detune_cents=14, spread=0.9, cutoff_hz=700, cutoff_tracking=1.0, resonance=1.3,
        attack_s=0.2, release_s=0.6, vibrato_cents=12, level=0.24,
    ),
    "brass": Patch(
        saw=1.0, copies=3, detune_cents=7, spread=0.5, cutoff_hz=300, cutoff_tracking=2.5, envelope_octaves=1.6,
        envelope_s=0.35, attack_s=0.035, release_s=0.15, vibrato_cents=8, level=0.24,
    ),
    "reed": Patch(
        square=0.6, saw=0.2, noise=0.03, cutoff_hz=700, cutoff_tracking=2.5, attack_s=0.03, release_s=0.12,
        vibrato_cents=14, level=0.24,
    ),
    "flute": Patch(
        sine=0.8, square=0.12, noise=0.12, cutoff_hz=600, cutoff_tracking=2.0, attack_s=0.05, release_s=0.15,
        vibrato_cents=14, level=0.26,
    ),
    "power_guitar": Patch(
        saw=1.0, copies=2, detune_cents=9, spread=0.8, cutoff_hz=1400, cutoff_tracking=1.5, decay_s=1.5, sustain=0.7,
        release_s=0.12, drive=5.0, resonance=0.8, level=0.16,
    ),
}  # fmt: skip

_STRUCK: dict[str, Partials | Modulated | String] = {
    "fm_bass": Modulated(ratio=1.0, index=3.0, index_decay_s=0.15, decay_s=0.9, release_s=0.1, level=0.38),
    "electric_piano": Modulated(ratio=1.0, index=1.1, index_decay_s=0.6, decay_s=1.6, level=0.26),
    "bell": Modulated(ratio=3.5, index=2.2, index_decay_s=0.5, decay_s=1.3, release_s=0.8, level=0.2),
    "guitar": String(ring_s=3.5, brightness=0.55, pick=0.18),
    "piano": Partials(
        ratios=tuple(float(k) for k in range(1, 13)),
        amplitudes=(1.0, 0.7, 0.5, 0.38, 0.25, 0.2, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04),
        decays_s=(1.6, 1.3, 1.1, 0.9, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.28),
        stretch=0.0004,
        release_s=0.25,
    ),
    "organ": Partials(
        ratios=(0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0),
        amplitudes=(0.5, 1.0, 0.35, 0.7, 0.3, 0.25, 0.1, 0.1),
        decays_s=(1e4,) * 8,
        attack_s=0.006,
        release_s=0.06,
        level=0.1,
    ),
}

#: kits whose sampled kick and snare have drawn strokes under them, by the drawn kit
LAYERED_KITS = {"layered_808": "kit_808", "layered_909": "kit_909", "layered_acoustic": "kit_acoustic"}
DUSTY_KIT = "dusty_kit"  #: a sampled kit on tape, with vinyl noise
#: what plays samples and changes them
DRESSED_NAMES = frozenset({*AMPLIFIER_NAMES, *LAYERED_KITS, DUSTY_KIT})
SYNTH_NAMES = frozenset({*_PATCHES, *_STRUCK, *DRUMS, *EFFECTS, *DRESSED_NAMES})

# One entry per family of eight General MIDI programs; exceptions by program below.
_FAMILIES = (
    "piano", "bell", "organ", "guitar", "round_bass", "strings", "strings", "brass",
    "reed", "flute", "saw_lead", "warm_pad", "warm_pad", "guitar", "bell", "noise_sweep",
)  # fmt: skip
_PROGRAMS = {
    4: "electric_piano", 5: "electric_piano", 6: "guitar", 7: "guitar", 29: "power_guitar", 30: "power_guitar",
    38: "saw_bass", 39: "square_bass", 45: "guitar", 46: "guitar", 47: "toms", 52: "choir", 53: "choir", 54: "choir",
    80: "square_lead", 87: "saw_bass", 90: "supersaw_pad", 91: "choir", 119: "reverse_cymbal",
}  # fmt: skip
_KITS = {24: "kit_909", 25: "kit_808"}


def play_synth(name: str, notes: list[TimedNote], samples: int) -> Audio:
    """`notes` with the drawn instrument `name`. Raises UnknownInstrument."""
    if name in _PATCHES:
        return play_patch(_PATCHES[name], notes, samples)
    if name in _STRUCK:
        return play_struck(_STRUCK[name], notes, samples)
    if name in DRUMS:
        voices, default = DRUMS[name]
        return play_drums(voices, default, notes, samples)
    if name in EFFECTS:
        return play_effect(name, notes, samples)
    raise UnknownInstrument(
        f"No synthesised instrument is called {name!r}; there are: {', '.join(sorted(SYNTH_NAMES))}."
    )


def stand_in(program: int, drum_kit: int | None) -> str:
    """The drawn instrument nearest to a General MIDI program or drum kit."""
    if drum_kit is not None:
        return _KITS.get(drum_kit, "kit_acoustic")
    return _PROGRAMS.get(program, _FAMILIES[program // 8])
