"""Promises over all styles: gates, surprise, the style's rhythm, returns in a new light, bounds."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sung_words import CHORUS, RIVER, VERSE, lead, lyrics, section, song

from songwright.engine.material import Brief, Score, Section
from songwright.engine.score import REDRAWS, compose, composing
from songwright.engine.score.cells import cells_on, families_of, gap_prior
from songwright.engine.score.composing import Ground
from songwright.engine.score.lines import Sources, metre_of, rhythm_of
from songwright.engine.score.palette import choose_palette, is_borrowed
from songwright.engine.score.past import read_tunes
from songwright.engine.score.remembrance import contrast, memory
from songwright.engine.score.setting import Setting, make_setting, voice_reach
from songwright.engine.score.statistics import MAX_STEP, NO_HISTORY, step_surprise
from songwright.engine.styles import load_style, style_names
from songwright.engine.theory import Metre

DIATONIC = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7)
SHORT = lyrics(section("verse", *VERSE[:2]), section("chorus", *CHORUS))
OTHER_VERSE = tuple(f"{'now' if i % 2 else 'then'} {text}" for i, text in enumerate(VERSE))


def drawn_under(name: str, seed: int, *, weirdness: float = 0.5, style_weight: float = 0.5) -> tuple[Setting, Ground]:
    """A style's setting and the ground of a short song, before its first note."""
    style, brief = load_style(name), Brief(seed=seed)
    ground = composing.lay_ground(SHORT, style, brief, (55, 74), brief.rng("ground"))
    reach = voice_reach(ground.harmony.scale, (55, 74), style.melody.span_semitones, 0)
    setting = make_setting(
        style, ground.harmony, ground.form.bpm, reach, weirdness=weirdness, style_weight=style_weight, take=0,
        lifts=True, press=0, rng=brief.rng("setting"),
    )  # fmt: skip
    return setting, ground


def surprise(name: str, weirdness: float, seed: int) -> list[float]:
    """-log2 P of every melodic step of a verse and a chorus under the table of real songs, off-beat context."""
    setting, ground = drawn_under(name, seed, weirdness=weirdness)
    out: list[float] = []
    for tune in composing.compose_tunes(setting, ground.slots, Brief(seed=seed).rng("tunes")):
        before = NO_HISTORY
        for a, b in pairwise(tune.midis):
            size = min(DIATONIC[min(abs(b - a), 12)], MAX_STEP)
            step = MAX_STEP + (size if b > a else -size)
            out.append(float(step_surprise()[0, before, step]) / np.log(2))
            before = step
    return out


def borrowed(name: str, weirdness: float, seed: int) -> float:
    """Share of the time of a style's progressions that lies outside the key."""
    style = load_style(name)
    palette = choose_palette(style, Brief(seed=seed, weirdness=weirdness), hook_beats=16.0)
    chords = [c for progression in palette.progressions.values() for c in progression]
    return sum(beats for spec, beats in chords if is_borrowed(spec, palette.mode)) / sum(b for _, b in chords)


def rhythm_fit(name: str, style_weight: float, seed: int) -> float:
    """Mean ln-likelihood of the gaps of freely drawn lines under the cells of the style."""
    setting, ground = drawn_under(name, seed, style_weight=style_weight)
    rng = Brief(seed=seed).rng("rhythms")
    out: list[float] = []
    for slot in (slot for slot in ground.slots for _ in range(5)):
        metre = metre_of(setting, slot)
        families = setting.rap_families if slot.rap else setting.families
        table = gap_prior(families, setting.is_high(slot.kind), metre)
        assert table is not None
        steps = [round(o * metre.steps_per_beat) for o in rhythm_of(setting, slot, Sources(), rng).onsets]
        gaps = [(a % metre.steps_per_bar, min(b - a, table.shape[1] - 1)) for a, b in pairwise(steps)]
        out += [float(table[at, gap]) for at, gap in gaps]
    return float(np.mean(out))


@pytest.mark.parametrize("name", style_names())
def test_weirdness_raises_melodic_surprise_step_by_step_in_every_style(name: str) -> None:
    calm, usual, wild = (np.mean([s for seed in (1, 2) for s in surprise(name, w, seed)]) for w in (0.0, 0.5, 1.0))
    assert calm < usual < wild


@pytest.mark.parametrize("name", style_names())
def test_weirdness_never_takes_a_harmonic_surprise_away(name: str) -> None:
    steps = [[borrowed(name, w, seed) for seed in range(6)] for w in (0.0, 0.25, 0.5, 0.75, 1.0)]
    for less, more in pairwise(steps):
        assert all(a <= b + 1e-9 for a, b in zip(less, more, strict=True))
    assert sum(steps[-1]) > sum(steps[0])


