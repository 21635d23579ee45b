from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields
from pathlib import Path

import pytest

from songwright.catalog import load_catalog
from songwright.core.errors import ProviderError, WorkerDied
from songwright.core.song import Reading, SongRequest
from songwright.engine.material import Assets, Brief
from songwright.providers.base import Job
from songwright.providers.embedded import EmbeddedProvider
from songwright.providers.embedded.child import missing_assets
from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.wishes import brief_of


class Kitchen:
    """A provider whose children hold the small engine, in an event loop of its own: starting one takes seconds."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.provider = EmbeddedProvider(folder / "assets", load_catalog(), workers=1, child="small_engine:open_engine")
        self.run(self.provider.start())

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def make(self, made: Job, report=None):
        return self.run(self.provider.make(made, report or quiet))

    def close(self) -> None:
        self.run(self.provider.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory) -> Iterator[Kitchen]:
    kitchen = Kitchen(tmp_path_factory.mktemp("kitchen"))
    yield kitchen
    kitchen.close()


def job(folder: Path, description: str = "", name: str = "job") -> Job:
    request = SongRequest(
        model="chirp-v5", reading=Reading.DESCRIPTION, description=description, title="Rain", style="folk"
    )
    (folder / name).mkdir()
    return Job(task_id=name, attempt=1, request=request, clip_ids=("a", "b"), seed=7, folder=folder / name)


async def quiet(progress) -> None:
    return None


def test_two_takes_are_made_with_text_first_and_rising_progress(kitchen, tmp_path) -> None:
    heard = []

    async def hear(progress) -> None:
        heard.append(progress)

    outcome = kitchen.make(job(tmp_path), hear)
    clips = sorted(outcome.clips, key=lambda clip: clip.index)
    assert [clip.files["song.mp3"].read_text() for clip in clips] == ["7 0 480", "7 1 480"]
    assert [set(clip.files) for clip in clips] == [{"song.mp3"}] * 2
    assert [(clip.title, clip.style, clip.duration_s) for clip in clips] == [("Rain", "folk", 12.5)] * 2
    assert {clip.metadata["threads"] for clip in clips} == {"1"}
    unfinished = [(c.index, c.audible, c.title) for progress in heard for c in progress.clips if not c.files]
    assert unfinished == [(0, False, "Rain"), (1, False, "Rain"), (0, True, "Rain")]
    percents = [progress.percent for progress in heard]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len([p for p in heard if not p.clips]) <= 6, "news that nobody could see were reported"


def test_one_clip_that_fails_is_explained_without_our_insides(kitchen, tmp_path) -> None:
    outcome = kitchen.make(job(tmp_path, "fail1"))
    assert [clip.index for clip in outcome.clips] == [0]
    assert set(outcome.failures) == {1}
    assert "secret" not in outcome.failures[1]


def test_when_no_clip_can_be_made_it_is_a_permanent_error(kitchen, tmp_path) -> None:
    with pytest.raises(ProviderError) as failed:
        kitchen.make(job(tmp_path, "fail0 fail1"))
    assert failed.value.permanent
    assert "secret" not in failed.value.message


def test_when_a_process_of_the_pool_dies_all_of_it_is_replaced_and_only_this_job_fails(kitchen, tmp_path) -> None:
    before = kitchen.provider.process_ids
    with pytest.raises(WorkerDied, match="75"):
        kitchen.make(job(tmp_path, "die1", "first"))
    assert len(kitchen.make(job(tmp_path, "", "second")).clips) == 2
    assert kitchen.provider.process_ids != before


def test_a_cancelled_job_is_stopped_and_the_next_is_made_by_a_new_child(kitchen, tmp_path) -> None:
    async def cancel_while_it_sings() -> None:
        sung = asyncio.Event()

        async def hear(progress) -> None:
            if progress.stage == "voice":
                sung.set()

        making = asyncio.create_task(kitchen.provider.make(job(tmp_path, "hang", "first"), hear))
        await sung.wait()
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)

    before = kitchen.provider.process_ids
    kitchen.run(cancel_while_it_sings())
    assert len(kitchen.make(job(tmp_path, "", "second")).clips) == 2
    assert kitchen.provider.process_ids != before


def test_missing_assets_are_said_at_the_start(kitchen) -> None:
    said = kitchen.provider.notes()
    assert len(said) == 4
    assert any("singing model" in note for note in said)


def test_nothing_is_said_when_all_assets_are_there(tmp_path) -> None:
    assets = Assets(tmp_path)
    separation = assets.root / "listening" / "spleeter" / "model.index"
    for path in (assets.kokoro / "model_int8.onnx", assets.voices / "x.bin", assets.sound_fonts[-1], separation):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert missing_assets(assets) == []


# ------------------------------------------------------------------------------------------------------ briefs


def test_every_wish_of_a_request_reaches_the_engine() -> None:
    request = SongRequest(
        model="suno",
        reading=Reading.LYRICS,
        lyrics="[Verse]\nLa",
        description="about rain",
        title="Rain",
        style="folk",
        negative_style="metal",
        vocal_gender="female",
        style_weight=0.0,
        weirdness=1.0,
        audio_weight=0.25,
        duration_s=30.0,
        bpm=92.0,
        key="A minor",
        seed=3,
    )
    wanted = Brief(
        lyrics="[Verse]\nLa",
        description="about rain",
        title="Rain",
        style="folk",
        negative_style="metal",
        gender="female",
        style_weight=0.0,
        weirdness=1.0,
        audio_weight=0.25,
        duration_s=30.0,
        max_duration_s=240.0,
        bpm=92.0,
        key="A minor",
        seed=7,
        take=1,
    )
    assert brief_of(request, 7, 1, 240.0) == wanted
    untouched = {f.name for f in fields(Brief) if getattr(wanted, f.name) == f.default}
    assert untouched == {"instrumental", "voice", "language", "max_duration_s", "depth"}


@pytest.mark.parametrize(("reading", "lyrics", "instrumental"), [
    (Reading.LYRICS, "la", False), (Reading.DESCRIPTION, "", False), (Reading.INSTRUMENTAL, "", True),
])  # fmt: skip
def test_only_lyrics_are_sung_as_lyrics(reading, lyrics, instrumental) -> None:
    brief = brief_of(SongRequest(model="suno", reading=reading, lyrics="la"), 0, 0, 240.0)
    assert (brief.lyrics, brief.instrumental) == (lyrics, instrumental)
    assert (brief.style_weight, brief.weirdness, brief.audio_weight) == (0.5, 0.5, 0.5)


# -------------------------------------------------------------------------------------------------------- pool


def square(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def divide(number: int) -> float:
    return 1 / number


def die(number: int) -> None:
    os._exit(number)


def test_the_pool_works_in_processes_of_its_own_that_stay_warm() -> None:
    pool = RenderPool(2)
    pids = set()
    for _ in range(3):
        results = list(pool.imap_unordered(square, range(20)))
        assert sorted(value for value, _ in results) == [n**2 for n in range(20)]
        pids |= {pid for _, pid in results}
    assert os.getpid() not in pids
    assert len(pids) <= 2
    with pytest.raises(ZeroDivisionError):
        list(pool.imap_unordered(divide, [0]))
    assert list(pool.imap_unordered(divide, [1])) == [1.0]
    with pytest.raises(BrokenProcessPool):
        list(pool.imap_unordered(die, [3]))
