"""What the fake provider makes for each kind of order: tones for songs, and true work where a tone would be a lie.

Continuations and joins contain the old audio sample by sample, an upload is what was sent, two stems add up to their
source. Nothing is composed, sung or listened to. Conventions: lengths in seconds, audio as 16-bit FLAC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soundfile

from songwright.core.errors import ProviderError
from songwright.core.requests import ConcatRequest, ExtendRequest
from songwright.core.song import FileKind, SongRequest
from songwright.core.task import TaskKind
from songwright.providers.base import Job, MadeClip, SourceClip
from songwright.providers.fake.files import DURATION_S, MARK, clip_files, decode, encode_mp3, timed_words, zip_of

BAR_S = 1.0  #: the default seam of a continuation lies this long before the ending
_LYRICS = "[Verse]\nLa la la\nLa la la la\n\n[Chorus]\nLa la, la la\nLa la la la"
_IMAGES = (FileKind.IMAGE_PNG.value, FileKind.IMAGE_LARGE_PNG.value)
_OF_SOUND = frozenset({FileKind.AUDIO_MP3.value, FileKind.AUDIO_FLAC.value, FileKind.STEMS_ZIP.value})


@dataclass(frozen=True, slots=True)
class Made:
    """Files of one clip and what is known of them."""

    files: dict[str, Path]
    duration_s: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


def text_of(job: Job, index: int) -> MadeClip:
    """What is known of a clip before it can be heard."""
    request = job.request
    source = next(iter(job.sources.values()), None)
    style = (request.style if isinstance(request, SongRequest) else "") or (source.style if source else "test tone")
    return MadeClip(
        index=index,
        title=request.title or (source.title if source else "Test tone"),
        lyrics=_words(job, source),
        style=style,
        metadata={"provider": "fake", "bpm": 120},
    )


def _words(job: Job, source: SourceClip | None) -> str:
    request = job.request
    if isinstance(request, ExtendRequest) and request.with_origin and source is not None:
        return "\n\n".join(part for part in (source.lyrics, request.lyrics) if part)
    if isinstance(request, SongRequest):
        return "" if request.instrumental else request.lyrics or "[Verse]\nLa"
    if isinstance(request, ConcatRequest):
        return "\n\n".join(each.lyrics for each in job.sources.values() if each.lyrics)
    return _LYRICS if job.kind is TaskKind.LYRICS else (source.lyrics if source else "")


def make_clip(job: Job, index: int, folder: Path) -> Made:
    """The files of one clip, in `folder`. Raises ProviderError for audio that is none."""
    return _MAKERS[job.kind](job, index, folder)


def _song(job: Job, index: int, folder: Path) -> Made:
    words = {FileKind.WORDS_JSON.value: timed_words(text_of(job, index).lyrics)}
    return Made(_written({**clip_files(index), **words}, folder), DURATION_S)


def _extended(job: Job, index: int, folder: Path) -> Made:
    request = job.request
    assert isinstance(request, ExtendRequest)
    source = job.sources[request.source_clip_ids[0]]
    length_s = source.duration_s or DURATION_S
    seam_s = request.continue_at_s if request.continue_at_s is not None else max(length_s - BAR_S, BAR_S / 2)
    made = _song(job, index, folder)
    if request.with_origin:
        tone = made.files[FileKind.AUDIO_FLAC.value]
        made = _joined([(_sound(source), seam_s), (tone, None)], made.files, folder)
    return Made(made.files, made.duration_s, {"continue_at": round(seam_s, 3)})


def _concatenated(job: Job, index: int, folder: Path) -> Made:
    request = job.request
    assert isinstance(request, ConcatRequest)
    parts = [(_sound(job.sources[link.clip_id]), link.continue_at_s) for link in request.chain]
    return _joined(parts, _written(clip_files(index), folder), folder)


def _joined(parts: Sequence[tuple[Path, float | None]], files: dict[str, Path], folder: Path) -> Made:
    """One clip out of several, each up to a second of its own; all but the sound is taken from `files`."""
    joined = folder / "joined.flac"
    rate_hz = soundfile.info(str(parts[0][0])).samplerate
    frames = 0
    with soundfile.SoundFile(str(joined), "w", rate_hz, 1, "PCM_16") as out:
        out.comment = MARK
        for path, until_s in parts:
            count = -1 if until_s is None else round(until_s * rate_hz)
            audio = soundfile.read(str(path), count, dtype="int16", always_2d=True)[0][:, :1]
            out.write(audio)
            frames += len(audio)
    return _with_sound(files, joined, frames / rate_hz)


def _uploaded(job: Job, index: int, folder: Path) -> Made:
    if job.audio is None:
        raise ProviderError("There is no audio.", code="invalid_audio")
    flac = folder / "taken-in.flac"
    duration_s = decode(job.audio, flac)
    pictures = {name: content for name, content in clip_files(index).items() if name in _IMAGES}
    made = _with_sound(_written(pictures, folder), flac, duration_s)
    return Made(made.files, duration_s, {"analysis": None})


def _covered(job: Job, index: int, folder: Path) -> Made:
    if job.audio is not None:
        decode(job.audio, folder / "taken-in.flac")
    return _song(job, index, folder)


def _pictures(job: Job, index: int, folder: Path) -> Made:  # noqa: ARG001
    return Made(_written({name: clip_files(index)[name] for name in _IMAGES}, folder))


def _nothing(job: Job, index: int, folder: Path) -> Made:  # noqa: ARG001
    return Made({})


def _separated(job: Job, index: int, folder: Path) -> Made:  # noqa: ARG001
    source = job.sources[job.request.source_clip_ids[0]]
    with soundfile.SoundFile(str(_sound(source))) as sound:
        audio, rate_hz, comment = sound.read(dtype="int16"), sound.samplerate, sound.comment
    files = {name: folder / name for name in (FileKind.VOCALS_FLAC.value, FileKind.INSTRUMENTAL_FLAC.value)}
    for path, stem in zip(files.values(), (audio, audio * 0), strict=True):
        with soundfile.SoundFile(str(path), "w", rate_hz, 1 if stem.ndim == 1 else stem.shape[1], "PCM_16") as out:
            if comment:
                out.comment = comment
            out.write(stem)
    stems = folder / FileKind.STEMS_ZIP.value
    stems.write_bytes(zip_of({name: path.read_bytes() for name, path in files.items()}))
    return Made({**files, stems.name: stems}, source.duration_s)


def _with_sound(files: dict[str, Path], flac: Path, duration_s: float) -> Made:
    folder = flac.parent
    kept = {name: path for name, path in files.items() if name not in _OF_SOUND}
    song, mp3 = folder / FileKind.AUDIO_FLAC.value, folder / FileKind.AUDIO_MP3.value
    flac.replace(song)
    encode_mp3(song, mp3)
    return Made({**kept, song.name: song, mp3.name: mp3}, duration_s)


def _sound(source: SourceClip) -> Path:
    return source.files[FileKind.AUDIO_FLAC.value]


def _written(contents: dict[str, bytes], folder: Path) -> dict[str, Path]:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


_MAKERS: dict[TaskKind, Callable[[Job, int, Path], Made]] = {
    TaskKind.MUSIC: _song,
    TaskKind.EXTEND: _extended,
    TaskKind.REPLACE_SECTION: _song,
    TaskKind.CONCAT: _concatenated,
    TaskKind.UPLOAD: _uploaded,
    TaskKind.UPLOAD_COVER: _covered,
    TaskKind.COVER_IMAGE: _pictures,
    TaskKind.LYRICS: _nothing,
    TaskKind.SEPARATE: _separated,
    TaskKind.TIMESTAMPED_LYRICS: _nothing,
}
