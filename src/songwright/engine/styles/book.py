"""The style book: every style file read, checked and turned into a `Style`.

Conventions
    `read_style` returns a style with everything it can do: all alternatives, the reference first, and every kind of
    section filled in by the table of fallbacks. Nothing is chosen here. Files are read once a process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TypeVar, get_args

import msgspec
import yaml

from songwright.engine.material import DrumKit, MelodyTraits, MixTraits, Player, SectionKind, Style, VocalTraits
from songwright.engine.styles import notation
from songwright.engine.styles.errors import StyleFileError
from songwright.engine.styles.stylesheet import BassFile, CommonFile, PlayerFile, RelativeFile, StyleFile
from songwright.engine.styles.words import squash
from songwright.engine.theory import MODES

SECTION_KINDS: tuple[str, ...] = get_args(SectionKind)
BEATS_PER_BAR = {"4/4": 4, "3/4": 3, "6/8": 2, "12/8": 4}
PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_DATA = resources.files("songwright.engine.styles") / "data"
_NOT_STYLES = frozenset(("common", "lexicon"))
Struct = TypeVar("Struct", bound=msgspec.Struct)
Alternative = TypeVar("Alternative")


@dataclass(frozen=True, slots=True)
class Relative:
    """What a word says beyond the name of its style; None and nothing where it says nothing of it."""

    bpm: tuple[float, float, float] | None = None  #: slowest, fastest, usual
    swing: float | None = None
    kit: str | None = None
    instruments: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A style of the book with what the understanding of text needs to know about it."""

    style: Style
    bpm_low: float
    bpm_high: float
    drive: float
    synonyms: tuple[str, ...]
    hints: tuple[str, ...]
    colours: Mapping[str, tuple[int, ...]]  #: player name -> programs that may take its place
    relatives: Mapping[str, Relative]  #: squashed word -> what it says


@cache
def style_names() -> tuple[str, ...]:
    """All styles of the book, in alphabetical order."""
    names = (path.name.removesuffix(".yaml") for path in _DATA.iterdir() if path.name.endswith(".yaml"))
    return tuple(sorted(name for name in names if name not in _NOT_STYLES))


def load_style(name: str) -> Style:
    """The style as the book has it, with all its alternatives; KeyError for a name the book lacks."""
    return read_entry(name).style


@cache
def read_entry(name: str) -> Entry:
    """One style of the book; KeyError for a name the book lacks, StyleFileError for a file that is wrong."""
    if name not in style_names():
        raise KeyError(name)
    return entry_from_text((_DATA / f"{name}.yaml").read_text(encoding="utf-8"), name)


@cache
def read_common() -> CommonFile:
    """The words all style files share."""
    return read_data("common.yaml", CommonFile)


def read_data(file: str, shape: type[Struct]) -> Struct:
    """A data file of the book as a typed value."""
    return _typed((_DATA / file).read_text(encoding="utf-8"), file, shape)


def entry_from_text(text: str, name: str) -> Entry:
    """Reads and checks the text of a style file."""
    file = _typed(text, f"{name}.yaml", StyleFile)
    for place, problem in _problems(file):
        raise StyleFileError(f"{name}.yaml", place, problem)
    low, high, _ = file.bpm
    colours = {player.name: tuple(player.colours) for player in file.players}
    colours["bass"] = tuple(file.bass.colours)
    related = [word for relative in file.relatives for word in relative.words]
    return Entry(
        style=_style(name, file),
        bpm_low=low,
        bpm_high=high,
        drive=file.drive,
        synonyms=tuple(dict.fromkeys((*file.synonyms, *related))),
        hints=tuple(file.hints),
        colours=colours,
        relatives={squash(word): _relative(relative) for relative in file.relatives for word in relative.words},
    )


def _relative(file: RelativeFile) -> Relative:
    return Relative(file.bpm, file.swing, file.kit, tuple(file.instruments), tuple(file.without))


def _typed(text: str, file: str, shape: type[Struct]) -> Struct:
    try:
        return msgspec.convert(yaml.safe_load(text), type=shape)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at ")
        raise StyleFileError(file, place.strip("`").removeprefix("$."), problem) from error
    except yaml.YAMLError as error:
        raise StyleFileError(file, "file", f"is not YAML: {error}") from error


# ------------------------------------------------------------------------------------------------------ checks


def _problems(file: StyleFile) -> Iterator[tuple[str, str]]:
    """(place, problem) of everything wrong with the file."""
    yield from _scalar_problems(file)
    yield from _harmony_problems(file)
    yield from _drum_problems(file)
    for player in (file.bass, *file.players):
        yield from _player_problems(player, file.steps)


def _scalar_problems(file: StyleFile) -> Iterator[tuple[str, str]]:
    low, high, usual = file.bpm
    if not 40 <= low <= usual <= high <= 240:
        yield "bpm", f"{low:g} <= usual {usual:g} <= {high:g} must hold, within 40..240"
    if file.steps % BEATS_PER_BAR[file.metre]:
        yield "steps", f"{file.steps} steps do not divide into the beats of {file.metre}"
    if not 0.5 <= file.swing <= 0.7:
        yield "swing", f"{file.swing:g} is outside 0.5..0.7"
    if not 0 <= file.drive <= 1:
        yield "drive", f"{file.drive:g} is outside 0..1"
    if not file.synonyms:
        yield "synonyms", "a style needs a word that names it"
    for relative in file.relatives:
        if relative.bpm is not None and not 40 <= relative.bpm[0] <= relative.bpm[2] <= relative.bpm[1] <= 240:
            yield f"relatives.{relative.words[0]}", "slowest <= usual <= fastest must hold, within 40..240"
        if relative.kit is not None and relative.kit not in read_common().kits:
            yield f"relatives.{relative.words[0]}", f"unknown kit {relative.kit!r}"
    for word in file.transitions:
        if word not in read_common().transitions:
            yield "transitions", f"unknown {word!r}"


