"""A whole song in words: hook, verses that move on, a lifting pre-chorus, the chorus, a bridge that turns.

Conventions
    Everything is drawn from one generator, so the same brief gives the same words. No line comes twice outside the
    chorus; tails, templates and rhyme words are used once a song.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from songwright.engine.lyrics.describe import Phrase, Subject, understand
from songwright.engine.lyrics.forms import Plan, plan_song
from songwright.engine.lyrics.lexicon import Half, Template, lexicon
from songwright.engine.lyrics.scan import Scanner
from songwright.engine.lyrics.set_pieces import own_things, set_piece
from songwright.engine.lyrics.stanza import Clause, Line, Sheet, Unit, Verses
from songwright.engine.lyrics.subject_lines import hook_of, spread, subject_clauses, title_case
from songwright.engine.material import Brief, SectionKind, Style, stable_rng

_CANDIDATES = 8
_TRIES = 4
_AGAIN = ("Oh, ", "Yes, ", "Well, ", "Lord, ", "Now, ")
_BESIDE_ACTION = re.compile(
    r"\W*(?:we|I|I'm|we're|here|there|right|all|what|feels|like|let's|hold|stay|ever|always|more|better|oh|love|life)\b"
)
_LABELS: dict[SectionKind, str] = {"prechorus": "Pre-Chorus", "chorus": "Chorus", "bridge": "Bridge"}
_SCENES_OF_SECOND_THEME = 4
_SHADED = 0.45
_BEGINS_WITH_THING = re.compile(
    r"^(the|your|a) (?!\{?(?:old|last|first|same|whole|late|blue|tall|wild|white|yellow|packed)\b)"
)


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """A section as text. `pattern` and `scheme` say what metre and rhyme it was written to."""

    kind: SectionKind
    label: str
    lines: tuple[str, ...]
    pattern: tuple[int, ...]
    scheme: str


@dataclass(frozen=True, slots=True)
class _Stanza:
    """Lines, the syllables they were meant to have, and their rhyme scheme."""

    lines: tuple[str, ...]
    pattern: tuple[int, ...]
    scheme: str


@dataclass(frozen=True, slots=True)
class WrittenSong:
    """The words of a written song."""

    title: str
    sections: tuple[WrittenSection, ...]
    subject: Subject


def write_song(brief: Brief, style: Style, scanner: Scanner) -> WrittenSong:
    """Title and words for a brief without lyrics."""
    shared = int(brief.rng("lyrics", per_take=False).integers(2**62))
    rng = stable_rng("lyrics", shared, brief.description, brief.title, brief.style)
    about = brief.description or brief.title or brief.style
    subject = understand(about, mood=style.mood, fallback=int(rng.integers(60)))
    sheet = Sheet(lexicon(), scanner, rng, subject.themes, subject.valence)
    hook = hook_of(brief.title, subject, sheet)
    sections = _Writer(sheet, subject, hook, about).sections(plan_song(brief, style, int(rng.integers(420))))
    return WrittenSong(brief.title.strip() or title_case(hook), sections, subject)


class _Writer:
    """Writes the sections of one song, in order."""

    def __init__(self, sheet: Sheet, subject: Subject, hook: str, prompt: str) -> None:
        self.sheet = sheet
        self.verses = Verses(sheet)
        self.subject = subject
        self.hook = hook
        self.hook_is_action = any(p.kind == "ing" and p.bare == hook for p in subject.phrases)
        self.prompt = _plain(prompt)
        self.own = own_things(subject)
        self.waiting: list[list[Clause]] = []
        self.stanzas_left = 0

    def sections(self, plans: Sequence[Plan]) -> tuple[WrittenSection, ...]:
        """All sections. The chorus is written first: the rest must leave its words alone."""
        longest = max(n for plan in plans for n in plan.syllables)
        self.waiting = self._named(spread(self.subject.phrases, self.hook), longest)
        self.stanzas_left = sum(max(1, len(p.syllables) // 4) for p in plans if p.kind in ("verse", "rap", "bridge"))
        chorus = next((p for p in plans if p.kind == "chorus"), None)
        refrain = self._chorus(chorus) if chorus else _Stanza((), (), "")
        out: list[WrittenSection] = []
        verses = 0
        for plan in plans:
            label = _LABELS.get(plan.kind, "")
            if plan.kind in ("verse", "rap"):
                verses += 1
                label = f"Verse {verses}"
            text = refrain if plan.kind == "chorus" else self._section(plan, verses)
            out.append(WrittenSection(plan.kind, label, text.lines, text.pattern, text.scheme))
        return tuple(out)

    def _named(self, phrases: Sequence[Phrase], longest: int) -> list[list[Clause]]:
        """Candidates for the lines that name each phrase."""
        return [clauses for phrase in phrases for clauses in subject_clauses(phrase, self.sheet, longest)]

    def _section(self, plan: Plan, verse: int) -> _Stanza:
        if plan.scheme == "AAA":
            return self._blues(lambda: [self._mixed("scenes", "acts", plan.syllables[0])], plan)
        size = min(4, len(plan.syllables))
        stanzas: list[_Stanza] = []
        for k, start in enumerate(range(0, len(plan.syllables), size)):
            part, scheme = plan.syllables[start : start + size], plan.scheme[start : start + size]
            stanza = self._set_piece(plan, verse, k)
            if stanza is None:
                named = self._take_named(size)
                grown = max([0, *(min(c.scan.syllables for c in clauses) - part[0] - 1 for clauses in named)])
                part = tuple(n + grown for n in part)
                stanza = self._written(lambda k=k, named=named: self._units(plan, verse, k, named), part, scheme)
            stanzas.append(stanza)
            self.stanzas_left -= plan.kind != "prechorus"
        return _joined(stanzas)

    def _set_piece(self, plan: Plan, verse: int, stanza: int) -> _Stanza | None:
        """A stanza from the store where the song moves on, reflects, lifts or turns, unless a phrase needs the room."""
        role = _role_of_set_piece(plan, verse, stanza)
        needed = plan.kind != "prechorus" and len(self.waiting) >= self.stanzas_left > 0
        if not role or needed:
            return None
        piece = set_piece(self.sheet, role, self.own)
        if piece is None:
            return None
        return _Stanza(self._texts(piece[0]), piece[1], "AA" if len(piece[1]) == 2 else "ABCB")

    # ------------------------------------------------------------------------------------------------ stanzas

    def _written(self, units: Callable[[], list[list[Unit]]], syllables: tuple[int, ...], scheme: str) -> _Stanza:
        """Draw candidates until they rhyme; if need be with the odd lines free, at last without rhyme."""
        for attempt in range(_TRIES):
            looser = "ABCB" if attempt >= _TRIES - 2 and len(scheme) == 4 else scheme
            lines = self.verses.stanza(units(), syllables, looser)
            if lines:
                return _Stanza(self._texts(lines), syllables, looser)
        return _Stanza(self._texts(self.verses.loose(units(), syllables)), syllables, scheme)

    def _units(self, plan: Plan, verse: int, stanza: int, named: list[list[Clause]]) -> list[list[Unit]]:
        """Candidates for the two halves of a stanza: what it shows, then what it means."""
        longest = plan.syllables[0]
        if plan.kind == "prechorus":
            return [self._pairs("build", longest)]
        if plan.kind == "bridge":
            halves = [self._pairs("turn", longest), self._pairs("resolve", longest)]
        elif plan.kind == "rap":
            halves = [self._rapped(longest), self._rapped(longest)]
        else:
            moves_on = verse > 1 and stanza == 0 and verse % 2 == 0
            first = self._pairs("shift", longest) if moves_on else self._mixed("scenes", "scenes", longest)
            reflects = (stanza + verse) % 2 == 0
            second = self._pairs("feel", longest) if reflects else self._mixed("acts", "acts", longest)
            halves = [first, second]
        for k, clauses in zip((0, 1) if plan.kind != "bridge" else (1, 0), named, strict=False):
            halves[k] = self._around(clauses, "acts" if k else "scenes", longest)
        return halves

    def _take_named(self, size: int) -> list[list[Clause]]:
        """The next phrases to name: one a stanza, two where they would not all find room."""
        if size < 4 or not self.waiting:
            return []
        count = 2 if len(self.waiting) > self.stanzas_left else 1
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken

    def _pairs(self, role: str, longest: int) -> list[Unit]:
        drawn = self.sheet.choose(self.sheet.lexicon.lines[role], _CANDIDATES + 4)
        units = [(self.sheet.fill(t.halves[0]), self.sheet.fill(t.halves[1])) for t in drawn]
        return _short_enough(units, longest)

    def _mixed(self, first: str, second: str, longest: int) -> list[Unit]:
        """Two lines of the theme side by side."""
        a, b = self._of_theme(first), self._of_theme(second)
        if first == second:
            a, b = a[::2], a[1::2]
        return _short_enough([(x, y) for x in a[:5] for y in b[:5]], longest)[: 2 * _CANDIDATES]

    def _around(self, clauses: list[Clause], role: str, longest: int) -> list[Unit]:
        """A line that names the subject, and a line of the theme after it."""
        after = self._of_theme(role)[:4]
        return [(a, b) for a in clauses[:5] for b in after if b.scan.syllables <= longest]

    def _of_theme(self, role: str) -> list[Clause]:
        first, *others = self.subject.themes
        own = self.sheet.choose(first.lines[role], 10)
        other = [t for theme in others for t in self.sheet.choose(theme.lines[role], _SCENES_OF_SECOND_THEME)]
        templates = own + other
        order = self.sheet.rng.permutation(len(templates))
        halves = [templates[int(i)].halves[0] for i in order]
        return [self.sheet.fill(self._shaded(half), source=half.text) for half in halves]

    def _shaded(self, half: Half) -> Half:
        """Now and then an adjective for what a line begins with: `the radio` -> `the old radio`."""
        if self.sheet.rng.random() < _SHADED:
            return Half(_BEGINS_WITH_THING.sub(r"\1 <shade> ", half.text), half.kinds)
        return half

    def _rapped(self, longest: int) -> list[Unit]:
        """Dense lines: a statement of its own, or two clauses of the theme in one breath."""
        stated = [self.sheet.fill(t.halves[0]) for t in self.sheet.choose(self.sheet.lexicon.lines["rap"], 10)]
        scenes, acts = self._of_theme("scenes")[:8], self._of_theme("acts")[:8]
        joined = [
            self.sheet.fill(Half(f"{a.text}, {b.text}", b.kinds or ""))
            for a, b in zip(scenes, acts, strict=False)
            if a.scan.syllables + b.scan.syllables <= longest
        ]
        return _short_enough([(a, b) for a in (stated + joined)[::2] for b in joined[:4] if a.text != b.text], longest)

    # ------------------------------------------------------------------------------------------------- chorus

    def _chorus(self, plan: Plan) -> _Stanza:
        longest = plan.syllables[0]
        if plan.scheme == "AAA":
            return self._blues(lambda: [self._hooked(longest, [])], plan)
        named = self.waiting[:2] if not self.stanzas_left else []
        self.waiting = self.waiting[len(named) :]
        count = len(plan.syllables) // 2
        padded = [*named, *([[]] * count)][:count]
        return self._written(
            lambda: [self._hooked(longest, clauses) for clauses in padded], plan.syllables, plan.scheme
        )

    def _hooked(self, longest: int, named: list[Clause]) -> list[Unit]:
        """The hook with a short clause, and the line that answers it."""
        sheet = self.sheet
        drawn = sheet.choose(sheet.lexicon.lines["hook"], 40)
        if self.hook_is_action:
            drawn = [t for t in drawn if any(map(_BESIDE_ACTION.match, _choices(t)))]
        hooks = [sheet.fill(Half(f"{self.hook}, {t.halves[0].text}", t.halves[0].kinds)) for t in drawn]
        hooks = [h for h in hooks if h.scan.syllables <= longest + 1][: _CANDIDATES + 4]
        if len(hooks) < _TRIES:
            hooks += [sheet.fill(Half(text, "a")) for text in (f"oh, {self.hook}", self.hook, f"it's {self.hook}")]
        theme = sheet.choose([t for theme in self.subject.themes for t in theme.lines["pays"]], 6)
        answers = named[:4] or [sheet.fill(t.halves[0]) for t in theme + sheet.choose(sheet.lexicon.lines["pay"], 4)]
        fitting = [a for a in answers if a.scan.syllables <= longest + 1] or answers
        return [(h, fitting[i % len(fitting)]) for i, h in enumerate(hooks)]

    def _blues(self, units: Callable[[], list[list[Unit]]], plan: Plan) -> _Stanza:
        """The first line twice, the second time called out; then its answer."""
        named = self._take_named(4) if plan.kind == "verse" else []
        longest = plan.syllables[0]
        draw = (lambda: [self._around(named[0], "acts", longest)]) if named else units
        first, answer = self._written(draw, (longest, plan.syllables[2]), "AA").lines
        self.stanzas_left -= plan.kind == "verse"
        call = _AGAIN[int(self.sheet.rng.integers(len(_AGAIN)))]
        again = first if first.startswith(("I ", "I'")) else first[0].lower() + first[1:]
        return _Stanza((first, call + again, answer), plan.syllables, plan.scheme)

    def _texts(self, lines: Sequence[Line]) -> tuple[str, ...]:
        """Lines as text; none may be the prompt itself."""
        texts = [line.text for line in lines]
        return tuple(f"Oh, {t[0].lower()}{t[1:]}" if _plain(t) == self.prompt else t for t in texts)


def _joined(stanzas: Sequence[_Stanza]) -> _Stanza:
    """Stanzas of one section; letters go on, so that no stanza rhymes with another."""
    lines = tuple(line for s in stanzas for line in s.lines)
    pattern = tuple(n for s in stanzas for n in s.pattern)
    scheme = "".join(chr(ord(c) + 3 * k) for k, s in enumerate(stanzas) for c in s.scheme)
    return _Stanza(lines, pattern, scheme)


def _role_of_set_piece(plan: Plan, verse: int, stanza: int) -> str:
    """Which stored stanza would make this one; "" where the theme's own images do it."""
    if plan.kind in ("prechorus", "bridge"):
        return "lift_pair" if plan.kind == "prechorus" else "turn"
    if plan.kind != "verse":
        return ""
    if stanza == 0 and verse > 1:
        return "shift" if verse % 2 == 0 else "feel"
    return "feel" if stanza == 1 else ""


def _choices(template: Template) -> list[str]:
    """The first word of a template, in each of its alternatives."""
    text = template.halves[0].text
    match = re.match(r"\{([^{}]*)\}", text)
    return match[1].split("|") if match else [text]


def _short_enough(units: Sequence[Unit], longest: int) -> list[Unit]:
    """The units whose clauses fit the line; the shortest when none does."""
    fitting = [u for u in units if max(c.scan.syllables for c in u) <= longest + 1]
    return fitting or sorted(units, key=lambda u: max(c.scan.syllables for c in u))[:2]


def _plain(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower()).strip()
