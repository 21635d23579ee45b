"""MP3: constant 192 kb/s, joint stereo, by LAME in ffmpeg's process; the tag is ours."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from songwright.engine.encode.id3 import SongTags, id3_tag
from songwright.engine.encode.wav import quantised
from songwright.engine.ffmpeg import open_ffmpeg, run_ffmpeg
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

BIT_RATE_KBPS = 192
_CLOSING_S = 20.0  #: how long an encoder may take for what it still holds
# No tag, no encoder name, no date from ffmpeg: the file depends on the sound and the tags alone.
_EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "mp3")
_TARGET = ("-c:a", "libmp3lame", "-b:a", f"{BIT_RATE_KBPS}k", "-id3v2_version", "0", "-write_id3v1", "0")


def write_mp3(path: Path, pcm: Audio, tags: SongTags) -> None:
    """Write `pcm` [2, samples] or [samples] with `tags`. Raises EncodingFailed."""
    frames = np.atleast_2d(pcm)
    unfinished = path.with_name(path.name + ".part")
    source = ["-f", "s16le", "-ar", str(SAMPLE_RATE_HZ), "-ac", str(frames.shape[0]), "-i", "pipe:0"]
    try:
        run_ffmpeg([*source, *_TARGET, *_EXACT, str(unfinished)], stdin=quantised(frames).tobytes())
        sound = unfinished.read_bytes()
        unfinished.write_bytes(id3_tag(tags) + sound)
        unfinished.replace(path)  # a reader sees the old file or the whole new one
    finally:
        unfinished.unlink(missing_ok=True)


class Mp3Stream:
    """An MP3 that grows while it is written, frame by frame, for readers that follow it. No tag, no length in front."""

    def __init__(self, path: Path) -> None:
        """Start the encoder. Raises EncodingFailed."""
        source = ["-probesize", "32", "-f", "s16le", "-ar", str(SAMPLE_RATE_HZ), "-ac", "2", "-i", "pipe:0"]
        quick = ["-compression_level", "7", "-write_xing", "0", "-flush_packets", "1"]
        with path.open("wb") as out:
            self._encoder = open_ffmpeg([*source, *_TARGET, *quick, *_EXACT, "pipe:1"], out)

    def write(self, pcm: Audio) -> None:
        """Append `pcm` [2, samples]. Raises OSError when the encoder has died."""
        if self._encoder.stdin is None:
            raise BrokenPipeError
        self._encoder.stdin.write(quantised(pcm).tobytes())
        self._encoder.stdin.flush()

    def close(self) -> None:
        """Write what the encoder still holds and end it; fine at any time and more than once."""
        try:
            self._encoder.communicate(timeout=_CLOSING_S)
        except (OSError, ValueError, subprocess.TimeoutExpired):  # It has died, or hangs: there is nothing to wait for.
            self._encoder.kill()
            self._encoder.wait()
