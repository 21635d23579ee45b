"""The orders beside a new song: what each kind of task asks for, free of any wire format.

Conventions: positions in seconds (`_s`) from the start of the source clip; a source is named by its clip's id in
`source_clip_ids`, belongs to the caller and is complete when the order is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from songwright.core.song import Request, SongRequest

MAX_AUDIO_S = 480.0  #: the longest audio that is taken in
StemChoice = Literal["vocals", "instrumental"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One clip of a chain of continuations, and where in it the next clip begins."""

    clip_id: str
    continue_at_s: float | None = None  #: None for the last of a chain


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSource:
    """Audio from outside: an address to fetch, or a file that was sent and waits in storage under `key`."""

    url: str = ""
    key: str = ""
    file_name: str = ""  #: as the caller called it; never part of a path

    @property
    def given(self) -> bool:
        """False when there is none."""
        return bool(self.url or self.key)


NO_AUDIO = AudioSource()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendRequest(SongRequest):
    """Go on where `source_clip_ids[0]` is left. In inherit mode all wishes are the source's own."""

    continue_at_s: float | None = None  #: None: the last bar line before the source's ending
    inherit: bool = False
    with_origin: bool = True  #: the new clip begins with the old part, sample by sample; False: the continuation alone
    history: tuple[Link, ...] = ()  #: the clips before this one, oldest first, the source last


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSectionRequest(SongRequest):
    """Make `start_s` to `end_s` of `source_clip_ids[0]` anew; everything outside stays, sample by sample."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcatRequest(Request):
    """Join `source_clip_ids`, oldest first, into one clip."""

    chain: tuple[Link, ...]  #: the same clips, and where each is left


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest(Request):
    """Take audio in as a clip, and listen to it."""

    audio: AudioSource


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCoverRequest(SongRequest):
    """A new version of uploaded audio: of `audio`, or of the clip `source_clip_ids[0]`."""

    audio: AudioSource = NO_AUDIO


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverImageRequest(Request):
    """Two pictures for the task `source_task_id`, whose complete clips are the sources."""

    source_task_id: str
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LyricsRequest(Request):
    """Words about `description`."""

    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateRequest(Request):
    """Two stems of `source_clip_ids[0]`: the voice and everything else."""

    stems: tuple[StemChoice, ...] = ("vocals", "instrumental")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampedLyricsRequest(Request):
    """Word times of `source_clip_ids[0]`; answered at once, no provider is asked."""

    source_task_id: str
