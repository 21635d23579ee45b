"""From a request to the engine's briefs, one a clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from songwright.core.song import Reading, SongRequest
from songwright.engine.material import Brief


def briefs_for(job: Mapping[str, Any], request: SongRequest) -> list[Brief]:
    """The briefs of a job's clips; they differ only in `take`."""
    return [
        replace(brief_of(request, job["seed"], take, job["max_duration_s"]), depth=job["depth"])
        for take in range(len(job["folders"]))
    ]


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
