"""Where a clip's files are fetched. Absolute, without a header, and not to be guessed."""

from __future__ import annotations

from songwright.core.song import Clip, FileKind


def media_url(public_url: str, clip: Clip, kind: FileKind) -> str:
    """The address of a file, an empty text while it is not ready."""
    if kind.value not in clip.files:
        return ""
    return f"{public_url}/media/{clip.id}/{clip.media_token}/{kind.value}"
