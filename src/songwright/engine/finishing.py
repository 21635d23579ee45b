"""From paper to files: instruments and voice, mix, and everything a listener gets, for one clip.

Conventions: see `material.py`. All files are written into the order's own folder, under the names of `FILES`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from songwright.engine.cover_art import draw_cover, machine_made
from songwright.engine.cutting import arrangement_between, score_between
from songwright.engine.dsp import loudness_lufs, true_peak_dbtp
from songwright.engine.encode import (
    SongTags,
    quantised,
    score_json,
    write_flac,
    write_midi,
    write_mp3,
    write_wav,
    write_words,
)
from songwright.engine.instruments import fonts_in_use, instrument_notes, played
from songwright.engine.material import (
    SAMPLE_RATE_HZ,
    Arrangement,
    Assets,
    Audio,
    Brief,
    Lyrics,
    Master,
    Score,
    Stem,
    Style,
    WordTime,
)
from songwright.engine.mix import ROLE_ORDER, mix
from songwright.engine.recipe import key_name, pcm_sha256, recipe
from songwright.engine.splicing import Splice, part_to_play, spliced, without_empty_sections
from songwright.engine.video import VideoLine, write_video
from songwright.engine.voice import Singer, SungTake, Vocals, release_model, vocal_stems

MASTER = "song.flac"  #: written first of all files: who listens already goes on with it
COVER_PX, COVER_LARGE_PX = 360, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishOrder:
    """One clip on paper and where its files go."""

    index: int
    clips: int  #: how many were sung together
    brief: Brief
    style: Style
    lyrics: Lyrics
    singer: Singer | None
    score: Score
    arrangement: Arrangement
    sung: tuple[SungTake, ...]
    notes: tuple[str, ...]
    folder: Path
    with_video: bool
    with_stems: bool
    runtime: str
    splice: Splice | None = None  #: the old recording that the new part belongs to
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])  #: how it was made from another recording


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedClip:
    """One clip with its files by name."""

    title: str
    lyrics: str
    style: str
    duration_s: float
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


def finish_clip(order: FinishOrder, assets: Assets) -> FinishedClip:
    """Play, sing, mix and write one clip. Raises EncodingFailed when a file cannot be written."""
    order.folder.mkdir(parents=True, exist_ok=True)
    release_model()  # what comes now needs the memory more than the next song needs the two seconds
    score, arrangement = order.score, order.arrangement
    if order.splice is not None:
        score, arrangement = part_to_play(score, arrangement, order.splice)
    vocals = _vocals(order, score)
    words = vocals.word_times if vocals else ()
    sung = sorted(vocals.stems, key=lambda stem: ROLE_ORDER.index(stem.role)) if vocals else []
    dry_lead = lead_alone(sung) if sung and order.with_stems else None
    del vocals
    band = played(arrangement, score, assets)  # one by one: the dry band never exists all at once
    singing = _let_go_one_by_one(sung)  # first, because the band makes room for it
    master = mix(chain(singing, band), without_empty_sections(score), order.style, with_stems=order.with_stems)
    if order.splice is None:
        pcm = quantised(master.pcm)
    else:
        pcm, words = spliced(order.splice, order.score, master.pcm, words)
        master = heard_again(pcm)
        if not order.splice.with_origin:
            order, words = _alone(order, order.splice.seam_beats, words)
    if order.with_stems:
        _write_studio_files(order.folder, master, dry_lead)
    return write_recording(order, master, pcm, words, assets)


def write_recording(
    order: FinishOrder, master: Master, pcm: NDArray[np.int16], words: Sequence[WordTime], assets: Assets
) -> FinishedClip:
    """Every file of a recording: `pcm` is `master` in 16 bit, [samples, 2]."""
    write_flac(order.folder / MASTER, pcm)
    made = recipe(
        order.brief,
        order.style,
        order.score,
        order.singer,
        master,
        clips=order.clips,
        runtime=order.runtime,
        pcm_sha256=pcm_sha256(pcm),
        sound_fonts=fonts_in_use(assets),
        fallbacks=(*order.notes, *instrument_notes(assets)),
    )
    if order.facts:
        made["rework"] = dict(order.facts)
    _write_song_files(order, master, words, made, assets)
    return _finished(order, made, pcm.shape[0] / SAMPLE_RATE_HZ)


def _finished(order: FinishOrder, made: Mapping[str, Any], duration_s: float) -> FinishedClip:
    """The clip whose files lie in the order's folder."""
    shown = ("bpm", "key", "voice", "fallbacks", "understood", "ignored", "engine")
    return FinishedClip(
        title=order.lyrics.title,
        lyrics=order.lyrics.text,
        style=order.style.description or order.style.name,
        duration_s=duration_s,
        files={path.name: path for path in sorted(order.folder.iterdir()) if path.is_file()},
        metadata={key: made[key] for key in shown} | dict(made.get("rework", {})),
    )


