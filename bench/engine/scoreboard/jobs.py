"""What each process of the scoreboard does, kept on disk so that an interrupted run goes on where it stopped.

A job is a kind and a style. Its result is JSON (arrays beside it) in a folder named by the hash of the engine's and the
scoreboard's sources and of what was asked: a change of either measures everything anew.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import melody
import numpy as np
import pyloudnorm
from scipy.signal import resample_poly

import songwright.analysis
import songwright.engine
from songwright.engine.encode import SongTags, write_mp3
from songwright.engine.material import SAMPLE_RATE_HZ, Score

from . import controls, gates
from .features import Features, paper_features, timbre_features
from .listening import measure_band
from .pictures import draw_song
from .rendering import OnPaper, band, brief_for, excerpt, on_paper, pcm_hash, warm_up

PROCESSES = 2
JOBS_A_PROCESS = 50  #: compiling librosa costs a process 12 s
PRESENTING = {"board.py", "page.py"}  #: of the scoreboard: they measure nothing
APART_SEEDS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Job:
    """One thing to do in a process of its own."""

    kind: str  #: song, again, apart, paper, controls
    style: str
    seconds: float | None
    out: Path

    @property
    def result(self) -> Path:
        return self.out / "cache" / source_hash() / f"{self.kind}-{self.style}-{self.seconds or 'natural'}.json"


@cache
def source_hash() -> str:
    """Of everything that a result depends on."""
    digest = hashlib.sha256()
    for root in (
        Path(songwright.engine.__file__).parent,
        Path(songwright.analysis.__file__).parent,
        Path(__file__).parent,
    ):
        for path in sorted(root.rglob("*")):
            if path.suffix in (".py", ".yaml", ".toml", ".json", ".txt", ".csv") and path.name not in PRESENTING:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def run_all(jobs: list[Job]) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Results as they get ready; what is on disk is not done again."""
    todo = [job for job in jobs if not job.result.is_file()]
    yield from ((job, json.loads(job.result.read_text())) for job in jobs if job not in todo)
    for alone in (False, True):  # what is made again is made by processes that have not made it before
        with ProcessPoolExecutor(
            PROCESSES, mp_context=get_context("spawn"), max_tasks_per_child=JOBS_A_PROCESS
        ) as pool:
            futures = {pool.submit(run, job): job for job in todo if (job.kind == "again") == alone}
            for future in as_completed(futures):
                yield futures[future], future.result()


def run(job: Job) -> dict[str, Any]:
    """Do it here and keep the result."""
    warnings.filterwarnings("ignore")
    kinds: dict[str, Callable[[Job], dict[str, Any]]] = {
        "song": _song, "again": _again, "apart": _apart, "paper": _paper, "controls": _controls,
    }  # fmt: skip
    result = kinds[job.kind](job)
    job.result.parent.mkdir(parents=True, exist_ok=True)
    unfinished = job.result.with_suffix(".new")
    unfinished.write_text(json.dumps(result, indent=1, default=float))
    unfinished.replace(job.result)
    return result


def _ordered(job: Job) -> OnPaper:
    return on_paper(brief_for(job.style, seconds=job.seconds, verses=1))


def _song(job: Job) -> dict[str, Any]:
    """The song a person can listen to, with every row that one recording gives."""
    warm_up()
    song = _ordered(job)
    master, cpu_s = band(song)
    rows, heard = measure_band(job.style, master.pcm, song.score)
    folder = job.out / "songs"
    folder.mkdir(parents=True, exist_ok=True)
    write_mp3(folder / f"{job.style}.mp3", master.pcm, SongTags(title=song.score.title, style=job.style))
    draw_song(folder / f"{job.style}.png", job.style, song, master.pcm, rows)
    np.savez(folder / f"{job.style}-embeddings.npz", **heard.embeddings)
    return rows.as_json() | {
        "paper_cpu_s": song.cpu_s,
        "band_cpu_s": cpu_s,
        "duration_s": song.score.duration_s,
        "bpm": song.score.bpm,
        "sections": [s.kind for s in song.score.sections],
        "lufs": float(pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(master.pcm.T)),
        "true_peak_dbtp": float(20 * np.log10(np.abs(resample_poly(master.pcm, 4, 1, axis=1)).max())),
        "pcm_hash": pcm_hash(master),
    }


def _again(job: Job) -> dict[str, Any]:
    """The same order in another process."""
    return {"pcm_hash": pcm_hash(band(_ordered(job))[0])}


def _apart(job: Job) -> dict[str, Any]:
    """Features of four songs of the style."""
    return {"songs": [_all_features(on_paper(brief_for(job.style, seed=s, verses=1))) for s in APART_SEEDS]}


def _all_features(song: OnPaper) -> Features:
    sound, _ = band(excerpt(song))
    return paper_features(song.score, song.arrangement) | {"timbre": timbre_features(sound.pcm)}


def _paper(job: Job) -> dict[str, Any]:
    """Two clips of one order with both verses: what the melody's gates and the distance of the clips need."""
    songs = [on_paper(brief_for(job.style, take=take, verses=2)) for take in (0, 1)]
    scores = [song.score for song in songs]
    rows = [gates.measured(song.score, song.voice_range) for song in songs]
    apart_melody, apart_chords = melody.take_distance(*scores)
    return {
        "gates": rows,
        "failed": [gates.failed_gates(row) for row in rows],
        "notes": [list(score.notes) for score in scores],
        "histograms": [_histogram(score) for score in scores],
        "takes": {"melody": apart_melody, "chords": apart_chords},
    }


def _histogram(score: Score) -> dict[str, int]:
    return {str(step): count for step, count in melody.histogram([score]).items()}


def _controls(job: Job) -> dict[str, Any]:
    return controls.measure_controls(job.style)
