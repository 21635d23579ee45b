"""The pronouncing dictionaries: loaded once per process, asked by word and part of speech.

Conventions
    Keys are words as written; values are phonemes or {part of speech: phonemes}. `us_gold` (checked by hand) goes
    before
    `us_silver`. Sung forms (`sung_forms.toml`) go before both: singers make two syllables of "every".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import msgspec

from songwright.engine.material import Assets

Entry = str | dict[str, str | None]
_FILES = ("us_gold.json", "us_silver.json")


@dataclass(frozen=True)
class Dictionary:
    """Words and their phonemes; empty `tables` when the files are missing, and the rules take over."""

    sung: Mapping[str, str]
    tables: tuple[Mapping[str, Entry], ...]

    @property
    def is_present(self) -> bool:
        """Whether any dictionary file was found."""
        return bool(self.tables)

    def look_up(self, word: str, part_of_speech: str = "") -> str | None:
        """The word's phonemes, or None. `part_of_speech` (NOUN, VERB, ADJ) chooses among heteronyms."""
        lower = word.lower()
        if lower in self.sung:
            return self.sung[lower]
        for table in self.tables:
            for key in (lower, word.capitalize()) if word.islower() else (word, lower, word.capitalize()):
                entry = table.get(key)
                if isinstance(entry, dict):
                    entry = entry.get(part_of_speech) or entry.get("DEFAULT")
                if entry:
                    return entry
        return None


def english_dictionary(assets: Assets) -> Dictionary:
    """The dictionary of these assets (cached per folder)."""
    return _load(assets.dictionaries)


@lru_cache(maxsize=4)
def _load(folder: Path) -> Dictionary:
    text = files("songwright.engine.lyrics").joinpath("data/sung_forms.toml").read_text(encoding="utf-8")
    paths = [folder / name for name in _FILES]
    tables = tuple(msgspec.json.decode(p.read_bytes(), type=dict[str, Entry]) for p in paths if p.is_file())
    return Dictionary(tomllib.loads(text)["sung"], tables)
