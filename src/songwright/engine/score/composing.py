"""The main job: `compose`, from lyrics, style and brief to a `Score`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from songwright.engine.material import Brief, LyricLine, Lyrics, Score, Section, Style, VocalLine, VocalNote
from songwright.engine.score.backing import answer
from songwright.engine.score.density import is_compound
from songwright.engine.score.form import plan_form
from songwright.engine.score.gates import Check, severity
from songwright.engine.score.harmony import Harmony, write_harmony
from songwright.engine.score.instrumental import plan_instrumental
from songwright.engine.score.mending import mended
from songwright.engine.score.palette import choose_palette, choose_tonic
from songwright.engine.score.past import NO_PAST, Past
from songwright.engine.score.plan import hook_section, in_beats, lay_out, make_slots
from songwright.engine.score.reharmony import reharmonised, with_hook_chords
from songwright.engine.score.remembrance import contrast, memory
from songwright.engine.score.setting import Reach, Setting, make_setting, voice_reach
from songwright.engine.score.sketch import Form, Slot, Tune
from songwright.engine.score.themes import LEAD_HIGH_MIDI, LEAD_LOW_MIDI, play_themes, riff_of
from songwright.engine.score.tunes import compose_tunes
from songwright.engine.theory import Scale

REDRAWS = 2  #: whole songs drawn again where mending single lines was not enough
SYLLABLES_DRAWN = 1200  #: long songs are redrawn less often, so that composing stays within its second


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What does not change when the tunes are drawn again."""

    form: Form
    sections: tuple[Section, ...]
    harmony: Harmony
    slots: tuple[Slot, ...]
    past: Past = NO_PAST


def compose(lyrics: Lyrics, style: Style, brief: Brief, voice_range: tuple[int, int]) -> Score:
    """A song for these words, or, where there are none, an instrumental. `voice_range` is MIDI, both ends included."""
    rng = brief.rng(f"score {style.name}")
    ground = lay_ground(lyrics, style, brief, voice_range, rng)
    return write_score(ground, style, brief, voice_range, lyrics.title or brief.title)


def write_score(ground: Ground, style: Style, brief: Brief, voice_range: tuple[int, int], title: str) -> Score:
    """The sections of `ground` as a score; positions stay as they are there, sections count from 0."""
    setting, tunes, notes = _draw_until_good(ground, style, brief, voice_range)
    harmony = reharmonised(setting, ground.sections, tunes, brief.weirdness, brief.rng("score returns"))
    setting, ground = replace(setting, harmony=harmony), replace(ground, harmony=harmony)
    return _as_score(ground, setting, tunes, title, brief, voice_range, notes)


def lay_ground(
    lyrics: Lyrics, style: Style, brief: Brief, voice_range: tuple[int, int], rng: np.random.Generator
) -> Ground:
    """Form, sections, chords and the room for every line: all that stands before the first note."""
    sings = any(line.words for section in lyrics.sections for line in section.lines)
    form = plan_form(lyrics, style, brief, rng) if sings else plan_instrumental(style, brief, rng)
    sections = in_beats(lay_out(form), style.beats_per_bar)
    palette = choose_palette(style, brief, hook_beats(form, style))
    tonic_pc = choose_tonic(style, brief, voice_range[0], rng)
    harmony = write_harmony(sections, palette, Scale(tonic_pc, palette.mode), style, brief, rng)
    slots = make_slots(form, sections, lyrics, style, rng)
    harmony = with_hook_chords(harmony, slots, style.beats_per_bar)
    return Ground(form=form, sections=sections, harmony=harmony, slots=slots)


def hook_beats(form: Form, style: Style) -> float:
    """After how many beats the hook comes again: two lines of its section."""
    home = hook_section(form)
    bars = max((p.bars for p in form.blocks[home].lines), default=2) if home is not None else 2
    return 2.0 * bars * style.beats_per_bar