def _harmony_problems(file: StyleFile) -> Iterator[tuple[str, str]]:
    for tonic in file.tonics:
        if tonic[0] not in PITCH_CLASSES or tonic[1:] not in ("", "b", "#"):
            yield "tonics", f"unknown {tonic!r}"
    if not set(file.modes) <= set(MODES) or abs(sum(file.modes.values()) - 1) > 1e-6:
        yield "modes", "known modes whose weights add up to 1 are wanted"
    for kind in ("verse", "chorus"):
        if not file.chords.get(kind):
            yield f"chords.{kind}", "is missing"
    for kind, progressions in file.chords.items():
        for progression in progressions:
            if problem := notation.progression_problem(progression, BEATS_PER_BAR[file.metre]):
                yield f"chords.{kind}", problem
    for form in file.forms:
        if problem := notation.form_problem(form, frozenset(SECTION_KINDS)):
            yield "forms", problem


def _drum_problems(file: StyleFile) -> Iterator[tuple[str, str]]:
    common = read_common()
    if file.drums.kit not in common.kits:
        yield "drums.kit", f"unknown {file.drums.kit!r}"
    grids = [(f"drums.grooves.{kind}", groove) for kind, grooves in file.drums.grooves.items() for groove in grooves]
    grids += [("drums.fills", fill) for fill in file.drums.fills]
    grids += [("drums.turns", turn) for turn in file.drums.turns]
    grids += [(f"drums.layers.{kind}", layer) for kind, layer in file.drums.layers.items()]
    for place, groove in grids:
        for voice, pattern in groove.items():
            if voice not in common.drum_voices:
                yield place, f"unknown voice {voice!r}"
            if problem := notation.drum_problem(pattern, file.steps):
                yield f"{place}.{voice}", problem


def _player_problems(player: BassFile, steps: int) -> Iterator[tuple[str, str]]:
    name, role = (player.name, player.role) if isinstance(player, PlayerFile) else ("bass", "bass")
    low, high = player.range
    if not 0 <= low < low + 11 < high <= 127:
        yield f"{name}.range", f"{low}..{high} is no range of an octave or more"
    for program in (player.gm, *player.colours):
        if not 0 <= program <= 127:
            yield f"{name}.gm", f"{program} is no General MIDI program"
    for kind, patterns in player.play.items():
        if kind not in SECTION_KINDS:
            yield f"{name}.play", f"unknown section {kind!r}"
        for pattern in patterns:
            if problem := notation.player_problem(pattern, steps, role):
                yield f"{name}.play.{kind}", problem


# ---------------------------------------------------------------------------------------------- files -> values


def _style(name: str, file: StyleFile) -> Style:
    return Style(
        name=name,
        bpm=file.bpm[2],
        metre=file.metre,
        beats_per_bar=BEATS_PER_BAR[file.metre],
        steps_per_bar=file.steps,
        swing=file.swing,
        swing_unit=file.swing_unit,
        modes=dict(file.modes),
        tonic_pcs=tuple(pitch_class(tonic) for tonic in file.tonics),
        chords=_every_kind({kind: tuple(p) for kind, p in file.chords.items()}),
        forms=tuple(file.forms),
        drums=DrumKit(
            kit=file.drums.kit,
            synth=file.drums.synth,
            grooves=_every_kind({kind: tuple(g) for kind, g in file.drums.grooves.items()}, silence={}),
            fills=tuple(file.drums.fills),
            turns=tuple(file.drums.turns),
            layers={kind: of[0] for kind, of in _every_kind(_listed(file.drums.layers), silence={}).items()},
        ),
        bass=_player(file.bass, "bass"),
        players=tuple(_player(player, player.name) for player in file.players),
        melody=MelodyTraits(**msgspec.structs.asdict(file.melody)),
        vocal=VocalTraits(**msgspec.structs.asdict(file.vocal)),
        mix=MixTraits(**msgspec.structs.asdict(file.mix)),
        transitions=tuple(file.transitions),
        timing_ms=file.timing_ms,
        velocity_spread=file.velocity_spread,
        lay_ms=dict(file.lay_ms),
        bpm_range=file.bpm[:2],
    )


def _listed(layers: Mapping[str, dict[str, str]]) -> dict[str, tuple[dict[str, str], ...]]:
    return {kind: (layer,) for kind, layer in layers.items()}


def _player(file: BassFile, name: str) -> Player:
    return Player(
        name=name,
        role=file.role if isinstance(file, PlayerFile) else "bass",
        program=file.gm,
        synth=file.synth,
        low_midi=file.range[0],
        high_midi=file.range[1],
        relative_to_key=isinstance(file, PlayerFile) and file.relative_to_key,
        patterns=_every_kind({kind: tuple(p) for kind, p in file.play.items()}, silence=""),
    )


def _every_kind(
    given: Mapping[str, tuple[Alternative, ...]], silence: Alternative | None = None
) -> dict[str, tuple[Alternative, ...]]:
    """`given` with every kind of section filled in along the table of fallbacks; else one silent alternative."""
    fallback = read_common().section_fallback
    filled: dict[str, tuple[Alternative, ...]] = {}
    for kind in SECTION_KINDS:
        at: str | None = kind
        while at is not None and not given.get(at):
            at = fallback.get(at)
        if at is not None:
            filled[kind] = given[at]
        elif silence is not None:
            filled[kind] = (silence,)
    return filled


def pitch_class(tonic: str) -> int:
    """`Eb` -> 3."""
    return (PITCH_CLASSES[tonic[0]] + {"": 0, "#": 1, "b": -1}[tonic[1:]]) % 12
