"""Which style or two a person's words name, and two styles made into one.

Conventions
    The style with more `drive` brings drums, bass, tempo and transitions; the other brings harmony, players, melody
    and manner of singing, and a few players of the driving style sit in. A word that names both a style and a metre or
    tempo ("waltz", "ballad") names only the latter when another style is named beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from songwright.engine.material import MixTraits, Style
from songwright.engine.styles.book import read_entry
from songwright.engine.styles.lexicon import Era, Mood, read_lexicon
from songwright.engine.styles.reading import Found, Reading
from songwright.engine.styles.regrid import grid_of, in_metre, on_grid
from songwright.engine.styles.relatives import relative_of
from songwright.engine.styles.words import fold, squash

DEFAULT_STYLE = "pop"
HEAD_WORD_DRIVE = 0.08  #: in "jazz hip hop" the last word is the kind of thing it is
SITTING_IN = 2
_HALVES = frozenset(("metre", "tempo"))


@dataclass(frozen=True, slots=True)
class Choice:
    """The style that drives, the one that colours it, and what was made of the words."""

    drive: str
    colour: str | None
    understood: tuple[str, ...]
    ignored: tuple[str, ...]
    drive_word: str = ""  #: the phrase that named it
    colour_word: str = ""


def choose(style: Reading, description: Reading, description_text: str, unwanted: frozenset[str]) -> Choice:
    """The style or two that were named; otherwise the one that hints, a decade or the mood suggest."""
    named = _named(style, unwanted)
    if not named:
        named = [f for f in _named(description, unwanted) if _is_meant(f.text, description_text)]
    for found in named:
        if found.meaning.kind == "blend" and isinstance(found.meaning.value, tuple):
            drive, colour = found.meaning.value
            return Choice(drive, colour, (f"style: {_shown(drive)} with {_shown(colour)} ({found.text})",), ())
    words: dict[str, str] = {}
    for found in named:
        name = str(found.meaning.value)
        if name not in words or _says_more(name, found.text, words[name]):
            words[name] = found.text
    if not words:
        return _suggested(style, description, unwanted)
    first, second, *rest = [*words, None, None]
    assert first is not None
    more = tuple(f"style: {_shown(name)} (a third style)" for name in rest if name is not None)
    if second is None:
        return Choice(first, None, (f"style: {_shown(first)} ({words[first]})",), more, words[first])
    drive, colour = _by_drive(first, second)
    told = (
        f"style: rhythm of {_shown(drive)} ({words[drive]}), harmony and players of {_shown(colour)} ({words[colour]})"
    )
    return Choice(drive, colour, (told,), more, words[drive], words[colour])


def _says_more(name: str, phrase: str, than: str) -> bool:
    """Whether a phrase names a relative where the one before only named the style: "R&B slow jam"."""
    entry = read_entry(name)
    return relative_of(entry, phrase) is not None and relative_of(entry, than) is None


def _named(reading: Reading, unwanted: frozenset[str]) -> list[Found]:
    """Phrases that name a style, without those that are only a metre or tempo beside another style."""
    found = [
        f
        for f in reading.found
        if f.meaning.kind in ("genre", "blend") and not f.negated and f.meaning.value not in unwanted
    ]
    halves = {f.text for f in reading.found if f.meaning.kind in _HALVES}
    whole = {f.meaning.value for f in found if f.text not in halves}
    return [f for f in found if f.text not in halves or f.meaning.value in whole] if whole else found


def _is_meant(phrase: str, description: str) -> bool:
    """In prose, "house" is a building unless it stands beside a word for music."""
    lexicon = read_lexicon()
    if squash(phrase) not in {squash(word) for word in lexicon.everyday}:
        return True
    beside = "|".join(lexicon.music_words)
    return re.search(rf"\b{re.escape(phrase)}\W+(?:{beside})\b", fold(description)) is not None


def _by_drive(first: str, second: str) -> tuple[str, str]:
    if read_entry(second).drive + HEAD_WORD_DRIVE >= read_entry(first).drive:
        return second, first
    return first, second


def _suggested(style: Reading, description: Reading, unwanted: frozenset[str]) -> Choice:
    for reading in (style, description):
        hints = Counter(str(f.meaning.value) for f in reading.of("hint") if f.meaning.value not in unwanted)
        if hints:
            name = hints.most_common(1)[0][0]
            words = ", ".join(f.text for f in reading.of("hint") if f.meaning.value == name)
            return Choice(name, None, (f"style: {_shown(name)} (suggested by {words})",), ())
        for found in (*reading.of("era"), *reading.of("mood")):
            value = found.meaning.value
            name = value.style if isinstance(value, Era | Mood) else None
            if name is not None and name not in unwanted:
                return Choice(name, None, (f"style: {_shown(name)} (suggested by {found.text})",), ())
    name = DEFAULT_STYLE if DEFAULT_STYLE not in unwanted else "indie_folk"
    return Choice(name, None, (f"style: {_shown(name)} (no style was named)",), ())


def _shown(name: str) -> str:
    return name.replace("_", " ")


def blended(drive: Style, colour: Style) -> Style:
    """Rhythm of one style, harmony and players of the other."""
    colour = on_grid(in_metre(colour, drive.metre), grid_of(drive))
    present = {player.program for player in colour.players}
    sitting_in = [p for p in drive.players if p.role in ("comp", "arp", "riff") and p.program not in present]
    names = {player.name for player in colour.players}
    return replace(
        drive,
        modes=colour.modes,
        tonic_pcs=colour.tonic_pcs,
        chords=colour.chords,
        forms=(*drive.forms[:1], *colour.forms[:1]),
        players=(*colour.players, *(p for p in sitting_in[:SITTING_IN] if p.name not in names)),
        melody=colour.melody,
        vocal=colour.vocal,
        mix=_blended_mix(drive.mix, colour.mix),
    )


def _blended_mix(drive: MixTraits, colour: MixTraits) -> MixTraits:
    return replace(
        colour,
        drums_db=(2 * drive.drums_db + colour.drums_db) / 3,
        bass_db=(2 * drive.bass_db + colour.bass_db) / 3,
        duck_db=drive.duck_db,
        low=drive.low,
    )
