"""The job of the child that makes a new version of a recording: of what was sent, of an upload, or of a song made here.

Conventions: as in `child.py`. Of a song that was made here the score is read; everything else is listened to. Without a
wish about `audio_weight` tune and chords are kept as heard.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from songwright.analysis import Heard
from songwright.core.errors import ProviderError
from songwright.core.requests import UploadCoverRequest
from songwright.core.song import FileKind
from songwright.core.task import TaskKind
from songwright.engine.covers import cover
from songwright.engine.material import Assets, Brief
from songwright.engine.score.covering import Outline, outline_of
from songwright.providers.embedded.hearing import outline_heard
from songwright.providers.embedded.listening_jobs import decode_sent, listened, summary
from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.rework_jobs import Send, original_of, refusing, render_job, sung_as
from songwright.providers.embedded.wishes import briefs_for

HEARD_SHARE = 0.35  #: of the progress, when there is something to listen to


def make_cover(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """Listen, or read the score; then write, sing and play the new version."""
    request = msgspec.convert(job["request"], UploadCoverRequest)
    source = job["sources"][request.source_clip_ids[0]] if request.source_clip_ids else None
    if source is not None and FileKind.SCORE_JSON.value in source["files"]:
        outline, facts = outline_of(original_of(source).score), {"heard": None}
    else:
        heard = _heard_before(source) or _listen(job, source, send, assets)
        title = request.title or (source["title"] if source else "")
        outline, facts = refusing(lambda: outline_heard(heard, title)), {"heard": summary(heard)}
    weight = 1.0 if request.audio_weight is None else request.audio_weight
    wishes = [replace(wish, audio_weight=weight) for wish in briefs_for(job, request)]
    _check_length(outline, wishes[0])
    facts = {"rework": "cover", **facts}
    first = refusing(lambda: cover(outline, wishes[0], wishes[0], assets, facts))
    shared = sung_as(first, wishes[0])
    plans = [first, *(refusing(lambda wish=wish: cover(outline, wish, shared, assets, facts)) for wish in wishes[1:])]
    return render_job(job, plans, send, assets, pool, from_share=HEARD_SHARE)


def _heard_before(source: Mapping[str, Any] | None) -> Heard | None:
    """What was heard when an upload was taken in."""
    if source is None or FileKind.ANALYSIS_JSON.value not in source["files"]:
        return None
    try:
        return msgspec.convert(
            json.loads(Path(source["files"][FileKind.ANALYSIS_JSON.value]).read_text("utf-8")), Heard
        )
    except (ValueError, msgspec.ValidationError):
        return None  # of an older version: it is listened to again


def _listen(job: Mapping[str, Any], source: Mapping[str, Any] | None, send: Send, assets: Assets) -> Heard:
    with tempfile.TemporaryDirectory(dir=Path(job["folders"][0]).parent) as name:
        folder = Path(name)
        send({"share": 0.01, "stage": "decode"})
        if source is not None:
            song = Path(source["files"][FileKind.AUDIO_FLAC.value])
        else:
            song = folder / "sent.flac"
            decode_sent(job, song)
        return listened(song, folder, assets, lambda share, stage: send({"share": HEARD_SHARE * share, "stage": stage}))


def _check_length(outline: Outline, wish: Brief) -> None:
    length_s = outline.score.duration_s
    if length_s > wish.max_duration_s + 10.0:
        raise ProviderError(
            f"The recording is {length_s:.0f} s long; a song of this model is at most {wish.max_duration_s:.0f} s.",
            code="invalid_request",
        )


COVER_JOBS: dict[str, Callable[[Mapping[str, Any], Send, Assets, RenderPool], Mapping[str, Any]]] = {
    TaskKind.UPLOAD_COVER.value: make_cover,
}
