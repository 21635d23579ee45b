"""The child's jobs that make songs from songs, with the real engine in this process: one short song, worked on."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from songwright.analysis import Heard, HeardBeats, HeardChord, HeardKey, HeardNote, ListeningModels
from songwright.core.errors import ProviderError
from songwright.core.requests import (
    ConcatRequest,
    ExtendRequest,
    Link,
    ReplaceSectionRequest,
    SeparateRequest,
    UploadCoverRequest,
)
from songwright.core.song import Reading, Request
from songwright.engine.encode import score_from_json
from songwright.engine.material import Assets, Brief
from songwright.engine.pipeline import SerialPool, render
from songwright.engine.recipe import briefs_of
from songwright.engine.splicing import FADE_S
from songwright.providers.embedded.cover_jobs import COVER_JOBS
from songwright.providers.embedded.listening_jobs import LISTENING_JOBS
from songwright.providers.embedded.rework_jobs import REWORK_JOBS

RATE_HZ = 44_100
FADE = round(FADE_S * RATE_HZ)
LYRICS = "[Verse]\nMorning on the river\n[Chorus]\nCarry me over the water"
NEW = "[Verse]\nEvening on the mountain"
JOBS = {**REWORK_JOBS, **COVER_JOBS, **LISTENING_JOBS}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory, assets: Assets) -> dict[str, Any]:
    """A clip made here, as a job's source."""
    folder = tmp_path_factory.mktemp("song")
    done = render([Brief(lyrics=LYRICS, style="folk", seed=3, duration_s=16)], [folder / "a"], assets, with_video=False)
    assert not done.failures
    return source_of(done.clips[0].files, done.clips[0].duration_s, "folk", LYRICS)


def source_of(files: Mapping[str, Path], duration_s: float, style: str, lyrics: str) -> dict[str, Any]:
    paths = {name: str(path) for name, path in files.items()}
    return {"files": paths, "title": "River", "lyrics": lyrics, "style": style, "duration_s": duration_s}


def run(
    kind: str, request: Request, sources: Mapping[str, Any], folder: Path, assets: Assets, clips: int = 1
) -> list[Any]:
    said: list[dict[str, Any]] = []
    job = {
        "kind": kind,
        "request": msgspec.to_builtins(request),
        "seed": 21,
        "max_duration_s": 240.0,
        "depth": 1,
        "folders": [str(folder / f"clip{i}") for i in range(clips)],
        "sources": sources,
        "audio": "",
    }
    pool: Any = SerialPool()
    assert JOBS[kind](job, lambda news: said.append(dict(news)), assets, pool) == {"failures": {}}
    shares = [news["share"] for news in said if "share" in news]
    assert shares == sorted(shares)
    return [news["clip"] for news in said if "clip" in news]


def extend_of(**more: Any) -> ExtendRequest:
    wishes: dict[str, Any] = {"reading": Reading.LYRICS, "lyrics": NEW, "source_clip_ids": ("c",), **more}
    return ExtendRequest(model="chirp-v5", history=(Link(clip_id="c"),), **wishes)


def pcm(clip: Mapping[str, Any]) -> np.ndarray:
    return soundfile.read(clip["files"]["song.flac"], dtype="int16")[0]


def words(clip: Mapping[str, Any]) -> list[dict[str, Any]]:
    return json.loads(Path(clip["files"]["words.json"]).read_text())


