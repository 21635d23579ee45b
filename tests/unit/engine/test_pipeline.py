"""A task rendered as a whole, with the real model, fonts and encoders, on a song of a few seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from songwright.core.song import FileKind
from songwright.engine.finishing import FinishedClip
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import Rendered, at_depth, render
from songwright.engine.styles import understand_style

WORDS = "[Chorus]\nCarry me over the water\nCarry me back to the shore"
BRIEF = Brief(lyrics=WORDS, style="folk", seed=7, duration_s=14)
ASKED_S = 14


#: what other jobs make of a song, or of an upload
MADE_LATER = {"stems.zip", "vocals.flac", "instrumental.flac", "analysis.json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pair")


@pytest.fixture(scope="module")
def pair(folder: Path, assets: Assets) -> Rendered:
    return render([replace(BRIEF, take=take) for take in (0, 1)], [folder / "a", folder / "b"], assets)


def sound(clip: FinishedClip) -> np.ndarray:
    return soundfile.read(clip.files["song.mp3"])[0]


def test_every_file_of_a_clip_is_there(pair: Rendered) -> None:
    assert pair.failures == {}
    for clip in pair.clips.values():
        assert set(clip.files) == {kind.value for kind in FileKind} - MADE_LATER
        assert all(path.stat().st_size > 0 for path in clip.files.values())


def test_the_recording_is_as_long_as_asked_to_one_bar(pair: Rendered) -> None:
    for clip in pair.clips.values():
        bar_s = 4 * 60 / clip.metadata["bpm"]
        assert len(sound(clip)) / 44_100 == pytest.approx(clip.duration_s, abs=0.1)
        assert clip.duration_s == pytest.approx(ASKED_S, abs=bar_s)


def test_two_clips_sing_the_same_words_to_different_music(pair: Rendered) -> None:
    words = [[word["word"] for word in json.loads(c.files["words.json"].read_text())] for c in pair.clips.values()]
    assert words[0] == words[1] == ["Carry", "me", "over", "the", "water", "Carry", "me", "back", "to", "the", "shore"]
    one, two = (sound(clip)[:, 0] for clip in pair.clips.values())
    length = min(len(one), len(two))
    assert abs(np.corrcoef(one[:length], two[:length])[0, 1]) < 0.5


def test_the_same_brief_gives_the_same_sound_again(pair: Rendered, assets: Assets, tmp_path: Path) -> None:
    brief = Brief(**json.loads(pair.clips[0].files["recipe.json"].read_text())["brief"])
    others = [brief, replace(brief, take=1)]  # a task's clips share readings of their lines: both are needed
    again = render(others, [tmp_path / "a", tmp_path / "b"], assets, with_video=False)
    assert np.array_equal(sound(again.clips[0]), sound(pair.clips[0]))


@pytest.mark.parametrize(("depth", "doubles", "harmonies"), [(1, False, False), (2, False, True), (3, True, True)])
def test_a_models_depth_decides_how_many_voices_sing(depth: int, doubles: bool, harmonies: bool) -> None:
    vocal = at_depth(understand_style(Brief(style="pop", style_weight=1.0)), depth).vocal
    assert (vocal.doubles != "none", vocal.harmonies != ()) == (doubles, harmonies)


def test_a_clip_that_cannot_be_written_fails_alone(assets: Assets, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file where the clip's folder should be")
    briefs = [replace(BRIEF, instrumental=True, lyrics="", duration_s=10, take=take) for take in (0, 1)]
    done = render(briefs, [tmp_path / "a", tmp_path / "b"], assets, with_video=False)
    assert set(done.clips) == {0}
    assert "FileExistsError" in done.failures[1]
