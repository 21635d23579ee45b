"""The recipe of a clip: everything needed to make it again, and what was understood, ignored or fallen back to."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songwright import __version__
from songwright.engine.material import Brief, Master, Score, Style
from songwright.engine.voice import Singer

NOTE_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MOST_CLIPS = 8  #: rendered together; a recipe is a file that anybody may have written
CPU_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16")


def key_name(score: Score) -> str:
    """Such as `A minor`."""
    return f"{NOTE_NAMES[score.tonic_pc]} {score.mode}"


def pcm_sha256(pcm: NDArray[np.int16]) -> str:
    """Fingerprint of the 16-bit recording [samples, channels], as WAV and FLAC hold it: interleaved, little-endian."""
    return hashlib.sha256(np.ascontiguousarray(pcm, "<i2").tobytes()).hexdigest()


def recipe(
    brief: Brief,
    style: Style,
    score: Score,
    singer: Singer | None,
    master: Master,
    *,
    clips: int,
    runtime: str,
    pcm_sha256: str,
    sound_fonts: Sequence[str],
    fallbacks: Sequence[str],
) -> dict[str, Any]:
    """A plain JSON object. The `clips` briefs of the task, given again to the same engine with the same runtime on the
    same CPU class, give the same PCM; they differ only in `take`."""
    return {
        "engine": __version__,
        "runtime": runtime if singer else None,
        "cpu_class": cpu_class(),
        "pcm_sha256": pcm_sha256,
        "clips": clips,
        "brief": asdict(brief),
        "style": style.name,
        "understood": list(style.understood),
        "ignored": list(style.ignored),
        "bpm": score.bpm,
        "key": key_name(score),
        "metre": style.metre,
        "voice": singer.name if singer else None,
        "sound_fonts": list(sound_fonts),
        "sections": [
            {"kind": s.kind, "label": s.label, "start_s": round(score.seconds(s.start_beats), 3)}
            for s in score.sections
        ],
        "loudness_lufs": round(master.loudness_lufs, 2),
        "true_peak_dbtp": round(master.true_peak_dbtp, 2),
        "composer_notes": list(score.notes),
        "fallbacks": list(fallbacks),
    }


def briefs_of(made: Mapping[str, Any]) -> tuple[list[Brief], int]:
    """The briefs a recipe was made from, as they were rendered together, and the index of the recipe's own.

    Raises ValueError, with what is wrong in words, for anything that is no recipe of this version's shape.
    """
    if "rework" in made:
        raise ValueError("this is no recipe that can be made again: the song was made from another recording")
    try:
        brief = Brief(**made["brief"])
        count = int(made.get("clips", 1))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"this is no recipe that can be made again: {error}") from error
    if not 0 <= brief.take < count <= MOST_CLIPS:
        raise ValueError(f"this is no recipe that can be made again: clip {brief.take} of {count}")
    return [replace(brief, take=take) for take in range(count)], brief.take


def differences(made: Mapping[str, Any], runtimes: Sequence[str]) -> list[str]:
    """What here is not as it was when a recipe was made, a sentence each; then the sound may differ in its last bits.

    `runtimes` are those this machine can run: the recipe's own is used when it is among them.
    """
    found: list[str] = []
    for key, here, what in (
        ("engine", __version__, "engine version"),
        ("cpu_class", cpu_class(), "CPU class"),
    ):
        if made.get(key) != here:
            found.append(f"the recipe's {what} is {made.get(key)!r}, here it is {here!r}")
    if made.get("runtime") is not None and made["runtime"] not in runtimes:
        found.append(f"the recipe's runtime is {made['runtime']!r}, here there is only {', '.join(runtimes)}")
    return found


@cache
def cpu_class() -> str:
    """Machine and the instruction sets that change floating-point results, such as `x86_64 avx2 avx512f`."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").split())
    except OSError:
        flags = set[str]()
    return " ".join([platform.machine(), *(feature for feature in CPU_FEATURES if feature in flags)])
