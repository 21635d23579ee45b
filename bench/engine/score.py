"""The scoreboard of the engine.

    python bench/engine/score.py                          everything: 28 styles, SCORE.md, out/score/index.html
    python bench/engine/score.py --quick                  six styles of 40 s, printed, out/score-quick/index.html
    python bench/engine/score.py --rows fast --styles house,techno --seconds 40
                                                          what the band's sound alone tells, printed style by style
    python bench/engine/score.py --rows paper,controls    some kinds only: paper song again apart controls

Needs the package's `score` extra and the assets of the group `tags`. Interrupted, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

from scoreboard import page, spectrum
from scoreboard.board import board
from scoreboard.jobs import Job, run_all
from scoreboard.listening import Rows, measure_band
from scoreboard.rendering import OnPaper, band, brief_for, on_paper

from songwright.engine.styles import style_names

QUICK_STYLES = ("ballad", "country_waltz", "house", "jazz_swing", "rock", "trap")
QUICK_SECONDS = 40.0
KINDS = ("paper", "song", "again", "apart", "controls")
ROOT = Path(__file__).parents[2]
SCORE_MD = Path(__file__).parent / "SCORE.md"
NO_VOICE = "Not measured in this run: `python bench/engine/score.py --voice FILE` puts the output of `voice.py` here."


def main() -> None:
    options = _arguments()
    names = options.styles.split(",") if options.styles else list(QUICK_STYLES if options.quick else style_names())
    seconds = options.seconds or (QUICK_SECONDS if options.quick else None)
    if options.rows == "fast":
        for name in names:
            print("\n".join(heard(name, seconds, options.seed)), flush=True)
        return
    out = options.out or ROOT / "out" / ("score-quick" if options.quick else "score")
    kinds = options.rows.split(",") if options.rows else [k for k in KINDS if not options.quick or k != "controls"]
    is_whole = not (options.quick or options.rows or options.styles or options.seconds)
    results = measured([Job(kind, name, seconds, out) for kind in kinds for name in names], make=not options.finished)
    write(results, out, SCORE_MD if is_whole else out / "SCORE.md", options.voice)


def measured(jobs: list[Job], *, make: bool) -> dict[str, dict[str, Any]]:
    """All results by kind and style."""
    begun_s = time.monotonic()
    results: dict[str, dict[str, Any]] = {}
    for done, (job, result) in enumerate(run_all(jobs if make else [job for job in jobs if job.result.is_file()]), 1):
        results.setdefault(job.kind, {})[job.style] = result
        print(f"{done}/{len(jobs)} {job.kind} {job.style}, {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
    return {kind: dict(sorted(found.items())) for kind, found in results.items()}


def write(results: dict[str, dict[str, Any]], out: Path, document: Path, voice: Path | None) -> None:
    """Table, document, page."""
    rows = board(results, out / "songs")
    previous = page.previous_rows(document)
    said = f"```text\n{voice.read_text('utf-8').strip()}\n```" if voice else page.kept_voice(document) or NO_VOICE
    songs = results.get("song", {})
    document.write_text(page.score_md(rows, results, said, previous), encoding="utf-8")
    page.write_results(out / "results.json", rows, results)
    page.write_page(out, rows, songs)
    print(page.table(rows, previous), page.misses(rows), page.style_table(songs), sep="\n\n")
    print(f"\n{document}\n{out / 'index.html'}")


def heard(name: str, seconds: float | None, seed: int) -> list[str]:
    """One style for people, from its sound alone."""
    song = on_paper(brief_for(name, seed=seed, seconds=seconds, verses=1))
    master, cpu_s = band(song)
    rows, _ = measure_band(name, master.pcm, song.score)
    return described(name, song, rows, cpu_s)


def described(name: str, song: OnPaper, rows: Rows, cpu_s: float) -> list[str]:
    """Its rows as text."""
    score = song.score
    difference = [a - b for a, b in zip(rows.octaves_db, spectrum.REFERENCE_DB, strict=True)]
    octaves = "  ".join(f"{c:g}:{d:+.0f}" for c, d in zip(spectrum.CENTRES_HZ, difference, strict=True))
    loud = "  ".join(f"{s.kind} {x:.1f}" for s, x in zip(score.sections, rows.section_lufs, strict=True))
    found = "no tag exists" if rows.recognised_by is None else " ".join(rows.recognised_by) or "NOT recognised"
    tops = "; ".join(m + " " + ", ".join(f"{t} {p:.2f}" for t, p in top) for m, top in rows.top_tags.items())
    cost = (song.cpu_s + cpu_s) / score.duration_s
    return [
        f"{name}: {score.duration_s:.0f} s at {score.bpm:g} bpm, {cost:.3f} CPU s a second",
        f"  balance  {rows.balance_distance_db:.1f} dB off (63-4k), published {rows.raw_distance_db:.1f}   {octaves}",
        f"  loudness chorus - verse {rows.chorus_minus_verse_db:+.1f} dB   {loud}",
        f"  tags     {found}   {tops}",
        f"  chords   {rows.chords_readable:.2f} readable   beat F {rows.beat_f:.2f} "
        f"(any level {rows.beat_f_any_level:.2f}, tapped {rows.tapped_bpm:.0f} bpm)",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--styles", default="", help="comma-separated; default: all, or six with --quick")
    parser.add_argument("--seconds", type=float, default=None, help="length of each song; default: what suits it")
    parser.add_argument("--seed", type=int, default=0, help="only with --rows fast")
    parser.add_argument("--rows", default="", help="fast, or kinds of rows")
    parser.add_argument("--finished", action="store_true", help="make nothing: show what an interrupted run has")
    parser.add_argument("--out", type=Path, default=None, help="default: out/score")
    parser.add_argument("--voice", type=Path, default=None, help="text of the voice's rows for SCORE.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
