"""The mix as a whole, on small songs of the sound font (or its stand-ins) and a buzzing voice."""

import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from small_songs import small_band, small_score, small_style, small_voice

from songwright.engine.dsp import (
    filter_in_place,
    high_pass,
    loudness_lufs,
    low_pass,
    octave_powers,
    power_track,
    true_peak_dbtp,
)
from songwright.engine.encode import SongTags, write_mp3
from songwright.engine.instruments import played
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Master, Score, Stem
from songwright.engine.mix import CEILING_DBTP, TAIL_S, mix

SCORE = small_score(bars_each=3)
POP = small_style()
DANCE = small_style(
    drums_db=0, bass_db=-3, harmony_db=-6, pads_db=-12, lead_db=-6, duck_db=7, width=0.9, tone="bright top"
)


@pytest.fixture(scope="module")
def pop_stems(assets: Assets) -> tuple[Stem, ...]:
    return (*played(small_band(SCORE), SCORE, assets), small_voice(SCORE))


@pytest.fixture(scope="module")
def pop(pop_stems: tuple[Stem, ...]) -> Master:
    return mix(pop_stems, SCORE, POP)


@pytest.fixture(scope="module")
def dance_stems(assets: Assets) -> tuple[Stem, ...]:
    return (*played(small_band(SCORE, electronic=True), SCORE, assets), small_voice(SCORE))


@pytest.fixture(scope="module")
def dance(dance_stems: tuple[Stem, ...]) -> Master:
    return mix(dance_stems, SCORE, DANCE)


@pytest.fixture(scope="module")
def instrumental(pop_stems: tuple[Stem, ...]) -> Master:
    return mix(pop_stems[:-1], SCORE, POP)


@pytest.fixture(params=["pop", "dance", "instrumental"])
def master(request: pytest.FixtureRequest) -> Master:
    return request.getfixturevalue(request.param)


def summed(stems: tuple[Stem, ...]) -> np.ndarray:
    return np.sum([stem.audio for stem in stems], axis=0, dtype=np.float64)


def stem_of(master: Master, role: str) -> np.ndarray:
    return next(stem.audio for stem in master.stems if stem.role == role)


def section_lufs(pcm: np.ndarray, score: Score, index: int) -> float:
    section = score.sections[index]
    first = round(score.seconds(section.start_beats) * SAMPLE_RATE_HZ)
    last = round(score.seconds(section.start_beats + section.length_beats) * SAMPLE_RATE_HZ)
    return loudness_lufs(np.ascontiguousarray(pcm[:, first:last]))


def test_every_song_has_the_loudness_and_peak_of_a_record(master: Master) -> None:
    assert loudness_lufs(master.pcm) == pytest.approx(-14.0, abs=0.3)
    assert true_peak_dbtp(master.pcm) <= CEILING_DBTP + 0.01
    assert master.loudness_lufs == pytest.approx(loudness_lufs(master.pcm), abs=1e-6)
    assert master.true_peak_dbtp == pytest.approx(true_peak_dbtp(master.pcm), abs=1e-6)


def test_the_mp3_keeps_loudness_and_peak(master: Master, tmp_path: Path) -> None:
    write_mp3(tmp_path / "song.mp3", master.pcm, SongTags(title="Small"))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(tmp_path / "song.mp3")]
    raw = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    decoded = np.ascontiguousarray(np.frombuffer(raw.stdout, np.float32).reshape(-1, 2).T)
    assert loudness_lufs(decoded) == pytest.approx(-14.0, abs=0.4)
    assert true_peak_dbtp(decoded) <= -1.0


