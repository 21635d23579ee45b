"""What all dialects share: the gate for bodies, reading fields, common controls, what is shown alike, services."""

from songwright.dialects.base.body import parse_object
from songwright.dialects.base.continuing import (
    check_seam,
    continuation,
    inherited,
    joining,
    shown_chain,
    specialised,
)
from songwright.dialects.base.desk import Desk, check_song, finished_songs, given, refusal
from songwright.dialects.base.doors import Doors, read_strictly
from songwright.dialects.base.downloads import file_answer, text_answer, wav_answer
from songwright.dialects.base.fields import Aliases, Fields, Problems, check_length, clean, read
from songwright.dialects.base.lyric_times import TimedLine, lrc, read_words, srt, timed_lines, vtt
from songwright.dialects.base.order import (
    CALLBACK_ALIASES,
    CONTROL_ALIASES,
    Controls,
    Words,
    check_callback,
    check_texts,
    find_model,
    song_request,
)
from songwright.dialects.base.rooms import build_dialects, callback_renderers, dialect_rooms
from songwright.dialects.base.services import REPLAYED, DialectRoom, Services, Statement, created, once
from songwright.dialects.base.shown import failure_message, media_url, song_of, task_metadata
from songwright.dialects.base.uploading import Upload, title_of, upload_of
from songwright.dialects.base.waveform import waveform

__all__ = [
    "CALLBACK_ALIASES",
    "CONTROL_ALIASES",
    "REPLAYED",
    "Aliases",
    "Controls",
    "Desk",
    "DialectRoom",
    "Doors",
    "Fields",
    "Problems",
    "Services",
    "Statement",
    "TimedLine",
    "Upload",
    "Words",
    "build_dialects",
    "callback_renderers",
    "check_callback",
    "check_length",
    "check_seam",
    "check_song",
    "check_texts",
    "clean",
    "continuation",
    "created",
    "dialect_rooms",
    "failure_message",
    "file_answer",
    "find_model",
    "finished_songs",
    "given",
    "inherited",
    "joining",
    "lrc",
    "media_url",
    "once",
    "parse_object",
    "read",
    "read_strictly",
    "read_words",
    "refusal",
    "shown_chain",
    "song_of",
    "song_request",
    "specialised",
    "srt",
    "task_metadata",
    "text_answer",
    "timed_lines",
    "title_of",
    "upload_of",
    "vtt",
    "wav_answer",
    "waveform",
]
