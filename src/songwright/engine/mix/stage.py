"""The mix from beginning to end.

Roles reach the desk one after the other, voices first, then the drums, then the rest. As soon as a role is complete
its level is known, it makes room for those who came before it, gets its space, and goes into one of three sub-mixes;
its own sound is then forgotten, unless the stems are asked for. So memory does not grow with the number of parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from songwright.engine.dsp import apply_curve_in_place, band_pass, dip_band_in_place, filter_in_place, gain_of_db
from songwright.engine.dsp.biquad import Filter
from songwright.engine.material import SAMPLE_RATE_HZ, Audio, Master, Role, Score, Stem, Style
from songwright.engine.mix.balance import Measure, Room, role_gain, role_levels_db, room_for_the_voice
from songwright.engine.mix.channel import ROLE_ORDER, VOICES, Channel, Group, opened
from songwright.engine.mix.ducking import Pressure, duck_curve, kick_pressure, presence_curve, voice_pressure
from songwright.engine.mix.mastering import finish, form_curve, glue_curve
from songwright.engine.mix.space import add_space_in_place, place_in_place
from songwright.engine.mix.strips import open_channel
from songwright.engine.mix.tone import band_tone

TAIL_S = 2.0  #: how long the sound rings after the last beat
_PRESENCE = band_pass(2000.0, 0.65)  #: 1-4 kHz


@dataclass(slots=True, kw_only=True)
class Desk:
    """What is on the desk while roles come in."""

    score: Score
    style: Style
    samples: int
    keeps_stems: bool
    pressure: Pressure = field(default_factory=Pressure)
    measures: list[Measure] = field(default_factory=list[Measure])
    sub_mixes: dict[str, Audio] = field(default_factory=dict[str, Audio])  #: voices, drums, band
    kept: list[Channel] = field(default_factory=list[Channel])
    opened_channels: int = 0


def mix(stems: Iterable[Stem], score: Score, style: Style, *, with_stems: bool = True) -> Master:
    """Mix and master `stems`.

    A sequence may be in any order. An iterator, which can let go of each stem as soon as it is taken, must yield roles
    in the order of `ROLE_ORDER`; else ValueError. An instrumental has no stem of role `vocal`; a song without any stem
    is silence. `with_stems=False` leaves the master's `stems` empty; its `pcm` is the same either way.
    """
    samples = max(round((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ), 1)
    desk = Desk(score=score, style=style, samples=samples, keeps_stems=with_stems)
    for group in _groups(_in_order(stems), desk):
        _set_in_place(group, desk)
    tone, room = _toned_in_place(desk)
    bus = _summed(desk)
    glue = glue_curve(bus)
    apply_curve_in_place(bus, glue, 1.0)
    form = form_curve(bus, score, TAIL_S)
    apply_curve_in_place(bus, form, 1.0)
    finished = finish(bus)
    for channel in desk.kept:
        _finish_sub_mix_in_place(channel.audio, channel.role, tone, room, desk)
        apply_curve_in_place(channel.audio, glue, 1.0)
        apply_curve_in_place(channel.audio, form, finished.gain)
    return Master(
        pcm=finished.pcm,
        stems=tuple(Stem(name=c.name, role=c.role, audio=c.audio, pan=c.pan) for c in desk.kept),
        loudness_lufs=finished.loudness_lufs,
        true_peak_dbtp=finished.true_peak_dbtp,
    )


def _in_order(stems: Iterable[Stem]) -> Iterator[Stem]:
    if isinstance(stems, Sequence):
        stems = sorted(stems, key=lambda stem: ROLE_ORDER.index(stem.role))
    return iter(stems)


def _groups(stems: Iterator[Stem], desk: Desk) -> Iterator[Group]:
    """Roles as they get complete."""
    group: Group | None = None
    for stem in stems:
        channel = _placed(stem, desk)
        del stem  # the dry sound is not needed while the next part plays
        if group is None or channel.role != group.role:
            if group is not None:
                if ROLE_ORDER.index(channel.role) < ROLE_ORDER.index(group.role):
                    raise ValueError(f"Stems of role {channel.role} must come before those of role {group.role}.")
                yield group
            group = opened(channel, keep=desk.keeps_stems)
        else:
            group.add(channel, keep=desk.keeps_stems)
    if group is not None:
        yield group


def _placed(stem: Stem, desk: Desk) -> Channel:
    channel = open_channel(stem, desk.samples)
    channel.scale(channel.own_gain())
    place_in_place(channel, desk.style.mix, desk.opened_channels)
    desk.opened_channels += 1
    return channel


def _set_in_place(group: Group, desk: Desk) -> None:
    """Give a complete role its level, let it make room for who came before, and add it to its sub-mix."""
    has_vocal = desk.pressure.voice is not None or group.role == "vocal"
    levels_db = role_levels_db(desk.style.mix, has_vocal=has_vocal)
    group.scale(role_gain(group.powers, levels_db[group.role]))
    desk.measures.append(Measure(group.role, group.powers, group.octaves))
    beat_s = desk.score.seconds(1.0)
    if group.role == "vocal":
        desk.pressure.voice = voice_pressure(group.audio)
    if group.role == "drums":
        desk.pressure.kick = kick_pressure(group.audio, beat_s)
    gain = duck_curve(group.role, desk.pressure, desk.style.mix.duck_db)
    for audio in [group.audio, *(member.audio for member in group.members)]:
        if gain is not None:
            apply_curve_in_place(audio, gain, 1.0)
        add_space_in_place(audio, group.role, desk.style.mix, beat_s)
    desk.kept += group.members
    name = _sub_mix_of(group.role)
    if name in desk.sub_mixes:
        desk.sub_mixes[name] += group.audio
    else:
        desk.sub_mixes[name] = group.audio


def _sub_mix_of(role: Role) -> str:
    if role in VOICES:
        return "voices"
    return "drums" if role == "drums" else "band"


def _toned_in_place(desk: Desk) -> tuple[Sequence[Filter], Room]:
    """All that could not be known before the last role was there: the band's tone, and room for the voice."""
    heard = [m.octaves for m in desk.measures if m.role not in VOICES]
    tone = band_tone(np.sum(heard, axis=0) if heard else np.zeros(10), desk.style.mix.tone)
    room = room_for_the_voice(desk.measures, tone)
    roles: dict[str, Role] = {"voices": "vocal", "drums": "drums", "band": "harmony"}
    for name, audio in desk.sub_mixes.items():
        _finish_sub_mix_in_place(audio, roles[name], tone, room, desk)
    return tone, room


def _finish_sub_mix_in_place(audio: Audio, role: Role, tone: Sequence[Filter], room: Room, desk: Desk) -> None:
    if role in VOICES:
        audio *= np.float32(gain_of_db(room.vocal_lift_db))
        return
    filter_in_place(audio, *tone)
    presence = presence_curve(desk.pressure, room.presence_dip_db, is_drums=role == "drums")
    if presence is not None:
        dip_band_in_place(audio, _PRESENCE, presence)


def _summed(desk: Desk) -> Audio:
    """The sum of the sub-mixes, which are forgotten."""
    names = sorted(desk.sub_mixes)
    if not names:
        return np.zeros((2, desk.samples), np.float32)
    bus = desk.sub_mixes.pop(names[0])
    for name in names[1:]:
        bus += desk.sub_mixes.pop(name)
    return bus
