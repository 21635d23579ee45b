"""The child's jobs that listen, in this process: a sent file becomes a clip, a clip becomes two stems."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from songwright.analysis import ListeningModels
from songwright.core.errors import ProviderError
from songwright.core.requests import AudioSource, SeparateRequest, UploadRequest
from songwright.engine.material import Assets
from songwright.providers.embedded.listening_jobs import LISTENING_JOBS

RATE_HZ = 44_100


@pytest.fixture
def listening(assets: Assets) -> Assets:
    if not ListeningModels(assets.root / "listening").available:
        pytest.skip("the separation model is not installed")
    return assets


def run(kind: str, job: Mapping[str, Any], assets: Assets) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    pool: Any = None  # these jobs work in one process
    result = LISTENING_JOBS[kind]({"seed": 1, **job}, lambda news: said.append(dict(news)), assets, pool)
    assert result == {"failures": {}}
    return said


def upload_of(audio: Path | None, folder: Path, name: str = "") -> dict[str, Any]:
    request = UploadRequest(model="chirp-v3-5", audio=AudioSource(key="k", file_name=name))
    sent = str(audio) if audio else ""
    return {"request": msgspec.to_builtins(request), "folders": [str(folder / "clip")], "audio": sent}


def ticking(seconds: float) -> np.ndarray[Any, Any]:
    """A chord of C with a tick at 120 bpm."""
    times_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * hertz * times_s) for hertz in (130.81, 261.63, 329.63, 392.0)) * 0.08
    return np.stack([chord + 0.3 * np.exp(-(times_s % 0.5) / 0.01) * np.sin(2 * np.pi * 90 * times_s)] * 2, axis=1)


def test_a_sent_file_becomes_a_clip_with_what_was_heard(listening: Assets, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sent", ticking(12), RATE_HZ, format="WAV")
    said = run("upload", upload_of(tmp_path / "sent", tmp_path, "My Tune.wav"), listening)
    clip = said[-1]["clip"]
    assert clip["title"] == "My Tune" and clip["duration_s"] == pytest.approx(12, abs=0.01)
    assert set(clip["files"]) == {"song.flac", "song.mp3", "cover.png", "cover_large.png", "analysis.json"}
    heard = json.loads(Path(clip["files"]["analysis.json"]).read_text())
    assert heard["beats"]["bpm"] == pytest.approx(120, rel=0.01)
    assert clip["metadata"]["analysis"]["key"] == "C major" and clip["metadata"]["analysis"]["has_vocal"] is False
    shares = [news["share"] for news in said if "share" in news]
    assert shares == sorted(shares) and len(shares) >= 5


@pytest.mark.parametrize("content", [b"", b"no audio at all", b"RIFF\x24\0\0\0WAVEfmt "])
def test_what_is_no_audio_ends_the_task_with_a_reason(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(content)
    with pytest.raises(ProviderError) as caught:
        run("upload", upload_of(tmp_path / "sent", tmp_path), Assets(tmp_path))
    assert caught.value.permanent and caught.value.code == "invalid_audio" and caught.value.message


def test_without_the_model_an_upload_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sent", ticking(2), RATE_HZ, format="WAV")
    with pytest.raises(ProviderError, match="make fetch"):
        run("upload", upload_of(tmp_path / "sent", tmp_path), Assets(tmp_path))


def test_two_stems_add_up_to_their_source(listening: Assets, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "song.flac", ticking(6), RATE_HZ, "PCM_16")
    request = SeparateRequest(model="chirp-v3-5", source_clip_ids=("c",))
    source = {"files": {"song.flac": str(tmp_path / "song.flac")}, "title": "T", "lyrics": "", "style": "s"}
    job = {"request": msgspec.to_builtins(request), "folders": [str(tmp_path / "clip")], "sources": {"c": source}}
    clip = run("separate", job, listening)[-1]["clip"]
    vocals, band = (soundfile.read(clip["files"][name])[0] for name in ("vocals.flac", "instrumental.flac"))
    whole = soundfile.read(tmp_path / "song.flac")[0]
    assert np.abs(vocals + band - whole).max() <= 2 / 32768
    assert sorted(zipfile.ZipFile(clip["files"]["stems.zip"]).namelist()) == ["instrumental.flac", "vocals.flac"]
