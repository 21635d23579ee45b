"""What is heard while a song is made: all of it, without a gap, and close to the finished mix."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from songwright.engine.excerpt import excerpt_of_arrangement, stretches
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import Rendered, SerialPool, _plan, render

BRIEF = Brief(
    lyrics="[Verse]\nCarry me over the water\nCarry me back to the shore", style="folk", seed=7, duration_s=14
)
DELAY = 1105  #: samples by which an MP3 without a length in front lags
RATE_HZ = 44_100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("heard")


@pytest.fixture(scope="module")
def heard(folder: Path, assets: Assets) -> Rendered:
    told: list[tuple[int, int]] = []
    done = render(
        [BRIEF],
        [folder],
        assets,
        on_audio=lambda index, path: told.append((index, path.stat().st_size)),
        with_video=False,
    )
    assert done.failures == {} and [index for index, _ in told] == [0]
    return done


def levels_db(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of every whole second."""
    seconds = sound[: len(sound) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ, 2).astype(np.float64)
    return 10 * np.log10((seconds**2).mean(axis=(1, 2)) + 1e-9)


def decoded(path: Path) -> NDArray[np.float32]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert not done.stderr
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2)


def test_the_stream_is_the_whole_song_second_by_second_at_about_its_level(heard: Rendered, folder: Path) -> None:
    stream, song = decoded(folder / "stream.mp3"), soundfile.read(folder / "song.flac", dtype="float32")[0]
    assert len(stream) == pytest.approx(len(song) + DELAY, abs=2 * 1152)
    ours, finished = levels_db(stream[DELAY:]), levels_db(song)
    loud = finished[: len(ours)] > -30
    apart_db = np.abs(ours - finished[: len(ours)])[loud]
    # The finished mix lifts and lowers whole sections, which a stretch cannot know: an ending may lie further off.
    assert np.median(apart_db) < 4 and apart_db.max() < 8


def test_listeners_change_nothing_in_the_song(heard: Rendered, folder: Path, assets: Assets, tmp_path: Path) -> None:
    render([BRIEF], [tmp_path], assets, with_video=False)
    assert (tmp_path / "song.flac").read_bytes() == (folder / "song.flac").read_bytes()


def test_stretches_cover_the_song_bar_by_bar_and_know_their_lines(assets: Assets) -> None:
    plan = _plan([replace(BRIEF, duration_s=60)], assets, SerialPool(), lambda *_: None, lambda *_: None)[0]
    pieces = stretches(plan.score, 4.0, 8.0)
    assert pieces[0].start_beats == 0 and pieces[-1].end_beats == plan.score.length_beats
    assert all(a.end_beats == b.start_beats for a, b in itertools.pairwise(pieces))
    assert all(piece.start_beats % plan.score.beats_per_bar == 0 for piece in pieces)
    assert frozenset().union(*(piece.lines for piece in pieces)) == set(range(len(plan.score.lines)))


def test_an_excerpt_has_every_note_that_sounds_in_it(assets: Assets) -> None:
    plan = _plan([replace(BRIEF, duration_s=30)], assets, SerialPool(), lambda *_: None, lambda *_: None)[0]
    cut = excerpt_of_arrangement(plan.arrangement, 8.0, 16.0)
    for part in plan.arrangement.parts:
        sounding = [n for n in part.notes if n.start_beats < 16 and n.start_beats + n.length_beats > 8]
        found = [n for other in cut.parts if other.name == part.name for n in other.notes]
        assert [n.start_beats + 8 for n in found] == pytest.approx([n.start_beats for n in sounding])
