"""Decode an upload to FLAC, 44.1 kHz stereo 16 bit, in a process with limits on memory, processor time and wall time.

Conventions: sizes in bytes, times in seconds. The process is ffmpeg with one explicit demuxer and the `file` protocol
alone; it writes FLAC as it decodes, so its memory does not grow with the sound. 8 channels are mixed down to 2.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile

from songwright.core.errors import SongwrightError
from songwright.media.sniff import HEAD_BYTES, audio_format

SAMPLE_RATE_HZ = 44_100
BLOCK_FRAMES = 1 << 18
SILENT_PEAK = 10 ** (-60 / 20)  #: nothing louder than -60 dBFS is nothing to hear
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")


class MediaRefused(SongwrightError):
    """The file cannot be used.

    `code` says why: not_audio, corrupt, truncated, too_large, too_long, too_short or silent.
    """

    status = 400
    type = "bad_request"

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """What a file may cost."""

    file_bytes: int = 100 * 2**20
    sound_s: float = 480.0
    shortest_s: float = 1.0
    memory_bytes: int = 512 * 2**20
    processor_s: int = 60
    wall_s: float = 120.0


@dataclass(frozen=True, slots=True)
class DecodedSound:
    """What came out: how long and how loud at most it is, and the format that went in."""

    duration_s: float
    peak: float  #: full scale = 1.0
    source_format: str


def decode_upload(source: Path, target: Path, limits: MediaLimits | None = None) -> DecodedSound:
    """Decode `source` into `target` (FLAC). Raises MediaRefused; then `target` is not there."""
    limits = limits or MediaLimits()
    if source.stat().st_size > limits.file_bytes:
        raise MediaRefused("too_large", f"The file is larger than {limits.file_bytes // 2**20} MB.")
    with source.open("rb") as file:
        source_format = audio_format(file.read(HEAD_BYTES))
    if source_format is None:
        raise MediaRefused("not_audio", "The file is not audio in a format that is known here.")
    try:
        said = _run(source, source_format, target, limits)
        duration_s, peak = _measure(target)
        _check(duration_s, peak, _declared_s(said), limits)
    except MediaRefused:
        target.unlink(missing_ok=True)
        raise
    return DecodedSound(duration_s, peak, source_format)


def _run(source: Path, source_format: str, target: Path, limits: MediaLimits) -> str:
    """Run ffmpeg; what it said about the file."""
    decoding = ["-protocol_whitelist", "file", "-max_error_rate", "0.1", "-threads", "1", "-f", source_format]
    wanted = ["-map", "0:a:0", "-map_metadata", "-1", "-ac", "2", "-ar", str(SAMPLE_RATE_HZ)]
    # One second more than is allowed shows that it is too long, and costs no more than that.
    written = ["-t", f"{limits.sound_s + 1:g}", "-c:a", "flac", "-sample_fmt", "s16", "-compression_level", "1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats", "-y", *decoding]
    command += ["-i", f"file:{source.absolute()}", *wanted, *written, "-f", "flac", f"file:{target.absolute()}"]
    try:
        done = subprocess.run(
            _limited(command, limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=limits.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MediaRefused("corrupt", "The file could not be decoded in time.") from error
    said = done.stderr[-16_384:].decode(errors="replace")
    if "matches no streams" in said:
        raise MediaRefused("not_audio", "The file holds no sound.")
    if done.returncode != 0:
        raise MediaRefused("corrupt", "The file could not be decoded; it seems to be damaged.")
    return said


def _limited(command: list[str], limits: MediaLimits) -> list[str]:
    """The command under a shell's limits: they are set in the child itself, after the fork, without our threads."""
    most_bytes = int((limits.sound_s + 2) * SAMPLE_RATE_HZ * 4)  # what FLAC needs at worst: as much as raw samples
    bounds = {"v": limits.memory_bytes // 1024, "t": limits.processor_s, "f": most_bytes // 512, "c": 0}
    limiting = "; ".join(f"ulimit -{letter} {bound}" for letter, bound in bounds.items())
    return ["/bin/sh", "-c", f'{limiting}; exec "$@"', "sh", *command]


def _declared_s(said: str) -> float | None:
    """How long the container says it is."""
    found = _DURATION.search(said)
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _measure(target: Path) -> tuple[float, float]:
    """Length in seconds and peak of what was decoded."""
    try:
        with soundfile.SoundFile(target) as sound:
            peak = max(
                (float(np.abs(block).max()) for block in sound.blocks(BLOCK_FRAMES, dtype="float32")), default=0.0
            )
            return sound.frames / sound.samplerate, peak
    except soundfile.LibsndfileError as error:
        raise MediaRefused("corrupt", "Nothing could be decoded from the file.") from error


def _check(duration_s: float, peak: float, declared_s: float | None, limits: MediaLimits) -> None:
    if duration_s > limits.sound_s + 0.05:
        raise MediaRefused("too_long", f"The sound is longer than {limits.sound_s / 60:g} minutes.")
    if declared_s is not None and duration_s < 0.9 * declared_s - 1.0:
        raise MediaRefused(
            "truncated", f"The file says it lasts {declared_s:.0f} s, but only {duration_s:.0f} s of it can be decoded."
        )
    if duration_s < limits.shortest_s:
        raise MediaRefused("too_short", f"The sound is shorter than {limits.shortest_s:g} s.")
    if peak < SILENT_PEAK:
        raise MediaRefused("silent", "The file holds only silence.")
