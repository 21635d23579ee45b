"""Which audio format a file is in, by its first bytes. Names are ffmpeg's demuxers; playlists are none of them."""

from __future__ import annotations

HEAD_BYTES = 4096
_ID3 = b"ID3"
# (offset, bytes, demuxer); the first that fits decides. Formats that can name other files (HLS, DASH, concat, SDP) are
# missing on purpose: an upload is one file.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (8, b"WAVE", "wav"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mov"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"caff", "caf"),
    (0, b"#!AMR", "amr"),
    (0, b".snd", "au"),
)
_CONTAINERS_OF_WAVE = (b"RIFF", b"RF64", b"FORM")


def audio_format(head: bytes) -> str | None:
    """The demuxer for a file that begins with `head` (a few kilobytes), or None when it is no format we decode."""
    for offset, signature, demuxer in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature and _container_fits(head, offset):
            return demuxer
    start = _behind_id3(head)
    if head.startswith(_ID3) and start >= len(head):
        return "mp3"  # the tag, often with a picture in it, is longer than what we have read
    if head.startswith(_ID3) and head[start : start + 4] == b"fLaC":
        return "flac"
    return _frame_format(head[start : start + 4])


def _container_fits(head: bytes, offset: int) -> bool:
    return offset != 8 or head[:4] in _CONTAINERS_OF_WAVE


def _behind_id3(head: bytes) -> int:
    """Where the sound begins behind an ID3v2 tag (its length is four times seven bits)."""
    if not head.startswith(_ID3) or len(head) < 10:
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length


def _frame_format(frame: bytes) -> str | None:
    """MPEG audio and ADTS share their first 11 bits; the layer bits tell them apart."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    if layer == 0:
        return "aac" if frame[1] & 0xF6 == 0xF0 else None
    bitrate, rate = frame[2] >> 4, frame[2] >> 2 & 3
    return "mp3" if version != 1 and bitrate != 15 and rate != 3 else None
