"""Instruments: every part of an arrangement as sound.

A part is played by the sound font (`Part.program`, or `Part.drum_kit` on the drum channel) unless `Part.synth` names
one of the instruments that are drawn here, or something that samples are played through:

    bass     sub_bass bass_808 saw_bass square_bass reese_bass acid_bass fm_bass round_bass
    lead     saw_lead square_lead supersaw_lead pluck stab bell
    chords   supersaw_pad warm_pad strings choir electric_piano piano organ guitar power_guitar brass reed flute
    drums    kick_808 kick_909 kick_acoustic snare_808 snare_909 snare_electronic snare_acoustic clap hats hats_808 toms
             kit_808 kit_909 kit_acoustic (a kit plays every General MIDI drum key; the others play what they are)
    effects  riser downlifter noise_sweep impact reverse_cymbal vinyl (a riser peaks where its note ends, a reverse
             cymbal too; the others begin with their note)
    samples  crunch high_gain grit tape (the part's program through it)
             layered_808 layered_909 layered_acoustic (a sampled kit with drawn kick and snare under it)
             dusty_kit (a sampled kit on tape, with vinyl noise)

Some programs always have their own box behind them (`amplifiers`): overdriven and distorted guitars an amplifier and
its cabinet, organs a rotating speaker, the electric piano a stereo tremolo.

Conventions
    A stem is dry, float32 [2, samples] at 44.1 kHz from beat 0; all stems of a song have the same length, the music
    plus TAIL_S. `Part.pan` is copied to the stem, not applied. Nothing is normalised: the mix sets levels; among
    drums, voices stand in their natural proportion (a kick at velocity 112 peaks near 0.5).
    A bass_808 glides when a note begins before the last one has ended.
    The same arrangement, score and fonts give the same samples in every process.
"""

from songwright.engine.instruments.catalogue import SYNTH_NAMES, UnknownInstrument
from songwright.engine.instruments.stage import TAIL_S, fonts_in_use, instrument_notes, play_part, played

__all__ = ["SYNTH_NAMES", "TAIL_S", "UnknownInstrument", "fonts_in_use", "instrument_notes", "play_part", "played"]
