"""The jobs of the child that listen: take audio in as a clip, and split a clip into voice and band.

Conventions: a job and its news are JSON as in `child.py`. What a user sent is decoded in a limited process of its own
before anything here looks at it.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile

from songwright.analysis import Heard, ListeningModels, ModelsMissing, listen, load_networks, separate_file
from songwright.core.errors import ProviderError
from songwright.core.requests import SeparateRequest, UploadRequest
from songwright.core.song import FileKind
from songwright.core.task import TaskKind
from songwright.engine.cover_art import draw_cover
from songwright.engine.encode import SongTags, write_mp3
from songwright.engine.finishing import COVER_LARGE_PX, COVER_PX, thumbnail
from songwright.engine.material import Assets, Brief
from songwright.engine.recipe import NOTE_NAMES
from songwright.engine.stems import NoStems, write_stems
from songwright.engine.styles import understand_style
from songwright.media import MediaRefused, decode_upload
from songwright.providers.embedded.pool import RenderPool

Send = Callable[[Mapping[str, Any]], None]
_VOCALS, _BAND = FileKind.VOCALS_FLAC.value, FileKind.INSTRUMENTAL_FLAC.value


def take_in(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:  # noqa: ARG001
    """Make a clip of what was sent: its sound without loss and as MP3, a cover, and what was heard in it."""
    request = msgspec.convert(job["request"], UploadRequest)
    folder = _own_folder(job)
    send({"share": 0.02, "stage": "decode"})
    decoded = folder / FileKind.AUDIO_FLAC.value
    decode_sent(job, decoded)
    heard = listened(decoded, folder, assets, lambda share, stage: send({"share": 0.1 + 0.8 * share, "stage": stage}))
    send({"share": 0.92, "stage": "encode"})
    title = request.title or Path(request.audio.file_name).stem or "Upload"
    _draw(title, job["seed"], folder, assets)
    pcm = np.asarray(soundfile.read(decoded, dtype="float32", always_2d=True)[0], np.float32).T
    tags = SongTags(
        title=title,
        bpm=heard.beats.bpm,
        key=key_name(heard),
        cover_png=(folder / FileKind.IMAGE_PNG.value).read_bytes(),
        comment="Uploaded by its owner.",
    )
    write_mp3(folder / FileKind.AUDIO_MP3.value, pcm, tags)
    (folder / FileKind.ANALYSIS_JSON.value).write_text(json.dumps(msgspec.to_builtins(heard)), encoding="utf-8")
    kinds = (
        FileKind.AUDIO_FLAC,
        FileKind.AUDIO_MP3,
        FileKind.IMAGE_PNG,
        FileKind.IMAGE_LARGE_PNG,
        FileKind.ANALYSIS_JSON,
    )
    shown = {"title": title, "lyrics": "", "style": "uploaded audio", "metadata": {"analysis": summary(heard)}}
    send(_clip(folder, [kind.value for kind in kinds], shown, heard.duration_s))
    return {"failures": {}}


def split(job: Mapping[str, Any], send: Send, assets: Assets, pool: RenderPool) -> Mapping[str, Any]:
    """The voice and the band of a clip. A song made here is played once more, and gives all its stems; any other
    recording is split in two that add up to it."""
    request = msgspec.convert(job["request"], SeparateRequest)
    source = job["sources"][request.source_clip_ids[0]]
    folder = _own_folder(job)
    song = Path(source["files"][FileKind.AUDIO_FLAC.value])
    stems = _stems_again(source, folder, send, assets, pool)
    wanted = [name for name, choice in ((_VOCALS, "vocals"), (_BAND, "instrumental")) if choice in request.stems]
    if stems is None:
        _split_by_ear(song, folder, wanted, send, assets)
    metadata = {"stems": list(request.stems) if stems is None else stems, "from_the_mix": stems is not None}
    shown = {key: source[key] for key in ("title", "lyrics", "style")} | {"metadata": metadata}
    send(_clip(folder, [*wanted, FileKind.STEMS_ZIP.value], shown, soundfile.info(song).duration))
    return {"failures": {}}


def _stems_again(
    source: Mapping[str, Any], folder: Path, send: Send, assets: Assets, pool: RenderPool
) -> list[str] | None:
    """The stems' names, or None for what was not made here or cannot be made again just as it was."""
    recipe = source["files"].get(FileKind.RECIPE_JSON.value)
    if recipe is None:
        return None
    try:
        made = json.loads(Path(recipe).read_text(encoding="utf-8"))
        return write_stems(
            made,
            folder / FileKind.STEMS_ZIP.value,
            folder / _VOCALS,
            folder / _BAND,
            assets,
            pool=pool,
            report=lambda share, stage: send({"share": share, "stage": stage}),
        )
    except NoStems as reason:
        print(f"stems are split by ear: {reason}", file=sys.stderr, flush=True)
        return None


