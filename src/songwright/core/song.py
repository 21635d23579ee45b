"""What a caller orders and what a caller gets: `SongRequest` and `Clip`, free of any wire format.

Every kind of order is a `Request`; those that end in a song are `SongRequest`s, the others stand in `requests.py`.

Conventions: lengths in seconds (`_s`), tempo in beats a minute (`bpm`), controls in 0..1, text is Unicode NFC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Gender = Literal["male", "female"]


class Reading(Enum):
    """How the text of a request was understood; stored with the task and shown in its metadata."""

    LYRICS = "lyrics"  #: The words given are the words sung.
    DESCRIPTION = "description"  #: The engine writes words about what was described.
    INSTRUMENTAL = "instrumental"  #: Nothing is sung; the text is the theme.


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One order, after a dialect has translated it: what every kind of order has."""

    model: str  #: canonical name from the catalog, such as `chirp-v4-5`
    title: str = ""
    description: str = ""  #: what it is about; the theme of an instrumental
    seed: int | None = None
    source_clip_ids: tuple[str, ...] = ()  #: finished clips it is made from, in their order; see `Job.sources`


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRequest(Request):
    """An order of a song."""

    reading: Reading
    lyrics: str = ""  #: the words to sing, with section tags as written; empty unless `reading` is LYRICS
    style: str = ""
    negative_style: str = ""
    vocal_gender: Gender | None = None
    style_weight: float | None = None
    weirdness: float | None = None
    audio_weight: float | None = None
    duration_s: float | None = None
    bpm: float | None = None
    key: str | None = None

    @property
    def instrumental(self) -> bool:
        """True when nothing is sung."""
        return self.reading is Reading.INSTRUMENTAL


class ClipStatus(Enum):
    """How far one clip is; the values are what dialect A sends."""

    QUEUED = "queued"  #: Nothing is known yet.
    TEXT = "text"  #: Title and lyrics are ready.
    FIRST = "first"  #: It can be heard already, while the rest of it is made.
    COMPLETE = "complete"  #: Every file is ready.
    FAILED = "failed"  #: This clip could not be made.


class FileKind(Enum):
    """The files of a clip; the value is the file's name in storage."""

    AUDIO_MP3 = "song.mp3"
    AUDIO_FLAC = "song.flac"  #: the same sound without loss: what WAV downloads and everything made from a clip read
    STEMS_ZIP = "stems.zip"  #: one FLAC a stem, as they went into the sum
    VOCALS_FLAC = "vocals.flac"
    INSTRUMENTAL_FLAC = "instrumental.flac"
    VIDEO_MP4 = "video.mp4"
    IMAGE_PNG = "cover.png"  #: 360 px
    IMAGE_LARGE_PNG = "cover_large.png"  #: 1024 px
    WORDS_JSON = "words.json"
    SCORE_JSON = "score.json"
    RECIPE_JSON = "recipe.json"
    MIDI = "song.mid"
    ANALYSIS_JSON = "analysis.json"  #: what was heard in an upload: tempo, key, chords, beats, melody


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One finished (or coming) song of a task."""

    id: str
    media_token: str  #: the part of its media addresses that cannot be guessed
    status: ClipStatus = ClipStatus.QUEUED
    title: str = ""
    lyrics: str = ""  #: the words as shown, with section tags
    style: str = ""  #: the style as understood, one line
    duration_s: float | None = None
    files: frozenset[str] = frozenset()  #: values of `FileKind` that can be fetched
    created_at_s: float = 0.0
    error: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])  #: bpm, key, voice, fallbacks, warnings ...
