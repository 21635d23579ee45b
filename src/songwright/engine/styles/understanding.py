"""From a person's words to a style: the order in which wishes are granted, and the record of it.

Conventions
    Fields beat words and numbers beat adjectives: `Brief.bpm` over "120 bpm" over "fast". What was understood and what
    was passed over stand in `Style.understood` and `Style.ignored`, a short phrase each. Any text gives a style.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from songwright.engine.material import Brief, Style
from songwright.engine.styles import adjust
from songwright.engine.styles.book import read_entry
from songwright.engine.styles.choice import blended, choose
from songwright.engine.styles.hiring import dismiss, hire, of_its_time, without_voices
from songwright.engine.styles.lexicon import (
    BassWord,
    DrumWord,
    Era,
    Feel,
    Instrument,
    Kit,
    Manner,
    Metre,
    Mood,
    TempoWord,
    Voice,
)
from songwright.engine.styles.numbers import BPM_HIGHEST, BPM_LOWEST
from songwright.engine.styles.reading import Found, Reading, read
from songwright.engine.styles.regrid import at_half_time, in_metre
from songwright.engine.styles.relatives import moved, relative_of, with_band_of
from songwright.engine.styles.variants import Chooser, chooser, variant
from songwright.engine.theory import key_name, parse_key

SHOWN_UNKNOWN = 12
_WORD_KINDS = frozenset(("negator", "negation end", "only", "plain", "vocals"))
Value = TypeVar("Value")


@dataclass(slots=True)
class _Record:
    """What is told to people about the understanding."""

    names: tuple[str, ...] = ()
    understood: list[str] = field(default_factory=list[str])
    ignored: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class _Words:
    """The three texts of a brief, read."""

    style: Reading
    negative: Reading
    description: Reading

    def wanted(self, kind: str, value: type[Value]) -> tuple[tuple[str, Value], ...]:
        """(phrase, entry) of the style's text."""
        return tuple(_values(self.style.of(kind), value))

    def unwanted(self, kind: str, value: type[Value]) -> tuple[tuple[str, Value], ...]:
        """(phrase, entry) of what is refused in either text."""
        return tuple(_values((*self.style.of(kind, negated=True), *self.negative.of(kind, negated=True)), value))


def _values(found: Iterable[Found], value: type[Value]) -> Iterator[tuple[str, Value]]:
    seen: list[object] = []
    for one in found:
        entry = one.meaning.value
        if isinstance(entry, value) and entry not in seen:
            seen.append(entry)
            yield one.text, entry


def understand_style(brief: Brief) -> Style:
    """The style a brief asks for, as this clip will play it."""
    words = _Words(read(brief.style), read(brief.negative_style, negated=True), read(brief.description))
    record = _Record()
    style = _chosen(words, brief, record)
    style = _with_metre(style, words, record)
    style = _with_mood_and_tempo(style, words, brief, record)
    style = _with_key(style, words, brief, record)
    style = _with_band(style, words, record)
    style = _with_voice(style, words, brief, record)
    record.ignored += _passed_over(words)
    return replace(
        style,
        understood=tuple(record.understood),
        ignored=tuple(record.ignored),
        description=_description(style, words, record.names),
    )


def _chosen(words: _Words, brief: Brief, record: _Record) -> Style:
    refused = {name for _, name in words.unwanted("genre", str)}
    choice = choose(words.style, words.description, brief.description, frozenset(refused))
    record.names = (choice.drive,) if choice.colour is None else (choice.colour, choice.drive)
    record.understood += choice.understood
    record.understood += [f"not: {name.replace('_', ' ')}" for name in sorted(refused)]
    record.ignored += choice.ignored
    own = chooser(brief)
    drums = bool(words.wanted("drums", DrumWord) or words.wanted("kit", Kit))
    style = _as_named(choice.drive, choice.drive_word, own, keep_drums=drums)
    if choice.colour is None or choice.colour == choice.drive:
        return style
    return blended(style, _as_named(choice.colour, choice.colour_word, own, keep_drums=drums))


def _as_named(name: str, phrase: str, own: Chooser, *, keep_drums: bool) -> Style:
    """The style as one clip plays it, as the relative the phrase names."""
    entry = read_entry(name)
    relative = relative_of(entry, phrase)
    if relative is None:
        return variant(entry, own)
    return with_band_of(variant(moved(entry, relative), own), relative, keep_drums=keep_drums)


