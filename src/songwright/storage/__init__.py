"""Finished files, behind one face."""

from songwright.storage.base import Storage, clip_file_key
from songwright.storage.local import LocalStorage

__all__ = ["LocalStorage", "Storage", "clip_file_key"]
