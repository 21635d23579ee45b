"""Two clips a request: `python bench/engine/speed.py`. Seconds to first audio and to completion, cold and warm.

Uses the render path of the server (a pool of two processes of one thread) on a request of two minutes, sung and
instrumental, and prints what each second of song cost and the largest memory of any process. `--runtime` times the
path of processors without bf16 (`onnxruntime-fp32`, or `openvino-f32`); `--http` a real server, from submit to the
first bytes at the clip's address. Quiet machines only: the numbers are wall-clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import Rendered, render, warm_up
from songwright.engine.recipe import cpu_class
from songwright.engine.voice import choose_runtime, installed_runtimes
from songwright.providers.embedded.pool import RenderPool

DEFAULT_ASSETS = Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright")
WORDS = Path(__file__).parents[2] / "examples" / "paper_boats.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--assets", type=Path, default=DEFAULT_ASSETS)
    parser.add_argument("--runtime", choices=installed_runtimes(), default=choose_runtime())
    parser.add_argument("--instrumental", action="store_true")
    parser.add_argument("--seconds", type=float, default=125.0)
    parser.add_argument("--http", action="store_true")
    arguments = parser.parse_args()
    if arguments.http:
        through_a_server(arguments)
        return
    pool = RenderPool(2)
    limit_s = 30 if arguments.runtime == "openvino-bf16" else 40
    print(f"{arguments.runtime} on {cpu_class()}")
    print(f"asked of two clips of 120 s, warm: first audio <= 5 s, complete <= {limit_s} s; each process <= 1.2 GB")
    for run in range(arguments.runs):
        with tempfile.TemporaryDirectory() as folder:
            seconds, done = timed(Path(folder), arguments, pool, seed=run)
        lengths_s = [clip.duration_s for clip in done.clips.values()]
        state = "cold" if run == 0 else "warm"
        print(f"{state}: {seconds:5.1f} s for {len(lengths_s)} clips of {min(lengths_s):.0f} s; ", end="")
        print(
            f"{seconds / sum(lengths_s):.3f} s a second of song; largest child {largest_child_mb():.0f} MB", flush=True
        )
        if done.failures:
            sys.exit("\n".join(done.failures.values()))
    pool.close()


def timed(folder: Path, arguments: argparse.Namespace, pool: RenderPool, seed: int) -> tuple[float, Rendered]:
    stages: dict[str, float] = {}
    started_s = time.monotonic()
    warm_up(pool, Assets(arguments.assets))  # as the server does between songs
    words = "" if arguments.instrumental else WORDS.read_text(encoding="utf-8")
    brief = Brief(lyrics=words, instrumental=not words, title="Paper Boats", style="pop, upbeat", seed=seed)
    briefs = [replace(brief, take=take, duration_s=arguments.seconds) for take in (0, 1)]
    done = render(
        briefs,
        [folder / "a", folder / "b"],
        Assets(arguments.assets),
        pool=pool,
        runtime=arguments.runtime,
        on_audio=lambda index, _path: stages.setdefault(f"audio {index}", time.monotonic() - started_s) and None,
        report=lambda _share, stage: stages.setdefault(stage, time.monotonic() - started_s) and None,
    )
    print("  ".join(f"{stage} from {at_s:.1f} s" for stage, at_s in stages.items()))
    return time.monotonic() - started_s, done


def through_a_server(arguments: argparse.Namespace) -> None:
    """Order songs from a server of our own and listen to the first clip from its first bytes to its last."""
    with tempfile.TemporaryDirectory() as data:
        port = "18097"
        environment = {**os.environ, "SONGWRIGHT_DATA": data, "SONGWRIGHT_PORT": port}
        environment["SONGWRIGHT_ASSETS"] = str(arguments.assets)
        server = subprocess.Popen([sys.executable, "-m", "songwright", "serve"], env=environment)
        try:
            key_file = Path(data) / "first-key"
            while not key_file.is_file():
                time.sleep(0.1)
            time.sleep(15)  # its children load the model
            for run in range(arguments.runs):
                listen(f"http://127.0.0.1:{port}", key_file.read_text().strip(), arguments, run)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def listen(base: str, key: str, arguments: argparse.Namespace, seed: int) -> None:
    """One order: when its task began, its first and last bytes came, and it was complete."""
    words = WORDS.read_text(encoding="utf-8")
    order = {"prompt": words, "custom_mode": True, "style": "pop, upbeat", "duration": arguments.seconds, "seed": seed}
    order["make_instrumental"] = arguments.instrumental
    started_s = time.monotonic()
    task_id = ask(f"{base}/api/v1/audio/music", key, order)["task_id"]
    url = ""
    while not url:
        time.sleep(0.05)
        clips = ask(f"{base}/api/v1/audio/music/feed?task_id={task_id}", key)["data"]["response_data"]
        url = next((clip["audio_url"] for clip in clips if clip["audio_url"]), "")
    with urllib.request.urlopen(url) as answer:
        answer.read(4096)
        first_s = time.monotonic() - started_s
        rest = len(answer.read())
    last_s = time.monotonic() - started_s
    while ask(f"{base}/api/v1/tasks/{task_id}", key)["status"] not in ("completed", "failed"):
        time.sleep(0.1)
    print(
        f"through HTTP: first audio {first_s:.1f} s (asked <= 5 s), the stream ends after {last_s:.1f} s with "
        f"{rest / 24_000:.0f} s of sound, complete after {time.monotonic() - started_s:.1f} s",
        flush=True,
    )


def ask(url: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


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