def heard_again(pcm: NDArray[np.int16]) -> Master:
    """A master with a finished recording [samples, 2] as its sound."""
    sound = np.ascontiguousarray(pcm.T, np.float32) / np.float32(32768.0)
    return Master(pcm=sound, stems=(), loudness_lufs=loudness_lufs(sound), true_peak_dbtp=true_peak_dbtp(sound))


def _alone(order: FinishOrder, start_beats: float, words: Sequence[WordTime]) -> tuple[FinishOrder, list[WordTime]]:
    """The paper of a continuation by itself, and its words."""
    end = order.score.length_beats
    part = score_between(order.score, start_beats, end)
    lines, sections = len(order.score.lines) - len(part.lines), len(order.score.sections) - len(part.sections)
    own = [replace(word, line=word.line - lines, section=max(word.section - sections, 0)) for word in words]
    arrangement = arrangement_between(order.arrangement, start_beats, end + 1.0)
    return replace(order, score=part, arrangement=arrangement), own


def _vocals(order: FinishOrder, score: Score) -> Vocals | None:
    if order.singer is None:
        return None
    return vocal_stems(score, order.index, order.sung, order.singer, order.brief.seed)


def _let_go_one_by_one(stems: list[Stem]) -> Iterator[Stem]:
    """The stems; each is forgotten here as soon as it is handed over, because the mix works on a copy."""
    while stems:
        yield stems.pop(0)


def _write_song_files(
    order: FinishOrder, master: Master, words: Sequence[WordTime], made: Mapping[str, Any], assets: Assets
) -> None:
    folder, lyrics, style = order.folder, order.lyrics, order.style
    seed = order.brief.seed * 2 + order.brief.take
    large = draw_cover(lyrics.title, style, seed, COVER_LARGE_PX, fonts=assets.fonts)
    (folder / "cover_large.png").write_bytes(large)
    (folder / "cover.png").write_bytes(thumbnail(large, COVER_PX))
    write_mp3(folder / "song.mp3", master.pcm, _tags(order, folder / "cover.png"))
    write_midi(folder / "song.mid", order.score, order.arrangement)
    write_words(folder / "words.json", words)
    _write_json(folder / "score.json", score_json(order.score, order.arrangement))
    _write_json(folder / "recipe.json", made)
    if order.with_video:
        write_video(
            folder / "video.mp4",
            large,
            folder / "song.mp3",
            video_lines(words),
            lyrics.title,
            master.pcm.shape[1] / SAMPLE_RATE_HZ,
            fonts=assets.fonts,
        )


def _tags(order: FinishOrder, cover: Path) -> SongTags:
    return SongTags(
        title=order.lyrics.title,
        style=order.style.description or order.style.name,
        lyrics="" if order.singer is None else order.lyrics.text,
        language=order.lyrics.language,
        bpm=order.score.bpm,
        key=key_name(order.score),
        cover_png=cover.read_bytes(),
        comment="Composed, sung and mixed by a machine (Songwright).",
    )


def _write_studio_files(folder: Path, master: Master, dry_lead: Audio | None) -> None:
    """The loss-less master, the lead alone and dry, and every stem as it went into the sum (float: it may exceed 1)."""
    write_wav(folder / "song.wav", master.pcm)
    if dry_lead is not None:
        write_wav(folder / "vocals.wav", dry_lead)
    (folder / "stems").mkdir(exist_ok=True)
    for stem in master.stems:
        write_wav(folder / "stems" / f"{stem.name.lower().replace(' ', '_')}.wav", stem.audio, bits=32)


def lead_alone(stems: Sequence[Stem]) -> Audio:
    """The dry lead vocal, shape [2, samples]."""
    return next(stem.audio for stem in stems if stem.name == "Lead vocal")


def video_lines(words: Sequence[WordTime]) -> tuple[VideoLine, ...]:
    """Word times grouped into the lines they were sung in."""
    lines = [list(group) for _, group in groupby(words, key=lambda word: word.line)]
    return tuple(
        VideoLine(line[0].start_s, line[-1].end_s, tuple((w.word, w.start_s, w.end_s) for w in line)) for line in lines
    )


def thumbnail(png: bytes, size_px: int) -> bytes:
    """The same picture with sides of `size_px`."""
    small = BytesIO()
    Image.open(BytesIO(png)).resize((size_px, size_px), Image.Resampling.LANCZOS).save(
        small, "PNG", pnginfo=machine_made()
    )
    return small.getvalue()


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
