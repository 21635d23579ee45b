import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songwright.engine.dsp import (
    compress_in_place,
    de_ess_in_place,
    filter_in_place,
    gain_of_db,
    high_pass,
    limit_in_place,
    loudness_lufs,
    low_pass,
    peak,
    silence_non_finite_in_place,
    true_peak_dbtp,
)
from songwright.engine.material import SAMPLE_RATE_HZ


def coloured_noise(seconds: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * SAMPLE_RATE_HZ))).astype(np.float32)
    filter_in_place(noise, low_pass(900, 0.5), peak(100, 6), high_pass(30))
    return noise * np.float32(0.1 / noise.std())


@pytest.mark.parametrize("kind", ["white", "music-like", "with a quiet half", "one channel"])
def test_loudness_agrees_with_the_reference_within_a_tenth(kind: str) -> None:
    audio = coloured_noise(12.0)
    if kind == "white":
        audio = (0.1 * np.random.default_rng(1).standard_normal(audio.shape)).astype(np.float32)
    elif kind == "with a quiet half":
        audio[:, audio.shape[1] // 2 :] *= 0.02
    elif kind == "one channel":
        audio[1] = 0.0
    reference = pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(audio.T.astype(np.float64))
    assert loudness_lufs(audio) == pytest.approx(reference, abs=0.1)


def test_a_full_scale_sine_at_997_hz_in_one_channel_reads_minus_three() -> None:
    time_s = np.arange(5 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    audio = np.stack([np.sin(2 * np.pi * 997 * time_s), np.zeros(len(time_s))]).astype(np.float32)
    assert loudness_lufs(audio) == pytest.approx(-3.01, abs=0.05)  # the calibration of BS.1770


@pytest.mark.parametrize("samples", [0, 1, 100, 5000])
def test_short_and_silent_sounds_have_finite_levels(samples: int) -> None:
    silence = np.zeros((2, samples), np.float32)
    assert loudness_lufs(silence) < -100
    assert true_peak_dbtp(silence) == -120
    assert limit_in_place(silence, ceiling_dbtp=-1.0) == 0.0


def test_true_peak_sees_what_lies_between_samples() -> None:
    quarter = 0.5 * np.sin(np.pi / 2 * np.arange(44_100) + np.pi / 4)
    audio = np.stack([quarter, quarter]).astype(np.float32)
    assert 20 * np.log10(np.abs(audio).max()) == pytest.approx(-9.03, abs=0.01)
    assert true_peak_dbtp(audio) == pytest.approx(-6.02, abs=0.15)


def test_true_peak_agrees_with_a_long_interpolator() -> None:
    audio = coloured_noise(1.0) * 3 + (0.05 * np.random.default_rng(5).standard_normal((2, 44_100))).astype(np.float32)
    spectrum = np.fft.rfft(audio, axis=1)
    fine = np.fft.irfft(spectrum, 8 * audio.shape[1], axis=1) * 8
    assert true_peak_dbtp(audio) == pytest.approx(20 * np.log10(np.abs(fine).max()), abs=0.15)


@given(
    seed=st.integers(0, 2**32 - 1),
    drive_db=st.floats(-6, 30),
    ceiling=st.floats(-12, -0.1),
    samples=st.integers(1, 9000),
)
@settings(max_examples=40, deadline=None)
def test_the_limiter_never_exceeds_its_ceiling(seed: int, drive_db: float, ceiling: float, samples: int) -> None:
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal((2, samples)).astype(np.float32) * np.float32(0.2 * gain_of_db(drive_db))
    audio[:, rng.integers(0, samples, 3)] *= 8.0
    limit_in_place(audio, ceiling_dbtp=ceiling)
    assert true_peak_dbtp(audio) <= ceiling + 0.001
    assert np.isfinite(audio).all()


def test_the_limiter_leaves_quiet_sound_alone_and_keeps_the_image() -> None:
    quiet = coloured_noise(1.0) * 0.3
    kept = quiet.copy()
    assert limit_in_place(kept, ceiling_dbtp=-1.0) == 0.0
    assert np.array_equal(kept, quiet)
    loud = coloured_noise(1.0) * 8
    loud[1] = 0.25 * loud[0]
    limit_in_place(loud, ceiling_dbtp=-1.0)
    assert np.allclose(loud[1], 0.25 * loud[0], atol=1e-6)


def test_a_compressor_reduces_what_is_above_its_threshold_by_its_ratio() -> None:
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * 500 * time_s)
    for level_db, expected_db in ((-40.0, -40.0), (-8.0, -17.0)):
        audio = np.stack([tone, tone]).astype(np.float32) * np.float32(gain_of_db(level_db) * np.sqrt(2))
        compress_in_place(audio, threshold_db=-20, ratio=4, attack_s=0.01, release_s=0.1)
        measured = 20 * np.log10(np.sqrt(np.mean(audio[:, SAMPLE_RATE_HZ:] ** 2)))
        # The detector follows the tips of a wave a little more than its mean.
        assert measured == pytest.approx(expected_db, abs=0.8)


def test_the_de_esser_takes_hiss_and_leaves_vowels() -> None:
    rng = np.random.default_rng(6)
    time_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    vowel = (0.2 * sum(np.sin(2 * np.pi * 200 * k * time_s) / k for k in range(1, 15))).astype(np.float32)
    hiss = rng.standard_normal((2, SAMPLE_RATE_HZ)).astype(np.float32) * np.float32(0.1)
    filter_in_place(hiss, high_pass(6000), high_pass(6000))
    sung = np.stack([vowel, vowel])
    for audio, least, most in ((sung, -0.5, 0.1), (hiss, -10.5, -4.0)):
        before = np.sqrt(np.mean(audio**2))
        treated = audio.copy()
        de_ess_in_place(treated, high_pass(5200), 0.5, gain_of_db(-10))
        change_db = 20 * np.log10(np.sqrt(np.mean(treated**2)) / before)
        assert least <= change_db <= most


def test_numbers_that_are_none_become_silence() -> None:
    audio = np.ones((2, 10), np.float32)
    audio[0, 3], audio[1, 4] = np.nan, np.inf
    silence_non_finite_in_place(audio)
    assert audio[0, 3] == 0.0
    assert audio[1, 4] == 0.0
    assert audio.sum() == 18.0


def test_loops_compile_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A locator that refuses every folder is what numba meets in a read-only container."""
    script = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "from songwright.engine.dsp import loudness_lufs\n"
        "import numpy as np\n"
        "print(round(loudness_lufs(np.full((2, 50000), 0.1, np.float32)), 3))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert np.isfinite(float(done.stdout))
