from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import zlib
from dataclasses import replace

import imageio_ffmpeg
import pytest

from songwright.core.errors import ProviderError, WorkerDied
from songwright.core.song import FileKind, Reading, SongRequest
from songwright.provenance import find_mark
from songwright.providers.base import Job
from songwright.providers.fake import FakeProvider

OF_OTHER_KINDS = {"vocals.flac", "instrumental.flac", "analysis.json"}


@pytest.fixture
def job(tmp_path):
    def make(text: str) -> Job:
        request = SongRequest(model="suno", reading=Reading.DESCRIPTION, description=text, title="Rain")
        return Job(task_id="t", attempt=1, request=request, clip_ids=("a", "b"), seed=1, folder=tmp_path)

    return make


def make(job: Job):
    heard = []

    async def report(progress) -> None:
        heard.append(progress)

    return asyncio.run(FakeProvider().make(job, report)), heard


def decoded_seconds(path) -> float:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) / 2 / 44_100


@pytest.mark.parametrize("text", ["test:ok", "no magic at all", "test:slow:0"])
def test_both_clips_have_every_file_and_each_is_what_its_name_says(job, text) -> None:
    outcome, heard = make(job(text))
    assert [clip.index for clip in outcome.clips] == [0, 1]
    for clip in outcome.clips:
        assert set(clip.files) == {kind.value for kind in FileKind} - OF_OTHER_KINDS
        assert decoded_seconds(clip.files["song.mp3"]) == pytest.approx(clip.duration_s, abs=0.1)
        assert decoded_seconds(clip.files["video.mp4"]) == pytest.approx(clip.duration_s, abs=0.2)
        assert clip.files["song.mid"].read_bytes()[:4] == b"MThd"
        assert json.loads(clip.files["words.json"].read_bytes())[0]["word"] == "La"
        for name, side in (("cover.png", 360), ("cover_large.png", 1024)):
            png = clip.files[name].read_bytes()
            assert struct.unpack(">II", png[16:24]) == (side, side)
            length = struct.unpack(">I", png[33:37])[0]
            assert len(zlib.decompress(png[41 : 41 + length])) == side * (3 * side + 1)
    first, second = (clip.files["song.mp3"].read_bytes() for clip in outcome.clips)
    assert first != second
    percents = [progress.percent for progress in heard]
    assert percents == sorted(percents)


def test_moderation_refuses_for_good(job) -> None:
    with pytest.raises(ProviderError) as refused:
        make(job("something test:fail:moderation"))
    assert (refused.value.permanent, refused.value.code) == (True, "moderation")


def test_a_dead_worker_may_be_tried_again(job) -> None:
    with pytest.raises(WorkerDied) as died:
        make(job("test:fail:worker"))
    assert not died.value.permanent


def test_partial_delivers_the_first_clip_and_explains_the_second(job) -> None:
    outcome, _ = make(job("test:partial"))
    assert [clip.index for clip in outcome.clips] == [0]
    assert outcome.failures[1]


def test_timeout_is_held_and_then_fails_for_good(job) -> None:
    async def wait() -> None:
        async def report(progress) -> None: ...

        await asyncio.wait_for(FakeProvider().make(job("test:timeout"), report), 0.3)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())
    with pytest.raises(ProviderError) as late:
        make(job("test:timeout:0"))
    assert (late.value.permanent, late.value.code) == (True, "timeout")


def test_a_busy_upstream_refuses_the_first_attempt_and_makes_the_second(job) -> None:
    first = job("test:upstream-429")
    with pytest.raises(ProviderError) as busy:
        make(first)
    assert (busy.value.permanent, busy.value.code) == (False, "upstream_rate_limit")
    outcome, _ = make(replace(first, attempt=2))
    assert len(outcome.clips) == 2


@pytest.mark.parametrize("text", ["test:ok", "test:partial", "test:webhook-twice"])
def test_the_same_prompt_gives_the_same_bytes(job, text, tmp_path) -> None:
    def bytes_of(folder: str) -> list[dict[str, bytes]]:
        outcome, _ = make(replace(job(text), folder=tmp_path / folder))
        return [{name: path.read_bytes() for name, path in clip.files.items()} for clip in outcome.clips]

    assert bytes_of("one") == bytes_of("two")


def test_every_file_says_that_a_machine_made_it(job) -> None:
    outcome, _ = make(job("test:ok"))
    for name in ("song.mp3", "song.flac", "video.mp4", "cover.png", "cover_large.png"):
        assert find_mark(outcome.clips[0].files[name]), name
