"""Render songs as a user would and measure them: `python bench/engine/songs.py [--songs N] [--out DIR]`.

Prints, beside the numbers asked for: word error rate of the dry lead and of the mix (Whisper base with its own
normaliser, whole file), notes within 50 cents, loudness and true peak of the decoded MP3, and the shape of the sung
lines. Needs `make asr` once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pyloudnorm
import pyworld
import soundfile
from scipy.signal import resample_poly

BRIEFS = [
    ("pop, upbeat, female voice", "paper_boats", 1),
    ("indie folk, male voice", "paper_boats", 2),
    ("piano ballad, female vocals", "winter", 3),
    ("80s synthwave, male vocals", "engine", 4),
    ("country waltz", "winter", 5),
]
ASSETS = Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright")
WHISPER = Path(os.environ.get("SONGWRIGHT_WHISPER") or ASSETS / "whisper" / "base")
EXAMPLES = Path(__file__).parents[2] / "examples"


def main() -> None:
    arguments = _arguments()
    rows = [
        measure(render(style, words, seed, arguments.out), words) for style, words, seed in BRIEFS[: arguments.songs]
    ]
    for name, asked, show in COLUMNS:
        print(
            f"{name:42} {asked:>12}   "
            + "  ".join(show(row) for row in rows)
            + f"   mean {np.mean([row[name] for row in rows]):.3f}"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=len(BRIEFS))
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    return parser.parse_args()


def render(style: str, words: str, seed: int, out: Path) -> Path:
    folder = out / f"{seed}-{words}"
    command = [sys.executable, "-m", "songwright", "sing", "--lyrics", str(EXAMPLES / f"{words}.txt"), "--style", style]
    started_s = time.monotonic()
    subprocess.run([*command, "--seed", str(seed), "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
    print(f"{folder}: {time.monotonic() - started_s:.1f} s", file=sys.stderr)
    return folder


def measure(folder: Path, words: str) -> dict[str, Any]:
    vocals, rate = soundfile.read(folder / "vocals.wav")
    mono = vocals.mean(axis=1) if vocals.ndim == 2 else vocals
    song, song_rate = soundfile.read(folder / "song.mp3")
    notes = lead_notes(folder / "song.mid")
    cents = pitch_errors_cents(mono, rate, notes)
    lines = sung_lines(folder / "score.json")
    return {
        "word error rate, dry lead": word_error_rate(folder / "vocals.wav", EXAMPLES / f"{words}.txt"),
        "word error rate, full mix": word_error_rate(folder / "song.mp3", EXAMPLES / f"{words}.txt"),
        "notes within 50 cents": float(np.mean(np.abs(cents) <= 50)),
        "median pitch error, cents": float(np.median(np.abs(cents))),
        "loudness of the MP3, LUFS": pyloudnorm.Meter(song_rate).integrated_loudness(song),
        "true peak of the MP3, dBTP": 20 * np.log10(np.abs(resample_poly(song, 4, 1, axis=0)).max()),
        "repeated notes inside lines": float(np.mean([p == q for line in lines for p, q in pairwise(line)])),
        "range of the song, semitones": max(map(max, lines)) - min(map(min, lines)),
        "fewest distinct pitches, lines of 6+": min((len(set(line)) for line in lines if len(line) >= 6), default=0),
        "length, s": len(song) / song_rate,
    }


COLUMNS = [
    (name, asked, (lambda row, name=name, form=form: form.format(row[name])))
    for name, asked, form in [
        ("word error rate, dry lead", "<= 0.15", "{:6.3f}"),
        ("word error rate, full mix", "<= 0.25", "{:6.3f}"),
        ("notes within 50 cents", ">= 0.95", "{:6.3f}"),
        ("median pitch error, cents", "<= 5", "{:6.1f}"),
        ("loudness of the MP3, LUFS", "-14 +-1", "{:6.2f}"),
        ("true peak of the MP3, dBTP", "<= -1", "{:6.2f}"),
        ("repeated notes inside lines", "<= 0.35", "{:6.3f}"),
        ("range of the song, semitones", ">= 9", "{:6.0f}"),
        ("fewest distinct pitches, lines of 6+", ">= 4", "{:6.0f}"),
        ("length, s", "60-240", "{:6.1f}"),
    ]
]


def lead_notes(path: Path) -> list[tuple[float, float, int]]:
    """(start_s, end_s, midi) of the track `Lead vocal`."""
    midi = mido.MidiFile(path)
    tempo = next(message.tempo for track in midi.tracks for message in track if message.type == "set_tempo")
    track = next(track for track in midi.tracks if track.name == "Lead vocal")
    ticks, open_notes, notes = 0, defaultdict(float), []
    for message in track:
        ticks += message.time
        now_s = mido.tick2second(ticks, midi.ticks_per_beat, tempo)
        if message.type == "note_on" and message.velocity:
            open_notes[message.note] = now_s
        elif message.type in ("note_off", "note_on"):
            notes.append((open_notes[message.note], now_s, message.note))
    return notes


def pitch_errors_cents(mono: np.ndarray, rate: int, notes: list[tuple[float, float, int]]) -> np.ndarray:
    """Median error of each note's middle, in cents, by an estimator held to a fifth around the sung range."""
    down = np.ascontiguousarray(resample_poly(mono, 24_000, rate) if rate != 24_000 else mono, dtype=np.float64)
    hz = [440 * 2 ** ((midi - 69) / 12) for *_, midi in notes]
    f0, times = pyworld.harvest(down, 24_000, f0_floor=max(50, min(hz) * 0.75), f0_ceil=max(hz) * 1.5)
    errors = []
    for (start_s, end_s, _), target in zip(notes, hz, strict=True):
        inside = (times > start_s + 0.25 * (end_s - start_s)) & (times < end_s - 0.2 * (end_s - start_s)) & (f0 > 0)
        if inside.any():
            errors.append(1200 * np.log2(np.median(f0[inside]) / target))
    return np.array(errors)


def sung_lines(path: Path) -> list[list[int]]:
    """MIDI numbers of each lead line."""
    lines = json.loads(path.read_text())["score"]["lines"]
    return [[note["midi"] for note in line["notes"]] for line in lines if line["role"] == "lead"]


def word_error_rate(audio: Path, lyrics: Path) -> float:
    from faster_whisper import WhisperModel
    from whisper_normalizer.english import EnglishTextNormalizer

    model = _model(WhisperModel)
    segments, _ = model.transcribe(str(audio), language="en", beam_size=5, condition_on_previous_text=False)
    normal = EnglishTextNormalizer()
    heard = normal(" ".join(segment.text for segment in segments)).split()
    written = "\n".join(line for line in lyrics.read_text().splitlines() if not line.startswith("["))
    wanted = normal(written).split()
    return edit_distance(wanted, heard) / len(wanted)


def _model(kind: Any, cache: list[Any] = []) -> Any:  # noqa: B006 - one model for the whole run
    if not cache:
        cache.append(kind(str(WHISPER), device="cpu", compute_type="int8"))
    return cache[0]


def edit_distance(one: list[str], two: list[str]) -> int:
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


if __name__ == "__main__":
    main()