def test_a_continued_clip_holds_the_old_one_sample_by_sample_and_word_by_word(
    song: dict[str, Any], assets: Assets, tmp_path: Path
) -> None:
    (clip,) = run("extend", extend_of(), {"c": song}, tmp_path, assets)
    seam_s = clip["metadata"]["continue_at"]
    seam = round(seam_s * RATE_HZ)
    old = pcm(song)
    assert np.array_equal(pcm(clip)[:seam], old[:seam])
    assert clip["duration_s"] >= seam_s + 4
    before = [w for w in words(song) if w["start_s"] < seam_s - 0.02]
    assert words(clip)[: len(before) - 1] == before[:-1]
    assert [w["word"] for w in words(clip)][-4:] == ["Evening", "on", "the", "mountain"]
    assert clip["lyrics"] == f"{LYRICS}\n\n{NEW}"
    score, _ = score_from_json(json.loads(Path(clip["files"]["score.json"]).read_text()))
    first, _ = score_from_json(json.loads(Path(song["files"]["score.json"]).read_text()))
    assert (score.bpm, score.tonic_pc, score.mode) == (first.bpm, first.tonic_pc, first.mode)
    assert clip["metadata"]["voice"] == json.loads(Path(song["files"]["recipe.json"]).read_text())["voice"]
    assert [score.lines[w["line"]].line.words for w in words(clip)], "a word names no line"
    recipe = json.loads(Path(clip["files"]["recipe.json"]).read_text())
    with pytest.raises(ValueError, match="another recording"):
        briefs_of(recipe)
    assert {"song.mp3", "song.mid", "video.mp4", "cover.png", "words.json"} <= set(clip["files"])


def test_a_continuation_alone_and_its_source_are_joined_at_the_bar(
    song: dict[str, Any], assets: Assets, tmp_path: Path
) -> None:
    (second,) = run("extend", extend_of(continue_at_s=9.1, with_origin=False), {"c": song}, tmp_path / "b", assets)
    seam_s = second["metadata"]["continue_at"]
    assert seam_s <= 9.1
    assert second["lyrics"] == NEW and words(second)[0]["word"] == "Evening" and words(second)[0]["line"] == 0
    links = (Link(clip_id="c", continue_at_s=9.1), Link(clip_id="d"))
    request = ConcatRequest(model="chirp-v5", source_clip_ids=("c", "d"), chain=links)
    (whole,) = run("concat", request, {"c": song, "d": second}, tmp_path, assets)
    seam = round(seam_s * RATE_HZ)
    assert np.array_equal(pcm(whole)[:seam], pcm(song)[:seam])
    assert np.array_equal(pcm(whole)[seam + FADE :], pcm(second)[FADE:])
    later = [w for w in words(whole) if w["start_s"] >= seam_s - 0.02]
    assert [(w["word"], round(w["start_s"] - seam_s, 2)) for w in later] == [
        (w["word"], round(w["start_s"], 2)) for w in words(second)
    ]
    score, arrangement = score_from_json(json.loads(Path(whole["files"]["score.json"]).read_text()))
    assert score.duration_s == pytest.approx(whole["duration_s"] - 2.0, abs=0.1)
    assert [score.lines[w["line"]].line.words[0].text for w in later[:1]] == ["Evening"]
    assert arrangement is not None and len({part.name for part in arrangement.parts}) == len(arrangement.parts)


def test_a_replaced_part_is_new_and_everything_else_as_it_was(
    song: dict[str, Any], assets: Assets, tmp_path: Path
) -> None:
    bar_s = 4 * 60 / json.loads(Path(song["files"]["recipe.json"]).read_text())["bpm"]
    wishes: dict[str, Any] = {"reading": Reading.LYRICS, "lyrics": NEW, "source_clip_ids": ("c",)}
    request = ReplaceSectionRequest(model="chirp-v5", start_s=bar_s * 1.2, end_s=bar_s * 3.5, **wishes)
    (clip,) = run("replace_section", request, {"c": song}, tmp_path, assets)
    start, end = (round(at * RATE_HZ) for at in clip["metadata"]["replaced_s"])
    assert clip["metadata"]["replaced_s"] == pytest.approx([bar_s, 4 * bar_s], abs=1e-5)
    old, new = pcm(song), pcm(clip)
    assert len(new) == len(old)
    assert np.array_equal(new[:start], old[:start]) and np.array_equal(new[end:], old[end:])
    assert not np.array_equal(new[start:end], old[start:end])
    assert "Evening" in [w["word"] for w in words(clip)]


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("extend", extend_of(continue_at_s=400.0)),
        ("extend", extend_of(continue_at_s=0.2)),
        ("replace_section", ReplaceSectionRequest(model="m", reading=Reading.LYRICS, start_s=5, end_s=400,
                                                  source_clip_ids=("c",))),
    ],
)  # fmt: skip
def test_what_lies_outside_the_song_ends_the_task_with_a_reason(
    kind: str, request_: Request, song: dict[str, Any], assets: Assets, tmp_path: Path
) -> None:
    with pytest.raises(ProviderError) as caught:
        run(kind, request_, {"c": song}, tmp_path, assets)
    assert caught.value.permanent and caught.value.code == "invalid_request" and "song" in caught.value.message