def _with_metre(style: Style, words: _Words, record: _Record) -> Style:
    for phrase, feel in words.wanted("feel", Feel)[:1]:
        style = replace(style, drums=at_half_time(style.drums, feel.factor, style.steps_per_bar))
        record.understood.append(f"feel: {phrase}")
    record.ignored += [f"metre: {phrase} ({style.metre} is played)" for phrase, _ in words.wanted("odd metre", str)]
    metres = words.wanted("metre", Metre)
    if not metres:
        return style
    phrase, entry = metres[0]
    record.understood.append(f"metre: {entry.metre} ({phrase})")
    record.ignored += [f"metre: {other} ({entry.metre} came first)" for other, _ in metres[1:]]
    return in_metre(style, entry.metre)


# ------------------------------------------------------------------------------------------------ mood and tempo


def _with_mood_and_tempo(style: Style, words: _Words, brief: Brief, record: _Record) -> Style:
    refused = [mood for _, mood in words.unwanted("mood", Mood)]
    asked = words.wanted("mood", Mood) or tuple(_values(words.description.of("mood"), Mood))
    moods = [(phrase, mood) for phrase, mood in asked if mood not in refused]
    leans = _tempo_words(style, words)
    bpm, source = _asked_bpm(words, brief, record)
    style = adjust.in_mood(style, [mood for _, mood in moods], moves_tempo=not leans)
    record.understood += [f"mood: {mood.mood} ({phrase})" for phrase, mood in moods]
    record.understood += [f"not the mood: {mood.words[0]}" for mood in refused]
    if bpm is not None:
        record.understood.append(f"tempo: {bpm:g} bpm ({source})")
        record.ignored += [f"tempo: {phrase} ({bpm:g} bpm was asked for)" for phrase, _ in leans]
        return adjust.at_bpm(style, bpm)
    for phrase, word in leans[:1]:
        record.understood.append(f"tempo: {phrase}")
        style = adjust.leaning(style, word.lean) if word.lean is not None else adjust.at_bpm(style, word.bpm or 0)
    record.ignored += [f"tempo: {phrase} ({leans[0][0]} came first)" for phrase, _ in leans[1:]]
    return style


def _asked_bpm(words: _Words, brief: Brief, record: _Record) -> tuple[float | None, str]:
    if brief.bpm is None:
        return words.style.bpm, "in the text"
    if words.style.bpm is not None and words.style.bpm != brief.bpm:
        record.ignored.append(f"tempo: {words.style.bpm:g} bpm in the text (the field says {brief.bpm:g})")
    return min(BPM_HIGHEST, max(BPM_LOWEST, brief.bpm)), "the field"


def _tempo_words(style: Style, words: _Words) -> list[tuple[str, TempoWord]]:
    """Tempo words, without those that only name the style itself; what is refused leans the other way."""
    named = {f.text for f in words.style.of("genre") if f.meaning.value == style.name}
    leans = [(phrase, word) for phrase, word in words.wanted("tempo", TempoWord) if phrase not in named]
    for phrase, word in words.unwanted("tempo", TempoWord):
        if word.lean:
            leans.append((f"not {phrase}", TempoWord(words=(), lean=-0.5 if word.lean > 0 else 0.5)))
    return leans


# ----------------------------------------------------------------------------------------------------------- key


def _with_key(style: Style, words: _Words, brief: Brief, record: _Record) -> Style:
    field_key = parse_key(brief.key) if brief.key else None
    if brief.key and field_key is None:
        record.ignored.append(f"key: {brief.key[:40]} (not a key)")
    text_key = words.style.key
    if field_key is not None:
        tonic_pc, mode = field_key
        record.understood.append(f"key: {key_name(tonic_pc, mode)} (the field)")
        if text_key is not None:
            record.ignored.append(f"key: {text_key.text} (the field says {key_name(tonic_pc, mode)})")
        return adjust.in_mode(replace(style, tonic_pcs=(tonic_pc,)), mode, exactly=True)
    if text_key is not None:
        style = replace(style, tonic_pcs=(text_key.tonic_pc,))
        record.understood.append(f"key: {text_key.text}")
        if text_key.mode is not None:
            return adjust.in_mode(style, text_key.mode, exactly=True)
    for found in words.style.of("mode")[:1]:
        record.understood.append(f"mode: {found.text}")
        return adjust.in_mode(style, str(found.meaning.value), exactly=False)
    return style


# ---------------------------------------------------------------------------------------------------------- band


