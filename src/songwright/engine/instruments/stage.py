"""Playing: part by part, with the font or with drawn instruments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from songwright.engine.instruments.amplifiers import amplify_by_name_in_place, amplify_in_place
from songwright.engine.instruments.catalogue import DRESSED_NAMES, DUSTY_KIT, LAYERED_KITS, play_synth, stand_in
from songwright.engine.instruments.drums import layer_in_place, struck
from songwright.engine.instruments.font import font_for, is_player_installed, play_font, sound_fonts
from songwright.engine.instruments.timing import TimedNote, timed_notes
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Audio, Part, Role, Score, Stem

TAIL_S = 2.0
_GRAND_PIANO = 0
_DUST = 0.045  #: vinyl noise relative to the kit, -27 dB
_ROLES: tuple[Role, ...] = ("drums", "bass", "harmony", "pads", "lead", "effects")


def played(arrangement: Arrangement, score: Score, assets: Assets) -> Iterator[Stem]:
    """One dry stem per part, each played when it is asked for; drums first, then role by role, as the mix wants."""
    parts = sorted(arrangement.parts, key=lambda part: _ROLES.index(part.role))
    return (play_part(part, score, assets) for part in parts)


def play_part(part: Part, score: Score, assets: Assets) -> Stem:
    """One part alone, as a dry stem."""
    samples = round((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ)
    audio = _sound(part, timed_notes(part.notes, score, samples), samples, assets)
    return Stem(name=part.name, role=part.role, audio=audio, pan=part.pan)


def _sound(part: Part, notes: list[TimedNote], samples: int, assets: Assets) -> Audio:
    if part.synth is None:
        audio = _sampled(part, notes, samples, assets)
        if part.drum_kit is None:
            amplify_in_place(audio, part.program)
        return audio
    if part.synth not in DRESSED_NAMES:
        return play_synth(part.synth, notes, samples)
    audio = _sampled(part, notes, samples, assets)
    if part.synth in LAYERED_KITS:
        layer_in_place(audio, play_synth(LAYERED_KITS[part.synth], struck(notes), samples))
    elif part.synth == DUSTY_KIT:
        amplify_by_name_in_place(audio, "tape")
        dust = play_synth("vinyl", [TimedNote(0, samples, 60, 112)], samples)
        audio += dust * np.float32(_DUST * np.sqrt(np.mean(audio**2)) / (np.sqrt(np.mean(dust**2)) + 1e-9))
    else:
        amplify_by_name_in_place(audio, part.synth)
    return audio


def _sampled(part: Part, notes: list[TimedNote], samples: int, assets: Assets) -> Audio:
    font = font_for(assets, part.program, part.drum_kit)
    if font is None:
        return play_synth(stand_in(part.program, part.drum_kit), notes, samples)
    return play_font(font, part.program, notes, samples)


def fonts_in_use(assets: Assets) -> tuple[str, ...]:
    """Names of the sound fonts that play: the band's, and the pianos' where that is another one."""
    chosen = [fonts[0].path.stem for fonts in (sound_fonts(assets, None), sound_fonts(assets, _GRAND_PIANO)) if fonts]
    return tuple(dict.fromkeys(chosen))


def instrument_notes(assets: Assets) -> tuple[str, ...]:
    """What plays instead of the best sound font, in a sentence; nothing when that one plays."""
    if not is_player_installed():
        return ("The package tinysoundfont is not installed: all instruments are synthesised.",)
    names, best = fonts_in_use(assets), assets.sound_fonts[0].stem
    if not names:
        return ("No sound font was found or could be loaded: all instruments are synthesised.",)
    if best not in names:
        return (f"The sound font {best} was not found or could not be loaded: {names[0]} plays.",)
    return ()
