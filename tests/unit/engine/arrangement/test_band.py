"""What the band promises for every style, metre and form."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from toy_score import ENERGY, SONG, toy_score

from songwright.engine.arrangement import arrange
from songwright.engine.material import Arrangement, Brief, Chord, Note, Part, Score, Style, VocalNote
from songwright.engine.styles import style_names, understand_style

FORM = (
    ("intro", 4),
    ("verse", 8),
    ("prechorus", 4),
    ("chorus", 8),
    ("verse", 8),
    ("break", 4),
    ("build", 4),
    ("chorus", 8),
    ("outro", 4),
)


def brief(name: str, **fields: object) -> Brief:
    return Brief(style=name.replace("_", " "), seed=3, **fields)  # pyright: ignore[reportArgumentType]


def band(order: Brief, form: object = SONG, **fields: object) -> tuple[Style, Score, Arrangement]:
    style = understand_style(order)
    score = toy_score(style, form, **fields)  # pyright: ignore[reportArgumentType]
    return style, score, arrange(score, style, order)


def pitched(arrangement: Arrangement) -> list[Part]:
    return [part for part in arrangement.parts if part.role not in ("drums", "effects")]


def notes_in(parts: Iterable[Part], score: Score, index: int) -> list[Note]:
    section = score.sections[index]
    end = section.start_beats + section.length_beats
    return [n for part in parts for n in part.notes if section.start_beats <= n.start_beats < end]


def energy(arrangement: Arrangement, score: Score, index: int) -> float:
    notes = notes_in(arrangement.parts, score, index)
    return sum((note.velocity / 127) ** 4 for note in notes) / score.sections[index].length_beats


def chord_at(score: Score, beats: float) -> Chord:
    return next(c for c in score.chords if c.start_beats <= beats < c.start_beats + c.length_beats)


def two_higher(chord: Chord) -> Chord:
    pcs = tuple((pc + 2) % 12 for pc in chord.pcs)
    return replace(chord, root_pc=(chord.root_pc + 2) % 12, bass_pc=(chord.bass_pc + 2) % 12, pcs=pcs)


@pytest.mark.parametrize("metre", ["4/4", "3/4", "6/8", "12/8"])
@pytest.mark.parametrize("name", style_names())
def test_every_style_plays_every_metre(name: str, metre: str) -> None:
    style, score, arrangement = band(brief(f"{name}, {metre}"))
    assert style.metre == metre
    assert {part.role for part in arrangement.parts} >= {"drums", "bass"}
    assert any(part.role in ("harmony", "pads") for part in arrangement.parts)
    for part in arrangement.parts:
        assert part.notes, part.name
        assert all(note.start_beats >= 0 and note.length_beats > 0 for note in part.notes)
        assert all(note.start_beats + note.length_beats <= score.length_beats + 1e-6 for note in part.notes)
        assert all(1 <= note.velocity <= 127 and 0 <= note.midi <= 127 for note in part.notes)
        starts = [note.start_beats for note in part.notes]
        assert starts == sorted(starts)


@pytest.mark.parametrize("name", style_names())
def test_long_notes_are_tones_of_the_sounding_chord(name: str) -> None:
    _, score, arrangement = band(brief(name), FORM)
    for part in pitched(arrangement):
        for note in part.notes:
            if note.length_beats >= 1:
                chord = chord_at(score, note.start_beats + 0.6 * note.length_beats)
                assert note.midi % 12 in {*chord.pcs, chord.bass_pc}, (part.name, note, chord)


@pytest.mark.parametrize("name", style_names())
def test_notes_on_beats_are_chord_tones(name: str) -> None:
    _, score, arrangement = band(brief(name), FORM)
    clashes: dict[bool, list[bool]] = {True: [], False: []}  # by whether the beat is the bar's first
    for part in pitched(arrangement):
        for note in part.notes:
            beat = round(note.start_beats)
            if abs(note.start_beats - beat) < 0.06 and note.length_beats > 0.2 and beat < score.length_beats:
                chord = chord_at(score, beat)
                clashes[beat % score.beats_per_bar == 0].append(note.midi % 12 not in {*chord.pcs, chord.bass_pc})
    assert len(clashes[True]) > 40
    assert sum(clashes[True]) <= 0.005 * len(clashes[True])
    assert sum(clashes[False]) <= 0.05 * len(clashes[False])  # walking basses approach the next root on beats


@pytest.mark.parametrize("name", style_names())
def test_players_stay_in_their_range(name: str) -> None:
    style, _, arrangement = band(brief(name), FORM)
    bass = [note.midi for part in arrangement.parts if part.role == "bass" for note in part.notes]
    assert style.bass.low_midi <= min(bass) <= max(bass) <= style.bass.high_midi
    lowest = min(player.low_midi for player in style.players)
    highest = max(player.high_midi for player in style.players)
    for part in pitched(arrangement):
        if part.role != "bass":
            assert all(min(lowest, 40) <= note.midi <= highest + 7 for note in part.notes), part.name


@pytest.mark.parametrize("take", [0, 1])
@pytest.mark.parametrize("name", style_names())
def test_the_chorus_is_played_harder_and_fuller_than_the_verse(name: str, take: int) -> None:
    _, score, arrangement = band(brief(name, take=take), FORM)
    assert energy(arrangement, score, 3) > 1.3 * energy(arrangement, score, 1)
    assert energy(arrangement, score, 7) >= 0.95 * energy(arrangement, score, 3)


def test_the_first_verse_is_thinner_than_the_second() -> None:
    thinner = 0
    for name in style_names():
        _, score, arrangement = band(brief(name), FORM)
        thinner += energy(arrangement, score, 1) < energy(arrangement, score, 4)
    assert thinner >= 0.9 * len(style_names())


def test_intros_build() -> None:
    grows = 0
    for name in style_names():
        _, score, arrangement = band(brief(name), (("intro", 8), ("verse", 8), ("outro", 4)))
        half = score.sections[0].length_beats / 2
        notes = notes_in(arrangement.parts, score, 0)
        grows += sum(n.start_beats < half for n in notes) < sum(n.start_beats >= half for n in notes)
    assert grows >= 0.9 * len(style_names())


@pytest.mark.parametrize("name", style_names())
def test_the_song_ends_on_a_held_chord(name: str) -> None:
    _, score, arrangement = band(brief(name))
    last_bar = score.length_beats - score.beats_per_bar
    final = score.chords[-1]
    held = [n for p in pitched(arrangement) for n in p.notes if n.start_beats > last_bar - 0.12]
    assert {note.midi % 12 for note in held} <= {*final.pcs, final.bass_pc}
    assert len(held) >= 3
    for part in pitched(arrangement):
        assert not [n for n in part.notes if n.start_beats > last_bar + 0.3]
    assert all(note.start_beats + note.length_beats > score.length_beats - 0.3 for note in held)


@pytest.mark.parametrize("name", style_names())
def test_two_takes_are_played_differently(name: str) -> None:
    first, second = (band(brief(name, take=take))[2] for take in (0, 1))
    drums = [next(p for p in clip.parts if p.role == "drums") for clip in (first, second)]
    assert [round(n.start_beats, 1) for n in drums[0].notes] != [round(n.start_beats, 1) for n in drums[1].notes]
    assert [(p.name, p.program) for p in first.parts] != [(p.name, p.program) for p in second.parts]


def test_the_same_order_is_played_the_same_way() -> None:
    assert band(brief("funk"), FORM)[2] == band(brief("funk"), FORM)[2]


def test_what_is_not_wanted_is_not_heard() -> None:
    arrangement = band(Brief(style="rock", negative_style="guitar, drums, bass"))[2]
    assert not [p for p in arrangement.parts if p.role in ("drums", "bass") or p.program in range(24, 32)]
    assert [p for p in arrangement.parts if p.role in ("harmony", "pads")]


def test_what_is_asked_for_is_heard() -> None:
    arrangement = band(Brief(style="techno with violin and harp"))[2]
    assert {40, 46} <= {part.program for part in arrangement.parts}


def test_what_is_asked_for_plays_in_the_first_verse() -> None:
    _, score, arrangement = band(Brief(style="indie folk with violin and piano"), FORM)
    for program in (0, 40):
        assert notes_in([part for part in arrangement.parts if part.program == program], score, 1)


def test_timpani_are_tuned_to_the_chord() -> None:
    _, score, arrangement = band(brief("orchestral"), FORM)
    drums = next(part for part in arrangement.parts if part.name == "Drums")
    timpani = [note for note in drums.notes if 41 <= note.midi <= 52 and note.start_beats > 0.1]
    assert len(timpani) > 20
    tuned = [note.midi % 12 == chord_at(score, note.start_beats + 0.06).root_pc for note in timpani]
    assert sum(tuned) > 0.97 * len(tuned)


def test_names_are_unique_and_pans_are_spread() -> None:
    for name in style_names():
        arrangement = band(brief(name))[2]
        names = [part.name for part in arrangement.parts]
        assert len(names) == len(set(names))
        assert len({part.pan for part in arrangement.parts}) >= 3
        assert all(-1 <= part.pan <= 1 for part in arrangement.parts)
        assert all(part.pan == 0 for part in arrangement.parts if part.role == "bass")


def test_the_hook_is_heard_before_it_is_sung() -> None:
    style, score, with_hook = band(brief("pop", style_weight=1.0))
    without = arrange(toy_score(style, riff=False), style, brief("pop", style_weight=1.0))
    lead = [p for p in with_hook.parts if p.role == "lead"]
    plain = [p for p in without.parts if p.role == "lead"]
    assert len(notes_in(lead, score, 0)) > len(notes_in(plain, score, 0))


def test_a_theme_is_played_where_it_stands() -> None:
    themes = tuple(VocalNote(48.0 + beat, 1.0, 72, 0, 0) for beat in range(8))
    _, score, arrangement = band(
        brief("soul_rnb"), (("verse", 8), ("chorus", 4), ("solo", 4), ("outro", 4)), themes=themes
    )
    lead = [part for part in arrangement.parts if part.role == "lead"]
    starts = [round(n.start_beats) for n in notes_in(lead, score, 2) if n.midi % 12 == 0]
    assert set(range(48, 56)) <= set(starts)


def test_the_lead_answers_where_the_singer_breathes() -> None:
    _, score, arrangement = band(brief("ballad"), (("verse", 8), ("chorus", 16), ("outro", 4)))
    answers = [n for part in arrangement.parts if part.name == "Cello" for n in notes_in([part], score, 1)]
    sung = [(line.notes[0].start_beats, line.notes[-1].start_beats + 1.4) for line in score.lines]
    assert [n for n in answers if not any(start <= n.start_beats < end for start, end in sung)]


def test_a_solo_is_played_by_the_instrument_its_tag_names() -> None:
    style = understand_style(brief("house"))
    score = toy_score(style, (("verse", 8), ("solo", 8), ("outro", 4)))
    sections = tuple(replace(s, hint="guitar" if s.kind == "solo" else "") for s in score.sections)
    arrangement = arrange(replace(score, sections=sections), style, brief("house"))
    assert 29 in {part.program for part in arrangement.parts}


def test_chords_follow_a_change_of_key() -> None:
    style = understand_style(brief("pop"))
    low = toy_score(style, (("verse", 4), ("chorus", 4)))
    raised = tuple(chord if chord.start_beats < 16 else two_higher(chord) for chord in low.chords)
    score = replace(low, chords=raised, key_changes=((16.0, 2),))
    for part in pitched(arrange(score, style, brief("pop"))):
        for note in part.notes:
            if note.length_beats >= 1 and note.start_beats > 16:
                chord = chord_at(score, note.start_beats + 0.3)
                assert note.midi % 12 in {*chord.pcs, chord.bass_pc}


@pytest.mark.parametrize("kind", list(ENERGY))
def test_any_kind_of_section_can_stand_alone(kind: str) -> None:
    for name in ("pop", "country_waltz", "gospel", "trap"):
        arrangement = band(brief(name), ((kind, 1),))[2]
        assert arrangement.parts


def bar_of(part: Part, score: Score, bar: int) -> frozenset[tuple[int, int]]:
    """What a part plays in a bar: (place in 24ths of a beat, key)."""
    start = bar * score.beats_per_bar
    notes = (n for n in part.notes if start - 0.1 <= n.start_beats < start + score.beats_per_bar - 0.1)
    return frozenset((round((n.start_beats - start) * 24 / 4), n.midi) for n in notes)


@pytest.mark.parametrize("name", style_names())
def test_no_groove_is_repeated_unchanged_for_eight_bars(name: str) -> None:
    _, score, arrangement = band(brief(name), (("verse", 16), ("chorus", 16)))
    kit = [part for part in arrangement.parts if part.role == "drums"]
    for first in (0, 16):
        bars = {
            frozenset((part.name, *stroke) for part in kit for stroke in bar_of(part, score, first + bar))
            for bar in range(8)
        }
        assert len(bars) >= 3, first


@pytest.mark.parametrize("name", style_names())
def test_the_second_verse_begins_with_a_part_or_a_drum_voice_more(name: str) -> None:
    _, score, arrangement = band(brief(name, style_weight=1.0), FORM)

    def heard(index: int) -> set[tuple[str, int]]:
        first = round(score.sections[index].start_beats / score.beats_per_bar)
        return {
            (part.name, key if part.role == "drums" else 0)
            for part in arrangement.parts
            for bar in range(first, first + 3)
            for _, key in bar_of(part, score, bar)
        }

    assert heard(4) - heard(1)


@pytest.mark.parametrize("name", style_names())
def test_the_last_chorus_is_the_fullest_section(name: str) -> None:
    _, score, arrangement = band(brief(name), FORM)
    sections = [energy(arrangement, score, index) for index in range(len(FORM))]
    assert sections[7] >= 0.95 * max(sections)
