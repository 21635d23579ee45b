"""The real child of the embedded provider with a small engine in it: what it does stands in the description."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from songwright.engine.finishing import FinishedClip
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import ClipText, Rendered
from songwright.providers.embedded import child


def open_engine(options: Mapping[str, Any]) -> Any:
    child.render = small_render
    return child.open_engine(options)


def small_render(
    briefs: Sequence[Brief], folders: Sequence[Path], assets: Assets, *, pool, report, on_text, on_clip, on_audio
) -> Rendered:
    done = Rendered({}, {})
    report(0.0, "lyrics")
    for index, brief in enumerate(briefs):
        on_text(index, ClipText(title=brief.title, lyrics="[Verse]\nLa", style=brief.style))
    for share in (0.001, 0.002, 0.2, 0.2, 0.5):
        report(share, "voice")
    on_audio(0, folders[0] / "stream.mp3")
    jobs = [(index, brief, folder) for index, (brief, folder) in enumerate(zip(briefs, folders, strict=True))]
    for index, clip, trace in pool.imap_unordered(finish, jobs):
        if clip is None:
            done.failures[index] = trace
        else:
            done.clips[index] = clip
            on_clip(index, clip)
        report(0.5 + 0.25 * (len(done.clips) + len(done.failures)), "encode")
    return done


def finish(job: tuple[int, Brief, Path]) -> tuple[int, FinishedClip | None, str]:
    index, brief, folder = job
    for word in words(brief.description):
        if word == f"fail{index}":
            return index, None, "Traceback (most recent call last): /secret/path"
        if word == f"die{index}":
            os.kill(os.getpid(), 9)
        if word == "hang":
            time.sleep(60)
    folder.mkdir()
    (folder / "song.mp3").write_bytes(f"{brief.seed} {brief.take} {brief.max_duration_s}".encode())
    (folder / "stem.wav").write_bytes(b"not for callers")
    files = {"song.mp3": folder / "song.mp3", "stem.wav": folder / "stem.wav"}
    threads = {"pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"]}
    clip = FinishedClip(
        title=brief.title, lyrics="[Verse]\nLa", style=brief.style, duration_s=12.5, files=files, metadata=threads
    )
    return index, clip, ""


def words(text: str) -> Iterator[str]:
    yield from text.split()
