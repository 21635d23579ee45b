"""Who sings: the voices on offer and the choice for a song.

Conventions
    A singer is a weighted blend of the model's voices; styles are linear, so blends are voices of their own.
    `natural_hz` is the median pitch of the voice when it speaks; it sings well from about 0.75 to 2 times that.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from songwright.engine.material import Assets, Brief, Gender, Style
from songwright.engine.voice.graphs import graph_paths
from songwright.engine.voice.model import Blend

_LOWEST: Final = 0.75
_HIGHEST: Final = 2.0


class NoVoice(RuntimeError):
    """No voice is installed: fetch the assets, or install espeak-ng for the synthetic fallback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Singer:
    """A voice and what it can do. `fallback` says, for people, why it is not the voice one would expect."""

    name: str
    blend: Blend
    gender: Gender
    natural_hz: float
    language: str
    kind: Literal["neural", "espeak"] = "neural"
    character: tuple[str, ...] = ()  #: words of a manner it suits
    fallback: str = ""

    @property
    def low_midi(self) -> int:
        """The lowest note it sings well."""
        return math.ceil(_midi(_LOWEST * self.natural_hz))

    @property
    def high_midi(self) -> int:
        """The highest note it sings well."""
        return math.floor(_midi(_HIGHEST * self.natural_hz))


def _midi(hz: float) -> float:
    return 69 + 12 * math.log2(hz / 440.0)


def _singer(name: str, gender: Gender, natural_hz: float, language: str, voices: str, character: str = "") -> Singer:
    parts = [part.split(":") for part in voices.split()]
    blend = tuple((part[0], float(part[1]) if len(part) > 1 else 1.0) for part in parts)
    return Singer(
        name=name,
        blend=blend,
        gender=gender,
        natural_hz=natural_hz,
        language=language,
        character=tuple(character.split()),
    )


SINGERS: Final[tuple[Singer, ...]] = (
    _singer("Iris", "female", 195, "en", "af_heart", "bright clear airy joyful dreamy noble"),
    _singer("Juno", "female", 192, "en", "af_heart:0.55 af_bella:0.45", "warm soulful melismatic powerful soaring"),
    _singer("Mabel", "female", 188, "en", "af_bella", "strong gritty percussive shouted forceful"),
    _singer("Wren", "female", 182, "en", "af_sarah", "plain twang storytelling relaxed laid"),
    _singer("Lux", "female", 195, "en", "af_jessica", "tight tuned rhythmic bright members"),
    _singer("Hazel", "female", 176, "en", "bf_emma", "cool deadpan noble legato"),
    _singer(
        "Nell", "female", 178, "en", "af_heart:0.7 af_nicole:0.3", "soft breathy whispered sleepy close intimate airy"
    ),
    _singer("Vera", "female", 198, "en", "af_heart:0.5 bf_isabella:0.5", "noble legato vibrato clear warm"),
    _singer("Rowan", "male", 107, "en", "am_michael", "warm close intimate relaxed behind plain"),
    _singer("Felix", "male", 128, "en", "am_fenrir", "strong gritty raw powerful shouted forceful"),
    _singer("Otis", "male", 118, "en", "am_puck", "rhythmic percussive smooth tuned rap melodic"),
    _singer(
        "Silas", "male", 117, "en", "am_michael:0.5 am_fenrir:0.5", "soulful melismatic twang storytelling bright clear"
    ),
    _singer("Edmund", "male", 142, "en", "bm_george", "noble legato cool deadpan"),
    _singer("Cole", "male", 112, "en", "am_michael:0.6 am_puck:0.4", "soft airy sleepy laid back"),
    _singer("Dora", "female", 167, "es", "ef_dora"),
    _singer("Alejo", "male", 124, "es", "em_alex"),
    _singer("Siwis", "female", 199, "fr", "ff_siwis"),
    _singer("Dolores", "female", 170, "pt", "pf_dora"),
    _singer("Alexandre", "male", 129, "pt", "pm_alex"),
    _singer("Sara", "female", 224, "it", "if_sara"),
    _singer("Nicola", "male", 104, "it", "im_nicola"),
    _singer("Xiaoxiao", "female", 228, "zh", "zf_xiaoxiao"),
    _singer("Yunyang", "male", 106, "zh", "zm_yunyang"),
    _singer("Alpha", "female", 240, "ja", "jf_alpha"),
    _singer("Kumo", "male", 100, "ja", "jm_kumo"),
    _singer("Asha", "female", 207, "hi", "hf_alpha"),
    _singer("Omar", "male", 124, "hi", "hm_omega"),
)


def choose_singer(brief: Brief, style: Style, language: str, assets: Assets) -> Singer:
    """The singer of a song; both clips of a task get the same one.

    Raises NoVoice when neither the singing model nor espeak-ng is installed.
    """
    gender = brief.gender or style.gender
    if not _model_installed(assets):
        return _synthetic_singer(gender or "female", language)
    present = [s for s in SINGERS if all((assets.voices / f"{name}.bin").is_file() for name, _ in s.blend)]
    if not present:
        return _synthetic_singer(gender or "female", language)
    named = _by_name(present, brief.voice)
    if named is not None:
        return named
    spoken = [s for s in present if s.language == language]
    fallback = "" if spoken else f"No singer knows the language {language!r}: one of another language sings it."
    pool = spoken or [s for s in present if s.language == "en"] or present
    if gender is not None:
        same = [s for s in pool if s.gender == gender]
        if not same:
            fallback = f"No {gender} singer knows the language {language!r}: another voice sings."
        pool = same or pool
    if brief.voice is not None:
        fallback = f"No singer is called {brief.voice!r}: another voice sings."
    return replace(_suited(pool, style.vocal.manner, brief), fallback=fallback)


def _model_installed(assets: Assets) -> bool:
    model = graph_paths(assets).ready() or (assets.kokoro / "model_int8.onnx").is_file()
    return model and (assets.kokoro / "vocab.json").is_file()


def _by_name(singers: Iterable[Singer], name: str | None) -> Singer | None:
    """A singer by its name, or by the model's name of an unblended voice."""
    if name is None:
        return None
    wanted = name.strip().casefold()
    return next(
        (s for s in singers if wanted == s.name.casefold() or (len(s.blend) == 1 and wanted == s.blend[0][0])), None
    )


def _suited(pool: Iterable[Singer], manner: str, brief: Brief) -> Singer:
    """One drawn by the seed, those whose character fits the manner three times as likely per word."""
    singers = list(pool)
    words = set(manner.lower().replace(",", " ").split())
    weights = [3.0 ** len(words & set(s.character)) for s in singers]
    total = sum(weights)
    rng = brief.rng("singer", per_take=False)
    return singers[int(rng.choice(len(singers), p=[w / total for w in weights]))]


def _synthetic_singer(gender: Gender, language: str) -> Singer:
    if shutil.which("espeak-ng") is None:
        raise NoVoice(NoVoice.__doc__)
    variant, natural_hz = ("f3", 190.0) if gender == "female" else ("m3", 115.0)
    return Singer(
        name="Espeak",
        blend=((variant, 1.0),),
        gender=gender,
        natural_hz=natural_hz,
        language=language,
        kind="espeak",
        fallback="The singing model is not installed: a synthetic voice (espeak-ng) sings instead.",
    )
