"""Songs made from songs: going on with one, making a part of it anew, joining several.

What is old stays as it was recorded; what is new is composed on the old score, sung by the same singer and played by
the same band, unless another style is asked for, and rendered from a few bars before the seam.

Conventions
    Times are seconds of the old recording, whose beat 0 lies `offset_s` after its beginning; seams are bar lines. What
    cannot be done raises CannotRework, with a sentence for people.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from songwright.engine.arrangement import arrange
from songwright.engine.cutting import kept_words, with_part
from songwright.engine.encode import score_from_json
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import (
    Arrangement,
    Assets,
    Brief,
    Lyrics,
    LyricSection,
    Score,
    Section,
    Style,
    WordTime,
)
from songwright.engine.pipeline import INSTRUMENTAL_RANGE, Plan, at_depth, engage_singer, room_for_music
from songwright.engine.score import continue_score, replace_section
from songwright.engine.splicing import Splice
from songwright.engine.styles import understand_style
from songwright.engine.voice import SINGERS, Singer, with_adlibs

LEAD_IN_S = 6.0  #: of the old music that is played again before a seam, in whole bars
METRES = {2: "6/8", 3: "3/4", 4: "4/4"}
SHORTEST_ADDITION_S = 10.0
WRITTEN_LIMIT_S = 75.0  #: how much is added where nobody says how much


class CannotRework(ValueError):
    """This cannot be made from that; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A finished recording and what is known of it."""

    master: Path  #: without loss
    duration_s: float
    score: Score
    arrangement: Arrangement | None = None
    brief: Brief | None = None  #: what its band was asked for; None for a recording from outside
    voice: str | None = None  #: who sings
    words: tuple[WordTime, ...] = ()
    offset_s: float = 0.0
    lyrics: str = ""
    style: str = ""  #: as shown

    @property
    def bar_s(self) -> float:
        """Length of a bar."""
        return self.score.seconds(self.score.beats_per_bar)

    def time_s(self, beats: float) -> float:
        """When a beat sounds."""
        return self.offset_s + self.score.seconds(beats)


def read_original(files: Mapping[str, Path], duration_s: float, lyrics: str, style: str) -> Original:
    """A clip that was made here. Raises CannotRework where its score or recipe is missing or of another kind."""
    try:
        score, arrangement = score_from_json(json.loads(files["score.json"].read_text("utf-8")))
        made = json.loads(files["recipe.json"].read_text("utf-8"))
        brief = Brief(**made["brief"])
        words = read_words(json.loads(files["words.json"].read_text("utf-8")))
        master = files["song.flac"]
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
        raise CannotRework("What this clip was made from is no longer known: it cannot be worked on.") from error
    return Original(
        master=master,
        duration_s=duration_s,
        score=score,
        arrangement=arrangement,
        brief=brief,
        voice=made.get("voice"),
        words=words,
        offset_s=float(made.get("rework", {}).get("offset_s", 0.0)),
        lyrics=lyrics,
        style=style,
    )


def read_words(entries: Sequence[Mapping[str, Any]]) -> tuple[WordTime, ...]:
    """What `words.json` holds."""
    return tuple(
        WordTime(
            entry["word"],
            entry["start_s"],
            entry["end_s"],
            entry["line"],
            entry["section"],
            entry.get("role", "lead"),
            tuple((part["text"], part["start_s"], part["end_s"]) for part in entry.get("syllables", ())),
        )
        for entry in entries
    )


# ------------------------------------------------------------------------------------------------------------ seams


def seam_beats(original: Original, at_s: float | None) -> float:
    """The bar line at or before `at_s`; without a time the last one before the ending."""
    score = original.score
    if at_s is None:
        return _before_ending(score)
    if not 0 < at_s <= original.duration_s + 0.01:
        raise CannotRework(f"The song is {original.duration_s:.2f} s long: it cannot be continued at {at_s:g} s.")
    bars = math.floor((at_s - original.offset_s + 0.002) / original.bar_s)
    beats = float(min(bars * score.beats_per_bar, score.length_beats))
    if beats <= 0:
        raise CannotRework("A continuation begins after the first bar of the song.")
    return beats


def _before_ending(score: Score) -> float:
    """Where the played outro begins, else the last bar line before the end."""
    last = score.sections[-1]
    sung = [line for line in score.lines if line.notes and line.section == len(score.sections) - 1]
    if last.kind == "outro" and not sung and last.start_beats >= score.beats_per_bar:
        return last.start_beats
    bars = math.ceil(score.length_beats / score.beats_per_bar - 1e-6) - 1
    if bars < 1:
        raise CannotRework("The song is too short to be continued: it has a single bar.")
    return float(bars * score.beats_per_bar)


# --------------------------------------------------------------------------------------------------------- continuing


def extension(
    original: Original, wish: Brief, at_s: float | None, assets: Assets, *, inherit: bool, with_origin: bool
) -> Plan:
    """The song going on at a bar line. `wish.duration_s` is that of the clip; in inherit mode its style is not read."""
    seam = seam_beats(original, at_s)
    seam_s = original.time_s(seam)
    if seam_s + SHORTEST_ADDITION_S > wish.max_duration_s:
        raise CannotRework(f"There is no room: a song of this model is at most {wish.max_duration_s:.0f} s long.")
    band = _band(original, wish, inherit=inherit)
    style = style_in_metre(band, original.score.beats_per_bar)
    wish = _timed(replace(wish, style=band.style), seam_s, with_origin=with_origin)
    lyrics = _continuing_words(original, wish, style, assets)
    singer, notes = _singer(original, wish, style, lyrics, assets)
    voice_range = (singer.low_midi, singer.high_midi) if singer else INSTRUMENTAL_RANGE
    try:
        score = continue_score(original.score, lyrics, style, room_for_music(wish), voice_range, seam)
    except ValueError as error:
        raise CannotRework(f"This song cannot be continued there: {error}.") from error
    if singer:
        score = _with_new_adlibs(score, style, voice_range, wish, seam)
    arrangement = with_part(original.arrangement, arrange(score, style, band), seam, score.length_beats + 1.0)
    lyrics = replace(lyrics, text=_shown(original, lyrics, score, seam) if with_origin else lyrics.text)
    splice = Splice(
        source=original.master,
        words=_kept(original, score, seam_s, math.inf),
        offset_s=original.offset_s,
        play_from_beats=_lead_in(original, seam),
        seam_beats=seam,
        same_band=original.brief is not None,
        with_origin=with_origin,
    )
    offset_s = original.offset_s if with_origin else 0.0
    facts = {"rework": "extend", "continue_at": round(seam_s, 6), "offset_s": offset_s}
    return _plan(band, style, lyrics, singer, score, arrangement, notes, splice, facts)


def _timed(wish: Brief, seam_s: float, *, with_origin: bool) -> Brief:
    """The wish with the length of the whole song; composed words are not to go on for ever."""
    if wish.duration_s is not None:
        whole_s = wish.duration_s if with_origin else seam_s + wish.duration_s
        return replace(wish, duration_s=min(max(whole_s, seam_s + SHORTEST_ADDITION_S), wish.max_duration_s))
    if wish.lyrics:
        return wish
    return replace(wish, max_duration_s=min(wish.max_duration_s, seam_s + WRITTEN_LIMIT_S))


def _band(original: Original, wish: Brief, *, inherit: bool) -> Brief:
    """What the band is asked for: what it was, unless another style is wished."""
    known = original.brief
    if known is not None and (inherit or not wish.style or wish.style in (known.style, original.style)):
        return replace(known, instrumental=known.instrumental or wish.instrumental)
    if original.brief is None and not wish.style:
        return replace(wish, style=original.style)
    return wish


def style_in_metre(brief: Brief, beats_per_bar: int) -> Style:
    """The style of a brief, in bars of so many beats."""
    style = understand_style(brief)
    if style.beats_per_bar != beats_per_bar and beats_per_bar in METRES:
        style = understand_style(replace(brief, style=f"{brief.style}, in {METRES[beats_per_bar]}".lstrip(", ")))
    if style.beats_per_bar != beats_per_bar:
        raise CannotRework(f"The style cannot be played in bars of {beats_per_bar} beats.")
    return at_depth(style, brief.depth)


def _continuing_words(original: Original, wish: Brief, style: Style, assets: Assets) -> Lyrics:
    """The words given; else a new verse, and the chorus the song has or a new one."""
    lyrics = _words(original, wish, style, assets)
    if lyrics.origin != "written":
        return lyrics
    verse = [s for s in lyrics.sections if s.kind == "verse"][:1]
    chorus = _old_chorus(original.score) or [s for s in lyrics.sections if s.kind == "chorus"][:1]
    sections = (*verse, *chorus) or lyrics.sections
    return replace(lyrics, sections=sections, text=text_of(sections))


def _words(original: Original, wish: Brief, style: Style, assets: Assets) -> Lyrics:
    """The words of the wish, the same for all clips of a task; none where the old song has no singer."""
    silent = wish.instrumental or (original.brief is not None and original.voice is None and not wish.lyrics)
    if wish.take and original.brief is None:
        style = style_in_metre(replace(wish, take=0), style.beats_per_bar)
    return write_lyrics(replace(wish, take=0, instrumental=silent), style, assets)


def _old_chorus(score: Score) -> list[LyricSection]:
    for index, section in enumerate(score.sections):
        lines = [v.line for v in score.lines if v.section == index and v.role == "lead" and v.notes]
        if section.kind in ("chorus", "drop") and lines:
            return [LyricSection(section.kind, section.label, tuple(lines))]
    return []


def text_of(sections: Sequence[LyricSection]) -> str:
    """Sections as people read them."""
    return "\n\n".join("\n".join((f"[{s.label}]", *(line.text for line in s.lines))) for s in sections)


def _singer(
    original: Original, wish: Brief, style: Style, lyrics: Lyrics, assets: Assets
) -> tuple[Singer | None, tuple[str, ...]]:
    """The old singer; another one where a voice or another gender is wished."""
    known = next((singer for singer in SINGERS if singer.name == original.voice), None)
    same = known is not None and wish.voice is None and wish.gender in (None, known.gender)
    return engage_singer(replace(wish, voice=original.voice) if same else wish, style, lyrics, assets)


def _with_new_adlibs(score: Score, style: Style, voice_range: tuple[int, int], wish: Brief, from_beats: float) -> Score:
    """Ad-libs in the new part only; those of the old part are on its recording."""
    plain = replace(score, lines=tuple(line for line in score.lines if line.role != "adlib"))
    known = set(map(id, plain.lines))
    drawn = with_adlibs(plain, style, voice_range, wish.rng("adlibs"))
    new = [v for v in drawn.lines if id(v) not in known and v.notes[0].start_beats >= from_beats]
    return replace(score, lines=tuple(sorted((*score.lines, *new), key=lambda v: v.notes[0].start_beats)))


def _shown(original: Original, lyrics: Lyrics, score: Score, seam: float) -> str:
    """The old words and the new ones; of the old ones only those still heard, where the seam cuts some off."""
    heard = sum(len(v.line.words) for v in score.lines if v.role == "lead" and v.notes[0].start_beats < seam)
    sung = sum(len(v.line.words) for v in original.score.lines if v.role == "lead" and v.notes)
    old = original.lyrics if heard == sung else text_of(_sung_sections(score, seam))
    return "\n\n".join(part for part in (old.strip(), lyrics.text.strip()) if part)


def _sung_sections(score: Score, until_beats: float) -> list[LyricSection]:
    found: list[LyricSection] = []
    for index, section in enumerate(score.sections):
        own = [v for v in score.lines if v.section == index and v.role != "adlib" and v.notes]
        lines = tuple(v.line for v in own if v.notes[0].start_beats < until_beats)
        if lines:
            found.append(LyricSection(section.kind, section.label, lines))
    return found


# --------------------------------------------------------------------------------------------------------- replacing


def replacement(original: Original, wish: Brief, start_s: float, end_s: float, assets: Assets) -> Plan:
    """The song with the bars of `start_s` to `end_s` made anew."""
    start, end = _bars_around(original, start_s, end_s)
    band = _band(original, wish, inherit=False)
    style = style_in_metre(band, original.score.beats_per_bar)
    wish = replace(wish, style=band.style)
    lyrics = _replacing_words(original, wish, style, start, assets)
    singer, notes = _singer(original, wish, style, lyrics, assets)
    voice_range = (singer.low_midi, singer.high_midi) if singer else INSTRUMENTAL_RANGE
    try:
        score = replace_section(original.score, start, end, lyrics, style, room_for_music(wish), voice_range)
    except ValueError as error:
        raise CannotRework(f"This part cannot be replaced: {error}.") from error
    after = min(end + score.beats_per_bar * math.ceil(LEAD_IN_S / original.bar_s / 2), score.length_beats)
    arrangement = with_part(original.arrangement, arrange(score, style, band), start, end)
    splice = Splice(
        source=original.master,
        words=_kept(original, score, original.time_s(start), original.time_s(end)),
        offset_s=original.offset_s,
        play_from_beats=_lead_in(original, start),
        seam_beats=start,
        back_beats=end,
        play_to_beats=after,
        same_band=original.brief is not None,
    )
    replaced_s = [round(original.time_s(start), 6), round(original.time_s(end), 6)]
    facts = {"rework": "replace_section", "replaced_s": replaced_s, "offset_s": original.offset_s}
    text = text_of(_sung_sections(score, math.inf)) or lyrics.text
    return _plan(band, style, replace(lyrics, text=text), singer, score, arrangement, notes, splice, facts)


def _bars_around(original: Original, start_s: float, end_s: float) -> tuple[float, float]:
    bar, score = original.bar_s, original.score
    if not 0 <= start_s < end_s <= original.duration_s + 0.01:
        raise CannotRework(f"A part to replace lies within the song, which is {original.duration_s:.2f} s long.")
    first = max(math.floor((start_s - original.offset_s + 0.002) / bar), 0)
    last = math.ceil((end_s - original.offset_s - 0.002) / bar)
    start = float(first * score.beats_per_bar)
    end = float(min(last * score.beats_per_bar, score.length_beats))
    if end <= start:
        raise CannotRework("The part to replace has no bar of the song in it.")
    return start, end


def _replacing_words(original: Original, wish: Brief, style: Style, start: float, assets: Assets) -> Lyrics:
    """The words given; else, of new ones, those of a section like the one that stood there."""
    lyrics = _words(original, wish, style, assets)
    if lyrics.origin != "written":
        return lyrics
    there = _section_at(original.score, start)
    alike = [s for s in lyrics.sections if s.kind == there.kind] or list(lyrics.sections)
    return replace(lyrics, sections=tuple(alike[:1]), text=text_of(alike[:1]))


def _section_at(score: Score, beats: float) -> Section:
    return next(s for s in reversed(score.sections) if s.start_beats <= beats + 1e-6)


# ------------------------------------------------------------------------------------------------------------ shared


def _kept(original: Original, score: Score, start_s: float, end_s: float) -> tuple[WordTime, ...]:
    """The old words outside the new part, with their lines' new numbers; one that runs into it ends there.

    Of a line that the seam cuts as many words are left as the new score has: the next one's first consonant may well
    come before the seam.
    """
    places = kept_words(original.words, original.score, score)
    told: Counter[int] = Counter()
    kept: list[WordTime] = []
    for word in original.words:
        if word.line not in places:
            continue
        line = score.lines[places[word.line]]
        told[word.line] += 1
        before = word.start_s < start_s
        if told[word.line] > len(line.line.words) or not (before or word.start_s >= end_s - 0.15):
            continue
        stop_s = min(word.end_s, start_s) if before else word.end_s
        kept.append(replace(word, line=places[word.line], section=line.section, end_s=stop_s))
    return tuple(kept)


def _lead_in(original: Original, seam: float) -> float:
    """Where playing begins; another band's music is not played before the seam."""
    if original.brief is None:
        return seam
    bars = math.ceil(LEAD_IN_S / original.bar_s)
    return max(seam - bars * original.score.beats_per_bar, 0.0)


def _plan(
    band: Brief,
    style: Style,
    lyrics: Lyrics,
    singer: Singer | None,
    score: Score,
    arrangement: Arrangement,
    notes: tuple[str, ...],
    splice: Splice,
    facts: dict[str, Any],
) -> Plan:
    return Plan(
        brief=replace(band, instrumental=singer is None),
        style=style,
        lyrics=lyrics,
        singer=singer,
        score=score,
        arrangement=arrangement,
        notes=notes,
        splice=splice,
        facts=facts,
    )
