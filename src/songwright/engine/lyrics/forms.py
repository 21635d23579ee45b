"""How long a song is in lines: its sections, rhyme scheme and metre, by style and duration.

Conventions
    A `Plan` is one section to write: its kind, its lines' syllable counts and its rhyme scheme, one letter a line
    (`-` = free). Line length in seconds is two bars of the style; intro, break and outro are left to the composer.
"""

from __future__ import annotations

from dataclasses import dataclass

from songwright.engine.material import Brief, SectionKind, Style

_SUNG_S = 118.0  #: sung seconds of a song whose length was not asked for
_PLAYED_S = 10.0  #: kept free for intro and outro in songs of 35 s and longer
_SHORT_S = 35.0

#: Forms by number of lines: (section kind, lines).
_Form = tuple[tuple[SectionKind, int], ...]
_POP: tuple[_Form, ...] = (
    (("chorus", 2),),
    (("chorus", 4),),
    (("verse", 4), ("chorus", 4)),
    (("verse", 4), ("chorus", 4), ("chorus", 4)),
    (("verse", 4), ("chorus", 4), ("verse", 4), ("chorus", 4)),
    (("verse", 4), ("chorus", 4), ("verse", 4), ("chorus", 4), ("bridge", 4), ("chorus", 4)),
    (("verse", 4), ("prechorus", 2), ("chorus", 4), ("verse", 4), ("prechorus", 2), ("chorus", 4), ("bridge", 4),
    ("chorus", 4)),
    (("verse", 8), ("prechorus", 2), ("chorus", 4), ("verse", 8), ("prechorus", 2), ("chorus", 4), ("bridge", 4),
    ("chorus", 4)),
    (("verse", 8), ("prechorus", 2), ("chorus", 4), ("verse", 8), ("prechorus", 2), ("chorus", 4), ("verse", 4),
    ("bridge", 4),
     ("chorus", 4)),
)  # fmt: skip
_BLUES: tuple[_Form, ...] = (
    (("chorus", 3),),
    (("verse", 3), ("chorus", 3)),
    (("verse", 3), ("verse", 3), ("chorus", 3)),
    (("verse", 3), ("chorus", 3), ("verse", 3), ("chorus", 3)),
    (("verse", 3), ("verse", 3), ("chorus", 3), ("verse", 3), ("chorus", 3)),
    (("verse", 3), ("verse", 3), ("chorus", 3), ("verse", 3), ("bridge", 4), ("chorus", 3)),
    (("verse", 3), ("verse", 3), ("chorus", 3), ("verse", 3), ("verse", 3), ("bridge", 4), ("chorus", 3)),
)
_RAP: tuple[_Form, ...] = (
    (("chorus", 2),),
    (("chorus", 4),),
    (("rap", 4), ("chorus", 4)),
    (("rap", 8), ("chorus", 4)),
    (("rap", 8), ("chorus", 4), ("rap", 4), ("chorus", 4)),
    (("rap", 8), ("chorus", 4), ("rap", 8), ("chorus", 4)),
    (("rap", 8), ("chorus", 4), ("rap", 8), ("chorus", 4), ("bridge", 4), ("chorus", 4)),
    (("rap", 12), ("chorus", 4), ("rap", 12), ("chorus", 4), ("bridge", 4), ("chorus", 4)),
)
_WITHOUT_PRECHORUS = frozenset(
    ("blues", "indie_folk", "country", "country_waltz", "punk", "hip_hop", "trap", "jazz_swing", "bossa_nova",
    "ambient",
     "lofi", "reggae", "gospel", "afrobeats", "techno")
)  # fmt: skip
_SCHEMES = {
    "country": ("AABB", "ABCB"), "country_waltz": ("AABB", "ABCB"), "indie_folk": ("ABCB", "ABAB", "AABB"),
    "punk": ("AABB", "AABB", "ABAB"), "hip_hop": ("AABB",), "trap": ("AABB",), "metal": ("AABB", "ABAB"),
    "gospel": ("AABB", "ABCB"), "reggae": ("AABB", "ABCB"), "jazz_swing": ("AABB", "ABAB"),
    "bossa_nova": ("ABCB", "ABAB"), "ambient": ("ABCB",), "funk": ("AABB", "ABAB"), "disco": ("AABB", "ABAB"),
    "orchestral": ("ABAB", "ABCB"),
}  # fmt: skip
_USUAL = ("ABAB", "AABB", "ABCB", "ABAB")
_LONGEST_VERSES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """One section to write."""

    kind: SectionKind
    syllables: tuple[int, ...]
    scheme: str


