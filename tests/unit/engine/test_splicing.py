"""A new part beside an old recording: what is kept is kept sample by sample, and no seam is heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from songwright.engine.dsp import loudness_lufs, true_peak_dbtp
from songwright.engine.material import Chord, Score, Section, WordTime
from songwright.engine.splicing import CEILING_DBTP, FADE_S, Splice, joined_recordings, spliced

RATE_HZ = 44_100
SCORE = Score(
    title="",
    bpm=120.0,
    beats_per_bar=4,
    tonic_pc=0,
    mode="major",
    sections=(Section("verse", "Verse", 0.0, 32.0, 0.5),),
    chords=(Chord(0.0, 32.0, "C", "I", 0, 0, (0, 4, 7)),),
    lines=(),
)


def noise(seconds: float, level: float, seed: int = 1) -> np.ndarray:
    return (level * np.random.default_rng(seed).standard_normal((2, round(seconds * RATE_HZ)))).astype(np.float32)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "old.flac", noise(16, 0.08).T, RATE_HZ, "PCM_16")
    return tmp_path / "old.flac"


def pcm(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int16")[0]


def continuing(old: Path) -> Splice:
    return Splice(source=old, words=(), play_from_beats=8.0, seam_beats=16.0)


def test_before_the_seam_not_a_sample_is_touched(old: Path) -> None:
    out, _ = spliced(continuing(old), SCORE, noise(14, 0.3, 2), [])
    assert np.array_equal(out[: 8 * RATE_HZ], pcm(old)[: 8 * RATE_HZ])
    assert len(out) == (4 + 14) * RATE_HZ


@pytest.mark.parametrize("level", [0.01, 0.3])
def test_a_new_part_of_any_level_meets_the_old_one_within_a_decibel(old: Path, level: float) -> None:
    out, _ = spliced(continuing(old), SCORE, noise(14, level, 2), [])
    sound = (out.T / 32768).astype(np.float32)
    seam = 8 * RATE_HZ
    beside = (sound[:, seam - 3 * RATE_HZ : seam], sound[:, seam : seam + 3 * RATE_HZ])
    before, after = (loudness_lufs(np.ascontiguousarray(part)) for part in beside)
    assert abs(before - after) <= 1.0
    assert true_peak_dbtp(np.ascontiguousarray(sound[:, seam:])) <= CEILING_DBTP + 0.05


def test_a_louder_section_after_the_seam_comes_up_to_its_level_again(old: Path) -> None:
    rendered = np.concatenate([noise(4, 0.03, 2), noise(16, 0.06, 3)], axis=1)  # 6 dB up at the seam
    out, _ = spliced(continuing(old), SCORE, rendered, [])
    sound = (out.T / 32768).astype(np.float32)
    late = loudness_lufs(np.ascontiguousarray(sound[:, 20 * RATE_HZ :]))
    early = loudness_lufs(np.ascontiguousarray(sound[:, : 8 * RATE_HZ]))
    assert 5.0 <= late - early <= 6.5


def test_a_replaced_part_leaves_both_sides_as_they_were(old: Path) -> None:
    splice = replace(continuing(old), back_beats=24.0, play_to_beats=28.0)
    out, _ = spliced(splice, SCORE, noise(14, 0.08, 2), [])
    before = pcm(old)
    assert len(out) == len(before)
    assert np.array_equal(out[: 8 * RATE_HZ], before[: 8 * RATE_HZ])
    assert np.array_equal(out[12 * RATE_HZ :], before[12 * RATE_HZ :])
    assert not np.array_equal(out[8 * RATE_HZ : 12 * RATE_HZ], before[8 * RATE_HZ : 12 * RATE_HZ])


def test_the_same_music_on_both_sides_passes_a_seam_without_bump_or_hole(old: Path) -> None:
    rendered = (pcm(old).T / 32768).astype(np.float32)[:, 4 * RATE_HZ :]
    out, _ = spliced(continuing(old), SCORE, rendered, [])
    assert np.abs(out.astype(int) - pcm(old).astype(int)).max() <= 2


def test_words_are_told_where_they_are_heard_and_only_once(old: Path) -> None:
    kept = WordTime("old", 7.0, 7.5, 0, 0)
    again = WordTime("old", 3.0, 3.5, 0, 0)  # sung once more in what is played before the seam
    new = WordTime("new", 4.5, 5.0, 1, 0, "lead", (("new", 4.5, 5.0),))
    splice = replace(continuing(old), words=(kept,))
    _, words = spliced(splice, SCORE, noise(14, 0.1, 2), [again, new])
    assert [(w.word, w.start_s) for w in words] == [("old", 7.0), ("new", 8.5)]
    assert words[1].syllables == (("new", 8.5, 9.0),)


def test_a_continuation_alone_begins_at_the_seam_and_joins_without_a_changed_sample(old: Path) -> None:
    new = WordTime("new", 4.5, 5.0, 1, 0)
    splice = replace(continuing(old), with_origin=False)
    alone, words = spliced(splice, SCORE, noise(14, 0.1, 2), [new])
    assert len(alone) == 10 * RATE_HZ and words[0].start_s == pytest.approx(0.5)
    assert np.abs(alone[:20]).max() < np.abs(alone).max() / 4, "it begins with a click"
    joined = joined_recordings([(pcm(old), 8 * RATE_HZ), (alone, None)])
    fade = round(FADE_S * RATE_HZ)
    assert np.array_equal(joined[: 8 * RATE_HZ], pcm(old)[: 8 * RATE_HZ])
    assert np.array_equal(joined[8 * RATE_HZ + fade :], alone[fade:])
