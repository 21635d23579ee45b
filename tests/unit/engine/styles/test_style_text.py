"""What free text about style is understood as."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songwright.engine.material import Brief, Style
from songwright.engine.styles import style_names, understand_style

CYMBAL_FREE = frozenset(("y", "d", "b"))


def understood(text: str, **fields: object) -> Style:
    return understand_style(Brief(style=text, seed=4, **fields))  # pyright: ignore[reportArgumentType]


def programs(style: Style) -> set[int]:
    return {player.program for player in style.players}


@pytest.mark.parametrize("name", style_names())
def test_a_style_is_understood_by_its_own_name(name: str) -> None:
    style = understood(name.replace("_", " "))
    assert style.name == name
    assert not style.ignored


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lo-Fi study beats", "lofi"),
        ("HIPHOP", "hip_hop"),
        ("drum & bass", "drum_and_bass"),
        ("r&b", "soul_rnb"),
        ("synthwav", "synthwave"),
        ("regae", "reggae"),
        ("reggaeton", "latin_pop"),
        ("流行", "pop"),
        ("bossa-nova", "bossa_nova"),
        ("death metal", "metal"),
        ("indie rock", "rock"),
        ("80s", "synthwave"),
        ("campfire", "indie_folk"),
        ("sad", "ballad"),
        ("blorp fnord", "pop"),
        ("", "pop"),
    ],
)
def test_relatives_typos_and_suggestions_find_a_style(text: str, name: str) -> None:
    assert understood(text).name == name


def test_of_two_styles_one_brings_the_rhythm_and_the_other_the_players() -> None:
    style = understood("folk meets techno", style_weight=1.0)
    techno, folk = understood("techno", style_weight=1.0), understood("folk", style_weight=1.0)
    assert style.drums == techno.drums
    assert style.bpm == techno.bpm
    assert style.bass.program == techno.bass.program
    assert {player.name for player in folk.players} <= {player.name for player in style.players}
    assert style.melody == folk.melody
    assert "indie folk and techno" in style.description


def test_a_third_style_is_passed_over_and_told() -> None:
    assert any("third" in note for note in understood("jazz, hip hop, metal").ignored)


def test_numbers_beat_adjectives_and_fields_beat_numbers() -> None:
    contradictory = understood("slow pop, 180 bpm")
    assert contradictory.bpm == 180
    assert contradictory.bpm_range is None
    assert any("slow" in note for note in contradictory.ignored)
    assert understood("pop, 180 bpm", bpm=99.0).bpm == 99


@pytest.mark.parametrize(
    ("text", "bpm"),
    [("house 126bpm", 126), ("house, tempo: 121", 121), ("house 120-130 bpm", 125), ("pop, adagio", 68)],
)
def test_tempi_are_read(text: str, bpm: float) -> None:
    assert understood(text).bpm == bpm


def test_slow_is_slower_than_usual_and_fast_is_faster() -> None:
    speeds = [understood(f"pop, {word}").bpm for word in ("very slow", "slow", "mid tempo", "fast", "very fast")]
    assert speeds == sorted(speeds)
    assert speeds[0] < speeds[2] < speeds[-1]


def test_a_tempo_nobody_plays_is_told_and_ignored() -> None:
    style = understood("pop, 900 bpm")
    assert 90 <= style.bpm <= 130
    assert any("900" in note for note in style.ignored)


@pytest.mark.parametrize(
    ("text", "tonic_pc", "mode"),
    [
        ("pop in A minor", 9, "minor"),
        ("country, key of E flat major", 3, "major"),
        ("jazz, F#m", 6, "minor"),
        ("techno in D dorian", 2, "dorian"),
        ("Bb minor trap", 10, "minor"),
    ],
)
def test_keys_are_read(text: str, tonic_pc: int, mode: str) -> None:
    style = understood(text)
    assert style.tonic_pcs == (tonic_pc,)
    assert dict(style.modes) == {mode: 1.0}


def test_the_field_for_the_key_wins() -> None:
    style = understood("pop in A minor", key="C major")
    assert style.tonic_pcs == (0,)
    assert dict(style.modes) == {"major": 1.0}
    assert any("A minor" in note for note in style.ignored)


def test_a_style_without_minor_chords_gets_some_when_minor_is_asked_for() -> None:
    assert understood("country").chords["chorus"][0].startswith("IV:4")
    for progression in understood("country in A minor").chords["chorus"]:
        numerals = {token.partition(":")[0] for token in progression.split()}
        assert "i" in numerals
        assert "I" not in numerals


@pytest.mark.parametrize(
    ("text", "metre", "beats"),
    [("pop waltz", "3/4", 3), ("rock in 6/8", "6/8", 2), ("soul, 12/8", "12/8", 4), ("gospel 4/4", "4/4", 4)],
)
def test_metres_are_read(text: str, metre: str, beats: int) -> None:
    style = understood(text)
    assert (style.metre, style.beats_per_bar) == (metre, beats)


def test_an_odd_metre_is_told_and_ignored() -> None:
    style = understood("prog rock in 7/8")
    assert style.metre == "4/4"
    assert any("7/8" in note for note in style.ignored)


def test_instruments_asked_for_play_from_the_first_verse() -> None:
    style = understood("pop with violin and piano")
    for program in (40, 0):
        player = next(p for p in style.players if p.program == program or (program == 0 and p.program < 4))
        assert any(player.patterns["verse"])


@pytest.mark.parametrize(
    "brief",
    [
        Brief(style="rock, no guitar"),
        Brief(style="rock", negative_style="guitars"),
        Brief(style="acoustic folk without guitar or banjo"),
        Brief(style="rock", negative_style="guitar, drums"),
    ],
)
def test_instruments_not_wanted_leave_and_harmony_stays(brief: Brief) -> None:
    style = understand_style(brief)
    assert not programs(style) & set(range(24, 32))
    assert any(player.role in ("comp", "arp", "pad") for player in style.players)


@pytest.mark.parametrize("text", ["house, no drums", "drumless house", "house without percussion"])
def test_no_drums_means_no_drums(text: str) -> None:
    style = understood(text)
    assert not any(groove for grooves in style.drums.grooves.values() for groove in grooves)
    assert not any(style.drums.fills)


def test_parts_of_the_kit_can_be_refused() -> None:
    style = understood("rock", negative_style="cymbals")
    voices = {voice for grooves in style.drums.grooves.values() for groove in grooves for voice in groove}
    assert not voices & CYMBAL_FREE
    assert "k" in voices


def test_no_bass_silences_the_bass() -> None:
    assert not any(any(patterns) for patterns in understood("pop, no bass").bass.patterns.values())


def test_without_synths_nothing_is_synthesised() -> None:
    style = understood("synthwave, no synths")
    assert not programs(style) & set(range(80, 104))
    assert all(player.synth is None for player in (style.bass, *style.players))


def test_solo_piano_is_a_piano_alone() -> None:
    style = understood("solo piano")
    assert len(style.players) == 1
    assert not any(style.drums.fills)


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("pop, female vocals", "female"),
        ("male rapper, trap", "male"),
        ("girl group k-pop", None),
        ("baritone, jazz", "male"),
        ("pop, no male vocals", "female"),
        ("male and female duet", None),
    ],
)
def test_the_singer_is_understood(text: str, gender: str | None) -> None:
    assert understood(text).gender == gender


def test_the_field_for_gender_wins() -> None:
    assert understood("female vocals", gender="male").gender == "male"


def test_manner_of_singing_is_understood() -> None:
    assert understood("pop, whispered vocals").vocal.manner == "whispered"
    assert understood("rapper").vocal.rap == 0.9
    assert "octave_up" in understood("pop with choir").vocal.harmonies


def test_instrumental_music_can_be_asked_for() -> None:
    assert understood("lofi instrumental").instrumental
    assert understood("lofi", negative_style="vocals").instrumental
    assert not understood("lofi").instrumental


def test_moods_pull_on_mode_and_palette() -> None:
    sad, happy = understood("pop, sad"), understood("pop, happy")
    assert sad.modes["minor"] > 0.6 > happy.modes["minor"]
    assert (sad.mood, happy.mood) == ("tender", "bright")
    assert sad.bpm < happy.bpm


def test_a_decade_changes_the_instruments() -> None:
    assert understood("80s pop", style_weight=1.0).drums.kit == "electronic"
    assert understood("70s rock, 80s pop").name in ("rock", "pop")


def test_prose_names_a_style_only_beside_a_word_for_music() -> None:
    assert understand_style(Brief(description="A song about the house by the rock where I trap the soul")).name == "pop"
    assert understand_style(Brief(description="A house track about summer")).name == "house"
    assert understand_style(Brief(description="an upbeat reggae tune")).name == "reggae"


def test_what_was_not_understood_is_listed_but_bounded() -> None:
    style = understood(" ".join(f"zq{number}x" for number in range(150)))
    assert "zq0x" in style.ignored
    assert len(style.ignored) <= 15


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=1_200), weight=st.floats(0, 1), take=st.integers(0, 1))
def test_any_text_gives_a_playable_style(text: str, weight: float, take: int) -> None:
    style = understand_style(Brief(style=text, negative_style=text[::-1], style_weight=weight, take=take))
    assert style.name in style_names()
    assert 40 <= style.bpm <= 240
    assert style.players
    assert style.description


@pytest.mark.parametrize("text", ["🎸🔥" * 300, "no " * 330, "x" * 5_000, "rock " * 200, "((((", "1/0 0/0 -5 bpm #"])
def test_noise_never_fails(text: str) -> None:
    assert understood(text).name in style_names()


def test_the_same_brief_gives_the_same_style() -> None:
    assert understood("jazz hip hop, sad, with flute") == understood("jazz hip hop, sad, with flute")
