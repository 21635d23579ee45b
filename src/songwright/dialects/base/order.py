"""What every dialect's create request has in common: the controls, their ranges, and the `SongRequest` they become.

Conventions: weights in 0..1, lengths in seconds, tempo in beats a minute; a key is written as `A minor` or `F# major`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from songwright.catalog import Catalog, Model
from songwright.core.song import Gender, Reading, SongRequest
from songwright.dialects.base.fields import Aliases, Fields, Problems, check_length, clean

MAX_URL = 2048
_GENDERS: dict[str, Gender | None] = {"": None, "male": "male", "m": "male", "female": "female", "f": "female"}
_KEY = re.compile(r"([A-Ga-g])\s?([#b♯♭]?)[\s-]*(major|maj|minor|min|m)?", re.IGNORECASE)
_FLAT_SIGNS = str.maketrans("♯♭", "#b")

Weight = Annotated[float, Meta(ge=0, le=1)]


class Controls(msgspec.Struct, kw_only=True):
    """Fields that mean the same in every dialect."""

    title: Annotated[str, Meta(description="Track title. At most 80 or 100 characters, by model.")] = ""
    make_instrumental: Annotated[bool, Meta(description="Nothing is sung; the text is the theme.")] = False
    gender: Annotated[str, Meta(description="The singer: `male` or `female`.")] = ""
    style_weight: Annotated[Weight | None, Meta(description="How closely the style is kept to.")] = None
    weirdness_constraint: Annotated[Weight | None, Meta(description="How far the song may stray.")] = None
    audio_weight: Annotated[Weight | None, Meta(description="How much a given audio counts.")] = None
    duration: Annotated[
        Annotated[float, Meta(ge=10, le=480)] | None, Meta(description="Extension. Length of the song in seconds.")
    ] = None
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)] | None,
        Meta(description="Extension. The same request with the same seed gives the same songs."),
    ] = None
    bpm: Annotated[
        Annotated[float, Meta(ge=40, le=240)] | None, Meta(description="Extension. Tempo in beats a minute.")
    ] = None
    key: Annotated[str, Meta(description="Extension. Musical key, such as `A minor`.")] = ""


CONTROL_ALIASES: Aliases = {
    "make_instrumental": ("instrumental", "makeInstrumental"),
    "gender": ("vocal_gender", "vocalGender"),
    "style_weight": ("styleWeight",),
    "weirdness_constraint": ("weirdnessConstraint", "weirdness"),
    "audio_weight": ("audioWeight",),
}
CALLBACK_ALIASES = ("callback_url", "callbackUrl", "callBackUrl", "notify_hook", "notifyHook", "webhook_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of a request, cleaned, and how they were read."""

    reading: Reading
    lyrics: str = ""
    description: str = ""
    style: str = ""
    negative_style: str = ""


def find_model(name: str, default: str, catalog: Catalog, field: str, problems: Problems) -> Model:
    """The model, or the default's limits to go on checking with when there is no such model."""
    model = catalog.find(name)
    if model is None:
        known = ", ".join(each.name for each in catalog)
        problems.add(field, f"there is no model called {name[:60]!r}; there are {known}")
        model = catalog.find(default)
        assert model is not None, "the default model is in the catalog"
    return model


def check_texts(texts: dict[str, tuple[str, int]], fields: Fields, problems: Problems) -> None:
    """Check `{field: (text, limit)}`, each under the name it came by."""
    for documented, (text, limit) in texts.items():
        check_length(text, limit, fields.name(documented), problems)


def check_callback(url: str, field: str, problems: Problems) -> str | None:
    """A callback's address, None when there is none. Where it leads is looked at when it is called, not here."""
    if not url:
        return None
    if len(url) > MAX_URL:
        problems.add(field, f"is {len(url)} characters long, at most {MAX_URL} are allowed")
        return None
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or not url.isprintable() or " " in url:
        problems.add(field, "must be an http:// or https:// URL")
        return None
    return url


def song_request(controls: Controls, words: Words, model: Model, fields: Fields, problems: Problems) -> SongRequest:
    """The order free of wire format. Raises InvalidRequest with every problem that was found."""
    gender = controls.gender.strip().lower()
    if gender not in _GENDERS:
        problems.add(fields.name("gender"), 'must be "male" or "female"')
    key = _musical_key(controls.key)
    if key is None and controls.key.strip():
        problems.add(fields.name("key"), "must be a musical key such as A minor or F# major")
    problems.check()
    return SongRequest(
        model=model.name,
        reading=words.reading,
        lyrics=words.lyrics,
        description=words.description,
        title=clean(controls.title),
        style=words.style,
        negative_style=words.negative_style,
        vocal_gender=_GENDERS[gender],
        style_weight=controls.style_weight,
        weirdness=controls.weirdness_constraint,
        audio_weight=controls.audio_weight,
        duration_s=controls.duration,
        bpm=controls.bpm,
        key=key,
        seed=controls.seed,
    )


def _musical_key(text: str) -> str | None:
    match = _KEY.fullmatch(text.strip())
    if match is None:
        return None
    tonic, accidental, scale = match.groups()
    # `Am` is minor and `AM` is major, as in a lead sheet; every longer word is read in any case.
    minor = scale is not None and (scale == "m" or scale.lower().startswith("min"))
    return f"{tonic.upper()}{accidental.translate(_FLAT_SIGNS)} {'minor' if minor else 'major'}"
