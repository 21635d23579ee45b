"""The child's jobs that are no songs, in this process: real words, real pictures."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from songwright.core.requests import CoverImageRequest, LyricsRequest
from songwright.engine.material import Assets
from songwright.providers.embedded.small_jobs import SMALL_JOBS


class Here:
    """A pool that works in this process."""

    def imap_unordered(self, func: Callable[[Any], Any], iterable: Iterable[Any]) -> Iterator[Any]:
        return map(func, iterable)


def run(kind: str, request: object, folder: Path, clips: int, seed: int = 7) -> list[dict[str, Any]]:
    job = {
        "kind": kind,
        "request": msgspec.to_builtins(request),
        "seed": seed,
        "folders": [str(folder / f"{kind}{seed}{i}") for i in range(clips)],
    }
    said: list[dict[str, Any]] = []
    assert SMALL_JOBS[kind](job, lambda news: said.append(dict(news)), Assets(folder), Here()) == {"failures": {}}  # type: ignore[arg-type]
    return [news["clip"] for news in said]


def test_lyrics_are_about_what_was_asked_for_and_the_same_again(tmp_path: Path) -> None:
    request = LyricsRequest(model="chirp-v3-5", description="a lighthouse in the rain")
    (words,) = run("lyrics", request, tmp_path, 1)
    assert words["title"] and words["files"] == {}
    assert words["lyrics"].count("[") >= 3 and len(words["lyrics"].splitlines()) >= 12
    assert any(word in words["lyrics"].lower() for word in ("lighthouse", "rain"))
    assert run("lyrics", request, tmp_path, 1) == [words]


def test_two_different_pictures_large_and_small(tmp_path: Path) -> None:
    request = CoverImageRequest(model="chirp-v3-5", title="Blowin' in the Breeze", style="folk", source_task_id="t")
    pictures = run("cover_image", request, tmp_path, 2)
    large = [Path(each["files"]["cover_large.png"]).read_bytes() for each in pictures]
    small = [Path(each["files"]["cover.png"]).read_bytes() for each in pictures]
    assert large[0] != large[1]
    assert {struct.unpack(">II", png[16:24]) for png in large} == {(1024, 1024)}
    assert {struct.unpack(">II", png[16:24]) for png in small} == {(360, 360)}
