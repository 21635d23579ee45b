import shutil

import numpy as np
import pytest

from songwright.engine.material import Syllable, Word
from songwright.engine.voice.espeak import read_line_synthetic
from songwright.engine.voice.singers import Singer

pytestmark = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
ROBOT = Singer(name="Espeak", blend=(("f3", 1.0),), gender="female", natural_hz=190, language="en", kind="espeak")


def test_every_syllable_has_a_vowel_in_its_own_stretch():
    words = [Word("stay", (Syllable("stay", "st", "A", "", 2),)), Word("sang", (Syllable("sang", "s", "æ", "ŋ", 2),))]
    reading = read_line_synthetic(words, (60, 64), ROBOT)
    first, second = reading.spans
    assert 0.05 < first.vowel_s < first.release_s <= first.end_s <= second.onset_s < second.vowel_s
    for span in reading.spans:
        frames = reading.f0_hz[int(span.vowel_s / 0.005) + 4 : int(span.release_s / 0.005) - 4]
        assert np.mean(frames > 0) > 0.8


def test_sounds_espeak_does_not_know_are_dropped():
    reading = read_line_synthetic([Word("?", (Syllable("?", "☃", "☃", "☃", 0),))], (60,), ROBOT)
    assert np.isfinite(reading.log_envelope).all()
