"""The downloads of dialect A: a clip's files to whoever has the key, in formats made from what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from songwright.core.errors import Conflict, NotFound
from songwright.core.exchange import Answer, Call, Endpoint, QueryParameter
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.dialects.base import (
    Services,
    TimedLine,
    file_answer,
    lrc,
    read_words,
    srt,
    text_answer,
    timed_lines,
    vtt,
    wav_answer,
)
from songwright.dialects.base.desk import BUSY

_PATH = "/api/v1/clips/{clip_id}"
_NO_STEMS = (
    "This clip has no stems yet: order them with POST /api/v1/audio/music/separate and its clip_id; "
    "the clip of that task has them at this address."
)


@dataclass(frozen=True, slots=True)
class _ClipRoutes:
    """Handlers; the methods' names are the operations' names in the documentation."""

    services: Services

    async def clip_wav(self, call: Call) -> Answer:
        clip = self._clip(call)
        path = await asyncio.to_thread(self._path, clip, FileKind.AUDIO_FLAC)
        return await wav_answer(path, f"{clip.id}.wav")

    async def clip_flac(self, call: Call) -> Answer:
        return await self._file(call, FileKind.AUDIO_FLAC, "audio/flac", "{}.flac")

    async def clip_midi(self, call: Call) -> Answer:
        return await self._file(call, FileKind.MIDI, "audio/midi", "{}.mid")

    async def clip_stems(self, call: Call) -> Answer:
        if FileKind.STEMS_ZIP.value not in self._clip(call).files:
            raise NotFound(_NO_STEMS)
        return await self._file(call, FileKind.STEMS_ZIP, "application/zip", "{}-stems.zip")

    async def clip_lrc(self, call: Call) -> Answer:
        clip, lines = await self._lines(call)
        enhanced = call.query.get("enhanced", "").lower() in ("1", "true", "yes")
        text = lrc(lines, clip.title, clip.duration_s or 0.0, enhanced=enhanced)
        return text_answer(text, "text/plain", f"{clip.id}.lrc")

    async def clip_srt(self, call: Call) -> Answer:
        clip, lines = await self._lines(call)
        return text_answer(srt(lines), "application/x-subrip", f"{clip.id}.srt")

    async def clip_vtt(self, call: Call) -> Answer:
        clip, lines = await self._lines(call)
        return text_answer(vtt(lines, clip.title), "text/vtt", f"{clip.id}.vtt")

    def _clip(self, call: Call) -> Clip:
        owned = self.services.lifecycle.records.own_clip(call.caller.account_id, call.path["clip_id"])
        if owned.clip.status is not ClipStatus.COMPLETE and not owned.task.status.final:
            raise Conflict(BUSY, param="clip_id")
        return owned.clip

    def _path(self, clip: Clip, kind: FileKind) -> Any:
        if kind.value not in clip.files:
            raise NotFound(f"This clip has no {kind.value}.")
        return self.services.lifecycle.records.clip_path(clip, kind)

    async def _file(self, call: Call, kind: FileKind, content_type: str, name: str) -> Answer:
        clip = self._clip(call)
        path = await asyncio.to_thread(self._path, clip, kind)
        return await file_answer(path, content_type, name.format(clip.id))

    async def _lines(self, call: Call) -> tuple[Clip, list[TimedLine]]:
        clip = self._clip(call)
        content = await asyncio.to_thread(lambda: self._path(clip, FileKind.WORDS_JSON).read_bytes())
        lines = timed_lines(clip.lyrics, read_words(content))
        if not any(line.words for line in lines):
            raise NotFound("This clip is instrumental: nothing is sung in it.")
        return clip, lines


def clip_endpoints(services: Services) -> tuple[Endpoint, ...]:
    """The routes with their documentation."""
    routes = _ClipRoutes(services)
    enhanced = QueryParameter("enhanced", "`true`: a time before each word, not only before each line.", required=False)
    return (
        _download(routes.clip_wav, ".wav", "audio/wav", "The song as 16-bit WAV."),
        _download(routes.clip_flac, ".flac", "audio/flac", "The song without loss."),
        _download(routes.clip_midi, ".mid", "audio/midi", "Every part and the melody as a standard MIDI file."),
        _download(routes.clip_lrc, ".lrc", "text/plain", "The words with their times as LRC.", (enhanced,)),
        _download(routes.clip_srt, ".srt", "application/x-subrip", "The words with their times as SubRip."),
        _download(routes.clip_vtt, ".vtt", "text/vtt", "The words with their times as WebVTT."),
        _download(routes.clip_stems, "/stems.zip", "application/zip", "Every stem as FLAC."),
    )


def _download(
    handle: Any, ending: str, content_type: str, summary: str, query: tuple[QueryParameter, ...] = ()
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=_PATH + ending,
        handle=handle,
        summary=summary,
        response=None,
        produces=content_type,
        query=query,
        errors=(404, 409),
    )
