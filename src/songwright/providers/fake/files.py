"""The fake clips' files: real MP3, FLAC, MP4, PNG, MIDI and JSON, each encoded once in a process, then only copied."""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
import zipfile
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import imageio_ffmpeg
import soundfile

from songwright.core.errors import ProviderError
from songwright.core.requests import MAX_AUDIO_S
from songwright.core.song import FileKind

DURATION_S = 2.0
_TONES_HZ = (440, 554)  #: one a clip: two clips of a task are audibly different
_COLOURS = ((120, 70, 160), (40, 110, 130))
_TICKS_PER_BEAT = 480
MARK = "AI-generated: Songwright"  #: as the engine marks its files
#: Demuxers that read one file and nothing it names: no playlists, no scripts.
_DEMUXERS = "mp3,wav,w64,flac,ogg,mov,aac,aiff,matroska,asf,caf,amr,au,ac3"


def clip_files(take: int) -> dict[str, bytes]:
    """Every file of a clip by `FileKind` value; `take` is 0 or 1."""
    return {
        FileKind.AUDIO_MP3.value: _song(take),
        FileKind.AUDIO_FLAC.value: _flac(take),
        FileKind.STEMS_ZIP.value: zip_of({"tone.flac": _flac(take)}),
        FileKind.VIDEO_MP4.value: _video(take),
        FileKind.IMAGE_PNG.value: _picture(take, 360),
        FileKind.IMAGE_LARGE_PNG.value: _picture(take, 1024),
        FileKind.WORDS_JSON.value: timed_words("La"),
        FileKind.SCORE_JSON.value: json.dumps({"bpm": 120, "tone_hz": _TONES_HZ[take]}).encode(),
        FileKind.RECIPE_JSON.value: json.dumps({"provider": "fake", "take": take}).encode(),
        FileKind.MIDI.value: _midi(69 + 4 * take),
    }


def timed_words(lyrics: str) -> bytes:
    """`words.json` of lyrics whose words share the tone evenly; section tags are not sung."""
    words = [word for line in lyrics.splitlines() if not line.startswith("[") for word in line.split()]
    share_s = DURATION_S / max(len(words), 1)
    return json.dumps(
        [
            {"word": word, "start_s": round(i * share_s, 3), "end_s": round((i + 1) * share_s, 3)}
            for i, word in enumerate(words)
        ]
    ).encode()


@cache
def _song(take: int) -> bytes:
    return _encoded("song.mp3", "-f", "lavfi", "-i", _tone(take), "-b:a", "64k")


@cache
def _flac(take: int) -> bytes:
    wav = BytesIO(_encoded("song.wav", "-f", "lavfi", "-i", _tone(take), "-sample_fmt", "s16"))
    audio, rate_hz = soundfile.read(wav, dtype="int16")
    flac = BytesIO()
    with soundfile.SoundFile(flac, "w", rate_hz, 1, "PCM_16", format="FLAC") as file:
        file.comment = MARK
        file.write(audio)
    return flac.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    """Files in a ZIP, packed no further: FLAC is packed already."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return content.getvalue()


def encode_mp3(source: Path, mp3: Path) -> None:
    """The same sound as MP3."""
    _run("-i", str(source), "-b:a", "64k", str(mp3))


def decode(source: Path, flac: Path) -> float:
    """Any audio as mono FLAC, and its length in seconds. Raises ProviderError for what is none or is too long."""
    try:
        guarded = ("-protocol_whitelist", "file", "-format_whitelist", _DEMUXERS, "-i", str(source))
        _run(*guarded, "-vn", "-t", str(MAX_AUDIO_S + 1), "-ac", "1", "-ar", "44100", str(flac))
        duration_s = soundfile.info(str(flac)).duration
    except (subprocess.CalledProcessError, soundfile.LibsndfileError) as error:
        raise ProviderError("The file is no audio that can be read.", code="invalid_audio") from error
    if duration_s > MAX_AUDIO_S:
        raise ProviderError(f"The audio is longer than {MAX_AUDIO_S:.0f} s.", code="audio_too_long")
    return duration_s


@cache
def _video(take: int) -> bytes:
    colour = "0x" + bytes(_COLOURS[take]).hex()
    picture = f"color=c={colour}:s=160x160:r=5:d={DURATION_S}"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", _tone(take))
    return _encoded("video.mp4", *inputs, "-pix_fmt", "yuv420p", "-shortest", "-movflags", "+faststart")


def _tone(take: int) -> str:
    return f"sine=frequency={_TONES_HZ[take]}:duration={DURATION_S}:sample_rate=44100"


def _encoded(name: str, *arguments: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        _run(*arguments, "-metadata", f"comment={MARK}", str(path))
        return path.read_bytes()


def _run(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@cache
def _picture(take: int, side: int) -> bytes:
    row = b"\0" + bytes(_COLOURS[take]) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    mark = b"Comment\0" + MARK.encode()
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * side, 9)), (b"tEXt", mark), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _midi(pitch: int) -> bytes:
    """One note of four beats at the default tempo of 120, in a file of type 0."""
    length = bytes((0x80 | (4 * _TICKS_PER_BEAT) >> 7, 4 * _TICKS_PER_BEAT & 0x7F))
    track = bytes((0, 0x90, pitch, 100)) + length + bytes((0x80, pitch, 0)) + b"\0\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS_PER_BEAT) + b"MTrk" + struct.pack(">I", len(track)) + track
