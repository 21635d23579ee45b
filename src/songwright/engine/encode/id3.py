"""ID3v2.3 tags, written by hand from the informal standard (id3.org, "ID3 tag version 2.3.0").

Text is UTF-16 with byte order mark, which every player of the last twenty years reads. A frame is four letters, a
big-endian size, two bytes of flags, the content; the tag's own size has seven bits a byte.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

ARTIST = "Songwright"
MACHINE_MADE = ("AI-generated", "Songwright")
_UTF16 = b"\x01"
_FRONT_COVER = b"\x03"
#: ISO 639-1 -> ISO 639-2, which lyrics frames ask for
_LANGUAGES = {
    "ar": "ara", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin",
    "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor",
    "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sv": "swe", "th": "tha",
    "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SongTags:
    """What a player shows of a song. `key` as in `A minor`; `language` is ISO 639-1; the cover is PNG or JPEG."""

    title: str
    style: str = ""
    lyrics: str = ""
    language: str = "en"
    bpm: float = 0.0
    key: str = ""
    cover_png: bytes | None = None
    comment: str = ""


def id3_tag(tags: SongTags) -> bytes:
    """The tag to put in front of the first MP3 frame. Empty fields are left out; the machine mark never is."""
    language = _LANGUAGES.get(tags.language.lower()[:2], "und").encode()
    frames = [
        _text(b"TIT2", tags.title),
        _text(b"TPE1", ARTIST),
        _text(b"TCON", tags.style),
        _text(b"TBPM", str(round(tags.bpm)) if tags.bpm > 0 else ""),
        _text(b"TKEY", _initial_key(tags.key)),
        _frame(b"USLT", _UTF16 + language + _utf16("") + b"\0\0" + _utf16(tags.lyrics)) if tags.lyrics else b"",
        _frame(b"COMM", _UTF16 + language + _utf16("") + b"\0\0" + _utf16(tags.comment)) if tags.comment else b"",
        _frame(b"TXXX", _UTF16 + _utf16(MACHINE_MADE[0]) + b"\0\0" + _utf16(MACHINE_MADE[1])),
        _picture(tags.cover_png) if tags.cover_png else b"",
    ]
    body = b"".join(frames)
    return b"ID3\x03\0\0" + bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0)) + body


def _frame(name: bytes, content: bytes) -> bytes:
    return name + struct.pack(">I", len(content)) + b"\0\0" + content


def _text(name: bytes, text: str) -> bytes:
    return _frame(name, _UTF16 + _utf16(text)) if text else b""


def _utf16(text: str) -> bytes:
    """Little-endian with its mark. A lone surrogate, which no encoding can hold, becomes a question mark."""
    return b"\xff\xfe" + text.replace("\0", " ").encode("utf-16-le", errors="replace")


def _initial_key(key: str) -> str:
    """`F# minor` -> `F#m`, at most three characters as the standard demands; empty when it is no key."""
    match = re.fullmatch(r"\s*([A-G])([#b]?)\s*(\w*)\s*", key)
    if match is None:
        return ""
    letter, accidental, mode = match.groups()
    return letter + accidental + ("m" if mode.lower().startswith("min") or mode == "m" else "")


def _picture(image: bytes) -> bytes:
    kind = b"image/jpeg" if image.startswith(b"\xff\xd8") else b"image/png"
    return _frame(b"APIC", b"\0" + kind + b"\0" + _FRONT_COVER + b"\0" + image)
