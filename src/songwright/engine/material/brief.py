"""What is asked for: the brief of a clip, its randomness, and where the assets lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

Gender = Literal["male", "female"]


def stable_rng(*parts: object) -> np.random.Generator:
    """A generator seeded by the text of `parts`; the same in every process, whatever PYTHONHASHSEED says."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One clip, as ordered. Two clips of one task differ only in `take`."""

    lyrics: str = ""  #: words to sing, with section tags; empty = write them from `description`
    description: str = ""
    title: str = ""
    style: str = ""
    negative_style: str = ""
    instrumental: bool = False
    gender: Gender | None = None
    voice: str | None = None  #: a voice by name; None = chosen by gender, style and seed
    language: str | None = None  #: ISO 639-1; None = detected
    style_weight: float = 0.5
    weirdness: float = 0.5
    audio_weight: float = 0.5
    duration_s: float | None = None
    max_duration_s: float = 240.0
    depth: int = 3  #: 1 a single lead, 2 with harmonies, 3 with all the doubles and harmonies of the style
    bpm: float | None = None
    key: str | None = None  #: such as "A minor"
    seed: int = 0
    take: int = 0  #: 0 or 1: which of the two clips

    def rng(self, stage: str, *, per_take: bool = True) -> np.random.Generator:
        """The stage's own randomness. With `per_take=False` both clips of a task share it (lyrics, singer)."""
        return stable_rng(stage, self.seed, self.take if per_take else "both")


@dataclass(frozen=True, slots=True)
class Assets:
    """Where models, voices, dictionaries and instruments lie. A missing file is a fallback, never a crash."""

    root: Path

    @property
    def kokoro(self) -> Path:
        """The singing model's folder: `model_int8.onnx`, `vocab.json` and the graphs cut from it (`*.onnx`)."""
        return self.root / "kokoro"

    @property
    def voices(self) -> Path:
        """`<voice>.bin` style tables, 510 x 256 float32."""
        return self.root / "voices"

    @property
    def dictionaries(self) -> Path:
        """`us_gold.json`, `us_silver.json`, `gb_gold.json`, `gb_silver.json`: words and their phonemes."""
        return self.root / "dictionaries"

    @property
    def fonts(self) -> Path:
        """Typefaces beyond those in the package, for covers and videos: `NotoSansCJKtc-Bold.otf`."""
        return self.root / "fonts"

    @property
    def sound_fonts(self) -> tuple[Path, ...]:
        """SF3 files, best first; the first that exists is used."""
        folder = self.root / "instruments"
        return (folder / "MuseScore_General_Lite.sf3", folder / "FluidR3Mono_GM.sf3")
