"""The mix from beginning to end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from songwright.engine.dsp import (
    apply_curve_in_place,
    band_pass,
    dip_band_in_place,
    filter_in_place,
)
from songwright.engine.material import SAMPLE_RATE_HZ, Master, Score, Stem, Style
from songwright.engine.mix.balance import Balance, balanced
from songwright.engine.mix.channel import VOICES, Channel, sum_of
from songwright.engine.mix.ducking import Pressure, duck_curve, presence_curve, pressure_of
from songwright.engine.mix.mastering import finish, form_curve, glue_curve
from songwright.engine.mix.space import add_space_in_place, place_in_place
from songwright.engine.mix.strips import open_channel

TAIL_S = 2.0  #: how long the sound rings after the last beat
_PRESENCE = band_pass(2000.0, 0.65)  #: 1-4 kHz


def mix(stems: Iterable[Stem], score: Score, style: Style) -> Master:
    """Mix and master `stems`.

    They are taken one by one and copied, so a caller who hands over a generator that lets go of each stem never
    holds the band twice. An instrumental has no stem of role `vocal`; a song without any stem is silence.
    """
    samples = max(round((score.duration_s + TAIL_S) * SAMPLE_RATE_HZ), 1)
    channels = [open_channel(stem, samples) for stem in stems]
    balance = balanced(channels, style.mix)
    for channel, gain in zip(channels, balance.gains, strict=True):
        channel.audio *= np.float32(gain)
    _shape_in_place(channels, balance, score, style)
    bus = sum_of(channels, samples)
    glue = glue_curve(bus)
    apply_curve_in_place(bus, glue, 1.0)
    form = form_curve(bus, score, TAIL_S)
    apply_curve_in_place(bus, form, 1.0)
    finished = finish(bus)
    for channel in channels:
        apply_curve_in_place(channel.audio, glue, 1.0)
        apply_curve_in_place(channel.audio, form, finished.gain)
    return Master(
        pcm=finished.pcm,
        stems=tuple(Stem(name=c.name, role=c.role, audio=c.audio, pan=c.pan) for c in channels),
        loudness_lufs=finished.loudness_lufs,
        true_peak_dbtp=finished.true_peak_dbtp,
    )


def _shape_in_place(channels: Sequence[Channel], balance: Balance, score: Score, style: Style) -> None:
    """Ducking, tone, place and space: all that depends on the other channels."""
    beat_s = score.seconds(1.0)
    pressure = pressure_of(channels, beat_s)
    for index, channel in enumerate(channels):
        if channel.role not in VOICES:
            filter_in_place(channel.audio, *balance.tone)
        _duck_in_place(channel, pressure, balance.presence_dip_db, style.mix.duck_db)
        place_in_place(channel, style.mix, index)
        add_space_in_place(channel, style.mix, beat_s)


def _duck_in_place(channel: Channel, pressure: Pressure, dip_db: float, side_chain_db: float) -> None:
    presence = presence_curve(channel.role, pressure, dip_db)
    if presence is not None:
        dip_band_in_place(channel.audio, _PRESENCE, presence)
    gain = duck_curve(channel.role, pressure, side_chain_db)
    if gain is not None:
        apply_curve_in_place(channel.audio, gain, 1.0)