def test_a_clip_of_which_nothing_is_known_cannot_be_continued(
    song: dict[str, Any], assets: Assets, tmp_path: Path
) -> None:
    bare = {**song, "files": {"song.flac": song["files"]["song.flac"]}}
    with pytest.raises(ProviderError) as caught:
        run("extend", extend_of(), {"c": bare}, tmp_path, assets)
    assert caught.value.permanent


# ----------------------------------------------------------------------------------------------------------- stems


def test_stems_of_a_song_made_here_are_those_of_its_mix(song: dict[str, Any], assets: Assets, tmp_path: Path) -> None:
    request = SeparateRequest(model="chirp-v5", source_clip_ids=("c",))
    (clip,) = run("separate", request, {"c": song}, tmp_path, assets)
    assert clip["metadata"]["from_the_mix"] and "lead_vocal" in clip["metadata"]["stems"]
    with zipfile.ZipFile(clip["files"]["stems.zip"]) as archive:
        facts = json.loads(archive.read("stems.json"))
        archive.extractall(tmp_path / "stems")
    gain = 10 ** (facts["gain_to_master_db"] / 20)
    total = gain * np.sum([soundfile.read(tmp_path / "stems" / name)[0] for name in facts["stems"]], axis=0)
    voice, band = (soundfile.read(clip["files"][name])[0] for name in ("vocals.flac", "instrumental.flac"))
    inside = np.abs(total).max(axis=1) < 0.95  # the two sums are 16 bit, and clip beyond full scale
    assert residual_db((voice + band - total)[inside], total[inside]) <= -60
    master = soundfile.read(song["files"]["song.flac"])[0]
    quiet = np.abs(total).max(axis=1) < 0.2  # where the limiter lets everything through
    assert quiet.sum() > RATE_HZ and np.corrcoef(master[quiet, 0], total[quiet, 0])[0, 1] >= 0.99


def residual_db(residual: np.ndarray, whole: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(residual**2) / np.mean(whole**2)))


def test_a_song_from_another_engine_is_split_by_ear(song: dict[str, Any], assets: Assets, tmp_path: Path) -> None:
    if not ListeningModels(assets.root / "listening").available:
        pytest.skip("the separation model is not installed")
    recipe = json.loads(Path(song["files"]["recipe.json"]).read_text())
    (tmp_path / "recipe.json").write_text(json.dumps({**recipe, "engine": "0.0.1"}))
    sound = tmp_path / "song.flac"
    soundfile.write(sound, pcm(song)[: 4 * RATE_HZ], RATE_HZ, "PCM_16")
    source = {**song, "files": {"song.flac": str(sound), "recipe.json": str(tmp_path / "recipe.json")}}
    (clip,) = run("separate", SeparateRequest(model="m", source_clip_ids=("c",)), {"c": source}, tmp_path, assets)
    assert clip["metadata"] == {"stems": ["vocals", "instrumental"], "from_the_mix": False}


# --------------------------------------------------------------------------------------------------------- uploads