def test_stems_add_up_to_what_entered_the_limiter(master: Master) -> None:
    """Where the limiter had nothing to do, the sum of the stems is the master itself."""
    total = summed(master.stems)
    samples = total.shape[1]
    hop = SAMPLE_RATE_HZ // 4
    ratios = [
        np.vdot(total[:, k : k + hop], master.pcm[:, k : k + hop])
        / np.vdot(total[:, k : k + hop], total[:, k : k + hop])
        for k in range(0, samples - 2 * hop, hop)
    ]
    assert max(ratios) <= 1.0005
    k = int(np.argmax(ratios)) * hop
    residual = total[:, k : k + hop] - master.pcm[:, k : k + hop]
    quiet = total[:, -SAMPLE_RATE_HZ // 2 :] - master.pcm[:, -SAMPLE_RATE_HZ // 2 :]
    assert np.sqrt(np.mean(quiet**2)) <= 1e-3 * np.sqrt(np.mean(total[:, -SAMPLE_RATE_HZ // 2 :] ** 2)) + 1e-9
    assert np.sqrt(np.mean(residual**2)) < 0.2 * np.sqrt(np.mean(total[:, k : k + hop] ** 2))


def test_stems_null_against_the_bus(pop_stems: tuple[Stem, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    from songwright.engine.mix import stage

    buses: list[np.ndarray] = []
    finish = stage.finish

    def overheard(bus: np.ndarray):
        finished = finish(bus)
        buses.append(bus.astype(np.float64) * finished.gain)
        return finished

    monkeypatch.setattr(stage, "finish", overheard)
    master = mix(pop_stems, SCORE, POP)
    residual = summed(master.stems) - buses[0]
    assert 10 * np.log10(np.mean(residual**2) / np.mean(buses[0] ** 2)) <= -60


def test_the_same_stems_give_the_same_samples(pop_stems: tuple[Stem, ...], pop: Master) -> None:
    again = mix(iter((pop_stems[-1], *pop_stems[:-1])), SCORE, POP)  # voices first, as an iterator must
    assert np.array_equal(again.pcm, pop.pcm)
    assert all(np.array_equal(a.audio, b.audio) for a, b in zip(again.stems, pop.stems, strict=True))


def test_the_song_is_the_same_whether_or_not_its_stems_are_kept(pop_stems: tuple[Stem, ...], pop: Master) -> None:
    alone = mix(pop_stems, SCORE, POP, with_stems=False)
    assert alone.stems == ()
    assert np.array_equal(alone.pcm, pop.pcm)


def test_an_iterator_with_the_voice_after_the_band_is_refused(pop_stems: tuple[Stem, ...]) -> None:
    with pytest.raises(ValueError, match="vocal must come before"):
        mix(iter(pop_stems), SCORE, POP)


def test_no_stem_and_no_song_has_an_offset(master: Master) -> None:
    for audio in (master.pcm, *(stem.audio for stem in master.stems)):
        assert np.abs(np.mean(audio, axis=1, dtype=np.float64)).max() <= 5e-4  # -66 dBFS


def test_the_given_stems_are_left_alone(pop_stems: tuple[Stem, ...]) -> None:
    kept = [stem.audio.copy() for stem in pop_stems]
    mix(pop_stems, SCORE, POP)
    assert all(np.array_equal(a, stem.audio) for a, stem in zip(kept, pop_stems, strict=True))


def test_the_chorus_lifts_by_two_to_six_decibels(master: Master) -> None:
    assert 2.0 <= section_lufs(master.pcm, SCORE, 1) - section_lufs(master.pcm, SCORE, 0) <= 6.0


@pytest.mark.parametrize("loud_band", [{}, {"harmony_db": 2.0, "lead_db": 2.0, "drums_db": 1.0}])
def test_the_voice_stands_above_the_band_where_words_are_told_apart(
    pop_stems: tuple[Stem, ...], loud_band: dict[str, float]
) -> None:
    master = mix(pop_stems, SCORE, small_style(**loud_band))
    weighting = np.concatenate([high_pass(1000), low_pass(4000)])
    voice = np.ascontiguousarray(next(stem.audio for stem in master.stems if stem.role == "vocal"))
    band = summed(tuple(s for s in master.stems if s.role != "vocal")).astype(np.float32)
    sung, played = power_track(voice, weighting), power_track(band, weighting)
    active = sung > 0.1 * sung.max()
    assert 10 * np.log10(sung[active].mean() / played[active].mean()) >= 0.0


def test_roles_stand_at_the_style_s_levels(dance_stems: tuple[Stem, ...]) -> None:
    quiet, loud = (mix(dance_stems, SCORE, small_style(bass_db=level, duck_db=0.0, tone="")) for level in (-9.0, -3.0))
    gained = [loudness_lufs(stem_of(m, "bass")) - loudness_lufs(stem_of(m, "drums")) for m in (quiet, loud)]
    assert gained[1] - gained[0] == pytest.approx(6.0, abs=0.5)


def test_the_kick_pushes_the_bass_aside(dance_stems: tuple[Stem, ...]) -> None:
    """Just after each kick the bass is lower than half a beat later, by about what the style asks for."""

    def dip_db(duck_db: float) -> float:
        bass = stem_of(mix(dance_stems, SCORE, small_style(duck_db=duck_db)), "bass")
        beat = SCORE.seconds(1.0) * SAMPLE_RATE_HZ
        after, before_next = (
            np.mean([np.mean(bass[:, int((b + s) * beat) :][:, :2000] ** 2) for b in range(4, 20)]) for s in (0.06, 0.8)
        )
        return 10 * np.log10(before_next / after)

    assert dip_db(8.0) - dip_db(0.0) > 3.0


def test_bass_stands_in_the_middle_and_the_sum_survives_mono(master: Master) -> None:
    low = master.pcm.copy()
    filter_in_place(low, low_pass(110), low_pass(110), low_pass(110))
    assert np.mean((low[0] - low[1]) ** 2) < 0.01 * np.mean((low[0] + low[1]) ** 2)
    mono_loss_db = 10 * np.log10(np.mean(master.pcm.mean(axis=0) ** 2) / np.mean(master.pcm**2))
    assert mono_loss_db > -2.0
    side_db = 10 * np.log10(
        np.mean((master.pcm[0] - master.pcm[1]) ** 2) / np.mean((master.pcm[0] + master.pcm[1]) ** 2)
    )
    assert -24 < side_db < -4


def test_the_band_has_the_spectrum_of_records(pop: Master, dance: Master, instrumental: Master) -> None:
    from songwright.engine.mix.tone import RECORDS_DB

    for master in (pop, dance, instrumental):
        band = summed(tuple(s for s in master.stems if s.role != "vocal")).astype(np.float32)
        difference = (10 * np.log10(octave_powers(band)) - np.array(RECORDS_DB))[1:8]
        assert np.sqrt(np.mean((difference - difference.mean()) ** 2)) <= 4.0


def test_the_end_rings_out_into_silence(master: Master) -> None:
    assert master.pcm.shape[1] == round((SCORE.duration_s + TAIL_S) * SAMPLE_RATE_HZ)
    assert np.abs(master.pcm[:, -20:]).max() < 1e-4
    after_last_beat = master.pcm[:, round((SCORE.duration_s + 0.1) * SAMPLE_RATE_HZ) :][:, : SAMPLE_RATE_HZ // 2]
    assert np.sqrt(np.mean(after_last_beat**2)) > 1e-4


def test_pan_places_a_part(pop: Master) -> None:
    guitar = next(stem for stem in pop.stems if stem.name == "Guitar")
    assert guitar.pan == 0.5
    assert np.mean(guitar.audio[1] ** 2) > 1.5 * np.mean(guitar.audio[0] ** 2)


def test_silence_stays_silence() -> None:
    for stems in ((), (Stem(name="Nothing", role="vocal", audio=np.zeros((2, 1000), np.float32)),)):
        master = mix(stems, SCORE, POP)
        assert np.abs(master.pcm).max() < 1e-15  # what keeps filters away from denormal numbers
        assert np.isfinite(master.loudness_lufs)
        assert np.isfinite(master.true_peak_dbtp)


def test_one_note_makes_a_song(assets: Assets) -> None:
    score = small_score(bars_each=1, kinds=("verse",))
    band = small_band(score)
    alone = replace(band, parts=(replace(band.parts[2], notes=band.parts[2].notes[:1]),))
    master = mix(played(alone, score, assets), score, POP)
    assert np.isfinite(master.pcm).all()
    assert master.loudness_lufs == pytest.approx(-14.0, abs=1.0)
    assert master.true_peak_dbtp <= CEILING_DBTP + 0.01


def test_not_a_number_in_one_stem_does_not_spread(pop_stems: tuple[Stem, ...]) -> None:
    spoilt = pop_stems[0].audio.copy()
    spoilt[0, 1000:1010] = np.nan
    master = mix((replace(pop_stems[0], audio=spoilt), *pop_stems[1:]), SCORE, POP)
    assert np.isfinite(master.pcm).all()
    assert master.loudness_lufs == pytest.approx(-14.0, abs=0.3)


def test_a_stem_must_be_stereo() -> None:
    with pytest.raises(ValueError, match="shape"):
        mix((Stem(name="Mono", role="lead", audio=np.zeros((1, 10), np.float32)),), SCORE, POP)
