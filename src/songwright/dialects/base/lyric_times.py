"""Words and their times as others want them: lines with their tags, and the files LRC, SRT and WebVTT. Pure.

Conventions: seconds from the start of the clip. Times are the score's own: what was written is what is sung, so there
is nothing to estimate. The words of a clip stand in its `words.json` in the order they are sung, lines in its lyrics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

_TAG = re.compile(r"\s*\[([^\[\]\n]*)\]\s*")
_LETTERS = re.compile(r"[\W_]+")


class TimedWord(msgspec.Struct, frozen=True):
    """One entry of `words.json`."""

    word: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One line as written: a section's tag without words, or words with their times."""

    text: str
    words: tuple[TimedWord, ...] = ()
    tag: str = ""


read_words = msgspec.json.Decoder(tuple[TimedWord, ...]).decode


def timed_lines(lyrics: str, words: Sequence[TimedWord]) -> list[TimedLine]:
    """Lyrics line by line with the times of their words. A word that was sung but not written belongs to its line."""
    lines: list[TimedLine] = []
    at = 0
    for text in lyrics.splitlines():
        if (tag := _TAG.fullmatch(text)) is not None:
            lines.append(TimedLine(text.strip(), tag=tag[1].strip()))
        elif text.strip():
            count = _matching(text.split(), words[at:])
            lines.append(TimedLine(text.strip(), tuple(words[at : at + count])))
            at += count
    if at < len(words):  # Sung, but not shown: ad-libs behind the last line.
        lines.append(TimedLine(" ".join(word.word for word in words[at:]), tuple(words[at:])))
    return lines


def _matching(written: Sequence[str], words: Sequence[TimedWord]) -> int:
    """How many of the coming words make up a written line: as many letters as the line has."""
    wanted = len(_letters("".join(written)))
    found = 0
    for count, word in enumerate(words):
        if found >= wanted:
            return count
        found += len(_letters(word.word))
    return len(words)


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _sung(lines: Sequence[TimedLine]) -> Iterator[TimedLine]:
    return (line for line in lines if line.words)


def lrc(lines: Sequence[TimedLine], title: str, duration_s: float, *, enhanced: bool = False) -> str:
    """LRC: `[mm:ss.xx]` before each line; enhanced, also `<mm:ss.xx>` before each word."""
    rows = [f"[ti:{title}]", "[ar:Songwright]", f"[length:{_minutes(duration_s)[:-3]}]"]
    for line in _sung(lines):
        timed = " ".join(f"<{_minutes(word.start_s)}>{word.word}" for word in line.words) if enhanced else line.text
        rows.append(f"[{_minutes(line.words[0].start_s)}]{timed}")
    return "\n".join(rows) + "\n"


def srt(lines: Sequence[TimedLine]) -> str:
    """SubRip, one cue a line."""
    cues = [
        f"{number}\n{_hours(start_s, ',')} --> {_hours(end_s, ',')}\n{line.text}\n"
        for number, (start_s, end_s, line) in enumerate(_cues(lines), start=1)
    ]
    return "\n".join(cues)


def vtt(lines: Sequence[TimedLine], title: str) -> str:
    """WebVTT, one cue a line, with a time stamp before each further word."""
    rows = [f"WEBVTT - {_escaped(title)}\n"]
    for start_s, end_s, line in _cues(lines):
        rest = "".join(f" <{_hours(word.start_s, '.')}>{_escaped(word.word)}" for word in line.words[1:])
        head = f"{_hours(start_s, '.')} --> {_hours(end_s, '.')}"
        rows.append(f"{head}\n{_escaped(line.words[0].word)}{rest}\n")
    return "\n".join(rows)


def _cues(lines: Sequence[TimedLine]) -> Iterator[tuple[float, float, TimedLine]]:
    """Start and end of each line's cue; a cue ends before the next begins."""
    sung = list(_sung(lines))
    for index, line in enumerate(sung):
        end_s = max(word.end_s for word in line.words)
        if index + 1 < len(sung):
            end_s = min(end_s, max(sung[index + 1].words[0].start_s, line.words[0].start_s + 0.001))
        yield line.words[0].start_s, end_s, line


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def _minutes(time_s: float) -> str:
    minutes, rest = divmod(round(max(time_s, 0.0) * 100), 6000)
    return f"{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _hours(time_s: float, comma: str) -> str:
    hours, rest = divmod(round(max(time_s, 0.0) * 1000), 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{comma}{rest % 1000:03d}"
