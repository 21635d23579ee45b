"""Draw `docs/song.png` from a song that `songwright sing` wrote: `python docs/picture.py FOLDER [--line 4]`.

Above, the finished sound coloured by section; below, four sung lines as a piano roll over their chords.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image, ImageDraw, ImageFont

WIDTH, WAVE, ROLL, MARGIN = 1600, 240, 560, 40
COLOURS = {"verse": "#4f7cac", "chorus": "#d1495b", "prechorus": "#8f6bb3", "bridge": "#edae49", "outro": "#7a8288"}
INK, PAPER, FAINT = "#20262e", "#fbfaf7", "#d9d6cf"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--line", type=int, default=4, help="first line of the piano roll")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "song.png")
    arguments = parser.parse_args()
    score = json.loads((arguments.folder / "score.json").read_text())["score"]
    sound, rate = soundfile.read(arguments.folder / "song.wav")
    image = Image.new("RGB", (WIDTH, MARGIN * 4 + WAVE + ROLL), PAPER)
    draw = ImageDraw.Draw(image)
    draw_wave(draw, sound.mean(axis=1), rate, score)
    draw_roll(draw, score, arguments.line)
    image.save(arguments.out, optimize=True)


def font(size_px: int) -> Any:
    return ImageFont.load_default(size_px)


def draw_wave(draw: ImageDraw.ImageDraw, mono: np.ndarray, rate: int, score: dict[str, Any]) -> None:
    columns = WIDTH - 2 * MARGIN
    peaks = np.abs(mono[: len(mono) // columns * columns]).reshape(columns, -1).max(axis=1)
    beat_s = 60 / score["bpm"]
    middle = MARGIN * 2 + WAVE / 2
    for x, peak in enumerate(peaks):
        beats = x / columns * len(mono) / rate / beat_s
        kind = next((s["kind"] for s in reversed(score["sections"]) if s["start_beats"] <= beats), "intro")
        height = peak * WAVE / 2
        draw.line((MARGIN + x, middle - height, MARGIN + x, middle + height), fill=COLOURS.get(kind, "#9aa5b1"))
    for section in score["sections"]:
        x = MARGIN + section["start_beats"] * beat_s * rate / len(mono) * columns
        draw.text((x + 2, MARGIN), section["label"] or section["kind"], fill=INK, font=font(20))
    key = f"{score['title']}  -  {score['bpm']:.0f} bpm"
    draw.text((MARGIN, 8), key, fill=INK, font=font(24))


def draw_roll(draw: ImageDraw.ImageDraw, score: dict[str, Any], first_line: int) -> None:
    lines = [line for line in score["lines"] if line["role"] == "lead"][first_line : first_line + 4]
    notes = [(note, syllable(line, note)) for line in lines for note in line["notes"]]
    bar = score["beats_per_bar"]
    start = min(note["start_beats"] for note, _ in notes) // bar * bar
    end = -(-max(note["start_beats"] + note["length_beats"] for note, _ in notes) // bar) * bar
    low, high = min(n["midi"] for n, _ in notes) - 2, max(n["midi"] for n, _ in notes) + 3
    top = MARGIN * 3 + WAVE
    step = ROLL / (high - low)

    def x_of(beats: float) -> float:
        return MARGIN + (beats - start) / (end - start) * (WIDTH - 2 * MARGIN)

    for beat in range(int(start), int(end) + 1):
        draw.line((x_of(beat), top, x_of(beat), top + ROLL), fill=INK if beat % bar == 0 else FAINT)
    for chord in score["chords"]:
        if start <= chord["start_beats"] < end:
            draw.text((x_of(chord["start_beats"]) + 6, top + 2), chord["symbol"], fill="#8a5a00", font=font(22))
    for note, text in notes:
        y = top + (high - note["midi"]) * step
        box = (x_of(note["start_beats"]), y, x_of(note["start_beats"] + note["length_beats"]) - 2, y + step - 2)
        draw.rounded_rectangle(box, 5, fill=COLOURS["chorus"])
        draw.text((box[0] + 2, box[3] + 1), text, fill=INK, font=font(19))


def syllable(line: dict[str, Any], note: dict[str, Any]) -> str:
    return line["line"]["words"][note["word"]]["syllables"][note["syllable"]]["text"]


if __name__ == "__main__":
    main()
