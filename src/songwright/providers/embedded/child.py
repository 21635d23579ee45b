"""The child's half, and the only file of the server that knows the engine's entry: JSON in, songs out.

Loaded by `workers.child` inside the render process. It keeps the engine's modules and its pool warm between jobs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from songwright.analysis import ListeningModels
from songwright.core.errors import ProviderError
from songwright.core.song import FileKind, Reading, SongRequest
from songwright.engine.finishing import FinishedClip
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import ClipText, render, warm_up
from songwright.providers.embedded.listening_jobs import LISTENING_JOBS
from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.small_jobs import SMALL_JOBS

Send = Callable[[Mapping[str, Any]], None]
POOL_BROKEN = 75  #: exit status: a process of the pool died, the whole group has to be replaced
_FILES = {kind.value for kind in FileKind}
_CLIP_FAILED = "This clip could not be made."
_JOBS = {**SMALL_JOBS, **LISTENING_JOBS}  #: by kind of task; every other kind is a song


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
    briefs = [
        replace(brief_of(request, job["seed"], take, job["max_duration_s"]), depth=job["depth"])
        for take in range(len(folders))
    ]
    done = render(
        briefs,
        folders,
        assets,
        pool=pool,
        report=lambda share, stage: send({"share": share, "stage": stage}),
        on_text=lambda index, text: send({"text": _text(index, text)}),
        on_clip=lambda index, clip: send({"clip": _clip(index, clip)}),
        on_audio=lambda index, _path: send({"audible": index}),
    )
    for index, trace in done.failures.items():
        print(f"clip {index} failed:\n{trace}", file=sys.stderr, flush=True)
    if not done.clips:
        raise ProviderError(_CLIP_FAILED, permanent=True)
    return {"failures": dict.fromkeys(map(str, done.failures), _CLIP_FAILED)}


def brief_of(request: SongRequest, seed: int, take: int, max_duration_s: float) -> Brief:
    """What the engine is asked for; a control that was not set stays in the middle."""
    return Brief(
        lyrics=request.lyrics if request.reading is Reading.LYRICS else "",
        description=request.description,
        title=request.title,
        style=request.style,
        negative_style=request.negative_style,
        instrumental=request.instrumental,
        gender=request.vocal_gender,
        duration_s=request.duration_s,
        max_duration_s=max_duration_s,
        bpm=request.bpm,
        key=request.key,
        seed=seed,
        take=take,
        style_weight=_or_middle(request.style_weight),
        weirdness=_or_middle(request.weirdness),
        audio_weight=_or_middle(request.audio_weight),
    )


def _or_middle(control: float | None) -> float:
    return 0.5 if control is None else control


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


def _text(index: int, text: ClipText) -> Mapping[str, Any]:
    return {
        "index": index,
        "title": text.title,
        "lyrics": text.lyrics,
        "style": text.style,
        "metadata": text.metadata,
    }


def _clip(index: int, clip: FinishedClip) -> Mapping[str, Any]:
    return {
        "index": index,
        "title": clip.title,
        "lyrics": clip.lyrics,
        "style": clip.style,
        "duration_s": clip.duration_s,
        "files": {name: str(path) for name, path in clip.files.items() if name in _FILES},
        "metadata": dict(clip.metadata),
    }
