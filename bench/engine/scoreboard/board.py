"""The table: every row that was asked for, what was reached, which styles miss it, and what it was the time before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import melody
import numpy as np

from . import apart
from .controls import SETTINGS
from .fad import frechet_distance, neural_embeddings
from .rendering import ASSETS

Results = Mapping[str, Mapping[str, Any]]  #: kind of job -> style -> its result


@dataclass(frozen=True)
class BoardRow:
    """A line of the table."""

    name: str
    asked: str
    stretch: str
    reached: str
    ok: bool | None = None  #: None: nothing was asked, or nothing could be measured
    missing: list[str] = field(default_factory=list[str])  #: styles that miss the row, with their value


def board(results: Results, songs: Path) -> list[BoardRow]:
    """All rows that `results` allow."""
    parts: list[tuple[str, Callable[[], list[BoardRow]]]] = [
        ("paper", lambda: _melody_rows(results["paper"])),
        ("song", lambda: _sound_rows(results["song"], songs)),
        ("apart", lambda: _apart_rows(results["apart"])),
        ("again", lambda: _again_rows(results["song"], results["again"])),
        ("controls", lambda: _control_rows(results["controls"])),
    ]
    return [row for kind, make in parts if results.get(kind) for row in make()]


def _per_style(
    name: str, asked: str, stretch: str, values: Mapping[str, float], good: Callable[[float], bool],
    *, every: bool = False, form: str = "{:.2f}",
) -> BoardRow:  # fmt: skip
    """A row of one number a style: its mean, or with `every` how many styles keep it."""
    known = {style: v for style, v in values.items() if not math.isnan(v)}
    bad = [f"{style} {form.format(v)}" for style, v in sorted(known.items(), key=lambda i: i[1]) if not good(v)]
    mean = float(np.mean(list(known.values()))) if known else math.nan
    kept = f"{len(known) - len(bad)} of {len(known)}"
    reached = f"{kept}; mean {form.format(mean)}" if every else f"{form.format(mean)}; {kept} songs"
    return BoardRow(name, asked, stretch, reached, not bad if every else good(mean), bad)


def _melody_rows(paper: Mapping[str, Any]) -> list[BoardRow]:
    failed = {
        f"{style}/{take + 1}": gates
        for style, result in paper.items()
        for take, gates in enumerate(result["failed"])
        if gates
    }
    songs = sum(len(result["failed"]) for result in paper.values())
    histogram: Counter[int] = Counter()
    for result in paper.values():
        for counts in result["histograms"]:
            histogram.update({int(step): count for step, count in counts.items()})
    divergence = melody.divergence_bits(histogram, melody.corpus_histogram())
    first = {style: result["gates"][0] for style, result in paper.items()}
    both = {f"{s}/{t + 1}": row for s, result in paper.items() for t, row in enumerate(result["gates"])}

    def prosody(name: str, source: str, asked: str, stretch: str, good: Callable[[float], bool]) -> BoardRow:
        return _per_style(name, asked, stretch, {s: row[source] for s, row in first.items()}, good)

    return [
        BoardRow(
            "melody passes its gates, songs", "every song", "", f"{songs - len(failed)} of {songs}", not failed,
            [f"{song}: " + ", ".join(f"{n} {v:g}" for n, v in gates.items()) for song, gates in failed.items()],
        ),
        BoardRow("intervals, JSD to the CC0 songs, bits", "<= 0.07", "0.05", f"{divergence:.3f}", divergence <= 0.07),
        prosody("stressed syllables on a beat", "stressed on a beat", ">= 0.85", "0.95", lambda v: v >= 0.85),
        prosody("unstressed syllables on a beat", "unstressed on a beat", "<= 0.45", "0.35", lambda v: v <= 0.45),
        prosody(
            "word stress strongest in its word", "word stress strongest in its word", ">= 0.90", "0.96",
            lambda v: v >= 0.9,
        ),
        _per_style(
            "chorus lift, semitones", ">= 2, each", "3", {s: row["chorus lift, semitones"] for s, row in both.items()},
            lambda v: v >= 2, every=True, form="{:.1f}",
        ),
        _per_style(
            "two clips of one request: melody", ">= 0.3", "0.6", {s: r["takes"]["melody"] for s, r in paper.items()},
            lambda v: v >= 0.3,
        ),
        _per_style(
            "two clips of one request: chords", ">= 0.3", "0.6", {s: r["takes"]["chords"] for s, r in paper.items()},
            lambda v: v >= 0.3,
        ),
    ]  # fmt: skip


def _sound_rows(songs: Mapping[str, Any], folder: Path) -> list[BoardRow]:
    def column(key: str) -> dict[str, float]:
        return {style: float(song[key]) for style, song in songs.items()}

    cost = {s: (song["paper_cpu_s"] + song["band_cpu_s"]) / song["duration_s"] for s, song in songs.items()}
    lift = column("chorus_minus_verse_db")
    return [
        _per_style(
            "chorus minus verse, dB", "2 to 6, each", "3 to 6", lift, lambda v: 2 <= v <= 6, every=True, form="{:+.1f}"
        ),
        _per_style(
            "octaves against the reference, dB", "<= 4", "3", column("balance_distance_db"), lambda v: v <= 4,
            form="{:.1f}",
        ),
        _per_style(
            "the same, curve as published, dB", "", "", column("raw_distance_db"), lambda v: v <= 4, form="{:.1f}"
        ),
        _recognised(songs),
        *_fad_rows(list(songs), folder),
        _per_style("chords readable", ">= 0.88", "0.93", column("chords_readable"), lambda v: v >= 0.88),
        _per_style("beat F", ">= 0.93", "0.97", column("beat_f"), lambda v: v >= 0.93),
        _per_style("beat F, any metrical level", "", "", column("beat_f_any_level"), lambda v: v >= 0.93),
        _per_style("compose to mix, CPU s a second", "<= 0.08", "0.04", cost, lambda v: v <= 0.08, form="{:.3f}"),
        _per_style(
            "loudness, LUFS", "-14 +-0.3, each", "", column("lufs"), lambda v: abs(v + 14) <= 0.3, every=True
        ),
        _per_style("true peak, dBTP", "<= -1, each", "", column("true_peak_dbtp"), lambda v: v <= -1, every=True),
    ]  # fmt: skip


def _recognised(songs: Mapping[str, Any]) -> BoardRow:
    tagged = {style: song for style, song in songs.items() if song["recognised_by"] is not None}
    lost = [
        f"{style} ({', '.join(t for t, _ in song['top_tags']['MSD'])} / "
        f"{', '.join(t for t, _ in song['top_tags']['MTT'])})"
        for style, song in tagged.items()
        if not song["recognised_by"]
    ]
    share = 1 - len(lost) / max(len(tagged), 1)
    reached = f"{share:.0%}; {len(tagged) - len(lost)} of {len(tagged)}"
    return BoardRow("style recognised by musicnn", ">= 60 %", "80 %", reached, share >= 0.6, lost)


def _fad_rows(styles: Sequence[str], folder: Path) -> list[BoardRow]:
    try:
        neural = neural_embeddings(ASSETS.root / "neural-clips", ASSETS.root / "musicnn")
    except FileNotFoundError:
        return [BoardRow("musicnn-FAD to the neural clips", "<= 35", "20", "clips are not there")]
    rows: list[BoardRow] = []
    for model, asked, stretch in (("MTT", "<= 35", "20"), ("MSD", "", "")):
        ours: dict[str, np.ndarray] = {}
        for style in styles:
            with np.load(folder / f"{style}-embeddings.npz") as arrays:
                ours[style] = arrays[model]
        distance = frechet_distance(np.concatenate(list(ours.values())), neural[model])
        centre = neural[model].mean(axis=0)
        far = sorted(((float(((e.mean(axis=0) - centre) ** 2).sum()), s) for s, e in ours.items()), reverse=True)
        missing = [f"farthest mean: {s} {d:.0f}" for d, s in far[:6]] if asked else []
        ok = distance <= 35 if asked else None
        rows.append(
            BoardRow(f"musicnn-FAD to the neural clips ({model})", asked, stretch, f"{distance:.1f}", ok, missing)
        )
    return rows


def _apart_rows(results: Mapping[str, Any]) -> list[BoardRow]:
    songs = {style: result["songs"] for style, result in results.items()}
    verdicts = apart.classify(songs)
    share = apart.accuracy(verdicts)
    confused = Counter(f"{v.style} taken for {v.taken_for}" for v in apart.mistaken(verdicts))
    alone = ", ".join(f"{g} {apart.accuracy(apart.classify(songs, [g])):.0%}" for g in apart.GROUPS)
    count = f"{share:.0%} of {len(verdicts)} songs"
    missing = [f"{pair} x{n}" for pair, n in confused.most_common()]
    return [
        BoardRow("styles told apart", ">= 85 %", "95 %", count, share >= 0.85, missing),
        BoardRow("styles told apart, one group of features alone", "", "", alone),
    ]


def _again_rows(songs: Mapping[str, Any], again: Mapping[str, Any]) -> list[BoardRow]:
    other = [s for s, result in again.items() if s in songs and songs[s]["pcm_hash"] != result["pcm_hash"]]
    same = f"{len(again) - len(other)} of {len(again)}"
    return [BoardRow("the same PCM in a second process", "all", "", same, not other, other)]


def _control_rows(results: Mapping[str, Any]) -> list[BoardRow]:
    asked = {"style_weight": -1, "melodic surprise": 1, "harmonic surprise": 1}
    names = {
        "style_weight": "style_weight: distance to the style",
        "melodic surprise": "weirdness: melodic surprise, bits",
        "harmonic surprise": "weirdness: chords outside the key, share",
    }
    rows: list[BoardRow] = []
    at = ", ".join(f"{s:g}" for s in SETTINGS)
    for key, sign in asked.items():
        table = {style: np.array(result[key]) for style, result in results.items()}
        means = np.mean(list(table.values()), axis=0)
        turned = [
            f"{style} {' '.join(f'{v:.2f}' for v in values)}"
            for style, values in table.items()
            if sign * (values[-1] - values[0]) <= 0
        ]
        reached = " > ".join(f"{v:.3f}" for v in means) if sign < 0 else " < ".join(f"{v:.3f}" for v in means)
        ok = bool((sign * np.diff(means) > 0).all())
        rows.append(BoardRow(f"{names[key]}, at {at}", "falls" if sign < 0 else "rises", "", reached, ok, turned))
    return rows
