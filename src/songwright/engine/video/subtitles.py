"""The words as an Advanced SubStation script: the line being sung is coloured word by word, its neighbours wait dimmed.

Conventions
    Script times in centiseconds; positions in pixels of the picture. Colours of the format are &HAABBGGRR, alpha 0 =
    opaque. User text may not contain braces or backslashes, which the format reads as tags: they are replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from songwright.engine.typeface import SANS, Face, cjk_face, clean_text, has_glyph, write_with
from songwright.engine.video.scene import HEIGHT_PX, WIDTH_PX, Colour

VideoWord = tuple[str, float, float]  #: text, start_s, end_s
LEFT_PX, RIGHT_PX = 632, 1216
SIZES_PX = (50, 44, 38, 33, 28, 24)
MOST_ROWS = 3
NEIGHBOUR_SIZES_PX = (27, 23, 20)
GAP_PX = 40  #: between the line being sung and its neighbours
LEAD_IN_S = 0.8  #: a line appears so long before its first word, if the line before has ended
PAUSE_S = 5.0  #: after a longer silence a line appears by itself
LINGER_S = 1.5
BAR_PX = 6
SAFE = str.maketrans({"{": "(", "}": ")", "\\": "/"})


@dataclass(frozen=True, slots=True)
class VideoLine:
    """A sung line and its words' times."""

    start_s: float
    end_s: float
    words: tuple[VideoWord, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """A line as it will stand: rows of words, in a face, at a size."""

    rows: tuple[tuple[VideoWord, ...], ...]
    face: Face
    size_px: int

    @property
    def height_px(self) -> float:
        return len(self.rows) * self.box_px

    @property
    def box_px(self) -> float:
        """Ascent and descent together: what the format calls the font size, and its distance of rows."""
        return self.size_px * sum(self.face.font(100).getmetrics()) / 100


def subtitle_script(
    lines: Sequence[VideoLine], duration_s: float, accent: Colour, extra_fonts: Path | None
) -> tuple[str, set[Face]]:
    """The script, and the faces it uses."""
    cjk = cjk_face(extra_fonts)
    faces = (SANS, cjk) if cjk else (SANS,)
    shown = [(line, placed) for line in lines if (placed := _place(line, faces, SIZES_PX, MOST_ROWS))]
    events = [_bar(duration_s)]
    for number, (line, placed) in enumerate(shown):
        before = shown[number - 1][0] if number else None
        after = shown[number + 1][0] if number + 1 < len(shown) else None
        start_s, end_s = _window(line, before, after)
        end_s = min(end_s, duration_s)
        if start_s < end_s:
            events.append(_event(start_s, end_s, _karaoke(placed, start_s), placed, HEIGHT_PX / 2, 4, "Sung"))
            for neighbour, anchor, side in ((before, 1, -1), (after, 7, 1)):
                small = neighbour and not _apart(line, neighbour) and _place(neighbour, faces, NEIGHBOUR_SIZES_PX, 2)
                if small:
                    y_px = HEIGHT_PX / 2 + side * (placed.height_px / 2 + GAP_PX)
                    events.append(_event(start_s, end_s, _plain(small), small, y_px, anchor, "Near"))
    header = _HEADER.format(width=WIDTH_PX, height=HEIGHT_PX, accent=_colour(accent))
    return header + "\n".join(events) + "\n", {placed.face for _, placed in shown}


def _apart(a: VideoLine, b: VideoLine) -> bool:
    return max(a.start_s, b.start_s) - min(a.end_s, b.end_s) > PAUSE_S


def _window(line: VideoLine, before: VideoLine | None, after: VideoLine | None) -> tuple[float, float]:
    """When a line is the middle one. Windows follow each other without overlapping."""
    return _appears(line, before), _appears(after, line) if after and not _apart(line, after) else line.end_s + LINGER_S


def _appears(line: VideoLine, before: VideoLine | None) -> float:
    if before is None or _apart(before, line):
        return max(0.0, line.start_s - 2 * LEAD_IN_S)
    return min(line.start_s, max(before.end_s, line.start_s - LEAD_IN_S))


def _place(line: VideoLine, faces: Sequence[Face], sizes_px: Sequence[int], most_rows: int) -> _Set | None:
    """The largest size at which the line fits; None when no face can write a word of it."""
    face = max(faces, key=lambda face: sum(write_with(text, (face,)) is not None for text, _, _ in line.words))
    safe = ((_safe(text, face), start_s, end_s) for text, start_s, end_s in line.words)
    words = tuple(word for word in safe if word[0])
    if write_with(" ".join(text for text, _, _ in words), (face,)) is None:
        return None
    rows: tuple[tuple[VideoWord, ...], ...] = ()
    for size_px in sizes_px:
        rows = _wrap(words, face, size_px)
        widest_px = max(face.font(size_px).getlength(" ".join(text for text, _, _ in row)) for row in rows)
        if len(rows) <= most_rows and widest_px <= RIGHT_PX - LEFT_PX:
            return _Set(rows, face, size_px)
    return _Set(rows[:most_rows], face, sizes_px[-1])


def _safe(text: str, face: Face) -> str:
    """What the face can write of a word, with nothing in it that the format would read as a tag."""
    written = write_with(text, (face,))
    signs = "".join(c for c in clean_text(text) if has_glyph(face, c) and not c.isalnum())
    return (written[1] if written else signs).translate(SAFE)


def _wrap(words: Sequence[VideoWord], face: Face, size_px: int) -> tuple[tuple[VideoWord, ...], ...]:
    font = face.font(size_px)
    rows: list[list[VideoWord]] = [[]]
    for word in words:
        row = " ".join(text for text, _, _ in (*rows[-1], word))
        if rows[-1] and font.getlength(row) > RIGHT_PX - LEFT_PX:
            rows.append([])
        rows[-1].append(word)
    return tuple(map(tuple, rows))


def _karaoke(placed: _Set, shown_from_s: float) -> str:
    """Words with their lengths; pauses between them are lengths without text."""
    pieces: list[str] = []
    clock = _centiseconds(shown_from_s)
    for number, row in enumerate(placed.rows):
        pieces.append("\\N" if number else "")
        for place, (text, start_s, end_s) in enumerate(row):
            start, end = max(clock, _centiseconds(start_s)), max(clock, _centiseconds(end_s))
            space = " " if place else ""
            pieces.append(f"{{\\k{start - clock}}}{space}{{\\kf{end - start}}}{text}")
            clock = end
    return "".join(pieces)


def _plain(placed: _Set) -> str:
    return "\\N".join(" ".join(text for text, _, _ in row) for row in placed.rows)


def _event(start_s: float, end_s: float, text: str, placed: _Set, y_px: float, anchor: int, style: str) -> str:
    tags = f"\\an{anchor}\\pos({LEFT_PX},{y_px:.0f})\\fn{placed.face.family}\\fs{placed.box_px:.0f}\\fad(140,90)"
    return f"Dialogue: 1,{_clock(start_s)},{_clock(end_s)},{style},,0,0,0,,{{{tags}}}{text}"


def _bar(duration_s: float) -> str:
    """A line along the bottom that grows with the song: a full-width box, uncovered from the left."""
    top, bottom = HEIGHT_PX - BAR_PX, HEIGHT_PX
    box = f"m 0 0 l {WIDTH_PX} 0 l {WIDTH_PX} {BAR_PX} l 0 {BAR_PX}"
    grow = f"\\clip(0,{top},0,{bottom})\\t(0,{duration_s * 1000:.0f},\\clip(0,{top},{WIDTH_PX},{bottom}))"
    return f"Dialogue: 0,{_clock(0)},{_clock(duration_s)},Bar,,0,0,0,,{{\\an7\\pos(0,{top}){grow}\\p1}}{box}"


def _centiseconds(time_s: float) -> int:
    return max(0, round(time_s * 100))


def _clock(time_s: float) -> str:
    total = _centiseconds(time_s)
    return f"{total // 360000}:{total // 6000 % 60:02}:{total // 100 % 60:02}.{total % 100:02}"


def _colour(colour: Colour) -> str:
    red, green, blue = colour
    return f"{blue:02X}{green:02X}{red:02X}"


_HEADER = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Sung,Manrope ExtraBold,50,&H00{accent},&H28FFFFFF,&H60000000,&H90000000,0,0,0,0,100,100,0,0,1,0,2,4,0,0,0,1
Style: Near,Manrope ExtraBold,27,&H90FFFFFF,&H90FFFFFF,&H60000000,&H90000000,0,0,0,0,100,100,0,0,1,0,1,4,0,0,0,1
Style: Bar,Manrope ExtraBold,20,&H30{accent},&H30{accent},&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
