"""What a child tells of a clip, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from songwright.core.song import FileKind
from songwright.engine.finishing import FinishedClip
from songwright.engine.pipeline import ClipText

CLIP_FAILED = "This clip could not be made."
_FILES = {kind.value for kind in FileKind}


def text_news(index: int, text: ClipText) -> Mapping[str, Any]:
    """A clip before it can be heard."""
    shown = {"title": text.title, "lyrics": text.lyrics, "style": text.style, "metadata": text.metadata}
    return {"text": {"index": index, **shown}}


def clip_news(index: int, clip: FinishedClip) -> Mapping[str, Any]:
    """A finished clip and those of its files that callers may have."""
    shown = {
        "index": index,
        "title": clip.title,
        "lyrics": clip.lyrics,
        "style": clip.style,
        "duration_s": clip.duration_s,
        "files": {name: str(path) for name, path in clip.files.items() if name in _FILES},
        "metadata": dict(clip.metadata),
    }
    return {"clip": shown}
