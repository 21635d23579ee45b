"""Going on with a finished score: `continue_score` writes what follows a bar line, `replace_section` what lies between
two.

Conventions
    Bar lines are whole multiples of `score.beats_per_bar` from beat 0; anything else is a ValueError. What is kept is
    kept note for note; tempo, key and swing stay. New sections take the chords of sections of their kind, new lines
    remember the tunes of the old ones, hook first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from songwright.engine.material import Brief, Chord, Lyrics, LyricSection, Score, Section, SectionKind, Style, VocalLine
from songwright.engine.score.composing import Ground, hook_beats, write_score
from songwright.engine.score.density import SQUEEZES, sung_blocks
from songwright.engine.score.form import plan_form
from songwright.engine.score.harmony import Harmony, Span, write_harmony
from songwright.engine.score.palette import Palette, Progression, choose_palette
from songwright.engine.score.past import Past, clipped, progression_of, read_tunes, until
from songwright.engine.score.plan import in_beats, lay_out, make_slots
from songwright.engine.score.sketch import Block, Form, Tune
from songwright.engine.theory import Scale, chord_spec, key_name

CHORUS_BARS, OUTRO_BARS = 8, 4  #: of a continuation without words and without a chorus to return to
_HIGH: tuple[SectionKind, ...] = ("chorus", "drop", "postchorus")


def continue_score(
    score: Score, lyrics: Lyrics, style: Style, brief: Brief, voice_range: tuple[int, int], from_beats: float
) -> Score:
    """`score` up to the bar line `from_beats`, and new sections after it for `lyrics`.

    Without words to sing the chorus comes again, and an ending. `brief.duration_s` and `brief.max_duration_s` are those
    of the whole song; where they leave less than two bars, two bars are written. Sections of the old score that lie
    after the bar line are gone. ValueError where `from_beats` is not a bar line within the song.
    """
    _check_bar_line(score, from_beats, score.length_beats)
    if from_beats <= 0:
        raise ValueError("a continuation begins after the song's first bar")
    rest = _for_the_rest(score, brief, from_beats)
    words = _words_of(lyrics, score)
    rng = rest.rng(f"score continued {from_beats:g}")
    form = plan_form(words, style, rest, rng, opens=False) if words.sections else _played(rest, score)
    head = _head(score, from_beats)
    sections = _moved(in_beats(lay_out(form), score.beats_per_bar), from_beats)
    harmony = _harmony(score, form, sections, style, rest, from_beats)
    past = _past(score, head, from_beats)
    hook = past.hook.slot.line if past.hook else None
    slots = make_slots(form, sections, words, style, rng, hook)
    ground = Ground(form=form, sections=sections, harmony=harmony, slots=slots, past=past)
    tail = write_score(ground, style, rest, voice_range, score.title)
    return _joined(head, tail)


def replace_section(
    score: Score,
    from_beats: float,
    to_beats: float,
    lyrics: Lyrics,
    style: Style,
    brief: Brief,
    voice_range: tuple[int, int],
) -> Score:
    """`score` with new words and tunes between two bar lines; chords and everything outside them stay.

    The sections there are those of `lyrics`; lines that do not fit into the bars are left out from the end, which
    `Score.notes` tells. Without words the span is played. ValueError where the beats are not bar lines in order.
    """
    _check_bar_line(score, from_beats, score.length_beats)
    _check_bar_line(score, to_beats, score.length_beats)
    if from_beats >= to_beats:
        raise ValueError("the part to replace ends before it begins")
    bars = round((to_beats - from_beats) / score.beats_per_bar)
    form = _in_bars(score, lyrics, style, bars, from_beats)
    sections = _moved(in_beats(lay_out(form), score.beats_per_bar), from_beats)
    spans = tuple(Span(c.start_beats, c.length_beats, chord_spec(c.numeral)) for c in score.chords)
    change = score.key_changes[0] if score.key_changes else None
    harmony = Harmony(
        scale=Scale(score.tonic_pc, score.mode),
        spans=spans,
        starts=tuple(s.start_beats for s in spans),
        key_change=change,
    )
    head, after = _head(score, from_beats, clears=True), _after(score, to_beats)
    past = _past(score, head, from_beats, after)
    rng = brief.rng(f"score replaced {from_beats:g}")
    hook = past.hook.slot.line if past.hook else None
    slots = make_slots(form, sections, lyrics, style, rng, hook)
    ground = Ground(form=form, sections=sections, harmony=harmony, slots=slots, past=past)
    own = replace(brief, bpm=score.bpm, key=key_name(score.tonic_pc, score.mode))
    middle = write_score(ground, style, own, voice_range, score.title)
    return _joined(_joined(head, middle), after, score)


def _check_bar_line(score: Score, beats: float, end_beats: float) -> None:
    bars = beats / score.beats_per_bar
    if abs(bars - round(bars)) > 1e-6 or not 0 <= beats <= end_beats + 1e-6:
        raise ValueError(f"not a bar line of this song: beat {beats:g}")


def _for_the_rest(score: Score, brief: Brief, from_beats: float) -> Brief:
    """The brief of what is still to be written: tempo and key as they are, what is left of the time."""
    least_s = score.seconds(2 * score.beats_per_bar)
    gone_s = score.seconds(from_beats)
    return replace(
        brief,
        bpm=score.bpm,
        key=key_name(score.tonic_pc, score.mode),
        duration_s=None if brief.duration_s is None else max(brief.duration_s - gone_s, least_s),
        max_duration_s=max(brief.max_duration_s - gone_s, least_s),
    )


def _words_of(lyrics: Lyrics, score: Score) -> Lyrics:
    """The words to go on with: the given ones, else those of the chorus, sung again."""
    if any(line.words for section in lyrics.sections for line in section.lines):
        return lyrics
    sung = {line.section for line in score.lines if line.role == "lead"}
    choruses = [i for i in sorted(sung) if score.sections[i].kind in _HIGH]
    if not choruses:
        return replace(lyrics, sections=())
    index = choruses[0]
    section = score.sections[index]
    lines = tuple(line.line for line in score.lines if line.section == index)
    return replace(lyrics, sections=(LyricSection(section.kind, section.label, lines),))


def _played(brief: Brief, score: Score) -> Form:
    """A continuation without words: the chorus played, as often as there is time for, and an ending."""
    bar_s = score.seconds(score.beats_per_bar)
    wished = CHORUS_BARS + OUTRO_BARS if brief.duration_s is None else round(brief.duration_s / bar_s)
    total = max(2, min(wished, int(brief.max_duration_s / bar_s)))
    outro = min(OUTRO_BARS, total)
    blocks: list[Block] = []
    left = total - outro
    while left:
        bars = left if left < 2 * CHORUS_BARS else CHORUS_BARS
        kind: SectionKind = "solo" if len(blocks) % 2 else "chorus"
        blocks.append(Block(kind, kind.capitalize(), bars))
        left -= bars
    return Form(blocks=(*blocks, Block("outro", "Outro", outro)), bpm=score.bpm)


def _in_bars(score: Score, lyrics: Lyrics, style: Style, bars: int, from_beats: float) -> Form:
    """The sections of `lyrics` in exactly `bars` bars, at their usual density where that fits."""
    sung = replace(lyrics, sections=tuple(s for s in lyrics.sections if s.lines))
    if not sung.sections:
        old = next(s for s in reversed(score.sections) if s.start_beats <= from_beats + 1e-6)
        return Form(blocks=(Block(old.kind, old.label, bars, old.hint),), bpm=score.bpm)
    blocks: tuple[Block, ...] = ()
    for squeeze in SQUEEZES:
        blocks = sung_blocks(sung, style, score.bpm, squeeze)
        if sum(b.bars for b in blocks) <= bars:
            break
    kept: list[Block] = []
    left, dropped = bars, 0
    for block in blocks:
        lines = list(block.lines)
        while lines and sum(p.bars for p in lines) > left:
            lines.pop()
            dropped += 1
        if lines:
            own = min(max(sum(p.bars for p in lines), block.bars if len(lines) == len(block.lines) else 0), left)
            kept.append(replace(block, lines=tuple(lines), bars=own))
            left -= own
    if not kept:
        raise ValueError(f"no line of the words fits into {bars} bars")
    kept[-1] = replace(kept[-1], bars=kept[-1].bars + left)
    notes = (f"{dropped} lines did not fit into the bars and were left out.",) if dropped else ()
    return Form(blocks=tuple(kept), bpm=score.bpm, notes=notes)


def _moved(sections: Sequence[Section], by_beats: float) -> tuple[Section, ...]:
    return tuple(replace(s, start_beats=s.start_beats + by_beats) for s in sections)


def _harmony(
    score: Score, form: Form, sections: Sequence[Section], style: Style, brief: Brief, from_beats: float
) -> Harmony:
    """Chords for the new sections: those of the old ones of their kind, where there are such."""
    plain = choose_palette(style, brief, hook_beats(form, style))
    bar = score.beats_per_bar
    known: dict[SectionKind, Progression] = {
        s.kind: progression_of(score, s)
        for s in reversed(score.sections)
        if s.length_beats >= 4 * bar and s.kind not in ("intro", "outro")
    }
    palette = Palette(score.mode, {**plain.progressions, **known})
    scale = Scale(score.tonic_pc, score.mode)
    rng = brief.rng(f"harmony continued {from_beats:g}")
    harmony = write_harmony(sections, palette, scale, style, brief, rng)
    return replace(harmony, key_change=next((c for c in score.key_changes if c[0] < from_beats - 1e-6), None))


def _past(score: Score, head: Score, from_beats: float, after: Score | None = None) -> Past:
    """All tunes of the old score to remember, and the kept neighbours."""
    tunes = read_tunes(score)
    kept = [t for t in read_tunes(head) if t.last_beats < from_beats]
    following = read_tunes(after) if after else ()
    return Past(tunes=tunes, before=kept[-1] if kept else None, after=_first(following), floor_beats=from_beats)


def _first(tunes: Sequence[Tune]) -> Tune | None:
    return min(tunes, key=lambda t: t.first_beats, default=None)


def _head(score: Score, end_beats: float, *, clears: bool = False) -> Score:
    """The score up to a bar line. With `clears` lines that mostly lie behind it go whole."""
    sections = tuple(
        replace(s, length_beats=min(s.length_beats, end_beats - s.start_beats))
        for s in score.sections
        if s.start_beats < end_beats - 1e-6
    )
    lines = [v for v in score.lines if not clears or not _mostly_after(v, end_beats)]
    kept = until(lines, end_beats)
    inside = [v if v.section < len(sections) else replace(v, section=len(sections) - 1) for v in kept]
    return replace(
        score,
        sections=sections,
        chords=_chords_within(score.chords, 0.0, end_beats),
        lines=tuple(inside),
        themes=clipped(score.themes, end_beats),
        key_changes=tuple(c for c in score.key_changes if c[0] < end_beats - 1e-6),
    )


def _after(score: Score, start_beats: float) -> Score:
    """The score from a bar line on; a line belongs to it when most of its notes do. Sections may be none."""
    first = next((i for i, s in enumerate(score.sections) if s.start_beats + s.length_beats > start_beats + 1e-6), None)
    behind = score.sections[first:] if first is not None else ()
    end = score.length_beats
    sections = tuple(
        replace(
            s,
            start_beats=max(s.start_beats, start_beats),
            length_beats=s.length_beats - max(0.0, start_beats - s.start_beats),
        )
        for s in behind
    )
    return replace(
        score,
        sections=sections,
        chords=_chords_within(score.chords, start_beats, end),
        lines=tuple(
            replace(v, section=max(0, v.section - (first or 0)))
            for v in score.lines
            if sections and _mostly_after(v, start_beats)
        ),
        themes=tuple(n for n in score.themes if n.start_beats >= start_beats - 1e-6),
    )


def _mostly_after(line: VocalLine, beats: float) -> bool:
    return sum(n.start_beats >= beats - 1e-6 for n in line.notes) * 2 > len(line.notes)


def _chords_within(chords: Sequence[Chord], start_beats: float, end_beats: float) -> tuple[Chord, ...]:
    out: list[Chord] = []
    for chord in chords:
        start = max(chord.start_beats, start_beats)
        stop = min(chord.start_beats + chord.length_beats, end_beats)
        if stop - start > 1e-6:
            out.append(replace(chord, start_beats=start, length_beats=stop - start))
    return tuple(out)


def _joined(first: Score, then: Score, whole: Score | None = None) -> Score:
    """Two scores one after the other; `whole` gives the chords and key changes where they are known already."""
    offset = len(first.sections)
    start = then.sections[0].start_beats if then.sections else first.length_beats
    moved = (replace(line, section=line.section + offset) for line in then.lines)
    lines = sorted((*first.lines, *moved), key=lambda line: line.notes[0].start_beats)
    own = [n for n in then.themes if n.start_beats >= start - 1e-6]
    return replace(
        first,
        sections=(*first.sections, *then.sections),
        chords=whole.chords if whole else (*first.chords, *_chords_within(then.chords, start, then.length_beats)),
        lines=tuple(lines),
        themes=(*first.themes, *own),
        riff=first.riff or then.riff,
        key_changes=(whole or first).key_changes,
        notes=(*first.notes, *(n for n in then.notes if n not in first.notes)),
    )
