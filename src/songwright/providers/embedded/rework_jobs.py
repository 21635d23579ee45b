"""The jobs of the child that make songs from songs: continue one, make a part anew, join several.

Conventions: a job and its news are JSON as in `child.py`. A source is a clip that was made here, with its score, or an
upload, of which there is what was heard in it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from songwright.analysis import Heard
from songwright.core.errors import ProviderError
from songwright.core.requests import ConcatRequest, ExtendRequest, ReplaceSectionRequest
from songwright.core.song import FileKind, SongRequest
from songwright.core.task import TaskKind
from songwright.engine.joining import ChainPart, join
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import ClipText, Plan, render_plans
from songwright.engine.reworking import CannotRework, Original, extension, read_original, replacement
from songwright.providers.embedded.hearing import original_heard
from songwright.providers.embedded.news import CLIP_FAILED, clip_news, text_news
from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.wishes import briefs_for

Send = Callable[[Mapping[str, Any]], None]


def extend(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """Go on with a clip."""
    request = msgspec.convert(job["request"], ExtendRequest)
    original = original_of(job["sources"][request.source_clip_ids[0]])

    def plan(wish: Brief) -> Plan:
        return extension(
            original,
            wish,
            request.continue_at_s,
            assets,
            inherit=request.inherit,
            with_origin=request.with_origin,
        )

    return _rendered(job, request, plan, send, assets, pool)


def replace_section(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """Make a part of a clip anew."""
    request = msgspec.convert(job["request"], ReplaceSectionRequest)
    original = original_of(job["sources"][request.source_clip_ids[0]])
    return _rendered(
        job,
        request,
        lambda wish: replacement(original, wish, request.start_s, request.end_s, assets),
        send,
        assets,
        pool,
    )


def concat(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:  # noqa: ARG001
    """Join a chain of clips."""
    request = msgspec.convert(job["request"], ConcatRequest)
    send({"share": 0.05, "stage": "mix"})
    parts = [ChainPart(original_of(job["sources"][link.clip_id]), link.continue_at_s) for link in request.chain]
    title = request.title or job["sources"][request.chain[-1].clip_id]["title"]
    clip = refusing(lambda: join(parts, title, Path(job["folders"][0]), assets))
    send(clip_news(0, clip))
    return {"failures": {}}


def refusing(work: Callable[[], Any]) -> Any:
    """Do it; what cannot be done is the task's end, with its reason."""
    try:
        return work()
    except CannotRework as error:
        raise ProviderError(str(error), code="invalid_request") from error


def original_of(source: Mapping[str, Any]) -> Original:
    """A source clip as the engine works on it. Raises ProviderError for one that cannot be worked on."""
    files = {name: Path(path) for name, path in source["files"].items()}
    if FileKind.SCORE_JSON.value in files:
        return refusing(
            lambda: read_original(files, source["duration_s"] or 0.0, source["lyrics"] or "", source["style"] or "")
        )
    try:
        heard = msgspec.convert(json.loads(files[FileKind.ANALYSIS_JSON.value].read_text("utf-8")), Heard)
        master = files[FileKind.AUDIO_FLAC.value]
    except (KeyError, ValueError, msgspec.ValidationError) as error:
        raise ProviderError("Nothing is known of this clip that could be worked on.", code="invalid_request") from error
    return refusing(lambda: original_heard(heard, master, source["title"] or ""))


def _rendered(
    job: Mapping[str, Any],
    request: SongRequest,
    plan: Callable[[Brief], Plan],
    send: Send,
    assets: Assets,
    pool: RenderPool,
) -> Mapping[str, Any]:
    send({"share": 0.01, "stage": "score"})
    title = request.title or job["sources"][request.source_clip_ids[0]]["title"]
    first, *others = [replace(wish, title=title) for wish in briefs_for(job, request)]
    plans = [refusing(lambda: plan(first))]
    plans += [refusing(lambda wish=wish: plan(sung_as(plans[0], wish))) for wish in others]
    return render_job(job, plans, send, assets, pool)


def sung_as(first: Plan, wish: Brief) -> Brief:
    """The wish with the singer of the task's first clip: clips of one task are sung together."""
    return wish if first.singer is None else replace(wish, voice=first.singer.name)


def render_job(
    job: Mapping[str, Any],
    plans: Sequence[Plan],
    send: Send,
    assets: Assets,
    pool: RenderPool,
    *,
    from_share: float = 0.0,
) -> Mapping[str, Any]:
    """Render plans into the job's folders, telling texts and clips. Raises ProviderError when none could be made."""
    for index, plan in enumerate(plans):
        style = plan.style.description or plan.style.name
        send(text_news(index, ClipText(title=plan.lyrics.title, lyrics=plan.lyrics.text, style=style)))
    done = render_plans(
        plans,
        [Path(folder) for folder in job["folders"]],
        assets,
        pool=pool,
        report=lambda share, stage: send({"share": from_share + (1.0 - from_share) * share, "stage": stage}),
        on_clip=lambda index, clip: send(clip_news(index, clip)),
        on_audio=None if plans[0].splice else lambda index, _path: send({"audible": index}),
    )
    for index, trace in done.failures.items():
        print(f"clip {index} failed:\n{trace}", file=sys.stderr, flush=True)
    if not done.clips:
        raise ProviderError(CLIP_FAILED, permanent=True)
    return {"failures": dict.fromkeys(map(str, done.failures), CLIP_FAILED)}


REWORK_JOBS: dict[str, Callable[[Mapping[str, Any], Send, Assets, RenderPool], Mapping[str, Any]]] = {
    TaskKind.EXTEND.value: extend,
    TaskKind.REPLACE_SECTION.value: replace_section,
    TaskKind.CONCAT.value: concat,
}
