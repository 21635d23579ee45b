"""Words and their times: JSON for programs, LRC for players, SRT and WebVTT for video.

Conventions
    The text formats are pure functions of what `words.json` holds: `words` is the list read from it. Words come in the
    order of time; those of a choir may fall between those of the lead, each `line` is kept together all the same.
    Files written before lines were named hold only `word`, `start_s`, `end_s`: there a pause of `_PAUSE_S` ends a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from songwright.engine.material import WordTime

TimedWord = Mapping[str, Any]
"""An entry of `words.json`."""

_PAUSE_S: Final = 0.8


def write_words(path: Path, word_times: Sequence[WordTime]) -> None:
    """Write `word_entries` as JSON."""
    path.write_text(json.dumps(word_entries(word_times), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def word_entries(word_times: Sequence[WordTime]) -> list[dict[str, Any]]:
    """One entry per sung word, in order of time: its text, times, line, section, who sings it and its syllables."""
    return [
        {
            "word": word.word,
            "start_s": round(word.start_s, 3),
            "end_s": round(word.end_s, 3),
            "line": word.line,
            "section": word.section,
            "role": word.role,
            "syllables": [
                {"text": text, "start_s": round(start_s, 3), "end_s": round(end_s, 3)}
                for text, start_s, end_s in word.syllables
            ],
        }
        for word in word_times
    ]


def line_times(words: Sequence[TimedWord]) -> list[dict[str, Any]]:
    """Each line as `{"text", "start_s", "end_s", "words"}`, in the order of their starts."""
    return [
        {
            "text": " ".join(word["word"] for word in line),
            "start_s": line[0]["start_s"],
            "end_s": max(word["end_s"] for word in line),
            "words": line,
        }
        for line in _lines(words)
    ]


def lrc(words: Sequence[TimedWord], *, title: str = "") -> str:
    """LRC: `[mm:ss.xx]` before each line; an empty line clears the text where a pause of five seconds follows."""
    rows = _lrc_head(words, title)
    lines = line_times(words)
    for index, line in enumerate(lines):
        rows.append(f"[{_minutes(line['start_s'])}]{line['text']}")
        if index + 1 < len(lines) and lines[index + 1]["start_s"] - line["end_s"] > 5.0:
            rows.append(f"[{_minutes(line['end_s'])}]")
    return "".join(row + "\n" for row in rows)


def enhanced_lrc(words: Sequence[TimedWord], *, title: str = "") -> str:
    """Enhanced LRC: also `<mm:ss.xx>` before each word, and after the last one of a line."""
    rows = _lrc_head(words, title)
    for line in line_times(words):
        timed = " ".join(f"<{_minutes(word['start_s'])}>{word['word']}" for word in line["words"])
        rows.append(f"[{_minutes(line['start_s'])}]{timed}<{_minutes(line['end_s'])}>")
    return "".join(row + "\n" for row in rows)


def srt(words: Sequence[TimedWord]) -> str:
    """SubRip, one cue a line."""
    cues = [
        f"{number}\n{_hours(start_s, ',')} --> {_hours(end_s, ',')}\n{text}\n"
        for number, (start_s, end_s, text, _) in enumerate(_cues(words), start=1)
    ]
    return "\n".join(cues)


def vtt(words: Sequence[TimedWord], *, title: str = "") -> str:
    """WebVTT, one cue a line, with a time stamp before each further word."""
    head = f"WEBVTT - {_escaped(' '.join(title.split()))}\n" if title else "WEBVTT\n"
    cues = [head]
    for start_s, end_s, _, line in _cues(words):
        cues.append(f"{_hours(start_s, '.')} --> {_hours(end_s, '.')}\n{_vtt_words(line, start_s, end_s)}\n")
    return "\n".join(cues)


def _vtt_words(line: Sequence[TimedWord], start_s: float, end_s: float) -> str:
    """A stamp must lie inside its cue and after the one before; a word that cannot have one follows without."""
    text, last_s = _escaped(line[0]["word"]), start_s
    for word in line[1:]:
        stamped = last_s + 0.001 <= word["start_s"] < end_s
        last_s = word["start_s"] if stamped else last_s
        text += (f" <{_hours(last_s, '.')}>" if stamped else " ") + _escaped(word["word"])
    return text


def _lines(words: Sequence[TimedWord]) -> Iterator[list[TimedWord]]:
    """The words of each line together, lines in the order of their first words."""
    groups: dict[int, list[TimedWord]] = {}
    number, last_end_s = 0, 0.0
    for word in words:
        number += word["start_s"] - last_end_s > _PAUSE_S
        last_end_s = word["end_s"]
        groups.setdefault(word.get("line", number), []).append(word)
    yield from groups.values()


def _cues(words: Sequence[TimedWord]) -> Iterator[tuple[float, float, str, list[TimedWord]]]:
    """Start, end, text and words of each line; of lines that overlap, the first stays on until its last word ends."""
    for line in line_times(words):
        yield line["start_s"], max(line["end_s"], line["start_s"] + 0.001), line["text"], line["words"]


def _lrc_head(words: Sequence[TimedWord], title: str) -> list[str]:
    head = [f"[ti:{' '.join(title.split())}]"] if title else []
    last_s = max((word["end_s"] for word in words), default=0.0)
    return [*head, "[by:Songwright]", f"[length:{_minutes(last_s)[:5]}]"]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _minutes(time_s: float) -> str:
    """`mm:ss.xx`; hours count as minutes, as the format has none."""
    minutes, rest = divmod(round(max(time_s, 0.0) * 100), 6000)
    seconds, hundredths = divmod(rest, 100)
    return f"{minutes:02d}:{seconds:02d}.{hundredths:02d}"


def _hours(time_s: float, comma: str) -> str:
    milliseconds = round(max(time_s, 0.0) * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, rest = divmod(rest, 1000)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{comma}{rest:03d}"
