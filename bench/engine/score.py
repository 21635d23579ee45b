"""The scoreboard of the engine: `python bench/engine/score.py [--quick] [--styles house,techno] [--seconds 40] [--rows fast]`.

`--rows fast` prints, style by style, what the band's sound alone tells: octave balance, loudness by section, tags, chords, beat.
"""

from __future__ import annotations

import argparse
import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

from scoreboard import spectrum
from scoreboard.listening import Rows, measure_band
from scoreboard.rendering import OnPaper, band, brief_for, on_paper

from songwright.engine.styles import style_names


def main() -> None:
    options = _arguments()
    names = options.styles.split(",") if options.styles else list(style_names())
    for name in names:
        song = on_paper(brief_for(name, seed=options.seed, seconds=options.seconds, verses=options.verses))
        master, cpu_s = band(song)
        rows, _ = measure_band(name, master.pcm, song.score)
        print("\n".join(described(name, song, rows, cpu_s)), flush=True)


def described(name: str, song: OnPaper, rows: Rows, cpu_s: float) -> list[str]:
    """One style for people."""
    score = song.score
    difference = [a - b for a, b in zip(rows.octaves_db, spectrum.REFERENCE_DB, strict=True)]
    octaves = "  ".join(f"{c:g}:{d:+.0f}" for c, d in zip(spectrum.CENTRES_HZ, difference, strict=True))
    loud = "  ".join(f"{s.kind} {x:.1f}" for s, x in zip(score.sections, rows.section_lufs, strict=True))
    verdict = "no tag exists" if rows.recognised_by is None else " ".join(rows.recognised_by) or "NOT recognised"
    tops = "; ".join(m + " " + ", ".join(f"{t} {p:.2f}" for t, p in top) for m, top in rows.top_tags.items())
    return [
        f"{name}: {score.duration_s:.0f} s at {score.bpm:g} bpm, {(song.cpu_s + cpu_s) / score.duration_s:.3f} CPU s a second",
        f"  balance  {rows.balance_distance_db:.1f} dB off (63-4k)   against the reference: {octaves}",
        f"  loudness chorus - verse {rows.chorus_minus_verse_db:+.1f} dB   {loud}",
        f"  tags     {verdict}   {tops}",
        f"  chords   {rows.chords_readable:.2f} readable   beat F {rows.beat_f:.2f} (any level {rows.beat_f_any_level:.2f}, "
        f"tapped {rows.tapped_bpm:.0f} bpm)",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--styles", default="", help="comma-separated; default: all")
    parser.add_argument("--seconds", type=float, default=None, help="length of each song; default: what suits it")
    parser.add_argument("--verses", type=int, choices=(1, 2), default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", choices=("fast",), default="fast")
    return parser.parse_args()


if __name__ == "__main__":
    main()
