"""Files: sound as WAV, FLAC and MP3 with its tags, the song as MIDI, its words with their times, its score as JSON.

Conventions
    Every writer replaces the file at `path`; the same input gives the same bytes.
    Sound is float32 [2, samples] or [samples] at 44.1 kHz; what exceeds full scale is clipped in integer formats.
    MIDI: type 1, TICKS_PER_QUARTER = 960; a beat is a quarter, or a dotted quarter where two beats make a bar (6/8).
"""

from songwright.engine.encode.id3 import SongTags, id3_tag
from songwright.engine.encode.midi import LEAD_TRACK, TICKS_PER_QUARTER, write_midi
from songwright.engine.encode.mp3 import Mp3Stream, write_mp3
from songwright.engine.encode.scores import score_from_json, score_json
from songwright.engine.encode.wav import quantised, write_flac, write_wav
from songwright.engine.encode.words import enhanced_lrc, line_times, lrc, srt, vtt, word_entries, write_words
from songwright.engine.ffmpeg import EncodingFailed

__all__ = [
    "LEAD_TRACK",
    "TICKS_PER_QUARTER",
    "EncodingFailed",
    "Mp3Stream",
    "SongTags",
    "enhanced_lrc",
    "id3_tag",
    "line_times",
    "lrc",
    "quantised",
    "score_from_json",
    "score_json",
    "srt",
    "vtt",
    "word_entries",
    "write_flac",
    "write_midi",
    "write_mp3",
    "write_wav",
    "write_words",
]
