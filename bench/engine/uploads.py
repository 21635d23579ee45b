"""What is heard in uploads, and what listening costs: `python bench/engine/uploads.py [--songs N] [--no-long]`.

Renders sung songs whose score is known, listens to their finished mix as if somebody had sent it, and prints chords,
tune on sixteenths and tempo beside the numbers asked for; then an eight-minute upload (the first song over and over)
with its wall time and the largest memory of its process. Quiet machines only: the last line is wall-clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import numpy as np
import soundfile
from scoreboard import harmony

from songwright.analysis import Heard, ListeningModels, listen
from songwright.engine.encode import score_from_json
from songwright.engine.material import Assets, Brief, Score
from songwright.engine.pipeline import render
from songwright.media import decode_upload

ASSETS = Assets(Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright"))
WORDS = Path(__file__).parents[2] / "examples"
BRIEFS = (("pop, female voice", "paper_boats"), ("folk, male voice", "winter"), ("synthwave, male voice", "engine"))
LONG_S = 480


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=len(BRIEFS))
    parser.add_argument("--no-long", action="store_true")
    options = parser.parse_args()
    print("asked of covers: chords >= .80, tune on sixteenths >= .80, tempo within 1 %; of 8 minutes: 150 s, 2 GB")
    with tempfile.TemporaryDirectory() as name:
        rows = [one_song(Path(name) / str(n), n) for n in range(options.songs)]
        print("mean: chords {:.3f}, tune {:.3f}".format(*np.mean(rows, axis=0)))
        if not options.no_long:
            eight_minutes(Path(name))


def one_song(folder: Path, number: int) -> tuple[float, float]:
    style, words = BRIEFS[number]
    lyrics = (WORDS / f"{words}.txt").read_text(encoding="utf-8")
    brief = Brief(lyrics=lyrics, style=style, seed=100 + number, duration_s=75)
    clip = render([brief], [folder], ASSETS, with_video=False).clips[0]
    score, _ = score_from_json(json.loads(clip.files["score.json"].read_text()))
    heard = listened(clip.files["song.mp3"], folder)
    chords, tune = harmony.agreement(score, heard.chords), tune_on_sixteenths(score, heard)
    off = abs(heard.beats.bpm / score.bpm - 1)
    print(f"{style}: chords {chords:.3f}, tune {tune:.3f}, tempo {score.bpm:g} heard {heard.beats.bpm:.2f} ({off:.2%})")
    return chords, tune


def listened(sent: Path, folder: Path) -> Heard:
    decode_upload(sent, folder / "sent.flac")
    return listen(folder / "sent.flac", folder, ListeningModels(ASSETS.root / "listening"))


def tune_on_sixteenths(score: Score, heard: Heard) -> float:
    """Share of the sung sixteenths on which the heard note is the written one."""
    right: list[bool] = []
    for line in score.lines:
        for note in line.notes if line.role == "lead" else ():
            for step in np.arange(note.start_beats, note.start_beats + note.length_beats - 1e-6, 0.25):
                at_s = score.seconds(float(step) + 0.125)
                found = next((n.midi for n in heard.melody if n.start_s <= at_s < n.end_s), None)
                right.append(found == note.midi)
    return float(np.mean(right))


def eight_minutes(folder: Path) -> None:
    """In a process of its own, whose memory is then its alone."""
    song, rate_hz = soundfile.read(folder / "0" / "song.flac", dtype="int16", always_2d=True)
    repeats = -(-LONG_S * rate_hz // len(song))
    soundfile.write(folder / "long.flac", np.tile(song, (repeats, 1))[: LONG_S * rate_hz], rate_hz, "PCM_16")
    with get_context("spawn").Pool(1) as pool:
        seconds, memory_mb = pool.apply(_timed, (folder,))
    print(f"8 minutes: decoded and listened to in {seconds:.0f} s, largest memory {memory_mb:.0f} MB")


def _timed(folder: Path) -> tuple[float, float]:
    begun_s = time.monotonic()
    listened(folder / "long.flac", folder)
    return time.monotonic() - begun_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
