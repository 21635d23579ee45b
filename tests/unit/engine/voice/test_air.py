import numpy as np

from songwright.engine.voice.air import with_air
from songwright.engine.voice.breath import breath


def band_db(sound: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    f = np.fft.rfftfreq(len(sound), 1 / 44100)
    return float(10 * np.log10(power[(f > low_hz) & (f < high_hz)].sum() / power.sum() + 1e-15))


def test_the_missing_octave_is_filled_and_the_rest_left_alone():
    rng = np.random.default_rng(0)
    voice = (0.1 * rng.standard_normal(24000)).astype(np.float32)
    sound = with_air(voice, np.random.default_rng(1))
    assert len(sound) == 44100
    assert -35 < band_db(sound, 13_000, 16_000) < -10
    plain = with_air(voice, np.random.default_rng(2))
    low = slice(0, 8000)  # rfft bins of one second are Hz
    assert np.allclose(np.abs(np.fft.rfft(sound))[low], np.abs(np.fft.rfft(plain))[low], rtol=0.05, atol=2.0)


def test_silence_stays_silent():
    assert not with_air(np.zeros(2400, np.float32), np.random.default_rng(0)).any()
    assert len(with_air(np.zeros(0, np.float32), np.random.default_rng(0))) == 0


def test_a_breath_swells_stops_and_keeps_its_level():
    sound = breath(0.4, 0.01, np.random.default_rng(3))
    quarters = [np.sqrt(np.mean(q**2)) for q in np.array_split(sound, 4)]
    assert quarters[0] < quarters[1] < quarters[2]
    assert abs(sound[-1]) < 0.002
    assert np.sqrt(np.mean(sound**2)) == np.float64(0.01).round(6) or abs(np.sqrt(np.mean(sound**2)) - 0.01) < 1e-6
