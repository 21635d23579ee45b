"""How well the voice sings: `python bench/engine/voice.py [voice ...] [--songs N ...] [--wav FOLDER]`.

Composes and sings the songs of the songbook without a band, and prints for each the rows of `listening.py`, CPU
seconds per sung second and the peak memory. Needs the assets and, for words, `make asr` once. The same songs with a
band, and the table to be believed, come from `songs.py`.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
import warnings
from pathlib import Path
from typing import Any

import listening
import soundfile
from songbook import LYRICS, SONGS, Song

from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Brief
from songwright.engine.score import compose
from songwright.engine.styles import understand_style
from songwright.engine.voice import SINGERS, choose_runtime, plan_takes, sing_take, vocal_stems

SINGER = {singer.name: singer for singer in SINGERS}


def sing(song: Song, assets: Assets, runtime: str, wav: Path | None) -> dict[str, Any]:
    """One song composed, sung and measured."""
    singer = SINGER[song.voice]
    brief = Brief(
        lyrics=LYRICS[song.words], title=song.words, style=song.style, voice=song.voice, seed=song.seed, duration_s=60
    )
    style = understand_style(brief)
    score = compose(write_lyrics(brief, style, assets), style, brief, (singer.low_midi, singer.high_midi))
    started_s = time.process_time()
    sung = [sing_take(take, singer, assets, runtime) for take in plan_takes((score,), singer, style)]
    singing_s = time.process_time() - started_s
    vocals = vocal_stems(score, 0, sung, singer, song.seed)
    stems_s = time.process_time() - started_s - singing_s
    for stem in vocals.stems if wav else ():
        soundfile.write(wav / f"{song.name}-{stem.name.lower().replace(' ', '_')}.wav", stem.audio.T, SAMPLE_RATE_HZ)
    row = listening.heard_of(vocals.stems[0].audio.mean(0), score, vocals.word_times, singer.blend)
    sung_s = sum(len(part.audio) for take in sung for part in take.parts) / 24_000
    seconds = {"bpm": score.bpm, "length_s": score.duration_s, "sung_s": sung_s}
    return row | seconds | {"cpu_s": singing_s, "stems_s": stems_s}


def show(row: dict[str, Any], title: str) -> None:
    """One line: the rows, then the costs."""
    rows = "  ".join(f"{form.format(value(row)):>6}" for _, _, _, value, form in listening.ROWS)
    cost = f"  {row['bpm']:3.0f} bpm  CPU {row['cpu_s']:4.1f} + {row['stems_s']:3.1f} s for {row['sung_s']:4.0f} s sung"
    print(f"{title:24} {rows}" + (cost if "bpm" in row else ""), flush=True)


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", nargs="*")
    parser.add_argument("--songs", nargs="*", type=int, help="numbers in the songbook, from 1")
    parser.add_argument("--runtime", default=choose_runtime())
    parser.add_argument("--wav", type=Path)
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--heard", action="store_true")
    options = parser.parse_args()
    if options.wav:
        options.wav.mkdir(parents=True, exist_ok=True)
    songs = [s for s in SONGS if not options.songs or s.seed in options.songs]
    songs = [s for s in songs if not options.voices or s.voice in options.voices]
    print(f"runtime {options.runtime}; " + "; ".join(f"{name} {reach}" for name, reach, *_ in listening.ROWS))
    rows: list[dict[str, Any]] = []
    for song in songs:
        rows.append(sing(song, Assets(listening.ASSETS), options.runtime, options.wav))
        show(rows[-1], song.name)
        if options.heard:
            print("   ", rows[-1]["written"].lower(), "\n   ", rows[-1]["heard"])
        if options.json:
            options.json.write_text(json.dumps(dict(zip([s.name for s in songs], rows, strict=False))))
    costs = {key: sum(row[key] for row in rows) for key in ("cpu_s", "stems_s", "sung_s")}
    show(listening.pooled(rows) | costs | {"bpm": 0}, "all")
    print(f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, recogniser included")


if __name__ == "__main__":
    main()
