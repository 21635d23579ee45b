"""The child's half, and the only file of the server that knows the engine's entry: JSON in, songs out.

Loaded by `workers.child` inside the render process. It keeps the engine's modules and its pool warm between jobs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import msgspec

from songwright.analysis import ListeningModels
from songwright.core.errors import ProviderError
from songwright.core.song import SongRequest
from songwright.engine.material import Assets
from songwright.engine.pipeline import render, warm_up
from songwright.providers.embedded.cover_jobs import COVER_JOBS
from songwright.providers.embedded.listening_jobs import LISTENING_JOBS
from songwright.providers.embedded.news import CLIP_FAILED, clip_news, text_news
from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.rework_jobs import REWORK_JOBS
from songwright.providers.embedded.small_jobs import SMALL_JOBS
from songwright.providers.embedded.wishes import briefs_for

Send = Callable[[Mapping[str, Any]], None]
POOL_BROKEN = 75  #: exit status: a process of the pool died, the whole group has to be replaced
_JOBS = {**SMALL_JOBS, **LISTENING_JOBS, **REWORK_JOBS, **COVER_JOBS}  #: by kind of task; a song is the other one


def open_engine(
    options: Mapping[str, Any],
) -> tuple[Callable[[Mapping[str, Any], Send], Mapping[str, Any]], Mapping[str, Any]]:
    """The handler of jobs, and what an operator should know: which assets are missing."""
    assets = Assets(Path(options["assets"]))
    pool = RenderPool(options["pool_size"])
    warm_up(pool, assets)

    def handle(job: Mapping[str, Any], send: Send) -> Mapping[str, Any]:
        try:
            result = _JOBS.get(job["kind"], make_clips)(job, send, assets, pool)
            warm_up(pool, assets)
            return result
        except BrokenProcessPool:
            os._exit(POOL_BROKEN)

    return handle, {"notes": missing_assets(assets)}


def make_clips(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """Render one job's clips. Raises ProviderError when its words or wishes cannot be made into a song at all."""
    folders = [Path(folder) for folder in job["folders"]]
    request = msgspec.convert(job["request"], SongRequest)
    done = render(
        briefs_for(job, request),
        folders,
        assets,
        pool=pool,
        report=lambda share, stage: send({"share": share, "stage": stage}),
        on_text=lambda index, text: send(text_news(index, text)),
        on_clip=lambda index, clip: send(clip_news(index, clip)),
        on_audio=lambda index, _path: send({"audible": index}),
    )
    for index, trace in done.failures.items():
        print(f"clip {index} failed:\n{trace}", file=sys.stderr, flush=True)
    if not done.clips:
        raise ProviderError(CLIP_FAILED, permanent=True)
    return {"failures": dict.fromkeys(map(str, done.failures), CLIP_FAILED)}


def missing_assets(assets: Assets) -> list[str]:
    """One sentence for each asset that is not there, and what is done without it."""
    notes: list[str] = []
    if not (assets.kokoro / "model_int8.onnx").is_file():
        notes.append(f"The singing model is missing in {assets.kokoro}: a plainer voice, or none, sings.")
    if not any(assets.voices.glob("*.bin")):
        notes.append(f"There are no voices in {assets.voices}: a plainer voice, or none, sings.")
    if not any(font.is_file() for font in assets.sound_fonts):
        notes.append(f"There are no instruments in {assets.sound_fonts[0].parent}: synthesised ones play.")
    if not ListeningModels(assets.root / "listening").available:
        notes.append(f"The separation model is missing in {assets.root / 'listening'}: uploads cannot be listened to.")
    return notes
