"""Who plays after all: instruments asked for are hired, instruments not wanted leave, decades change the sound.

Conventions
    An instrument is known by its General MIDI programs. A band is never left without harmony: when the last player of
    it has to go, another instrument takes over that player's patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from songwright.engine.material import DrumKit, Player, Style
from songwright.engine.styles.book import read_common
from songwright.engine.styles.lexicon import Era, Instrument
from songwright.engine.styles.regrid import grid_of, player_on

GUESTS = 4
GUEST_GRID = (4, 4)
_SYNTH_PROGRAMS = frozenset((38, 39, 50, 51, 62, 63, *range(80, 104)))
_STAND_INS = ((0, "piano"), (25, "acoustic guitar"), (48, "strings"), (16, "organ"), (89, "synth pad"), (11, "vibes"))
_BASS_STAND_INS = (33, 32, 38)
_HARMONY_ROLES = frozenset(("comp", "arp", "pad"))


def hire(style: Style, wanted: Iterable[Instrument], *, only: bool) -> tuple[Style, tuple[str, ...]]:
    """(style with the instruments that were asked for, what was done for each).

    They come first in the band: the first ranks play from the start, and the first who plays tunes leads. With
    `only`, everyone else leaves.
    """
    done: list[str] = []
    players = style.players
    asked: list[Player] = []
    guests = 0
    for instrument in wanted:
        present = next((p for p in players if _matches(p, instrument) and p not in asked), None)
        if present is not None:
            moved = _from_the_start(present)
            players = tuple(moved if p is present else p for p in players)
            asked.append(moved)
        elif guests < GUESTS:
            guest = _guest(instrument, style)
            players, guests = (*players, guest), guests + 1
            asked.append(guest)
        done.append(instrument.name)
    if only and asked:
        silent = replace(style.bass, patterns=dict.fromkeys(style.bass.patterns, ("",)))
        style = replace(style, bass=silent, drums=without_voices(style.drums, None))
        players = tuple(asked)
    others = tuple(player for player in players if player not in asked)
    return replace(style, players=(*asked, *others)), tuple(done)


def _matches(player: Player, instrument: Instrument) -> bool:
    return player.program in instrument.programs or player.name == instrument.name


def _from_the_start(player: Player) -> Player:
    """A player who only joined in the chorus plays the verses as well."""
    if any(player.patterns["verse"]):
        return player
    chorus = player.patterns["chorus"]
    patterns = {kind: chorus if not any(p) else p for kind, p in player.patterns.items()}
    return replace(player, patterns=patterns)


def _guest(instrument: Instrument, style: Style) -> Player:
    given = {kind: tuple(patterns) for kind, patterns in read_common().guests[instrument.role].items()}
    fallback = read_common().section_fallback
    patterns: dict[str, tuple[str, ...]] = {}
    for kind in style.bass.patterns:
        at = kind
        while at not in given:
            at = fallback[at]
        patterns[kind] = given[at]
    guest = Player(
        name=instrument.name,
        role=instrument.role,
        program=instrument.programs[0],
        low_midi=instrument.range[0],
        high_midi=instrument.range[1],
        relative_to_key=instrument.role == "riff",
        patterns=patterns,
    )
    return player_on(guest, GUEST_GRID, grid_of(style))


def dismiss(style: Style, unwanted: Sequence[Instrument]) -> Style:
    """`style` without the instruments that are not wanted."""
    programs = frozenset(program for instrument in unwanted for program in instrument.programs)
    names = frozenset(instrument.name for instrument in unwanted)
    if not programs:
        return style
    no_synth = programs >= _SYNTH_PROGRAMS - {50, 51}

    def goes(player: Player) -> bool:
        return player.program in programs or player.name in names or (no_synth and player.synth is not None)

    staying = tuple(player for player in style.players if not goes(player))
    leaving = [player for player in style.players if goes(player)]
    if not any(player.role in _HARMONY_ROLES for player in staying):
        staying += tuple(_stand_ins(leaving, programs))
    return replace(style, players=staying, bass=_bass_instead(style.bass, programs, no_synth=no_synth))


def _stand_ins(leaving: list[Player], programs: frozenset[int]) -> Iterable[Player]:
    """Someone else takes over the patterns of those who leave, each another instrument."""
    free = [(program, name) for program, name in _STAND_INS if program not in programs]
    harmony = [player for player in leaving if player.role in _HARMONY_ROLES]
    for player, (program, name) in zip(harmony, free[:2], strict=False):
        yield replace(player, name=name, program=program, synth=None)


def _bass_instead(bass: Player, programs: frozenset[int], *, no_synth: bool) -> Player:
    if bass.program not in programs and not (no_synth and bass.synth):
        return bass
    program = next((p for p in _BASS_STAND_INS if p not in programs), bass.program)
    return replace(bass, program=program, synth=None)


def without_voices(drums: DrumKit, voices: Iterable[str] | None) -> DrumKit:
    """The kit without some voices; None takes all of them away."""
    gone = None if voices is None else frozenset(voices)

    def kept(groove: Mapping[str, str]) -> Mapping[str, str]:
        return {voice: pattern for voice, pattern in groove.items() if gone is not None and voice not in gone}

    grooves = {kind: tuple(kept(groove) for groove in all_of) for kind, all_of in drums.grooves.items()}
    return replace(
        drums,
        grooves=grooves,
        fills=tuple(kept(fill) for fill in drums.fills),
        turns=tuple(kept(turn) for turn in drums.turns),
        layers={kind: kept(layer) for kind, layer in drums.layers.items()},
    )


def of_its_time(style: Style, era: Era, keep: Iterable[Instrument]) -> Style:
    """The instruments a decade used; those that were asked for by name stay as they are."""
    named = frozenset(program for instrument in keep for program in instrument.programs)

    def swapped(player: Player) -> Player:
        if player.program in named or player.program not in era.swap:
            return player
        return replace(player, program=era.swap[player.program], synth=None)

    kit = era.kit or style.drums.kit
    drums = replace(style.drums, kit=kit, synth=style.drums.synth if kit == style.drums.kit else None)
    mix = replace(style.mix, reverb_send_db=style.mix.reverb_send_db + era.reverb_db)
    return replace(style, players=tuple(map(swapped, style.players)), bass=swapped(style.bass), drums=drums, mix=mix)
