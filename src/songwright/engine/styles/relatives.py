"""Relatives of a style: words that name it and say more, as `bluegrass` says country without drums and with a banjo.

Conventions
    A relative moves the style's tempo range and feel before a clip's choices are drawn, and changes the band after.
    Instruments are named as in the lexicon; `drums` sends the whole kit away.
"""

from __future__ import annotations

import re
from dataclasses import replace

from songwright.engine.material import Style
from songwright.engine.styles.book import Entry, Relative
from songwright.engine.styles.hiring import dismiss, hire, without_voices
from songwright.engine.styles.lexicon import read_lexicon
from songwright.engine.styles.words import squash

_GUESSED = re.compile(r".*\((.*)\)")


def relative_of(entry: Entry, phrase: str) -> Relative | None:
    """What a phrase says beyond the style's name; a typing error is read as the word it was taken for."""
    guessed = _GUESSED.fullmatch(phrase)
    return entry.relatives.get(squash(guessed[1] if guessed else phrase))


def moved(entry: Entry, relative: Relative) -> Entry:
    """The style in the relative's tempo and feel."""
    style = entry.style
    if relative.swing is not None:
        style = replace(style, swing=relative.swing)
    if relative.kit is not None:
        style = replace(style, drums=replace(style.drums, kit=relative.kit, synth=None))
    if relative.bpm is None:
        return replace(entry, style=style)
    low, high, usual = relative.bpm
    return replace(entry, style=replace(style, bpm=usual, bpm_range=(low, high)), bpm_low=low, bpm_high=high)


def with_band_of(style: Style, relative: Relative, *, keep_drums: bool) -> Style:
    """The style with the instruments the relative is known by, without those it does not use."""
    named = {instrument.name: instrument for instrument in read_lexicon().instruments}
    style = dismiss(style, [named[name] for name in relative.without if name in named])
    if "drums" in relative.without and not keep_drums:
        style = replace(style, drums=without_voices(style.drums, None))
    return hire(style, [named[name] for name in relative.instruments], only=False)[0]
