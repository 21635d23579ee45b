"""Render the songbook as a user would and measure it: `python bench/engine/songs.py [--songs N ...] [--json FILE]`.

24 short songs by 14 voices, each with its band, mixed and encoded. Prints for each song and for all of them, beside the
numbers asked for: word error rate of the dry lead and of the MP3 (Whisper base with its own normaliser, whole files),
pitch, vowel onsets, word times (see `listening.py`), loudness and true peak. Needs `make asr` once. What was measured
stays in `--out` and is taken from there unless the engine or this benchmark has changed since: a run that was cut off
goes on where it stopped. `--keep` takes it in any case.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import listening
import numpy as np
import pyloudnorm
import soundfile
from scipy.signal import resample_poly
from songbook import LYRICS, SONGS, Song

import songwright.engine
from songwright.engine.encode import score_from_json
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Brief
from songwright.engine.pipeline import render
from songwright.engine.voice import SINGERS

SINGER = {singer.name: singer for singer in SINGERS}

Row = tuple[str, str, str, Callable[[dict[str, Any]], float], str]
ROWS: list[Row] = [
    *listening.ROWS,
    ("word error rate, full mix", "<= 0.25", "0.12", lambda m: m["mix_errors"] / m["words"], "{:.3f}"),
    ("furthest from -14 LUFS", "<= 1", "", lambda m: float(np.abs(np.array(m["lufs"]) + 14).max()), "{:.2f}"),
    ("true peak of the MP3, dBTP", "<= -1", "", lambda m: float(np.max(m["peak_dbtp"])), "{:.2f}"),
]


def main() -> None:
    options = _options()
    measured: dict[str, dict[str, Any]] = {}
    print("  ".join(f"{name} {asked}" for name, asked, *_ in ROWS))
    songs = [s for s in SONGS if not options.songs or s.seed in options.songs]
    work = partial(_measured, out=options.out, state=_fingerprint(), keep=options.keep)
    with get_context("spawn").Pool(options.jobs) as pool:
        for song, row in zip(songs, pool.imap(work, songs), strict=True):
            measured[song.name] = row
            values = "  ".join(f"{form.format(value(row)):>7}" for *_, value, form in ROWS)
            print(f"{song.name:24} {values}", flush=True)
            if options.json:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                options.json.write_text(json.dumps(summary(measured), indent=1))
    for row in summary(measured)["rows"]:
        mark = "ok" if row["reached"] else "MISSED"
        print(
            f"{row['name']:32} asked {row['asked']:>8} (stretch {row['stretch'] or '-'})  {row['value']:8.3f}  {mark}"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", nargs="*", type=int, help="numbers in the songbook, from 1; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    parser.add_argument("--json", type=Path, help="where to write the rows as JSON")
    parser.add_argument("--keep", action="store_true", help="believe what lies in --out, whatever made it")
    return parser.parse_args()


def summary(measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """`{"songs", "voices", "words", "rows": [{"name", "asked", "stretch", "value", "reached", "by_song"}]}`."""
    everything = pooled(list(measured.values()))
    rows: list[dict[str, Any]] = []
    for name, asked, stretch, value, _ in ROWS:
        number = value(everything)
        limit = float(asked.split()[1])
        reached = number >= limit if asked.startswith(">=") else (abs(number) if limit > 0 else number) <= limit
        by_song = {song: round(value(row), 4) for song, row in measured.items()}
        rows.append(
            {"name": name, "asked": asked, "stretch": stretch, "value": round(number, 4), "reached": bool(reached)}
            | {"by_song": by_song}
        )
    voices = {name.rsplit("-", 1)[1] for name in measured}
    return {"songs": len(measured), "voices": len(voices), "words": everything["words"], "rows": rows}


def pooled(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several songs as one."""
    return listening.pooled(rows) | {key: [v for row in rows for v in row[key]] for key in ("lufs", "peak_dbtp")}


def _measured(song: Song, out: Path, state: str, *, keep: bool) -> dict[str, Any]:
    warnings.filterwarnings("ignore")
    folder = out / song.name
    cached = folder / "measured.json"
    if cached.is_file():
        known = json.loads(cached.read_text())
        if keep or known["state"] == state:
            return known
    started_s = time.monotonic()
    _render(song, folder)
    row = {"state": state} | _listen(song, folder)
    print(f"   {time.monotonic() - started_s:.0f} s; heard: {row['heard']}", file=sys.stderr)
    cached.write_text(json.dumps(row))
    return row


def _render(song: Song, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    brief = Brief(
        lyrics=LYRICS[song.words], title=song.words, style=song.style, voice=song.voice, seed=song.seed, duration_s=60
    )
    done = render([brief], [folder], Assets(listening.ASSETS), with_video=False, with_stems=True)
    if done.failures:
        sys.exit("\n".join(done.failures.values()))
    shutil.rmtree(folder / "stems", ignore_errors=True)
    (folder / "song.wav").unlink()


def _listen(song: Song, folder: Path) -> dict[str, Any]:
    stem, _ = soundfile.read(folder / "vocals.wav")
    sound, rate_hz = soundfile.read(folder / "song.mp3")
    score, _ = score_from_json(json.loads((folder / "score.json").read_text()))
    words = [SimpleNamespace(**word) for word in json.loads((folder / "words.json").read_text())]
    row = listening.heard_of(stem.mean(axis=1), score, words, SINGER[song.voice].blend)
    errors, _, heard = listening.word_errors(folder / "song.mp3", row["written"])
    return row | {
        "bpm": score.bpm,
        "length_s": len(sound) / SAMPLE_RATE_HZ,
        "mix_errors": errors,
        "mix_heard": heard,
        "lufs": [pyloudnorm.Meter(rate_hz).integrated_loudness(sound)],
        "peak_dbtp": [float(20 * np.log10(np.abs(resample_poly(sound, 4, 1, axis=0)).max()))],
    }


def _fingerprint() -> str:
    """Changes with anything that may change the numbers: the engine and the benchmark itself."""
    digest = hashlib.sha256()
    engine = Path(songwright.engine.__file__).parent
    for path in [
        *sorted(engine.rglob("*.py")),
        *sorted(engine.rglob("*.yaml")),
        *sorted(Path(__file__).parent.glob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
