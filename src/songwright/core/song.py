"""What a caller orders and what a caller gets: `SongRequest` and `Clip`, free of any wire format.

Conventions: lengths in seconds (`_s`), tempo in beats a minute (`bpm`), controls in 0..1, text is Unicode NFC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Gender = Literal["male", "female"]
CLIPS_PER_TASK = 2


class Reading(Enum):
    """How the text of a request was understood; stored with the task and shown in its metadata."""

    LYRICS = "lyrics"  #: The words given are the words sung.
    DESCRIPTION = "description"  #: The engine writes words about what was described.
    INSTRUMENTAL = "instrumental"  #: Nothing is sung; the text is the theme.


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRequest:
    """One order, after a dialect has translated it."""

    model: str  #: canonical name from the catalog, such as `chirp-v4-5`
    reading: Reading
    lyrics: str = ""  #: the words to sing, with section tags as written; empty unless `reading` is LYRICS
    description: str = ""  #: what the song is about; the theme of an instrumental
    title: str = ""
    style: str = ""
    negative_style: str = ""
    vocal_gender: Gender | None = None
    style_weight: float | None = None
    weirdness: float | None = None
    audio_weight: float | None = None
    duration_s: float | None = None
    bpm: float | None = None
    key: str | None = None
    seed: int | None = None

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
    VIDEO_MP4 = "video.mp4"
    IMAGE_PNG = "cover.png"  #: 360 px
    IMAGE_LARGE_PNG = "cover_large.png"  #: 1024 px
    WORDS_JSON = "words.json"
    SCORE_JSON = "score.json"
    RECIPE_JSON = "recipe.json"
    MIDI = "song.mid"


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
