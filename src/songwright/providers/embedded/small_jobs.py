"""The jobs of the child that are no songs: words alone, and pictures alone. Seconds of work, no audio.

Conventions: a job and its news are JSON as in `child.py`; the same request and seed give the same words and pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from songwright.core.requests import CoverImageRequest, LyricsRequest
from songwright.core.song import FileKind
from songwright.core.task import TaskKind
from songwright.engine.cover_art import draw_cover
from songwright.engine.finishing import COVER_LARGE_PX, COVER_PX, thumbnail
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Assets, Brief, Style
from songwright.engine.styles import understand_style
from songwright.providers.embedded.pool import RenderPool

Send = Callable[[Mapping[str, Any]], None]
_PictureOrder = tuple[int, Path, str, Style, int, Path]


def write_words(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:  # noqa: ARG001
    """Lyrics about what the request describes."""
    request = msgspec.convert(job["request"], LyricsRequest)
    brief = Brief(description=request.description, title=request.title, style=request.style, seed=job["seed"])
    style = understand_style(brief)
    lyrics = write_lyrics(brief, style, assets)
    shown = {"title": lyrics.title, "lyrics": lyrics.text, "style": style.description or style.name}
    metadata = {"language": lyrics.language, "notes": list(lyrics.notes)}
    send({"clip": {"index": 0, **shown, "files": {}, "metadata": metadata}})
    return {"failures": {}}


def draw_pictures(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """One picture a folder, large and small, drawn side by side."""
    request = msgspec.convert(job["request"], CoverImageRequest)
    wish = Brief(description=request.description, title=request.title, style=request.style, seed=job["seed"])
    style = understand_style(wish)
    orders: list[_PictureOrder] = [
        (index, Path(folder), request.title, style, job["seed"] * 2 + index, assets.fonts)
        for index, folder in enumerate(job["folders"])
    ]
    shown = {"title": request.title, "lyrics": "", "style": request.style}
    for index, files in pool.imap_unordered(_draw, orders):
        send({"clip": {"index": index, **shown, "files": files, "metadata": {}}})
    return {"failures": {}}


def _draw(order: _PictureOrder) -> tuple[int, dict[str, str]]:
    index, folder, title, style, seed, fonts = order
    folder.mkdir(parents=True)
    large = draw_cover(title, style, seed, COVER_LARGE_PX, fonts=fonts)
    files = {FileKind.IMAGE_LARGE_PNG: large, FileKind.IMAGE_PNG: thumbnail(large, COVER_PX)}
    for kind, png in files.items():
        (folder / kind.value).write_bytes(png)
    return index, {kind.value: str(folder / kind.value) for kind in files}


SMALL_JOBS: dict[str, Callable[[Mapping[str, Any], Send, Assets, RenderPool], Mapping[str, Any]]] = {
    TaskKind.LYRICS.value: write_words,
    TaskKind.COVER_IMAGE.value: draw_pictures,
}
