"""Words and their times: JSON for programs, LRC for players, SRT and WebVTT for video."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from songwright.engine.material import Score, WordTime


def write_words(path: Path, word_times: Sequence[WordTime]) -> None:
    """`[{"word", "start_s", "end_s"}]`, one entry per written word, in order of time."""
    entries = [{"word": w.word, "start_s": round(w.start_s, 3), "end_s": round(w.end_s, 3)} for w in word_times]
    path.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def lrc(word_times: Sequence[WordTime], score: Score) -> str:
    """Enhanced LRC: `[mm:ss.xx]` before each line, `<mm:ss.xx>` before each word."""
    rows = [f"[ti:{score.title}]", "[ar:Songwright]", f"[length:{_minutes(score.duration_s, 0)}]"]
    for words in _lines(word_times):
        timed = " ".join(f"<{_minutes(word.start_s, 2)}>{word.word}" for word in words)
        rows.append(f"[{_minutes(words[0].start_s, 2)}]{timed}")
    return "\n".join(rows) + "\n"


def srt(word_times: Sequence[WordTime], score: Score) -> str:
    """SubRip, one cue a line."""
    cues = [
        f"{number}\n{_hours(start_s, ',')} --> {_hours(end_s, ',')}\n{_text(words, score)}\n"
        for number, (start_s, end_s, words) in enumerate(_cues(word_times), start=1)
    ]
    return "\n".join(cues)


def vtt(word_times: Sequence[WordTime], score: Score) -> str:
    """WebVTT, one cue a line, with a time stamp before each further word."""
    cues = [f"WEBVTT - {_escaped(score.title)}\n"]
    for start_s, end_s, words in _cues(word_times):
        rest = "".join(f" <{_hours(word.start_s, '.')}>{_escaped(word.word)}" for word in words[1:])
        cues.append(f"{_hours(start_s, '.')} --> {_hours(end_s, '.')}\n{_escaped(words[0].word)}{rest}\n")
    return "\n".join(cues)


def _lines(word_times: Iterable[WordTime]) -> Iterator[list[WordTime]]:
    """Words grouped by the line they belong to."""
    for _, words in groupby(word_times, key=lambda word: word.line):
        yield list(words)


def _cues(word_times: Sequence[WordTime]) -> Iterator[tuple[float, float, list[WordTime]]]:
    """Start and end of each line's cue; a cue ends before the next begins."""
    lines = list(_lines(word_times))
    for index, words in enumerate(lines):
        end_s = max(word.end_s for word in words)
        if index + 1 < len(lines):
            end_s = min(end_s, max(lines[index + 1][0].start_s, words[0].start_s + 0.001))
        yield words[0].start_s, end_s, words


def _text(words: Sequence[WordTime], score: Score) -> str:
    line = words[0].line
    return score.lines[line].line.text if 0 <= line < len(score.lines) else " ".join(word.word for word in words)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _minutes(time_s: float, decimals: int) -> str:
    units = round(max(time_s, 0.0) * 10**decimals)
    minutes, rest = divmod(units, 60 * 10**decimals)
    seconds, fraction = divmod(rest, 10**decimals)
    return f"{minutes:02d}:{seconds:02d}" + (f".{fraction:0{decimals}d}" if decimals else "")


def _hours(time_s: float, comma: str) -> str:
    milliseconds = round(max(time_s, 0.0) * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, rest = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{comma}{rest:03d}"
