"""A new version of a song: outline, style, words and singer become a plan to render.

Conventions: see `reworking`; the outline is what `score.covering` keeps of the old song.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from songwright.engine.arrangement import arrange
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Assets, Brief, Lyrics, LyricSection, Score, Style
from songwright.engine.pipeline import INSTRUMENTAL_RANGE, Plan, engage_singer
from songwright.engine.reworking import CannotRework, style_in_metre, text_of
from songwright.engine.score import replace_section
from songwright.engine.score.covering import Outline, cover_score, in_time_of
from songwright.engine.voice import with_adlibs

LEAST_TONES = 8  #: fewer are no tune: a new one is composed on the chords


def cover(outline: Outline, wish: Brief, shared: Brief, assets: Assets, facts: dict[str, Any]) -> Plan:
    """One clip. Words and singer are those of `shared`, the wish of the task's first clip. Raises CannotRework."""
    style = style_in_metre(wish, outline.score.beats_per_bar)
    outline = in_time_of(outline, style)
    instrumental = wish.instrumental or style.instrumental
    first_style = style_in_metre(shared, outline.score.beats_per_bar)
    lyrics = write_lyrics(replace(shared, instrumental=instrumental), first_style, assets)
    singer, notes = engage_singer(shared, style, lyrics, assets)
    lyrics = lyrics if singer else replace(lyrics, sections=())
    voice_range = (singer.low_midi, singer.high_midi) if singer else INSTRUMENTAL_RANGE
    score = _score(outline, lyrics, style, wish, voice_range)
    shown = _as_sung(lyrics, score)
    score = with_adlibs(score, style, voice_range, wish.rng("adlibs"))
    return Plan(
        brief=replace(wish, instrumental=singer is None),
        style=style,
        lyrics=shown,
        singer=singer,
        score=score,
        arrangement=arrange(score, style, wish),
        notes=notes,
        facts=facts,
    )


def _score(outline: Outline, lyrics: Lyrics, style: Style, wish: Brief, voice_range: tuple[int, int]) -> Score:
    if lyrics.sections and sum(map(len, outline.phrases)) < LEAST_TONES:
        old = replace(outline.score, lines=(), themes=())
        try:
            score = replace_section(old, 0.0, old.length_beats, lyrics, style, wish, voice_range)
        except ValueError as error:
            raise CannotRework(f"The words do not fit this recording: {error}.") from error
        return replace(score, title=lyrics.title, notes=(*score.notes, "No tune was heard; a new one was composed."))
    return cover_score(outline, lyrics, style, wish, voice_range)


def _as_sung(lyrics: Lyrics, score: Score) -> Lyrics:
    """Written words as often as they are sung; given ones stay as they were given."""
    if lyrics.origin != "written":
        return lyrics
    sections = [
        LyricSection(s.kind, s.label, tuple(v.line for v in score.lines if v.section == index))
        for index, s in enumerate(score.sections)
    ]
    return replace(lyrics, text=text_of([s for s in sections if s.lines]))
