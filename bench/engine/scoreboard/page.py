"""SCORE.md, results.json and the page to listen to."""

from __future__ import annotations

import datetime
import html
import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .board import BoardRow
from .tags import TAGS_OF_STYLE

METHODS = """\
- One order a style, its name being the whole style text; own words (`scoreboard/words`), one verse and one chorus for
  sound, two of each for melodies; the band alone, mixed and mastered by the engine (`scoreboard/rendering.py`).
- *Octaves*: Welch spectrum in octave bands of the total power, 63 Hz to 4 kHz, root mean square distance to the mean
  of 23 clips by neural generators. That mean of levels sums to -4.4 dB; the row sets it at its own total power
  first, the line below it does not.
- *Loudness*: BS.1770 short-term (3 s), median of the windows inside each section, chorus mean minus verse mean.
- *Recognised*: one of the style's tags (below) among the five most probable of musicnn's MSD or MTT model.
- *FAD*: Frechet distance of musicnn embeddings (3 s, half overlapping) of all songs to the 23 clips, whose own
  halves are 17-28 (MTT) or 27-39 (MSD) apart.
- *Told apart*: nearest centroid, four seeds a style, each held out in turn; features in `scoreboard/features.py`
  (groove, tempo and harmony of the score, timbre of 16 s of chorus); every feature over its deviation, groups alike.
- *Chords*, *Beat F*: the product's own ears (`songwright.analysis`); share of the time the heard major or minor triad
  is the written one, chords without a third counted by root; beats within 70 ms of the score's, from 5 s on. *Any
  level* also accepts half, double and off-beat.
- *CPU*: process time from understanding the style to the master, in a warm process, by seconds of song.
- *The same PCM*: hash of the master's samples against that of another process.
- Whole songs with voice are measured by `voice.py` and `songs.py`.
"""


def previous_rows(board_file: Path) -> dict[str, str]:
    """What each row reached in the table that is there now."""
    if not board_file.is_file():
        return {}
    rows = [[cell.strip() for cell in line.split("|")] for line in board_file.read_text("utf-8").splitlines()]
    return {cells[1]: cells[4] for cells in rows if len(cells) >= 8 and cells[4] and not cells[4].startswith("-")}


def kept_voice(board_file: Path) -> str:
    """The voice's part of the document that is there now."""
    text = board_file.read_text("utf-8") if board_file.is_file() else ""
    found = re.search(r"## Voice\n\n(.*?)\n\n## How", text, re.DOTALL)
    return found.group(1) if found else ""


def table(rows: Sequence[BoardRow], previous: Mapping[str, str]) -> str:
    """The rows as a table."""
    lines = ["| row | asked | stretch | reached | | previous run |", "|---|---|---|---|---|---|"]
    for row in rows:
        mark = {True: "ok", False: "**no**", None: ""}[row.ok if row.asked else None]
        before = previous.get(row.name, "")
        lines.append(f"| {row.name} | {row.asked} | {row.stretch} | {row.reached} | {mark} | {before} |")
    return "\n".join(lines)


def misses(rows: Sequence[BoardRow]) -> str:
    """Which songs miss which row."""
    return "\n".join(f"- **{row.name}**: {'; '.join(row.missing)}" for row in rows if row.missing)


def style_table(songs: Mapping[str, Mapping[str, Any]]) -> str:
    """A line for each style."""
    lines = [
        "| style | bpm | s | octaves dB | published | chorus-verse | MSD top 3 | MTT top 3 | chords | beat F | CPU |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for style, s in sorted(songs.items()):
        tops = [", ".join(tag for tag, _ in s["top_tags"][model][:3]) for model in ("MSD", "MTT")]
        cost = (s["paper_cpu_s"] + s["band_cpu_s"]) / s["duration_s"]
        lines.append(
            f"| {style} | {s['bpm']:.0f} | {s['duration_s']:.0f} | {s['balance_distance_db']:.1f} | "
            f"{s['raw_distance_db']:.1f} | {s['chorus_minus_verse_db']:+.1f} | {tops[0]} | {tops[1]} | "
            f"{s['chords_readable']:.2f} | {s['beat_f']:.2f} | {cost:.3f} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """Where and when."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc").exists() else None
    when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    name = cpu.group(1) if cpu else platform.processor()
    return f"{when}, {name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def score_md(
    rows: Sequence[BoardRow], results: Mapping[str, Mapping[str, Any]], voice: str, previous: Mapping[str, str]
) -> str:
    """The whole document; `results` by kind of job and style."""
    counts = ", ".join(f"{kind} {len(found)}" for kind, found in results.items())
    tags = "\n".join(f"| {style} | {', '.join(tags)} |" for style, tags in sorted(TAGS_OF_STYLE.items()))
    return f"""# Scoreboard of the engine

Written by `make score`: {machine()}. Pictures and players: `out/score/index.html`.
Styles measured, by kind of job (`scoreboard/jobs.py`): {counts}.

## Band and score

{table(rows, previous)}

### Which songs miss what

{misses(rows)}

### Style by style

{style_table(results.get("song", {}))}

## Voice

{voice}

## How it is measured

{METHODS}
### Tags that mean a style

| style | tags |
|---|---|
{tags}

No tag of either model means afrobeats, polka or reggae.
"""


def write_results(path: Path, rows: Sequence[BoardRow], results: Mapping[str, Any]) -> None:
    """Everything that was measured."""
    body = {"machine": machine(), "rows": [asdict(row) for row in rows], "results": results}
    path.write_text(json.dumps(body, indent=1, default=float), encoding="utf-8")


STYLE_SHEET = """
body { font: 15px system-ui; margin: 2em; max-width: 70em } img, audio { width: 100% }
td { padding: 2px 10px } .no { background: #fde2e2 }
"""


def write_page(folder: Path, rows: Sequence[BoardRow], songs: Mapping[str, Mapping[str, Any]]) -> None:
    """index.html: the table, and for each style a player and its picture."""
    lines = ["<!doctype html><meta charset=utf-8><title>Scoreboard</title>", f"<style>{STYLE_SHEET}</style>", "<table>"]
    for row in rows:
        cells = "".join(f"<td>{html.escape(text)}" for text in (row.name, row.asked, row.reached))
        lines.append(f"<tr class={'no' if row.ok is False and row.asked else 'ok'}>{cells}")
    lines.append("</table>")
    for style, song in sorted(songs.items()):
        heard = ", ".join(song["recognised_by"] or []) or "no tag of its own"
        lines += [
            f"<h2>{style}</h2><audio controls preload=none src='songs/{style}.mp3'></audio>",
            f"<p>heard: {heard}; chords {song['chords_readable']:.2f}, beat {song['beat_f']:.2f}</p>",
            f"<img loading=lazy src='songs/{style}.png' alt='{style}'>",
        ]
    (folder / "index.html").write_text("\n".join(lines), encoding="utf-8")
