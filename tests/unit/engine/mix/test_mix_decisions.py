"""What the mixer decides, apart from how it sounds."""

import numpy as np
import pytest
from small_songs import small_score, small_voice

from songwright.engine.dsp import filter_in_place, high_shelf
from songwright.engine.dsp.biquad import response_db
from songwright.engine.material import MixTraits
from songwright.engine.mix.balance import role_levels_db
from songwright.engine.mix.mastering import section_gains_db
from songwright.engine.mix.tone import RECORDS_DB, TARGET_DB, matching_filters, style_filters
from songwright.engine.mix.vocals import brightness_db, sing_through_in_place


def test_a_spectrum_like_records_is_left_alone() -> None:
    octaves = 10 ** (np.array(TARGET_DB) / 10)
    frequencies = np.array([62.5, 250.0, 1000.0, 4000.0])
    response = response_db(np.concatenate(matching_filters(octaves)), frequencies)
    assert np.ptp(response) < 0.5


def test_a_dull_band_is_brightened_and_a_harsh_one_softened() -> None:
    frequencies = np.array([125.0, 4000.0])
    for tilt, sign in ((-2.0, 1), (2.0, -1)):
        octaves = 10 ** ((np.array(RECORDS_DB) + tilt * np.arange(10)) / 10)
        low_db, high_db = response_db(np.concatenate(matching_filters(octaves)), frequencies)
        assert sign * (high_db - low_db) > 2.0


def test_silence_asks_for_no_tone() -> None:
    assert matching_filters(np.zeros(10)) == ()


@pytest.mark.parametrize(
    ("words", "hz", "low_db", "high_db"),
    [
        ("air +2 dB at 11 kHz", 18_000, 1.5, 2.1),
        ("presence +2 dB at 3 kHz, drive on bus", 3000, 1.9, 2.1),
        ("soft, -1 dB at 3 kHz on piano", 3000, -2.0, -0.9),
        ("low-pass 9 kHz, wow", 18_000, -30.0, -10.0),
        ("dark bass", 12_000, -2.1, -1.5),
        ("", 1000, 0.0, 0.0),
    ],
)
def test_words_about_tone_become_filters(words: str, hz: float, low_db: float, high_db: float) -> None:
    filters = style_filters(words)
    response = response_db(np.concatenate(filters), np.array([float(hz)]))[0] if filters else 0.0
    assert low_db <= response <= high_db


def test_the_fader_lifts_choruses_and_never_pumps_up_a_sparse_intro() -> None:
    score = small_score(bars_each=4, kinds=("intro", "verse", "chorus", "outro"))
    blocks = int(score.duration_s * 10) + 20
    powers = np.full(blocks, 0.02)
    powers[: blocks // 5] = 0.0002
    intro, verse, chorus, _ = section_gains_db(score, powers)
    assert 3.0 <= chorus - verse <= 5.0
    assert intro <= 1.5


def test_without_a_singer_the_lead_instrument_takes_the_front() -> None:
    sung, played = (role_levels_db(MixTraits(), has_vocal=v) for v in (True, False))
    assert played["lead"] > sung["lead"]
    assert played["drums"] == sung["drums"]


def test_a_bright_voice_gets_no_more_hiss() -> None:
    voice = small_voice(small_score()).audio
    bright = voice.copy()
    filter_in_place(bright, high_shelf(5000, 18.0))
    changes: list[float] = []
    for audio in (voice, bright):
        audio *= np.float32(0.1 / np.sqrt(np.mean(audio**2)))
        before = brightness_db(audio)
        sing_through_in_place(audio, "vocal")
        changes.append(brightness_db(audio) - before)
    assert changes[1] < changes[0] - 1.5
    assert changes[1] < 0.0


def test_filters_that_would_only_cancel_each_other_stay_flat() -> None:
    """A band without middle is not forced into shape: no filter goes beyond what an engineer would turn."""
    octaves = 10 ** ((np.array(TARGET_DB) + np.array([0, 15, 0, -15, 0, 15, 0, -15, 0, 15])) / 10)
    response = response_db(np.concatenate(matching_filters(octaves)), np.geomspace(30, 16_000, 60))
    assert np.ptp(response) < 16.0
    assert np.abs(response).max() < 14.0
