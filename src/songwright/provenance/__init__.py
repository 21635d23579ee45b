"""Where a file comes from: every published file carries a mark and is known by its SHA-256; anybody may ask."""

from songwright.provenance.marks import MARK, find_mark
from songwright.provenance.register import Origin, RegisteringStorage, find_clip, find_file, sha256_of

__all__ = ["MARK", "Origin", "RegisteringStorage", "find_clip", "find_file", "find_mark", "sha256_of"]
