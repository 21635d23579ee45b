"""One request, two sung clips: `python bench/engine/speed.py`. Seconds from start to both complete, cold and warm.

Uses the render path of the server (a pool of two processes of one thread) on a request of two minutes, and prints what
each second of song cost and the largest memory of any process. Quiet machines only: the numbers are wall-clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import Rendered, render
from songwright.providers.embedded.pool import RenderPool

DEFAULT_ASSETS = Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright")
WORDS = Path(__file__).parents[2] / "examples" / "paper_boats.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--assets", type=Path, default=DEFAULT_ASSETS)
    arguments = parser.parse_args()
    pool = RenderPool(2)
    print("asked: both clips of >= 120 s complete within 60 s, warm; each process <= 1.8 GB")
    for run in range(arguments.runs):
        with tempfile.TemporaryDirectory() as folder:
            seconds, done = timed(Path(folder), Assets(arguments.assets), pool, seed=run)
        lengths_s = [clip.duration_s for clip in done.clips.values()]
        state = "cold" if run == 0 else "warm"
        print(f"{state}: {seconds:5.1f} s for {len(lengths_s)} clips of {min(lengths_s):.0f} s; ", end="")
        print(
            f"{seconds / sum(lengths_s):.3f} s a second of song; largest child {largest_child_mb():.0f} MB", flush=True
        )
        if done.failures:
            sys.exit("\n".join(done.failures.values()))
    pool.close()


def timed(folder: Path, assets: Assets, pool: RenderPool, seed: int) -> tuple[float, Rendered]:
    stages: dict[str, float] = {}
    started_s = time.monotonic()
    words = WORDS.read_text(encoding="utf-8")
    briefs = [
        Brief(lyrics=words, title="Paper Boats", style="pop, upbeat", seed=seed, take=take, duration_s=125)
        for take in (0, 1)
    ]
    done = render(
        briefs,
        [folder / "a", folder / "b"],
        assets,
        pool=pool,
        report=lambda _share, stage: stages.setdefault(stage, time.monotonic() - started_s) and None,
    )
    print("  ".join(f"{stage} from {at_s:.1f} s" for stage, at_s in stages.items()))
    return time.monotonic() - started_s, done


def largest_child_mb() -> float:
    """Largest resident set of any child that has ended or been waited for, else of the living ones."""
    living = [rss_mb(int(pid)) for pid in children()]
    return max([resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, *living])


def children() -> list[str]:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
