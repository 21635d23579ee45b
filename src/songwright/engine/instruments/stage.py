"""Playing: part by part, with the font or with drawn instruments."""

from __future__ import annotations

from songwright.engine.instruments.catalogue import play_synth, stand_in
from songwright.engine.instruments.font import font_for, play_font
from songwright.engine.instruments.timing import TimedNote, timed_notes
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Audio, Part, Score, Stem

TAIL_S = 2.0


def play(arrangement: Arrangement, score: Score, assets: Assets) -> tuple[Stem, ...]:
    """One dry stem per part, in the arrangement's order."""
    return tuple(play_part(part, score, assets) for part in arrangement.parts)


def play_part(part: Part, score: Score, assets: Assets) -> Stem:
    """One part alone; a caller who lets go of each stem before the next needs the memory of one."""
    samples = round((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ)
    audio = _sound(part, timed_notes(part.notes, score, samples), samples, assets)
    return Stem(name=part.name, role=part.role, audio=audio, pan=part.pan)


def _sound(part: Part, notes: list[TimedNote], samples: int, assets: Assets) -> Audio:
    if part.synth is not None:
        return play_synth(part.synth, notes, samples)
    font = font_for(assets, part.program if part.drum_kit is None else None)
    if font is None:
        return play_synth(stand_in(part.program, part.drum_kit), notes, samples)
    return play_font(font, part.program, part.drum_kit, notes, samples)


def instrument_notes(assets: Assets) -> tuple[str, ...]:
    """Which sound font plays, or why none does; one sentence each, for the recipe."""
    font = font_for(assets, None)
    if font is None:
        return ("No sound font was found or could be loaded: all instruments are synthesised.",)
    notes = [f"Sound font: {font.name}."]
    piano = font_for(assets, 0)
    if piano is not None and piano.name != font.name:
        notes.append(f"Pianos: {piano.name}.")
    return tuple(notes)
