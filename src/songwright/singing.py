"""`songwright sing`: one song, made here, with all its studio files."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from songwright.core.errors import ConfigurationError, InvalidRequest
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import render

PROCESSES = 2
SHORTEST_S, LONGEST_S = 10.0, 480.0


def sing_to_folder(out: Path, *, lyrics_file: Path | None, assets: Path, brief: Mapping[str, Any]) -> None:
    """Make the song that `brief` and the lyrics file describe, and write its files into `out`.

    Raises InvalidRequest when there is nothing to go by or a number is out of range.
    """
    order = _brief(lyrics_file, brief)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes of one thread are faster than one of two
    console = Console(stderr=True)
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool, console.status("lyrics") as status:
        done = render(
            [order],
            [out],
            Assets(assets),
            pool=pool,
            report=lambda share, stage: status.update(f"{share:4.0%} {stage}"),
            with_video=False,
            with_stems=True,
        )
    if 0 in done.failures:
        raise ConfigurationError(f"the song could not be made:\n{done.failures[0]}")
    clip = done.clips[0]
    for note in clip.metadata["fallbacks"]:
        console.print(f"note: {note}", style="yellow")
    print(f"{out / 'song.mp3'}  {clip.title}  {clip.duration_s:.0f} s  {clip.style}")


def _brief(lyrics_file: Path | None, given: Mapping[str, Any]) -> Brief:
    words = _read(lyrics_file) if lyrics_file else ""
    duration_s = given["duration_s"]
    if not words and not given["description"] and not given["instrumental"]:
        raise InvalidRequest("give --lyrics FILE, --about TEXT or --instrumental")
    if duration_s is not None and not SHORTEST_S <= duration_s <= LONGEST_S:
        raise InvalidRequest(f"--duration must be {SHORTEST_S:.0f} to {LONGEST_S:.0f} seconds")
    return Brief(lyrics=words, max_duration_s=LONGEST_S, **given)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {path}: {error}") from error
