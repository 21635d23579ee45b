"""ffmpeg as a separate process: the only way the engine encodes MP3 and MP4.

The program is the one that `imageio-ffmpeg` ships, so nothing has to be installed by the system; being a process of
its own, its codecs' licences and its crashes stay outside ours.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import BinaryIO

import imageio_ffmpeg


class EncodingFailed(RuntimeError):
    """ffmpeg could not write a file; the message ends with what it printed."""


def open_ffmpeg(arguments: Sequence[str], stdout: BinaryIO) -> subprocess.Popen[bytes]:
    """Start ffmpeg between a pipe and an open file; whoever starts it feeds its `stdin` and ends it.

    Raises EncodingFailed when it cannot be started.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", *arguments]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise EncodingFailed(f"ffmpeg could not be started: {error}") from error


def run_ffmpeg(arguments: Sequence[str], *, stdin: bytes | None = None, timeout_s: float = 300.0) -> None:
    """Run ffmpeg with `arguments` (input and output among them), overwriting the output.

    Raises EncodingFailed when it exits with an error or does not finish within `timeout_s`.
    """
    interaction = [] if stdin is not None else ["-nostdin"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *interaction, "-hide_banner", "-loglevel", "error", "-y", *arguments]
    try:
        # An empty input instead of our own stdin: ffmpeg must never read a terminal or a parent's pipe.
        done = subprocess.run(command, input=stdin or b"", capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise EncodingFailed(f"ffmpeg did not finish within {timeout_s:.0f} s") from error
    if done.returncode != 0:
        raise EncodingFailed(f"ffmpeg exited with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
