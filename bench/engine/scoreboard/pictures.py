"""One picture a song: its spectrum beside the reference, loudness by section, piano rolls of a verse and a chorus."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from songwright.engine.material import SAMPLE_RATE_HZ, Part, Score, Section

from . import sections, spectrum
from .listening import Rows
from .rendering import OnPaper

COLOURS = {"bass": "#7a4fbf", "harmony": "#3b82c4", "pads": "#9cc7ea", "lead": "#2f9e5b", "drums": "#999999"}
SHADES = {"chorus": "#fde2c8", "drop": "#fde2c8", "verse": "#dfeafd", "prechorus": "#eee6fa", "bridge": "#e4f5e4"}


def draw_song(path: Path, style: str, song: OnPaper, pcm: np.ndarray, rows: Rows) -> None:
    """Write the PNG."""
    figure = plt.figure(figsize=(15, 9), dpi=70, layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1, 1.7))
    _draw_spectrum(figure.add_subplot(grid[0, 0]), rows)
    _draw_loudness(figure.add_subplot(grid[0, 1]), song.score, pcm, rows)
    for column, kind in enumerate(("verse", "chorus")):
        section = next((s for s in song.score.sections if s.kind == kind), None)
        if section is not None:
            _draw_roll(figure.add_subplot(grid[1, column]), song, section)
    figure.suptitle(f"{style}: {song.score.bpm:g} bpm, {song.score.duration_s:.0f} s, {song.score.mode}")
    figure.savefig(path)
    plt.close(figure)


def _draw_spectrum(axes: Axes, rows: Rows) -> None:
    names = [f"{c / 1000:g}k" if c >= 1000 else f"{c:g}" for c in spectrum.CENTRES_HZ]
    axes.plot(names, spectrum.REFERENCE_DB, "k--", label="reference")
    axes.plot(names, rows.octaves_db, "o-", color="#c2410c", label="song")
    axes.axvspan(1, 7, color="#f3f3f3", zorder=0)
    axes.set_ylim(-50, 0)
    axes.set_title(
        f"octaves, dB of the total: {rows.balance_distance_db:.1f} dB off, as published {rows.raw_distance_db:.1f}"
    )
    axes.legend()


def _draw_loudness(axes: Axes, score: Score, pcm: np.ndarray, rows: Rows) -> None:
    times_s, lufs = sections.short_term_lufs(pcm, SAMPLE_RATE_HZ)
    for section, level in zip(score.sections, rows.section_lufs, strict=True):
        start_s, length_s = score.seconds(section.start_beats), score.seconds(section.length_beats)
        axes.axvspan(start_s, start_s + length_s, color=SHADES.get(section.kind, "#f4f4f4"))
        axes.hlines(level, start_s, start_s + length_s, color="black", lw=1)
        axes.text(start_s, -7.4, section.kind, fontsize=8)
    axes.plot(times_s, lufs, color="#c2410c")
    axes.set_ylim(-32, -6)
    axes.set_title(f"short-term loudness, LUFS: chorus - verse {rows.chorus_minus_verse_db:+.1f} dB")


def _draw_roll(axes: Axes, song: OnPaper, section: Section) -> None:
    start, end = section.start_beats, section.start_beats + min(section.length_beats, 8 * song.score.beats_per_bar)
    for part in song.arrangement.parts:
        if part.role in COLOURS:
            _draw_part(axes, part, start, end)
    for line in song.score.lines:
        for n in line.notes if line.role == "lead" else ():
            if start - 2 <= n.start_beats < end:
                axes.plot([n.start_beats, n.start_beats + n.length_beats], [n.midi] * 2, color="#dc2626", lw=5)
                text = line.line.words[n.word].syllables[n.syllable].text
                axes.text(n.start_beats, n.midi + 1, text, fontsize=7, clip_on=True)
    for chord in song.score.chords:
        if start <= chord.start_beats < end:
            axes.text(chord.start_beats, 97, chord.symbol, fontsize=8)
    for bar in np.arange(start, end + 0.1, song.score.beats_per_bar):
        axes.axvline(bar, color="#bbbbbb", lw=0.6)
    axes.set_xlim(start - 2, end)
    axes.set_ylim(24, 100)
    axes.set_title(
        f"{section.label or section.kind}: melody red, lead green, chords blue, bass violet, drums at the foot"
    )


def _draw_part(axes: Axes, part: Part, start: float, end: float) -> None:
    for n in part.notes:
        if start <= n.start_beats < end:
            height = 25 + (n.midi - 35) * 0.25 if part.role == "drums" else n.midi
            length = 0.12 if part.role == "drums" else n.length_beats
            strength = 0.25 + 0.75 * n.velocity / 127
            axes.plot(
                [n.start_beats, n.start_beats + length], [height] * 2, color=COLOURS[part.role], lw=2, alpha=strength
            )
