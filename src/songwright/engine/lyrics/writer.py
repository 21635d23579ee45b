"""A whole song in words: verses that set a scene and move on, a lifting pre-chorus, the title's chorus, a bridge.

Conventions
    Everything is drawn from one generator, so the same brief gives the same words. A song keeps its facts (street,
    month, coat) from the first line to the last. No line and no couplet comes twice outside the chorus. A song about
    somebody (`a lighthouse keeper who ...`) is told in the past tense and the third person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from songwright.engine.lyrics.describe import Subject, understand
from songwright.engine.lyrics.forms import Plan, is_rapped, plan_song
from songwright.engine.lyrics.lexicon import Couplet, Diction, Role, Theme, lexicon, speaks
from songwright.engine.lyrics.scan import Scanner
from songwright.engine.lyrics.sheet import Line, Pair, Sheet, pattern_of, rhyme
from songwright.engine.lyrics.subject_lines import Naming, hook_of, namings, spread, title_case
from songwright.engine.material import Brief, SectionKind, Style, stable_rng

_AGAIN = ("Oh, ", "Yes, ", "Well, ", "Lord, ", "Now, ")
_LABELS: dict[SectionKind, str] = {"prechorus": "Pre-Chorus", "chorus": "Chorus", "bridge": "Bridge"}
_ANY = "anyday"
_SHORT_TITLE = 6  #: syllables of a title that fits a verse's line
_NAMED = 0.6  #: how often the one couplet of a loose stanza names a thing of the description
_STYLES_OWN = 0.3  #: how often a verse's couplet after the first comes from the style's diction
_ANY_DAYS = 0.15  #: how often it is one that fits any song
_OTHER_THEME = 0.25  #: how often a couplet after the first comes from the second theme
_WOMEN = re.compile(
    r"\b(?:she|her|woman|girl|mother|mom|mum|mama|sister|queen|princess|witch|cowgirl|grandmother|grandma|wife|daughter|"
    r"waitress|mermaid|ballerina|nun|bride|lady|actress|aunt|widow|goddess|heroine)\b",
    re.IGNORECASE,
)
_MEN = re.compile(
    r"\b(?:he|his|him|man|boy|father|dad|papa|brother|king|prince|wizard|cowboy|fisherman|grandfather|grandpa|husband|son|"
    r"monk|groom|gentleman|uncle|postman|widower|knight|captain)\b",
    re.IGNORECASE,
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
    subject = understand(about, mood=style.mood)
    store = lexicon()
    sheet = Sheet(store, scanner, rng, subject.valence, store.dictions.get(style.name, Diction()))
    sheet.draw_facts(subject.themes)
    sheet.facts |= _pronouns(about)
    hook = hook_of(brief.title, subject, sheet)
    sections = _Writer(sheet, subject, hook, about, rapped=is_rapped(style)).sections(
        plan_song(brief, style, int(rng.integers(420)))
    )
    return WrittenSong(brief.title.strip() or title_case(hook), sections, subject)


def _pronouns(text: str) -> dict[str, str]:
    """He, she or they, for the person the song is about."""
    women, men = bool(_WOMEN.search(text)), bool(_MEN.search(text))
    if women and not (men and re.search(r"\b(?:he|his|him)\b", text)):
        return {"he": "she", "his": "her", "him": "her"}
    return {"he": "he", "his": "his", "him": "him"} if men else {"he": "they", "his": "their", "him": "them"}


class _Writer:
    """Writes the sections of one song, in order."""

    def __init__(self, sheet: Sheet, subject: Subject, hook: str, prompt: str, *, rapped: bool) -> None:
        self.sheet = sheet
        self.subject = subject
        self.hook = hook
        self.prompt = _plain(prompt)
        self.rapped = rapped
        self.tells = bool(subject.phrases) and any(p.kind in ("person", "rel") for p in subject.phrases[:2])
        self.is_action = any(p.kind == "ing" and p.bare == hook for p in subject.phrases)
        self.waiting: list[Naming] = [n for p in spread(subject.phrases, hook) for n in namings(p, sheet)]
        self.waiting += self._of_title()
        self.couplets_left = 0

    def _of_title(self) -> list[Naming]:
        """The title's own thing in the verses too; thrice where no theme knows it, so that it stays the subject."""
        named = next((p for p in self.subject.phrases if p.bare == self.hook), None)
        if named is None or self.tells:
            return []
        words = named.bare if named.kind == "ing" else named.text
        short = self.sheet.scanner.scan(words).syllables <= _SHORT_TITLE
        often = 3 if self.subject.themes[0].name == _ANY else 1
        return [Naming("np_hard" if named.hard else "np", "np", words)] * often if short else []

    def sections(self, plans: Sequence[Plan]) -> tuple[WrittenSection, ...]:
        """All sections. The chorus is written first: the rest must leave its rhymes alone."""
        tellers = [p for p in plans if p.kind in ("verse", "rap", "bridge")]
        self.couplets_left = sum(max(1, len(p.syllables) // 2) for p in tellers)
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

    # ------------------------------------------------------------------------------------------------ sections

    def _section(self, plan: Plan, verse: int) -> _Stanza:
        wanted = plan.syllables[0]
        if plan.kind == "prechorus":
            return self._laid([self._from([self.sheet.lexicon.frames["lift"]], wanted)], plan, wanted)
        if plan.kind == "bridge":
            turn = self._turn(wanted)
            return self._laid([turn, self._named_or("resolve", _size(turn[1], wanted))], plan, wanted)
        if plan.scheme == "AAA":
            return self._blues(plan, verse)
        stanzas: list[_Stanza] = []
        for start in range(0, len(plan.syllables), 4):
            first = "open" if verse == 1 else "later"
            roles: tuple[Role, Role] = (first if start == 0 else "more", "more")
            if self._is_loose(plan):
                stanzas.append(self._loose(roles[0], wanted))
                continue
            crossed = plan.kind == "verse" and plan.scheme.startswith("ABAB")
            pairs = [self._verse_couplet(roles[0], wanted, start, divides=crossed)]
            pairs.append(self._verse_couplet(roles[1], _size(pairs[0][1], wanted), start + 1, divides=crossed))
            stanzas.append(self._laid(pairs, plan, wanted))
        return _joined(stanzas)

    def _is_loose(self, plan: Plan) -> bool:
        """Whether a stanza may rhyme in its second and fourth line only: half as many couplets have to be enough."""
        asked = plan.kind == "verse" and plan.scheme.startswith("ABCB")
        return asked and len(self.waiting) < self.couplets_left - 1 and not (self.tells and self.waiting)

    def _loose(self, role: Role, wanted: int) -> _Stanza:
        """Scenery without rhyme between the lines of one couplet: the ballad's stanza."""
        self.couplets_left -= 1
        named = self.waiting and self.sheet.rng.random() < _NAMED
        couplet = self._verse_couplet(role, wanted, int(bool(named)), divides=True)[1]
        scenes = (*self.sheet.lexicon.free, *self.sheet.diction.free)
        if self.tells:
            scenes = tuple(x for x in scenes if not speaks(x))
        size = _size(couplet, wanted)
        flat = [self.sheet.free_line(scenes, size), couplet[0], self.sheet.free_line(scenes, size), couplet[1]]
        size = pattern_of([line.scan.syllables for line in flat], wanted)
        return _Stanza(self._texts(flat), (size,) * 4, "ABCB")

    def _verse_couplet(self, role: Role, wanted: int, place: int, *, divides: bool = False) -> tuple[Couplet, Pair]:
        """A couplet of the theme; the description's own phrases take the second place of a stanza, and more if many.

        `divides`: one between whose lines another may stand, if there is one.
        """
        pressed = len(self.waiting) >= self.couplets_left
        self.couplets_left -= 1
        told = self.tells and place == 0 and bool(self.waiting) and self.waiting[0].slot in ("told", "who")
        if self.waiting and (pressed or told or place % 2 == 1):
            named = self._name(wanted, divides=divides)
            if named:
                return named
        stores = self._stores(role)
        if divides:
            stores = [*([c for c in store if c.divides] for store in stores), *stores]
        return self._from(stores, wanted)

    def _turn(self, wanted: int) -> tuple[Couplet, Pair]:
        self.couplets_left -= 1
        return self._from(self._stores("turn"), wanted)

    def _named_or(self, frames: str, wanted: int) -> tuple[Couplet, Pair]:
        self.couplets_left -= 1
        named = self._name(wanted) if self.waiting else None
        return named or self._from([self.sheet.lexicon.frames[frames]], wanted)

    def _name(self, wanted: int, *, divides: bool = False) -> tuple[Couplet, Pair] | None:
        """A couplet that names the next phrase of the description."""
        naming = self.waiting.pop(0)
        frames = self.sheet.lexicon.frames[naming.frames]
        slots = {naming.slot: naming.words}
        apart = [c for c in frames if c.divides] if divides else []
        found = self.sheet.couplet(apart, wanted, slots=slots) if apart else None
        return found or self.sheet.couplet(frames, wanted, slots=slots)

    def _stores(self, role: Role) -> list[Sequence[Couplet]]:
        """Where a couplet may come from, best first."""
        first, *others = self.subject.themes
        if others and role == "more" and self.sheet.rng.random() < _OTHER_THEME:
            first, others = others[0], [first, *others[1:]]
        themes = [first, *others]
        own = self.sheet.diction.couplets.get(role, ())
        if self.tells:
            scenery = [_scenery(theme, role) for theme in themes]
            teller = self.sheet.lexicon.somebody
            mixed = [(*teller.couplets[role], *scenery[0]) if role in ("open", "more") else teller.couplets[role]]
            of_style = [tuple(c for c in own if c.is_scenery)] if role == "more" and self._chance(_STYLES_OWN) else []
            return [*of_style, *mixed, teller.couplets["more"], *scenery, _scenery(self._any(), role)]
        stores: list[Sequence[Couplet]] = [theme.couplets[role] for theme in themes]
        if role == "turn":
            # One turn a theme would soon be known by heart.
            stores = [(*first.couplets[role], *self._any().couplets[role], *own)]
        elif self._chance(_STYLES_OWN):
            stores = [own, *stores]
        elif role != "open" and self._chance(_ANY_DAYS):
            stores = [self._any().couplets[role], *stores]
        if role != "more":
            stores += [theme.couplets["more"] for theme in themes]
        return [*stores, self._any().couplets[role], self._any().couplets["more"]]

    def _chance(self, share: float) -> bool:
        return float(self.sheet.rng.random()) < share

    def _any(self) -> Theme:
        return self.sheet.lexicon.themes[_ANY]

    def _from(self, stores: Sequence[Sequence[Couplet]], wanted: int) -> tuple[Couplet, Pair]:
        """A couplet of the first store that has one left; at last any couplet of the lexicon."""
        every = [c for theme in self.sheet.lexicon.themes.values() for c in theme.couplets["more"]]
        for options in (*stores, every):
            found = self.sheet.couplet(options, wanted)
            if found:
                return found
        raise AssertionError("the lexicon has fewer couplets than a song has lines")

    def _laid(self, pairs: Sequence[tuple[Couplet, Pair]], plan: Plan, wanted: int) -> _Stanza:
        """Couplets as a stanza: one after the other, or line by line in turns where the scheme and the sense allow."""
        rap = plan.kind == "rap"
        lines = [[self._led(line, wanted) if rap else line for line in pair] for _, pair in pairs]
        wished = plan.scheme.startswith(("ABAB", "ABCB")) and plan.kind == "verse"
        crossed = wished and len(pairs) == 2 and all(c.divides for c, _ in pairs)
        if crossed and lines[0][0].scan.rhyme != lines[1][0].scan.rhyme:
            flat, scheme = [lines[0][0], lines[1][0], lines[0][1], lines[1][1]], "ABAB"
        else:
            flat, scheme = [line for pair in lines for line in pair], "AABB"[: 2 * len(pairs)]
        size = pattern_of([line.scan.syllables for line in flat], wanted)
        return _Stanza(self._texts(flat), (size,) * len(flat), scheme)

    def _led(self, line: Line, wanted: int) -> Line:
        """A line to rap, with a word or two before it where it is short."""
        missing = wanted - line.scan.syllables
        leads = [lead for lead in self.sheet.lexicon.leads.get(min(missing, 4), ()) if lead not in self.sheet.used]
        if missing < 1 or not leads:
            return line
        lead = self.sheet.one(leads)
        self.sheet.used.add(lead)
        return Line(f"{lead} {line.words}", self.sheet.scanner.scan(f"{lead} {line.words}"))

    # ------------------------------------------------------------------------------------------------- chorus

    def _chorus(self, plan: Plan) -> _Stanza:
        """The title twice, each time with a word more, and what it means."""
        wanted = plan.syllables[0]
        hooks = self._hooked(wanted)
        if len(plan.syllables) == 3:
            feeling = self._feeling(wanted)[1]
            lines = [hooks[0], Line(f"{self._call()}{hooks[0].words}", hooks[0].scan), feeling[1]]
            answers = [x for x in feeling if rhyme(x, hooks[0])]
            lines[2] = answers[0] if answers else hooks[1]
            return _Stanza(self._texts(lines), tuple(x.scan.syllables for x in lines), "AAA")
        if len(plan.syllables) == 2:
            flat, scheme = list(hooks), "AA"
        else:
            couplet, feeling = self._feeling(wanted)
            flat, scheme = [*hooks, *feeling], "AABB"
            order = int(self.sheet.rng.integers(3))
            if order == 0 and couplet.divides:
                flat, scheme = [hooks[0], feeling[0], hooks[1], feeling[1]], "ABAB"
            elif order == 1:
                flat, scheme = [*feeling, *hooks], "AABB"
        size = pattern_of([line.scan.syllables for line in flat], wanted)
        return _Stanza(self._texts(flat), (size,) * len(flat), scheme)

    def _feeling(self, wanted: int) -> tuple[Couplet, Pair]:
        if self.tells:
            return self._from([self.sheet.lexicon.somebody.couplets["chorus"]], wanted)
        return self._from([theme.couplets["chorus"] for theme in (*self.subject.themes, self._any())], wanted)

    def _hooked(self, wanted: int) -> Pair:
        """Two lines that begin with the title and rhyme by what follows it."""
        kind = "action" if self.is_action else "person" if self.tells else "thing"
        mood = "dark" if self.sheet.valence == "-" else "bright"
        groups = self.sheet.lexicon.tags[kind][mood]
        best: tuple[float, Pair] | None = None
        for index in self.sheet.rng.permutation(len(groups)):
            lines = [self.sheet.as_written(f"{self.hook}, {tag}") for tag in groups[int(index)]]
            for a in lines:
                for b in lines:
                    if a is b or not rhyme(a, b):
                        continue
                    off = sum(max(abs(x.scan.syllables - wanted) - 1, 0) for x in (a, b))
                    cost = off + 0.5 * abs(a.scan.syllables - b.scan.syllables) + 0.4 * float(self.sheet.rng.gumbel())
                    if best is None or cost < best[0]:
                        best = (cost, (a, b))
        if best is None:
            plain = self.sheet.as_written(self.hook)
            return plain, plain
        self.sheet.rhymes.add(best[1][0].scan.rhyme)
        return best[1]

    def _blues(self, plan: Plan, verse: int) -> _Stanza:
        """The first line twice, the second time called out; then its answer."""
        role: Role = "open" if verse == 1 else "later" if verse == 2 else "more"
        _, (first, answer) = self._verse_couplet(role, plan.syllables[0], 1)
        again = Line(self._call() + _lowered(first.text), first.scan)
        lines = (first, again, answer)
        counts = [first.scan.syllables, first.scan.syllables + 1, answer.scan.syllables]
        size = pattern_of(counts, plan.syllables[0])
        return _Stanza(self._texts(lines), (size, size, size), "AAA")

    def _call(self) -> str:
        return self.sheet.one(_AGAIN)

    def _texts(self, lines: Sequence[Line]) -> tuple[str, ...]:
        """Lines as text; none may be the prompt itself."""
        texts = [line.text for line in lines]
        return tuple(f"Oh, {_lowered(t)}" if _plain(t) == self.prompt else t for t in texts)


def _size(pair: Pair, wanted: int) -> int:
    """The length for lines beside these: as long as they are, if that is near to what was wanted."""
    return min(max(pattern_of([line.scan.syllables for line in pair], wanted), wanted - 1), wanted + 2)


def _scenery(theme: Theme, role: Role) -> tuple[Couplet, ...]:
    """The couplets in which nobody speaks."""
    return tuple(c for c in (*theme.couplets[role], *theme.couplets["more"]) if c.is_scenery)


def _joined(stanzas: Sequence[_Stanza]) -> _Stanza:
    """Stanzas of one section; letters go on, so that no stanza rhymes with another."""
    lines = tuple(line for s in stanzas for line in s.lines)
    pattern = tuple(n for s in stanzas for n in s.pattern)
    scheme = "".join(chr(ord(c) + 3 * k) for k, s in enumerate(stanzas) for c in s.scheme)
    return _Stanza(lines, pattern, scheme)


def _lowered(text: str) -> str:
    """Without its capital, unless it is the word I or a name."""
    return text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:]


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
