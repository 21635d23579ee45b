"""The band plays: every track of the song, in the order it is thought of.

Conventions
    Tracks are written on the grid (`drafts`), then silenced in gaps, brought to the final chord and only then played
    (`feel`). Names are unique; pans spread the players around drums, bass and lead in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from songwright.engine.arrangement.bass import bass_track
from songwright.engine.arrangement.drafts import Draft, Track, cut_at, one_voice
from songwright.engine.arrangement.drums import drum_tracks
from songwright.engine.arrangement.dynamics import passage_gains
from songwright.engine.arrangement.ending import ended
from songwright.engine.arrangement.feel import played
from songwright.engine.arrangement.ground import Ground, ground_of
from songwright.engine.arrangement.harmony import harmony_drafts, strummed, voiced
from songwright.engine.arrangement.lead import answer_drafts, lead_of, riff_drafts, soloist, theme_drafts
from songwright.engine.arrangement.presence import appearance
from songwright.engine.arrangement.transitions import (
    Transition,
    effect_tracks,
    rolls,
    runs,
    stabs,
    transitions_of,
    walkups,
    with_gaps,
)
from songwright.engine.material import Arrangement, Brief, Player, Role, Score, Style

ROLES: dict[str, Role] = {"comp": "harmony", "arp": "harmony", "pad": "pads", "riff": "lead", "bass": "bass"}
PANS = (-0.3, 0.35, -0.55, 0.55, -0.15, 0.7, -0.7)
SIDES = {"left": -0.75, "right": 0.75}
STAB_FORCE = 108.0
LEAD_PAN = 0.1


@dataclass(frozen=True, slots=True)
class _Chair:
    """A track and who plays it; drums and effects have no player."""

    track: Track
    player: Player | None


def arrange(score: Score, style: Style, brief: Brief) -> Arrangement:
    """What the band plays for a score."""
    ground = ground_of(score, style, brief)
    transitions = transitions_of(ground)
    chairs = _named_apart([*_rhythm(ground, transitions), *_players(ground, transitions)])
    chairs += [_Chair(track, None) for track in effect_tracks(ground, transitions)]
    gaps = tuple(t.gap for t in transitions if t.gap is not None)
    finished = [ended(with_gaps(chair.track, gaps), chair.player, ground) for chair in chairs]
    gains = passage_gains(finished, ground)
    return Arrangement(parts=tuple(played(track, gains, ground) for track in finished if track.drafts))


def _rhythm(ground: Ground, transitions: tuple[Transition, ...]) -> Iterator[_Chair]:
    for track in drum_tracks(ground):
        if track.name == "Drums":
            rolled = rolls(ground, transitions)
            track = replace(track, drafts=(*_without_snare_under(track.drafts, rolled), *rolled))
        yield _Chair(track, None)
    bass = bass_track(ground)
    if bass is not None:
        walked = walkups(ground, transitions)
        drafts = bass.drafts
        for step in walked:
            drafts = cut_at(drafts, step.start_beats, step.start_beats + 1)
        yield _Chair(replace(bass, drafts=one_voice((*drafts, *walked))), ground.style.bass)


def _without_snare_under(drafts: tuple[Draft, ...], rolled: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """The groove's own snare strokes give way to a roll."""
    times = {round(draft.start_beats, 3) for draft in rolled}
    return tuple(d for d in drafts if d.voice != "s" or round(d.start_beats, 3) not in times)


def _players(ground: Ground, transitions: tuple[Transition, ...]) -> Iterator[_Chair]:
    lead = lead_of(ground.style.players)
    tunes = _tunes(lead, ground) if lead is not None else {}
    for rank, player in enumerate(ground.style.players):
        drafts = tuple(_written(player, rank, ground))
        if player.role == "comp" and drafts:
            drafts += tuple(_stabs(player, ground, transitions))
        if player is lead and player.role == "riff":
            told = tunes.pop(player.name, (player, ()))[1]
            told += runs(ground, transitions, player.low_midi, player.high_midi)
            drafts = one_voice((*_making_way(drafts, told), *told))
            drafts += tuple(_in_octaves(drafts, player, ground))
        if drafts:
            yield _Chair(_track(player, rank, drafts, is_lead=player is lead), player)
    for player, drafts in tunes.values():
        tuned = replace(player, name="lead" if player is lead else player.name, role="riff")
        yield _Chair(_track(tuned, 0, drafts, is_lead=True), tuned)


def _written(player: Player, rank: int, ground: Ground) -> Iterator[Draft]:
    """A player's own patterns in all passages it takes part in."""
    for passage in ground.passages:
        look = appearance(player, rank, ground, passage)
        if look is not None:
            write = riff_drafts if player.role == "riff" else harmony_drafts
            yield from write(player, look, ground, passage)


def _making_way(drafts: tuple[Draft, ...], told: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """The lead's own riff is silent where it has a tune to play."""
    for draft in told:
        drafts = cut_at(drafts, draft.start_beats - 0.25, draft.end_beats + 0.25)
    return drafts


def _in_octaves(drafts: tuple[Draft, ...], player: Player, ground: Ground) -> Iterator[Draft]:
    """At the peak the lead doubles its line in octaves."""
    for passage in ground.passages:
        if passage.is_peak:
            for draft in drafts:
                midi = draft.midi + 12 if draft.midi + 12 <= player.high_midi else draft.midi - 12
                inside = passage.start_beats <= draft.start_beats < passage.end_beats
                if inside and player.low_midi <= midi <= player.high_midi:
                    yield replace(draft, midi=midi, force=draft.force * 0.75)


def _tunes(lead: Player, ground: Ground) -> dict[str, tuple[Player, tuple[Draft, ...]]]:
    """Themes, hook and answers of the lead, and solos of instruments that a tag asks for, by the player's name."""
    rng = ground.rng("answers")
    tunes: dict[str, tuple[Player, tuple[Draft, ...]]] = {}
    for passage in ground.passages:
        player = soloist(lead, passage)
        drafts = theme_drafts(player, ground, passage) + answer_drafts(lead, ground, passage, rng)
        if drafts:
            tunes[player.name] = (player, tunes.get(player.name, (player, ()))[1] + drafts)
    return tunes


def _stabs(player: Player, ground: Ground, transitions: tuple[Transition, ...]) -> Iterator[Draft]:
    for at in stabs(transitions):
        notes = voiced(player, ground.chord_for(at, at + 1), None, doubled=False)
        yield from strummed(player, notes, at, 0.3, STAB_FORCE, ground)


def _track(player: Player, rank: int, drafts: tuple[Draft, ...], *, is_lead: bool) -> Track:
    words = player.name.split()
    pan = SIDES.get(words[-1], LEAD_PAN if is_lead else PANS[rank % len(PANS)])
    name = " ".join(word.capitalize() for word in words)
    return Track(name, ROLES[player.role], player.program, drafts, synth=player.synth, pan=pan)


def _named_apart(chairs: list[_Chair]) -> list[_Chair]:
    """Tracks of one name are numbered from the second on."""
    seen: dict[str, int] = {}
    out: list[_Chair] = []
    for chair in chairs:
        count = seen[chair.track.name] = seen.get(chair.track.name, 0) + 1
        name = chair.track.name if count == 1 else f"{chair.track.name} {count}"
        out.append(_Chair(replace(chair.track, name=name), chair.player))
    return out
