"""The lyric video: the cover over its own blur, the words in time, a line that shows how far the song is.

Conventions
    Times in seconds from the start of the recording. H.264 (yuv420p) and AAC in MP4 with its index in front.
    The picture is 1280 x 720 at `FRAME_RATE` frames a second: nothing moves but words, so more would only cost time.
    Text reaches the encoder only as the content of a subtitle file, never as a tag, a filter argument or a path.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from songwright.engine.ffmpeg import run_ffmpeg
from songwright.engine.material import MACHINE_MARK
from songwright.engine.typeface import clean_text
from songwright.engine.video.scene import paint_scene
from songwright.engine.video.subtitles import VideoLine, VideoWord, subtitle_script

__all__ = ["VideoLine", "VideoWord", "write_video"]

FRAME_RATE = 12
KEY_FRAME_S = 10  #: how far apart a player can jump to
SCENE, WORDS, FONTS = "scene.png", "words.ass", "fonts"


def write_video(
    path: Path,
    cover_png: bytes,
    audio: Path,
    lines: Sequence[VideoLine],
    title: str,
    duration_s: float,
    *,
    fonts: Path | None = None,
) -> None:
    """Write the video of `audio` to `path`; without `lines` (an instrumental) it shows the cover alone.

    `fonts` is the asset folder with the optional CJK font. Raises EncodingFailed.
    """
    cover = Image.open(BytesIO(cover_png)).convert("RGB")
    with tempfile.TemporaryDirectory(prefix="songwright-video-") as folder_name:
        folder = Path(folder_name)
        scene = paint_scene(cover, with_lyrics=bool(lines))
        scene.image.save(folder / SCENE, compress_level=1)
        script, faces = subtitle_script(lines, duration_s, scene.accent, fonts)
        (folder / WORDS).write_text(script, encoding="utf-8")
        (folder / FONTS).mkdir()
        for face in faces:
            (folder / FONTS / face.path.name).symlink_to(face.path.resolve())
        run_ffmpeg(_arguments(folder, audio, path, clean_text(title), duration_s))


def _arguments(folder: Path, audio: Path, path: Path, title: str, duration_s: float) -> list[str]:
    # One thread: the songs of a task are made beside each other, one core each.
    return [
        *["-filter_threads", "1", "-filter_complex_threads", "1"],
        *["-f", "png_pipe", "-i", f"file:{folder / SCENE}", "-i", f"file:{audio}"],
        *["-filter_complex", _filters(folder), "-map", "[picture]", "-map", "1:a:0", "-t", f"{duration_s:.3f}"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "26", "-threads", "1"],
        *[
            "-g",
            str(FRAME_RATE * KEY_FRAME_S),
            "-c:a",
            "aac",
            "-aac_coder",
            "fast",
            "-b:a",
            "160k",
            "-movflags",
            "+faststart",
        ],
        *["-metadata", f"title={title}", "-metadata", f"comment={MACHINE_MARK}", "-f", "mp4", f"file:{path}"],
    ]


def _filters(folder: Path) -> str:
    """Decode the picture once, repeat it for ever, write the words on it."""
    words = f"ass=filename={_escaped(folder / WORDS)}:fontsdir={_escaped(folder / FONTS)}"
    return f"[0:v]format=yuv420p,loop=loop=-1:size=1,setpts=N/({FRAME_RATE}*TB),fps={FRAME_RATE},{words}[picture]"


def _escaped(path: Path) -> str:
    """A path as a filter's option: escaped once for the option and once for the graph."""
    option = re.sub(r"([\\':])", r"\\\1", str(path))
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)
