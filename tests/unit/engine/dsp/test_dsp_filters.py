import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songwright.engine.dsp import (
    add_from_half_in_place,
    apply_curve_in_place,
    convolve_half,
    curve_from_points,
    curve_length,
    dip_band_in_place,
    echo_half,
    fade_in_place,
    filter_in_place,
    half_rate_mid,
    high_pass,
    high_shelf,
    impulse_response_half,
    low_pass,
    low_shelf,
    octave_powers,
    peak,
    resample,
    spread_in_place,
)
from songwright.engine.dsp.biquad import band_pass, response_db
from songwright.engine.material import SAMPLE_RATE_HZ


def sine(hz: float, length_s: float = 1.0, level: float = 0.5) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)
    return np.stack([wave, wave]).astype(np.float32)


def level_db(audio: np.ndarray) -> float:
    middle = audio[:, len(audio[0]) // 4 : -len(audio[0]) // 4]
    return 10 * np.log10(np.mean(middle.astype(np.float64) ** 2) + 1e-20)


@pytest.mark.parametrize(
    ("design", "hz", "gain_db"),
    [
        (peak(1000, 6.0), 1000, 6.0),
        (peak(1000, -6.0), 50, 0.0),
        (low_shelf(200, 4.0), 20, 4.0),
        (low_shelf(200, 4.0), 8000, 0.0),
        (high_shelf(3000, -5.0), 18000, -5.0),
        (high_pass(100), 100, -3.01),
        (low_pass(1000), 1000, -3.01),
        (band_pass(2000, 0.7), 2000, 0.0),
    ],
)
def test_filters_do_to_a_sine_what_their_name_says(design: np.ndarray, hz: float, gain_db: float) -> None:
    audio = sine(hz, 2.0)
    before = level_db(audio)
    filter_in_place(audio, design)
    assert level_db(audio) - before == pytest.approx(gain_db, abs=0.15)
    assert response_db(design, np.array([float(hz)]))[0] == pytest.approx(gain_db, abs=0.15)


def test_filters_in_one_call_equal_filters_one_after_the_other() -> None:
    together = np.random.default_rng(1).standard_normal((2, 5000)).astype(np.float32)
    apart = together.copy()
    filter_in_place(together, peak(500, 3), high_pass(80), high_shelf(5000, -2))
    for design in (peak(500, 3), high_pass(80), high_shelf(5000, -2)):
        filter_in_place(apart, design)
    assert np.allclose(together, apart, atol=1e-5)


@given(hz=st.floats(5, 50_000), gain_db=st.floats(-24, 24), quality=st.floats(0.2, 8))
@settings(max_examples=40, deadline=None)
def test_every_filter_is_stable(hz: float, gain_db: float, quality: float) -> None:
    for design in (peak(hz, gain_db, quality), low_shelf(hz, gain_db), high_shelf(hz, gain_db), high_pass(hz, quality)):
        poles = np.roots([1.0, design[0, 3], design[0, 4]])
        assert np.all(np.abs(poles) < 1.0)


def test_a_curve_of_ones_changes_nothing_and_halves_halve() -> None:
    audio = np.random.default_rng(2).standard_normal((2, 1001)).astype(np.float32)
    kept = audio.copy()
    apply_curve_in_place(kept, np.ones(curve_length(1001), np.float32), 1.0)
    assert np.array_equal(kept, audio)
    apply_curve_in_place(kept, np.full(curve_length(1001), 0.5, np.float32), 1.0)
    assert np.allclose(kept, audio / 2, atol=1e-7)


def test_curves_go_through_their_points() -> None:
    curve = curve_from_points(SAMPLE_RATE_HZ, [(0.0, 1.0), (0.5, 0.0), (1.0, 1.0)])
    assert curve[0] == 1.0
    assert curve.min() < 0.002
    assert curve[len(curve) // 4] == pytest.approx(0.5, abs=0.01)


def test_a_dip_takes_its_band_and_leaves_the_rest() -> None:
    for hz, expected_db in ((2000, -6.0), (100, 0.0)):
        audio = sine(hz)
        before = level_db(audio)
        dip_band_in_place(audio, band_pass(2000, 0.65), np.full(curve_length(audio.shape[1]), 0.5012, np.float32))
        assert level_db(audio) - before == pytest.approx(expected_db, abs=0.2)


def test_a_fade_ends_in_exact_silence() -> None:
    audio = np.ones((2, 1000), np.float32)
    fade_in_place(audio, fade_in_s=0.005, fade_out_s=0.01)
    assert audio[0, 0] == 0.0
    assert audio[0, -1] == 0.0
    assert audio[0, 500] == 1.0


@pytest.mark.parametrize("samples", [0, 1, 2, 77, 4096, 4097, 10_001])
def test_half_rate_and_back_keeps_length_and_sound(samples: int) -> None:
    audio = sine(1000, 1.0)[:, :samples].copy()
    half = half_rate_mid(audio)
    assert len(half) == (samples + 1) // 2
    back = np.zeros_like(audio)
    add_from_half_in_place(back, np.stack([half, half]))
    inside = slice(60, max(samples - 60, 60))
    assert np.allclose(back[:, inside], audio[:, inside], atol=2e-3)


def test_resampling_keeps_pitch() -> None:
    converted = resample(sine(440), SAMPLE_RATE_HZ, 24_000)
    assert converted.shape == (2, 24_000)
    assert np.argmax(np.abs(np.fft.rfft(converted[0]))) == 440


def test_reverb_is_the_convolution_and_dies_away_in_its_time() -> None:
    response = impulse_response_half(1.0, 0.02)
    send = np.zeros(60_000, np.float32)
    send[[10, 30_000]] = 1.0, -0.5
    wet = convolve_half(send, response)
    expected = np.zeros((2, 60_000 + response.shape[1]))
    expected[:, 10 : 10 + response.shape[1]] += response
    expected[:, 30_000 : 30_000 + response.shape[1]] -= 0.5 * response
    assert np.allclose(wet, expected[:, :60_000], atol=1e-5)
    assert np.allclose((response**2).sum(axis=1), 1.0, atol=1e-3)
    rate = SAMPLE_RATE_HZ // 2
    early, late = (response[:, slice(int(a * rate), int(a * rate) + 2000)].std() for a in (0.1, 0.6))
    assert 20 * np.log10(early / late) == pytest.approx(30, abs=8)


def test_echo_repeats_at_its_distance_and_alternates_sides() -> None:
    send = np.zeros(22_050, np.float32)
    send[100:140] = np.hanning(40)
    wet = echo_half(send, delay_s=0.2)
    distance = 4410
    assert abs(int(np.argmax(np.abs(wet[0]))) - 120 - distance) < 20
    assert abs(int(np.argmax(np.abs(wet[1]))) - 120 - 2 * distance) < 30
    assert np.abs(wet[:, : 100 + distance]).max() < 1e-15


def test_panning_keeps_bass_in_the_middle() -> None:
    for hz, moved in ((60, False), (2000, True)):
        audio = sine(hz, 2.0)
        spread_in_place(audio, pan=1.0)
        difference_db = level_db(audio[1:]) - level_db(audio[:1])
        assert bool(difference_db > 20) is moved
        if not moved:
            assert abs(difference_db) < 3.0


def test_made_width_vanishes_in_mono() -> None:
    audio = np.random.default_rng(3).standard_normal((2, 20_000)).astype(np.float32)
    audio[1] = audio[0]
    plain = audio.copy()
    spread_in_place(audio, made_side=0.5)
    spread_in_place(plain)
    assert np.abs(audio[0] - audio[1]).max() > 0.1
    assert np.allclose(audio.mean(axis=0), plain.mean(axis=0), atol=1e-5)


def test_octave_bands_add_up_to_the_whole() -> None:
    noise = (0.1 * np.random.default_rng(4).standard_normal((2, 200_000))).astype(np.float32)
    assert octave_powers(noise).sum() == pytest.approx(2 * 0.01, rel=0.05)
    bands = octave_powers(sine(1000, 3.0))
    assert np.argmax(bands) == 5
    assert bands[5] / bands.sum() > 0.99
