"""The lyrics of a song: read, if words were given; written, if not; none for an instrumental."""

from __future__ import annotations

import re
from collections.abc import Sequence

from songwright.engine.lyrics.describe import understand
from songwright.engine.lyrics.given import MAX_LINE_SYLLABLES, Draft, clean_line, divide_line, line_of, read_given
from songwright.engine.lyrics.language import NAMES, detect_language
from songwright.engine.lyrics.pronounce import MAX_WORD_SYLLABLES, Speaker, make_speaker, pronunciation_notes
from songwright.engine.lyrics.scan import scanner_for
from songwright.engine.lyrics.subject_lines import title_case
from songwright.engine.lyrics.writer import WrittenSong, write_song
from songwright.engine.material import Assets, Brief, LyricLine, Lyrics, LyricSection, Style

_TITLE_WORDS = 6
_RAP_LINE_SYLLABLES = 18
_UNTITLED = "Untitled"


def write_lyrics(brief: Brief, style: Style, assets: Assets) -> Lyrics:
    """The words of the song: title, sections, lines and syllables."""
    if brief.instrumental:
        return _instrumental(brief)
    if brief.lyrics.strip():
        return _given(brief, style, assets)
    return _written(brief, style, assets)


def _instrumental(brief: Brief) -> Lyrics:
    theme = brief.description or brief.lyrics or brief.style
    phrases = understand(clean_line(theme)[:400]).phrases
    title = brief.title.strip() or (title_case(phrases[0].bare) if phrases else _UNTITLED)
    return Lyrics(title=title, language="en", sections=(), origin="none", text="[Instrumental]")


# --------------------------------------------------------------------------------------------------- given words


def _given(brief: Brief, style: Style, assets: Assets) -> Lyrics:
    reading = read_given(brief.lyrics)
    sung = [text for draft in reading.drafts for text, _ in draft.lines]
    language = _asked_language(brief) or detect_language("\n".join(sung))
    speaker = make_speaker(assets, language, sung)
    limit = _RAP_LINE_SYLLABLES if style.vocal.rap >= 0.5 else MAX_LINE_SYLLABLES
    notes = [*reading.notes]
    sections = tuple(_pronounced(draft, speaker, limit, notes) for draft in reading.drafts)
    if not any(section.lines for section in sections):
        notes.append("There are no words to sing; the song is instrumental.")
        sections = ()
    else:
        notes += pronunciation_notes(speaker)
    title = brief.title.strip() or reading.title or _title_from(sections)
    unique = tuple(dict.fromkeys(notes))
    return Lyrics(title=title, language=language, sections=sections, origin="given", text=brief.lyrics, notes=unique)


def _asked_language(brief: Brief) -> str:
    """The language asked for, without its region: `pt-BR` -> `pt`."""
    return re.split(r"[-_]", brief.language or "")[0].lower()


def _pronounced(draft: Draft, speaker: Speaker, limit: int, notes: list[str]) -> LyricSection:
    """A section with its words said, long lines divided."""
    lines: list[LyricLine] = []
    for text, backing in draft.lines:
        words = speaker.words(text)
        if not words:
            notes.append(f"“{text[:40]}” cannot be pronounced and is not sung.")
            continue
        for word in words:
            if len(word.syllables) >= MAX_WORD_SYLLABLES:
                notes.append(f"Of “{word.text[:24]}…” only the first {MAX_WORD_SYLLABLES} syllables are sung.")
        lines += [line_of(p, backing=backing, language=speaker.language) for p in divide_line(words, limit=limit)]
    return LyricSection(draft.kind, draft.label, tuple(lines), draft.hint)


def _title_from(sections: Sequence[LyricSection]) -> str:
    """The first line of the chorus, or of the song, at most six words."""
    ordered = [*(s for s in sections if s.kind == "chorus"), *sections]
    line = next((line for section in ordered for line in section.lines if not line.backing), None)
    if line is None:
        return _UNTITLED
    words = re.sub(r"[^\w\s'’-]", "", re.split(r"[,.;:!?]", line.text)[0]).split()[:_TITLE_WORDS]
    return title_case(" ".join(words)[:60]) or _UNTITLED


# ------------------------------------------------------------------------------------------------- written words


def _written(brief: Brief, style: Style, assets: Assets) -> Lyrics:
    notes: list[str] = []
    language = detect_language(brief.description) if brief.description else "en"
    wished = _asked_language(brief) or language
    if wished != "en":
        name = NAMES.get(wished, wished)
        notes.append(f"Words can only be written in English so far; give the lyrics to have them sung in {name}.")
    song = write_song(brief, style, scanner_for(assets))
    speaker = make_speaker(assets, "en", [line for section in song.sections for line in section.lines])
    sections = tuple(
        LyricSection(s.kind, s.label, tuple(LyricLine(line, speaker.words(line)) for line in s.lines))
        for s in song.sections
    )
    notes += pronunciation_notes(speaker)
    return Lyrics(
        title=song.title, language="en", sections=sections, origin="written", text=_shown(song), notes=tuple(notes)
    )


def _shown(song: WrittenSong) -> str:
    return "\n\n".join("\n".join((f"[{s.label}]", *s.lines)) for s in song.sections)
