"""The stems of a finished song, played and sung once more from its recipe: what really went into the sum.

Conventions
    Stems are 24-bit FLAC, 44.1 kHz, stereo, from the first sample of the song. All of them are `HEADROOM_DB` below what
    went into the limiter, because before it a sum may exceed full scale; raised by as much they add up to the master
    before the limiter. `stems.json` in the archive tells so.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile

from songwright.engine.dsp import gain_of_db
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Report
from songwright.engine.pipeline import Pool, render
from songwright.engine.recipe import briefs_of, differences
from songwright.engine.splicing import Pcm
from songwright.engine.voice import installed_runtimes

HEADROOM_DB = 12.0
VOICES = ("Lead vocal", "Doubles", "Harmonies", "Choir", "Ad-libs")  #: names of stems that are sung


class NoStems(ValueError):
    """This song cannot be played once more as it was."""


def write_stems(
    made: Mapping[str, Any],
    archive: Path,
    voice: Path,
    band: Path,
    assets: Assets,
    *,
    pool: Pool,
    report: Report = lambda _share, _stage: None,
) -> list[str]:
    """Make the song of a recipe again and write its stems, and the sum of what is sung and of what is played.

    `voice` and `band` are 16 bit at the level of the song, and add up to it where its limiter had nothing to do.
    Returns the names of the stems. Raises NoStems for a recipe of another engine or machine, whose song would be
    another one, and for songs that were made from recordings.
    """
    with TemporaryDirectory(dir=archive.parent) as name:
        folder = Path(name)
        stems = _made_again(made, folder, assets, pool, report)
        frames = max((soundfile.info(stem).frames for stem in stems), default=0)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
            for stem in stems:
                _write_flac(folder / f"{stem.stem}.flac", stem)
                file.write(folder / f"{stem.stem}.flac", f"{stem.stem}.flac")
            file.writestr("stems.json", json.dumps(_facts(stems, made), indent=1))
        sung = {file_name(each) for each in VOICES}
        _write_sum(voice, [stem for stem in stems if stem.stem in sung], frames)
        _write_sum(band, [stem for stem in stems if stem.stem not in sung], frames)
    return [stem.stem for stem in stems]


def file_name(stem: str) -> str:
    """A stem's name as that of a file."""
    return stem.lower().replace(" ", "_")


def _made_again(made: Mapping[str, Any], folder: Path, assets: Assets, pool: Pool, report: Report) -> list[Path]:
    runtimes = installed_runtimes()
    if unlike := differences(made, runtimes):
        raise NoStems(f"This song cannot be played once more as it was: {unlike[0]}.")
    try:
        briefs, index = briefs_of(made)
    except ValueError as error:
        raise NoStems(f"This song cannot be played once more: {error}.") from error
    folders = [folder / str(take) for take in range(len(briefs))]
    done = render(
        briefs,
        folders,
        assets,
        pool=pool,
        report=lambda share, stage: report(0.9 * share, stage),
        with_video=False,
        with_stems=True,
        only=(index,),
        runtime=made.get("runtime"),
    )
    if index in done.failures:
        raise RuntimeError(done.failures[index])
    again = json.loads((folders[index] / "recipe.json").read_text("utf-8"))
    if again["pcm_sha256"] != made.get("pcm_sha256"):
        raise NoStems("This song could not be played once more exactly as it was.")
    return sorted((folders[index] / "stems").glob("*.wav"))


def _write_flac(target: Path, stem: Path) -> None:
    sound, rate_hz = soundfile.read(stem, dtype="float32", always_2d=True)
    lower = np.clip(sound * gain_of_db(-HEADROOM_DB), -1.0, 1.0)
    soundfile.write(target, lower, rate_hz, "PCM_24", compression_level=0.0)


def _write_sum(target: Path, stems: list[Path], frames: int) -> None:
    """Stems as one; silence where there is none."""
    total = np.zeros((frames, 2), np.float32)
    for stem in stems:
        total += np.asarray(soundfile.read(stem, dtype="float32", always_2d=True)[0], np.float32)
    pcm: Pcm = np.clip(np.round(total * 32768.0), -32768, 32767).astype(np.int16)
    soundfile.write(target, pcm, SAMPLE_RATE_HZ, "PCM_16", compression_level=0.0)


def _facts(stems: list[Path], made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stems": [f"{stem.stem}.flac" for stem in stems],
        "gain_to_master_db": HEADROOM_DB,
        "note": "Raised by gain_to_master_db, the stems add up to the master before its limiter.",
        "bpm": made.get("bpm"),
        "key": made.get("key"),
    }