def _draw_until_good(
    ground: Ground, style: Style, brief: Brief, voice_range: tuple[int, int]
) -> tuple[Setting, list[Tune], tuple[str, ...]]:
    """Tunes that pass the gates, or the best of `REDRAWS` further tries."""
    change = ground.harmony.key_change
    reach = voice_reach(ground.harmony.scale, voice_range, style.melody.span_semitones, change[1] if change else 0)
    best: tuple[float, Setting, list[Tune], list[Check]] | None = None
    tries = lines = 0
    syllables = sum(len(slot.syllables) for slot in ground.slots)
    for attempt in range(1 + min(REDRAWS, max(0, SYLLABLES_DRAWN // max(syllables, 1) - 1))):
        rng = brief.rng(f"score tunes {style.name} {attempt}")
        setting = make_setting(
            style,
            ground.harmony,
            ground.form.bpm,
            reach,
            weirdness=brief.weirdness,
            style_weight=brief.style_weight,
            take=brief.take,
            lifts=_lifts((*ground.slots, *(t.slot for t in ground.past.tunes))),
            press=attempt,
            rng=rng,
        )
        draft = compose_tunes(setting, ground.slots, rng, ground.past)
        tunes, failed, changed = mended(setting, draft, rng, ground.past)
        lines += changed
        if best is None or severity(failed) < best[0]:
            best = (severity(failed), setting, tunes, failed)
        tries = attempt
        if not any(c.is_hard for c in failed):
            break
    assert best is not None
    notes = (f"The tune was drawn {tries + 1} times.",) if tries else ()
    notes += (f"Lines set anew: {lines}.",) if lines else ()
    notes += _memorable(best[1], best[2])
    if best[3]:
        notes += ("Settled for: " + ", ".join(c.told for c in best[3]) + ".",)
    return best[1], best[2], notes


def _memorable(setting: Setting, tunes: Sequence[Tune]) -> tuple[str, ...]:
    """How clearly the chorus stands off and how well it stays in the ear, where there is one."""
    lead = [t for t in tunes if not t.slot.backing]
    verse = [t for t in lead if t.slot.kind == "verse"]
    high = [t for t in lead if setting.is_high(t.slot.kind)]
    chorus = [t for t in high if t.slot.section == high[0].slot.section]
    if not chorus:
        return ()
    stays = f"memory {memory(chorus):.2f}"
    return (f"Chorus: contrast {contrast(verse, chorus):.2f}, {stays}." if verse else f"Chorus: {stays}.",)


def _lifts(slots: Sequence[Slot]) -> bool:
    """Whether low sections stand beside a chorus; else every section may use the whole voice."""
    high = {slot.kind in ("chorus", "postchorus", "drop") for slot in slots}
    return len(high) == 2


def _as_score(
    ground: Ground,
    setting: Setting,
    tunes: Sequence[Tune],
    title: str,
    brief: Brief,
    voice_range: tuple[int, int],
    notes: tuple[str, ...],
) -> Score:
    harmony, style = ground.harmony, setting.style
    hook = ground.past.hook or next((t for t in tunes if t.slot.hook), tunes[0] if tunes else None)
    themes, hook = _themes(ground, setting, hook, brief)
    triple = is_compound(style)
    return Score(
        title=title,
        bpm=ground.form.bpm,
        beats_per_bar=style.beats_per_bar,
        tonic_pc=harmony.scale.tonic_pc,
        mode=harmony.scale.mode,
        sections=ground.sections,
        chords=harmony.realised(),
        lines=_vocal_lines(ground, setting, tunes, voice_range),
        themes=themes,
        swing=0.5 if triple else style.swing,
        swing_unit=style.swing_unit,
        riff=riff_of(hook),
        key_changes=(harmony.key_change,) if harmony.key_change else (),
        notes=(*ground.form.notes, *notes),
    )


def _themes(
    ground: Ground, setting: Setting, hook: Tune | None, brief: Brief
) -> tuple[tuple[VocalNote, ...], Tune | None]:
    """What the lead instrument plays, as notes."""
    harmony = ground.harmony
    rng = brief.rng("score themes")
    reach = Reach(harmony.scale.indices(LEAD_LOW_MIDI, LEAD_HIGH_MIDI), LEAD_LOW_MIDI, LEAD_HIGH_MIDI)
    lead = make_setting(
        setting.style,
        harmony,
        setting.bpm,
        reach,
        weirdness=brief.weirdness,
        style_weight=brief.style_weight,
        take=brief.take,
        lifts=True,
        press=0,
        rng=rng,
    )
    sung = frozenset(s.section for s in ground.slots)
    tunes, hook = play_themes(lead, ground.sections, sung, hook, rng)
    notes = [note for tune in tunes for note in _notes(harmony, tune)]
    return _one_voice(notes, _end(ground)), hook


def _one_voice(notes: Sequence[VocalNote], end_beats: float) -> tuple[VocalNote, ...]:
    """A lead plays one note at a time, within the song."""
    inside = sorted((n for n in notes if 0 <= n.start_beats < end_beats), key=lambda n: n.start_beats)
    until = [*(n.start_beats for n in inside[1:]), end_beats]
    pairs = zip(inside, until, strict=False)
    return tuple(
        replace(n, length_beats=min(n.length_beats, stop - n.start_beats)) for n, stop in pairs if stop > n.start_beats
    )


def _notes(harmony: Harmony, tune: Tune) -> tuple[VocalNote, ...]:
    shift = harmony.shift(tune.slot.start_beats)
    rows = zip(tune.onsets, tune.lengths, tune.midis, tune.slot.syllables, strict=True)
    return tuple(
        VocalNote(tune.slot.start_beats + onset, length, midi + shift, s.word, s.syllable)
        for onset, length, midi, s in rows
    )


def _vocal_lines(
    ground: Ground, setting: Setting, tunes: Sequence[Tune], voice_range: tuple[int, int]
) -> tuple[VocalLine, ...]:
    """Lead and backing lines in order of time."""
    lines: list[VocalLine] = []
    for i, tune in enumerate(tunes):
        slot = tune.slot
        notes = _notes(ground.harmony, tune)
        role = "backing" if slot.backing else "lead"
        lines.append(VocalLine(slot.section, slot.line, notes, role, slot.hook))
        following = tunes[i + 1] if i + 1 < len(tunes) else None
        after = ground.past.after
        until = following.first_beats if following else after.first_beats if after else _end(ground) - setting.bar
        for placed in _answers(ground.form, slot):
            lines.append(VocalLine(slot.section, placed, answer(setting, placed, tune, until, voice_range), "backing"))
    return tuple(sorted(lines, key=lambda line: line.notes[0].start_beats))


def _end(ground: Ground) -> float:
    last = ground.sections[-1]
    return last.start_beats + last.length_beats


def _answers(form: Form, slot: Slot) -> list[LyricLine]:
    """Backing lines without bars that follow this slot's line."""
    lines = form.blocks[slot.section].lines
    own = [i for i, p in enumerate(lines) if p.bars][slot.number]
    found: list[LyricLine] = []
    for p in lines[own + 1 :]:
        if p.bars:
            break
        found.append(p.line)
    return found