def heard_upload(folder: Path, seconds: float = 17.0, bpm: float = 100.0) -> dict[str, Any]:
    """A recording of four chords at 100 bpm whose first bar begins 0.3 s in, as an upload with its analysis."""
    folder.mkdir()
    beat_s = 60 / bpm
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    bars = np.floor((times_s - 0.3) / (4 * beat_s)).astype(int)
    roots = np.array([0, 9, 5, 7])[bars % 4]
    tone = sum(np.sin(2 * np.pi * 130.81 * 2 ** ((roots + up) / 12) * times_s) for up in (0, 7)) * 0.1
    soundfile.write(folder / "song.flac", np.stack([tone, tone], axis=1), RATE_HZ, "PCM_16")
    chords = tuple(
        HeardChord(
            0.3 + k * 4 * beat_s, 0.3 + (k + 1) * 4 * beat_s, (0, 9, 5, 7)[k % 4], "minor" if k % 4 == 1 else "major"
        )
        for k in range(7)
    )
    heard = Heard(
        duration_s=seconds,
        loudness_lufs=-18.0,
        has_voice=True,
        voice_share=0.5,
        beats=HeardBeats(bpm, True, 4, 0, tuple(float(t) for t in np.arange(0.3, seconds, beat_s))),
        key=HeardKey(0, "major", 0.5),
        chords=chords,
        melody=tuple(
            HeardNote(0.3 + k * beat_s, 0.3 + (k + 0.9) * beat_s, 60 + (0, 4, 7, 4)[k % 4])
            for k in range(24)
            if k % 8 < 6
        ),
        melody_from="voice",
        sections_s=(0.3,),
    )
    (folder / "analysis.json").write_text(json.dumps(msgspec.to_builtins(heard)))
    files = {name: folder / name for name in ("song.flac", "analysis.json")}
    return source_of(files, seconds, "uploaded audio", "")


def test_an_upload_is_continued_in_its_tempo_and_key_from_a_bar_line(assets: Assets, tmp_path: Path) -> None:
    upload = heard_upload(tmp_path / "upload")
    (clip,) = run("extend", extend_of(style="folk"), {"c": upload}, tmp_path, assets)
    seam_s = clip["metadata"]["continue_at"]
    assert (seam_s - 0.3) / 2.4 == pytest.approx(round((seam_s - 0.3) / 2.4), abs=1e-4), "the seam is no bar line"
    seam = round(seam_s * RATE_HZ)
    assert np.array_equal(pcm(clip)[:seam], pcm(upload)[:seam])
    assert clip["metadata"]["bpm"] == 100 and clip["metadata"]["key"] == "C major"
    assert all(w["start_s"] >= seam_s - 0.2 for w in words(clip)) and words(clip)


def test_a_cover_of_an_upload_sings_new_words_on_the_tune_that_was_heard(assets: Assets, tmp_path: Path) -> None:
    upload = heard_upload(tmp_path / "upload")
    request = UploadCoverRequest(
        model="chirp-v5", reading=Reading.LYRICS, lyrics=NEW, style="synth pop", source_clip_ids=("c",)
    )
    clip, second = sorted(
        run("upload_cover", request, {"c": upload}, tmp_path, assets, clips=2), key=lambda each: each["index"]
    )
    assert second["metadata"]["voice"] == clip["metadata"]["voice"] and not np.array_equal(pcm(second), pcm(clip))
    score, _ = score_from_json(json.loads(Path(clip["files"]["score.json"]).read_text()))
    assert score.bpm == 100 and [c.symbol for c in score.chords[:4]] == ["C", "Am", "F", "G"]
    tune = sorted((n.start_beats, n.midi % 12) for n in (*(n for v in score.lines for n in v.notes), *score.themes))
    assert [pc for at, pc in tune if at < 6] == [0, 4, 7, 4, 0, 4]
    assert [w["word"] for w in words(clip)] == ["Evening", "on", "the", "mountain"]
    assert clip["duration_s"] == pytest.approx(17 + 2, abs=2.5)


def test_a_recording_without_a_beat_is_refused(assets: Assets, tmp_path: Path) -> None:
    upload = heard_upload(tmp_path / "upload")
    path = Path(upload["files"]["analysis.json"])
    heard = msgspec.convert(json.loads(path.read_text()), Heard)
    path.write_text(json.dumps(msgspec.to_builtins(replace(heard, beats=replace(heard.beats, times_s=(0.5,))))))
    with pytest.raises(ProviderError, match="beat") as caught:
        run("extend", extend_of(), {"c": upload}, tmp_path, assets)
    assert caught.value.permanent
