"""A song made again from its recipe, in other processes, is the same to the sample."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import render
from songwright.engine.recipe import briefs_of, cpu_class, differences, pcm_sha256

BRIEFS = [
    Brief(lyrics="[Chorus]\nCarry me over the water", style="folk", seed=3, duration_s=10, take=take) for take in (0, 1)
]
AGAIN = """
import sys
from pathlib import Path
from songwright.singing import sing_again
if __name__ == "__main__":
    sys.exit(0 if sing_again(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])) else 1)
"""


@pytest.fixture(scope="module")
def recipe_file(tmp_path_factory: pytest.TempPathFactory, assets: Assets) -> Path:
    folder = tmp_path_factory.mktemp("first")
    done = render(BRIEFS, [folder / "a", folder / "b"], assets, with_video=False)
    assert done.failures == {}
    return folder / "b" / "recipe.json"


def made(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_the_recipe_names_the_sound_in_the_lossless_file(recipe_file: Path) -> None:
    pcm, _ = soundfile.read(recipe_file.with_name("song.flac"), dtype="int16")
    assert made(recipe_file)["pcm_sha256"] == pcm_sha256(pcm)


@pytest.mark.parametrize(("hash_seed", "processes"), [("1", 1), ("2", 2)])
def test_a_song_is_the_same_in_any_process(
    recipe_file: Path, assets: Assets, tmp_path: Path, hash_seed: str, processes: int
) -> None:
    program = tmp_path / "again.py"
    program.write_text(AGAIN)
    done = subprocess.run(
        [sys.executable, str(program), str(recipe_file), str(tmp_path / "out"), str(assets.root), str(processes)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert made(tmp_path / "out" / "recipe.json")["pcm_sha256"] == made(recipe_file)["pcm_sha256"]
    assert "identical" in done.stdout


def test_what_differs_is_said_in_words(recipe_file: Path) -> None:
    recipe = made(recipe_file)
    runtimes = (str(recipe["runtime"]),)
    assert differences(recipe, runtimes) == []
    other = {**recipe, "engine": "0.0.1", "cpu_class": "m68k", "runtime": "abacus"}
    engine, cpu, runtime = differences(other, runtimes)
    assert "'0.0.1'" in engine and "'m68k'" in cpu and cpu_class() in cpu and "'abacus'" in runtime


@pytest.mark.parametrize("wrong", [{}, {"brief": 3}, {"brief": {"colour": "red"}}, {"brief": {}, "clips": 10**9}])
def test_what_is_no_recipe_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no recipe"):
        briefs_of(wrong)