def is_rapped(style: Style) -> bool:
    """Whether verses are spoken in rhythm."""
    return style.vocal.rap >= 0.5 or style.name in ("hip_hop", "trap")


def plan_song(brief: Brief, style: Style, pick: int) -> tuple[Plan, ...]:
    """Sections with their metre and rhyme; `pick` (any number) chooses among equal alternatives."""
    form = _form(brief, style)
    schemes = _SCHEMES.get(style.name, _USUAL)
    scheme = schemes[pick % len(schemes)]
    verse, chorus = _line_lengths(style)
    lighter = scheme != "AABB" and (pick // 7) % 2 == 1
    plans: list[Plan] = []
    for kind, lines in form:
        base = chorus if kind == "chorus" else verse + 2 if kind == "rap" else verse
        if kind == "bridge":
            base = max(6, verse - 1) if (pick // 3) % 2 else verse
        letters = "AAA" if lines == 3 else "AA" * (lines // 2) if lines == 2 else scheme * (lines // 4)
        if kind == "rap":
            letters = "AABB" * (lines // 4)
        pattern = (base, base + 1, base) if lines == 3 else tuple(base - (lighter and i % 2) for i in range(lines))
        plans.append(Plan(kind, pattern, letters))
    return tuple(plans)


def line_seconds(style: Style, bpm: float | None) -> float:
    """How long one sung line lasts: two bars, or four where bars are short."""
    bar_s = style.beats_per_bar * 60.0 / (bpm or style.bpm)
    return bar_s * (2 if bar_s >= 1.3 else 4)


def _form(brief: Brief, style: Style) -> _Form:
    """The form whose number of lines is nearest to what the duration holds."""
    if brief.duration_s is None:
        room_s = min(_SUNG_S, brief.max_duration_s - _PLAYED_S)
    else:
        room_s = brief.duration_s - (_PLAYED_S if brief.duration_s >= _SHORT_S else 1.0)
    wanted = max(2.0, room_s / line_seconds(style, brief.bpm))
    forms = _BLUES if style.name == "blues" else _RAP if is_rapped(style) else _POP
    forms = (*forms, *_longer(forms[-1], wanted))
    if style.name in _WITHOUT_PRECHORUS:
        forms = tuple(tuple(part for part in form if part[0] != "prechorus") for form in forms)
    return min(forms, key=lambda form: (abs(sum(n for _, n in form) - wanted), -len(form)))


def _longer(form: _Form, wanted: float) -> list[_Form]:
    """The longest form with more verses and choruses before its last chorus."""
    out: list[_Form] = []
    repeat = form[: next(i for i, (kind, _) in enumerate(form) if kind == "chorus") + 1]
    verses = sum(kind in ("verse", "rap") for kind, _ in form)
    while sum(n for _, n in form) < wanted and verses < _LONGEST_VERSES:
        bridge = next((i for i, (kind, _) in enumerate(form) if kind == "bridge"), len(form) - 1)
        form = (*form[:bridge], *repeat, *form[bridge:])
        verses += sum(kind in ("verse", "rap") for kind, _ in repeat)
        out.append(form)
    return out


def _line_lengths(style: Style) -> tuple[int, int]:
    """(verse, chorus) syllables a line, by the style's syllables per bar."""
    lengths = {3: 8, 4: 8, 5: 9, 6: 9, 7: 9, 8: 10, 9: 10}
    verse, chorus = (lengths.get(round(d), 8 if d < 3 else 10) for d in style.melody.density)
    return (8, 8) if style.name == "punk" else (verse, chorus)