def _with_band(style: Style, words: _Words, record: _Record) -> Style:
    wanted = words.wanted("instrument", Instrument)
    unwanted = words.unwanted("instrument", Instrument)
    refused = {instrument.name for _, instrument in unwanted}
    named = [instrument for _, instrument in wanted if instrument.name not in refused]
    for _, era in words.wanted("era", Era)[:1]:
        style = of_its_time(style, era, named)
        record.understood.append(f"era: {era.name}")
    style = dismiss(style, [instrument for _, instrument in unwanted])
    only = any(f.only for f in words.style.of("instrument"))
    style, hired = hire(style, named, only=only)
    record.understood += [f"with {'only ' if only else ''}{name}" for name in hired]
    record.understood += [f"without {phrase}" for phrase, _ in unwanted]
    record.ignored += [f"{phrase} (also not wanted)" for phrase, one in wanted if one.name in refused]
    return _with_rhythm_section(style, words, record)


def _with_rhythm_section(style: Style, words: _Words, record: _Record) -> Style:
    for phrase, kit in words.wanted("kit", Kit)[:1]:
        style = replace(style, drums=replace(style.drums, kit=kit.kit, synth=None))
        record.understood.append(f"drums: {phrase}")
    for phrase, bass in words.wanted("bass sound", BassWord)[:1]:
        synth = style.bass.synth if bass.program == style.bass.program else None
        style = replace(style, bass=replace(style.bass, program=bass.program, synth=synth))
        record.understood.append(f"bass: {phrase}")
    for phrase, drums in words.unwanted("drums", DrumWord):
        style = replace(style, drums=without_voices(style.drums, drums.voices or None))
        record.understood.append(f"without {phrase}")
    for phrase, _ in (*words.unwanted("bass", str), *words.unwanted("bass sound", BassWord)):
        style = replace(style, bass=replace(style.bass, patterns=dict.fromkeys(style.bass.patterns, ("",))))
        record.understood.append(f"without {phrase}")
    return style


# --------------------------------------------------------------------------------------------------------- voice


def _with_voice(style: Style, words: _Words, brief: Brief, record: _Record) -> Style:
    asked = words.wanted("voice", Voice)
    refused = {voice.gender for _, voice in words.unwanted("voice", Voice)}
    genders = {voice.gender for _, voice in asked} - refused
    if len(refused) == 1 and not genders:
        genders = {"female"} if "male" in refused else {"male"}
    gender = brief.gender or (next(iter(genders)) if len(genders) == 1 else None)
    record.understood += [f"voice: {phrase}" for phrase, voice in asked if gender in (voice.gender, None)]
    record.ignored += [f"voice: {p} (the field says {gender})" for p, v in asked if gender not in (v.gender, None)]
    if len(genders) == 2:
        record.ignored.append("voice: a second singer (one singer leads, the other sings along)")
    manners = words.wanted("manner", Manner)
    record.understood += [f"sung: {phrase}" for phrase, _ in manners]
    no_voice = bool(words.wanted("instrumental", str)) or bool(words.unwanted("vocals", str))
    if no_voice:
        record.understood.append("instrumental")
    style = adjust.sung(style, [manner for _, manner in manners])
    return replace(style, gender=gender, instrumental=no_voice)


# -------------------------------------------------------------------------------------------------------- record


def _passed_over(words: _Words) -> list[str]:
    """Unknown words of the style's texts, shortened to the first dozen, and numbers that could not be used."""
    unknown = [word for word in (*words.style.unknown, *words.negative.unknown) if word.strip()]
    shown = unknown[:SHOWN_UNKNOWN]
    if len(unknown) > SHOWN_UNKNOWN:
        shown.append(f"and {len(unknown) - SHOWN_UNKNOWN} more words")
    return [*words.style.refused, *words.negative.refused, *shown]


def _description(style: Style, words: _Words, names: tuple[str, ...]) -> str:
    """One line for people: `tender jazz swing and hip hop with violin, female voice, 92 bpm`."""
    mood = "" if style.mood in ("", "neutral") else f"{style.mood} "
    metre = "" if style.metre == "4/4" else f" in {style.metre}"
    hired = [i.name for _, i in words.wanted("instrument", Instrument)][:3]
    band = f" with {' and '.join(hired)}" if hired else ""
    name = " and ".join(dict.fromkeys(names)).replace("_", " ")
    voice = ", instrumental" if style.instrumental else f", {style.gender} voice" if style.gender else ""
    return f"{mood}{name}{metre}{band}{voice}, {style.bpm:g} bpm"
