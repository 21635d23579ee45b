"""The rules of continuing and joining clips, the same in every dialect. Pure.

Conventions: seconds from the start of the source clip. A chain is the clips a continuation came from, oldest first.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from songwright.catalog import Model
from songwright.core.requests import ConcatRequest, ExtendRequest, Link
from songwright.core.song import Clip, Reading, Request, SongRequest
from songwright.dialects.base.desk import refusal
from songwright.dialects.base.fields import Problems
from songwright.dialects.base.shown import song_of
from songwright.tasks import OwnedClip

SHORTEST_ADDITION_S = 10.0  #: what a continuation adds at least
S = TypeVar("S", bound=SongRequest)


def specialised(song: SongRequest, kind: type[S], **more: Any) -> S:
    """A song's wishes as an order of a kind that has more of them."""
    return kind(
        **{each.name: getattr(song, each.name) for each in fields(SongRequest) if each.name not in more}, **more
    )


def check_seam(at_s: float | None, source: Clip, model: Model, name: str, problems: Problems) -> None:
    """That a seam lies inside the source, and that what follows may still be sung."""
    length_s = source.duration_s or 0.0
    if at_s is not None and not 0 < at_s < length_s:
        problems.add(name, f"must be above 0 and below the clip's length of {length_s:.2f} s")
    elif (at_s or length_s) + SHORTEST_ADDITION_S > model.max_duration_s:
        problems.add(name, f"leaves no room: a song of {model.name} is at most {model.max_duration_s:.0f} s long")


def inherited(source: OwnedClip, model: Model, seed: int | None) -> SongRequest:
    """The source's own wishes for what comes next; its words are sung, so they are not to be sung again."""
    wishes = song_of(source.task)
    reading = Reading.INSTRUMENTAL if wishes.instrumental else Reading.DESCRIPTION
    return specialised(
        wishes,
        SongRequest,
        model=model.name,
        reading=reading,
        lyrics="",
        description=wishes.description or source.clip.title or wishes.title,
        title=source.clip.title or wishes.title,
        style=wishes.style or source.clip.style,
        duration_s=None,
        seed=seed,
        source_clip_ids=(),
    )


def chain_of(task_request: Request, clip: Clip) -> tuple[Link, ...]:
    """The clips that `clip` continues, oldest first, each with the second it was left at; empty for a whole song."""
    if not isinstance(task_request, ExtendRequest):
        return ()
    *before, last = task_request.history
    at_s = last.continue_at_s if last.continue_at_s is not None else clip.metadata.get("continue_at")
    return (*before, Link(clip_id=last.clip_id, continue_at_s=at_s))


def continuation(song: SongRequest, source: OwnedClip, at_s: float | None, *, with_origin: bool) -> ExtendRequest:
    """The order that goes on from `source`."""
    request = source.task.request
    # A clip that holds the part it continued is where its chain begins.
    older = () if isinstance(request, ExtendRequest) and request.with_origin else chain_of(request, source.clip)
    return specialised(
        song,
        ExtendRequest,
        source_clip_ids=(source.clip.id,),
        continue_at_s=at_s,
        with_origin=with_origin,
        history=(*older, Link(clip_id=source.clip.id, continue_at_s=at_s)),
    )


def joining(last: OwnedClip, field: str) -> ConcatRequest:
    """The order that joins a chain. Raises InvalidRequest for a clip that continues nothing, or holds it already."""
    request = last.task.request
    if isinstance(request, ExtendRequest) and request.with_origin:
        raise refusal(field, "this clip already contains the part it continues; there is nothing to join")
    if not isinstance(request, ExtendRequest):
        raise refusal(field, "this clip was never extended; there is nothing to join")
    chain = (*chain_of(request, last.clip), Link(clip_id=last.clip.id))
    return ConcatRequest(
        model=request.model,
        title=last.clip.title,
        source_clip_ids=tuple(link.clip_id for link in chain),
        chain=chain,
    )


def shown_chain(request: Request, clip: Clip) -> list[dict[str, Any]] | None:
    """A clip's history or, of a joined one, its parts; None for neither."""
    chain = request.chain if isinstance(request, ConcatRequest) else chain_of(request, clip)
    shown = [
        {"id": link.clip_id} | ({} if link.continue_at_s is None else {"continue_at": link.continue_at_s})
        for link in chain
    ]
    return shown or None
