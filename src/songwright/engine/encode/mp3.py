"""MP3: constant 192 kb/s, joint stereo, by LAME in ffmpeg's process; the tag is ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from songwright.engine.encode.id3 import SongTags, id3_tag
from songwright.engine.encode.wav import quantised
from songwright.engine.ffmpeg import run_ffmpeg
from songwright.engine.material import SAMPLE_RATE_HZ, Audio

BIT_RATE_KBPS = 192


def write_mp3(path: Path, pcm: Audio, tags: SongTags) -> None:
    """Write `pcm` [2, samples] or [samples] with `tags`. Raises EncodingFailed."""
    frames = np.atleast_2d(pcm)
    unfinished = path.with_name(path.name + ".part")
    source = ["-f", "s16le", "-ar", str(SAMPLE_RATE_HZ), "-ac", str(frames.shape[0]), "-i", "pipe:0"]
    # No tag, no encoder name, no date from ffmpeg: the file depends on the sound and the tags alone.
    target = ["-c:a", "libmp3lame", "-b:a", f"{BIT_RATE_KBPS}k", "-id3v2_version", "0", "-write_id3v1", "0"]
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "mp3"]
    try:
        run_ffmpeg([*source, *target, *exact, str(unfinished)], stdin=quantised(frames).tobytes())
        sound = unfinished.read_bytes()
        unfinished.write_bytes(id3_tag(tags) + sound)
        unfinished.replace(path)  # a reader sees the old file or the whole new one
    finally:
        unfinished.unlink(missing_ok=True)
