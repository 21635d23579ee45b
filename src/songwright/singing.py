"""`songwright sing`: one song, made here, with all its studio files; from a brief, or again from a recipe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from songwright.core.errors import ConfigurationError, InvalidRequest
from songwright.engine.finishing import FinishedClip
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import render
from songwright.engine.recipe import briefs_of, differences
from songwright.engine.voice import installed_runtimes
from songwright.providers.embedded import RenderPool

PROCESSES = 2
SHORTEST_S, LONGEST_S = 10.0, 480.0


def sing_to_folder(out: Path, *, lyrics_file: Path | None, assets: Path, brief: Mapping[str, Any]) -> None:
    """Make the song that `brief` and the lyrics file describe, and write its files into `out`.

    Raises InvalidRequest when there is nothing to go by or a number is out of range.
    """
    _say(out, _sing([_brief(lyrics_file, brief)], 0, out, assets, None))


def sing_again(recipe_file: Path, out: Path, assets: Path, processes: int = PROCESSES) -> bool:
    """Make a song again from its recipe into `out`; True when it is the same, sample by sample.

    Says on stderr what here is not as it was. Raises InvalidRequest for a file that is no recipe.
    """
    made = _recipe(recipe_file)
    try:
        briefs, index = briefs_of(made)
    except ValueError as error:
        raise InvalidRequest(f"{recipe_file}: {error}") from error
    runtimes = installed_runtimes()
    unlike = differences(made, runtimes)
    for sentence in unlike:
        print(f"note: {sentence}; the sound may differ", file=sys.stderr)
    runtime = made.get("runtime") if made.get("runtime") in runtimes else None
    clip = _sing(briefs, index, out, assets, runtime, processes)
    _say(out, clip)
    fingerprint = json.loads(clip.files["recipe.json"].read_text("utf-8"))["pcm_sha256"]
    same = fingerprint == made.get("pcm_sha256")
    said = "identical to the recipe's" if same else f"not the recipe's {made.get('pcm_sha256')}"
    print(f"PCM sha256 {fingerprint}: {said}")
    return same


def _sing(
    briefs: Sequence[Brief], index: int, out: Path, assets: Path, runtime: str | None, processes: int = PROCESSES
) -> FinishedClip:
    """Render `briefs` together and finish the one at `index`."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes of one thread are faster than one of two
    console = Console(stderr=True)
    pool = RenderPool(processes)
    try:
        with console.status("lyrics") as status:
            done = render(
                briefs,
                [out if take == index else out / f"clip-{take}" for take in range(len(briefs))],
                Assets(assets),
                pool=pool,
                report=lambda share, stage: status.update(f"{share:4.0%} {stage}"),
                with_video=False,
                with_stems=True,
                only=(index,),
                runtime=runtime,
            )
    finally:
        pool.close()
    if index in done.failures:
        raise ConfigurationError(f"the song could not be made:\n{done.failures[index]}")
    for note in done.clips[index].metadata["fallbacks"]:
        console.print(f"note: {note}", style="yellow")
    return done.clips[index]


def _say(out: Path, clip: FinishedClip) -> None:
    print(f"{out / 'song.mp3'}  {clip.title}  {clip.duration_s:.0f} s  {clip.style}")


def _recipe(path: Path) -> Mapping[str, Any]:
    try:
        made = json.loads(_read(path))
    except ValueError as error:
        raise InvalidRequest(f"{path} is no recipe: {error}") from error
    if not isinstance(made, dict):
        raise InvalidRequest(f"{path} is no recipe: a JSON object is expected")
    return made  # pyright: ignore[reportUnknownVariableType]


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