def test_usual_songs_are_less_plain_than_calm_ones() -> None:
    means = [np.mean([borrowed(n, w, seed) for n in style_names() for seed in range(6)]) for w in (0.0, 0.5, 1.0)]
    assert means[0] + 0.01 < means[1] < means[2] - 0.1


@pytest.mark.parametrize("name", style_names())
def test_style_weight_draws_the_rhythm_towards_the_style_step_by_step(name: str) -> None:
    loose, usual, close = (np.mean([rhythm_fit(name, w, seed) for seed in (1, 2)]) for w in (0.0, 0.5, 1.0))
    assert loose < usual < close


@pytest.mark.parametrize("name", style_names())
def test_every_style_has_twenty_cells_on_its_own_metre(name: str) -> None:
    style = load_style(name)
    families = families_of(style)
    metre = Metre(style.beats_per_bar, families[0].steps_per_beat)
    assert sum(len(cells_on(families, high, metre)) for high in (False, True)) >= 20


def test_syncopation_is_that_of_the_genre() -> None:
    def off_beat(name: str) -> float:
        notes = [n for seed in (1, 2) for one in lead(song(style=name, seed=seed)) for n in one.notes]
        return sum(n.start_beats % 1 > 1e-6 for n in notes) / len(notes)

    straight = np.mean([off_beat(n) for n in ("country_waltz", "orchestral", "ambient")])
    syncopated = np.mean([off_beat(n) for n in ("afrobeats", "funk", "latin_pop")])
    assert syncopated > straight + 0.05


def numerals(score: Score, part: Section) -> list[str]:
    return [c.numeral for c in score.chords if 0 <= c.start_beats - part.start_beats < part.length_beats]


def test_the_last_chorus_is_heard_over_new_chords_while_its_tune_stays() -> None:
    changed = 0
    for seed in range(6):
        score = song(seed=seed, key="C major")
        first, last = (numerals(score, s) for s in score.sections if s.kind == "chorus")
        assert len({tuple(n.midi for n in one.notes) for one in score.lines if one.is_hook}) == 1
        changed += first != last
    assert changed >= 3


def test_without_weirdness_the_last_chorus_keeps_its_chords() -> None:
    score = song(weirdness=0.0, key="C major", seed=2)
    first, last = (numerals(score, s) for s in score.sections if s.kind == "chorus")
    assert first[:-1] == last[: len(first) - 1]


def test_the_new_key_is_prepared_by_a_bar_of_its_dominant() -> None:
    score = next(s for seed in range(30) if (s := song(style="ballad", seed=seed)).key_changes)
    start, up = score.key_changes[0]
    before = next(c for c in score.chords if abs(c.start_beats + c.length_beats - start) < 1e-6)
    assert before.length_beats == score.beats_per_bar
    assert before.root_pc == (score.tonic_pc + up + 7) % 12


def test_contrast_and_memory_are_told() -> None:
    score = song()
    tunes = read_tunes(score)
    verse = [t for t in tunes if t.slot.kind == "verse"]
    chorus = [t for t in tunes if t.slot.section == next(t.slot.section for t in tunes if t.slot.kind == "chorus")]
    told = next(note for note in score.notes if note.startswith("Chorus:"))
    assert f"memory {memory(chorus):.2f}" in told
    assert contrast(verse, chorus) > contrast(chorus, verse)
    assert memory(chorus) > memory(chorus[:1])


@pytest.mark.parametrize(
    ("words", "duration_s"),
    [
        (lyrics(section("verse", "HEL-lo")), 10.0),
        (lyrics(*(section("verse", *OTHER_VERSE, *VERSE) for _ in range(14)), section("chorus", *CHORUS)), 480.0),
        (lyrics(section("verse", *(VERSE * 10))), None),
        (lyrics(section("verse", " ".join(["NE-ver TELL a LONE-ly STO-ry TO the MOON"] * 6))), 480.0),
    ],
    ids=["one word", "five thousand characters", "forty lines", "sixty syllables"],
)
def test_the_work_of_a_song_is_bounded(
    words: object, duration_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    real = composing.compose_tunes

    def counted(*args: object, **kwargs: object) -> object:
        drawn.append(len(args[1]))  # pyright: ignore[reportArgumentType]
        return real(*args, **kwargs)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(composing, "compose_tunes", counted)
    brief = Brief(seed=3, duration_s=duration_s, max_duration_s=480.0)
    score = compose(words, load_style("pop"), brief, (55, 74))  # pyright: ignore[reportArgumentType]
    assert score.lines
    assert len(drawn) <= 1 + REDRAWS
    assert sum(drawn) <= 400


def test_a_style_unknown_to_the_table_sings_too() -> None:
    style = replace(load_style("pop"), name="unheard of")
    assert compose(RIVER, style, Brief(seed=1), (55, 74)).lines