def _split_by_ear(song: Path, folder: Path, wanted: list[str], send: Send, assets: Assets) -> None:
    try:
        networks = load_networks(ListeningModels(assets.root / "listening"))
    except ModelsMissing as missing:
        raise ProviderError(str(missing), code="not_available") from missing
    separate_file(
        song,
        folder / _VOCALS,
        folder / _BAND,
        networks,
        lambda share: send({"share": 0.95 * share, "stage": "separate"}),
    )
    with zipfile.ZipFile(folder / FileKind.STEMS_ZIP.value, "w", zipfile.ZIP_STORED) as archive:
        for name in wanted:
            archive.write(folder / name, name)


def decode_sent(job: Mapping[str, Any], target: Path) -> None:
    """Decode what came with the order to `target`. Raises ProviderError, permanent, with what is wrong with it."""
    if not job["audio"]:
        raise ProviderError("There is no audio.", code="invalid_audio")
    try:
        decode_upload(Path(job["audio"]), target)
    except MediaRefused as refused:
        raise ProviderError(refused.message, code="invalid_audio") from refused


def listened(song: Path, folder: Path, assets: Assets, report: Callable[[float, str], None]) -> Heard:
    """What is heard in `song`; the split parts stay in `folder`. Raises ProviderError when the models are missing."""
    try:
        return listen(song, folder, ListeningModels(assets.root / "listening"), report)
    except ModelsMissing as missing:
        raise ProviderError(str(missing), code="not_available") from missing


def summary(heard: Heard) -> dict[str, Any]:
    """What of an analysis is shown with the clip; the whole of it is a file."""
    return {
        "bpm": round(heard.beats.bpm, 2),
        "steady_tempo": heard.beats.steady,
        "beats_per_bar": heard.beats.beats_per_bar,
        "key": key_name(heard),
        "has_vocal": heard.has_voice,
        "loudness_lufs": round(heard.loudness_lufs, 1),
        "sections_s": [round(start_s, 2) for start_s in heard.sections_s],
        "chords": len(heard.chords),
        "melody_notes": len(heard.melody),
    }


def key_name(heard: Heard) -> str:
    """Such as `A minor`."""
    return f"{NOTE_NAMES[heard.key.tonic_pc]} {heard.key.mode}"


def _draw(title: str, seed: int, folder: Path, assets: Assets) -> None:
    style = understand_style(Brief(title=title, seed=seed))
    large = draw_cover(title, style, seed, COVER_LARGE_PX, fonts=assets.fonts)
    (folder / FileKind.IMAGE_LARGE_PNG.value).write_bytes(large)
    (folder / FileKind.IMAGE_PNG.value).write_bytes(thumbnail(large, COVER_PX))


def _own_folder(job: Mapping[str, Any]) -> Path:
    folder = Path(job["folders"][0])
    folder.mkdir(parents=True)
    return folder


def _clip(folder: Path, names: list[str], shown: Mapping[str, Any], duration_s: float) -> Mapping[str, Any]:
    files = {name: str(folder / name) for name in names}
    return {"clip": {"index": 0, **shown, "files": files, "duration_s": duration_s}}


LISTENING_JOBS: dict[str, Callable[[Mapping[str, Any], Send, Assets, RenderPool], Mapping[str, Any]]] = {
    TaskKind.UPLOAD.value: take_in,
    TaskKind.SEPARATE.value: split,
}
