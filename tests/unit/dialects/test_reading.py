"""How a create request is read: lyrics or description, in either dialect, and what becomes of every field."""

from __future__ import annotations

from typing import Any

import pytest

from songwright.catalog import load_catalog
from songwright.core.errors import InvalidRequest
from songwright.core.song import Reading
from songwright.core.task import Order
from songwright.dialects.apione.wire import looks_like_lyrics
from songwright.dialects.apione.wire import read_music as read_a
from songwright.dialects.goapi.wire import read_music as read_b

CATALOG = load_catalog()
LIMITS = {model.name: model for model in CATALOG}


def a(**body: Any) -> Order:
    return read_a(body, CATALOG)


def b(outer: dict[str, Any] | None = None, **fields: Any) -> Order:
    return read_b((outer or {}) | {"input": fields}, CATALOG)


def refused(read: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as error:
        read()
    return {problem.field: problem.message for problem in error.value.fields}


@pytest.mark.parametrize(
    ("prompt", "lyrics"),
    [
        ("A cheerful pop song about summer days, with catchy melody and upbeat rhythm", False),
        ("one line\nand a second", False),
        ("one line\n\n\n", False),
        ("one\ntwo\nthree", True),
        ("[Verse] all in one line", True),
        ("[verse 1: male]\nx", True),
        ("x\n[CHORUS]", True),
        ("[Verse1] x", True),
        ("[Pre-Chorus] x", True),
        ("[副歌] 夏天", True),
        ("[Estribillo 2] sol", True),
        ("a song [with a bass solo] about rain", False),
        ("my [chorusline] story", False),
        ("a [", False),
        ("[" * 5000, False),
    ],
)
def test_lyrics_are_told_from_descriptions(prompt: str, lyrics: bool) -> None:
    order = a(prompt=prompt)
    assert order.request.reading is (Reading.LYRICS if lyrics else Reading.DESCRIPTION)
    assert (order.request.lyrics, order.request.description) == (
        (prompt.strip(), "") if lyrics else ("", prompt.strip())
    )


def test_carriage_returns_are_line_breaks() -> None:
    assert looks_like_lyrics("a\nb\nc") and a(prompt="a\r\nb\rc").request.lyrics == "a\nb\nc"


def test_custom_mode_makes_lyrics_of_anything_and_a_description_wins() -> None:
    assert a(prompt="la la", custom_mode=True).request.lyrics == "la la"
    both = a(prompt="[Verse]\na\nb", gpt_description_prompt="about rain", custom_mode=True).request
    assert (both.reading, both.lyrics, both.description) == (Reading.DESCRIPTION, "", "about rain")


def test_an_instrumental_keeps_its_text_as_the_theme() -> None:
    assert a(prompt="[Verse]\nrain\nfalls", make_instrumental=True).request.description == "[Verse]\nrain\nfalls"
    assert a(style="jazz", make_instrumental=True).request.instrumental
    assert b(tags="jazz", make_instrumental=True).request.instrumental


def test_the_first_documents_example_is_a_description() -> None:
    body = {
        "model": "chirp-v4-5",
        "prompt": "A cheerful pop song about summer days, with catchy melody and upbeat rhythm",
        "style": "pop, upbeat",
        "make_instrumental": False,
        "title": "Summer Days",
    }
    order = a(**body)
    assert order.request.lyrics == "" and order.request.style == "pop, upbeat" and order.request.title == "Summer Days"
    assert order.body == body and order.ignored_fields == () and order.callback_url is None


def test_tags_are_negative_in_a_and_the_style_in_b() -> None:
    of_a, of_b = a(prompt="x", tags="metal").request, b(gpt_description_prompt="x", tags="metal").request
    assert (of_a.style, of_a.negative_style) == ("", "metal")
    assert (of_b.style, of_b.negative_style) == ("metal", "")
    assert b(gpt_description_prompt="x", negative_tags="drums").request.negative_style == "drums"


def test_defaults_are_the_documents() -> None:
    assert a(prompt="x").request.model == "chirp-v3-5"
    assert b(gpt_description_prompt="x").request.model == "chirp-v3-0"
    assert b(gpt_description_prompt="x").request.reading is Reading.DESCRIPTION
    assert b({"custom_mode": True}, prompt="x").request.reading is Reading.LYRICS


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        *(
            ("suno", "chirp-v4-5"),
            ("suno-v3-5", "chirp-v3-5"),
            ("suno-v4-0-vip", "chirp-v4-0"),
            ("chirp-v4", "chirp-v4-0"),
        ),
        *(("chirp-v4.5", "chirp-v4-5"), ("chirp-v4.5-plus", "chirp-v4-5-plus"), ("chirp-v4.5-all", "chirp-v4-5-all")),
        *(
            ("suno-v5-0", "chirp-v5"),
            ("chirp-v5.5", "chirp-v5-5"),
            ("chirp-v3.0", "chirp-v3-0"),
            ("CHIRP-V5", "chirp-v5"),
        ),
    ],
)
def test_models_answer_to_all_their_names(name: str, canonical: str) -> None:
    assert a(prompt="x", model=name).request.model == canonical
    assert b({"mv": name}, gpt_description_prompt="x").request.model == canonical


@pytest.mark.parametrize("model", LIMITS)
def test_texts_may_be_as_long_as_the_models_limit_and_no_longer(model: str) -> None:
    limits = LIMITS[model]
    rows = {
        "prompt": limits.prompt_limit,
        "gpt_description_prompt": limits.description_limit,
        "style": limits.style_limit,
        "tags": limits.style_limit,
        "title": limits.title_limit,
    }
    for name, limit in rows.items():
        base = {"prompt": "x", "model": model}
        for text in ("x" * limit, "é" * limit, "🎵" * limit, "e\u0301" * limit):
            assert a(**base | {name: text})
        assert refused(lambda base=base, name=name, limit=limit: a(**base | {name: "x" * (limit + 1)})).keys() == {name}
        if name == "style":
            continue
        inner = {"gpt_description_prompt": "x", name: "x" * (limit + 1)}
        assert refused(lambda inner=inner: b({"mv": model}, **inner)).keys() == {f"input.{name}"}
        assert b({"mv": model}, **inner | {name: "x" * limit})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("style_weight", (0, 0.0, 0.5, 1, 1.0, None), (-0.01, 1.01, "0.5", True, [0.5])),
        ("weirdness_constraint", (0, 1), (2, "1", False)),
        ("audio_weight", (0, 1), (-1, {}, True)),
        ("duration", (10, 480, 120.5, None), (9.99, 480.01, 0, -1, "60", True)),
        ("seed", (0, 2**31 - 1, None), (-1, 2**31, 1.5, "1", True)),
        ("bpm", (40, 240, 97.5, None), (39, 241, "90", True)),
        ("gender", ("male", "female", "m", "F", " Female ", "", None), ("robot", 1, True, ["male"])),
        ("key", ("A minor", "Am", "c# major", "Bb", "F♯ minor", "", None), ("H minor", "A lydian", 5, "A minor B")),
        ("make_instrumental", (True, False, None), (0, 1, "true", "", [])),
        ("title", ("", "x", None), (1, True, ["x"], {})),
    ],
)
def test_ranges_and_types_are_strict(name: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    for value in good:
        assert a(**{"prompt": "x", name: value})
        assert b(gpt_description_prompt="x", **{name: value})
    for value in bad:
        assert refused(lambda value=value: a(**{"prompt": "x", name: value})).keys() == {name}, value
        assert refused(lambda value=value: b(gpt_description_prompt="x", **{name: value})).keys() == {f"input.{name}"}


@pytest.mark.parametrize(
    ("written", "read"),
    [("Am", "A minor"), ("AM", "A major"), ("c# maj", "C# major"), ("Bb", "Bb major"), ("f♯-MINOR", "F# minor")],
)
def test_keys_are_read_as_on_a_lead_sheet(written: str, read: str) -> None:
    assert a(prompt="x", key=written).request.key == read


def test_every_bad_field_is_found_at_once_in_both_halves_of_a_b_order() -> None:
    found = refused(lambda: b({"custom_mode": "yes", "mv": "nope"}, title=7, style_weight=9, continue_at=-1))
    assert found.keys() >= {"custom_mode", "mv", "input.title", "input.style_weight", "input.continue_at"}


def test_what_is_missing_is_said() -> None:
    assert refused(lambda: a()).keys() == {"prompt"}
    assert refused(lambda: a(prompt=" \n\t ")).keys() == {"prompt"}
    assert refused(lambda: read_b({}, CATALOG)).keys() == {"input"}
    assert refused(lambda: read_b({"input": "x"}, CATALOG)).keys() == {"input"}
    assert refused(lambda: b()).keys() == {"input.gpt_description_prompt"}
    assert refused(lambda: b({"custom_mode": True}, gpt_description_prompt="x")).keys() == {"input.prompt"}


def test_a_second_to_continue_at_needs_a_clip_and_the_empty_defaults_are_fine() -> None:
    assert b({"custom_mode": True}, prompt="x", continue_at=0, continue_clip_id="")
    assert refused(lambda: b(gpt_description_prompt="x", continue_at=30)).keys() == {"input.continue_at"}


def test_names_of_older_generations_are_understood_and_the_own_name_wins() -> None:
    order = a(
        prompt="x",
        mv="suno",
        negativeTags="metal",
        vocalGender="f",
        styleWeight=0.5,
        callBackUrl="https://e.example/cb",
    )
    assert order.request.model == "chirp-v4-5" and order.request.negative_style == "metal"
    assert order.request.vocal_gender == "female" and order.request.style_weight == 0.5
    assert order.callback_url == "https://e.example/cb" and order.ignored_fields == ()
    assert a(prompt="x", mv="chirp-v5", model="suno").request.model == "chirp-v4-5"
    assert refused(lambda: a(prompt="x", mv="nope")).keys() == {"mv"}


def test_unknown_fields_are_ignored_and_listed_and_null_is_absent() -> None:
    order = a(prompt="x", style=None, model=None, user="u", metadata={"a": 1})
    assert order.ignored_fields == ("user", "metadata") and order.body == {"prompt": "x"}
    order = b({"service_mode": "public"}, gpt_description_prompt="x", lyrics_type="generate", title=None)
    assert order.ignored_fields == ("service_mode", "input.lyrics_type")
    many = a(prompt="x", **{f"x{i}" * 60: i for i in range(200)})
    assert len(many.ignored_fields) == 50 and max(map(len, many.ignored_fields)) == 100


def test_text_is_normalised_before_it_is_sung() -> None:
    assert a(prompt="x", title="Cafe\u0301 ").request.title == "Caf\u00e9"


@pytest.mark.parametrize("field", ["notify_hook", "callback_url", "webhook_url"])
def test_a_callback_may_stand_in_either_half_of_a_b_order(field: str) -> None:
    assert b({field: "https://e.example/"}, gpt_description_prompt="x").callback_url == "https://e.example/"
    assert b(gpt_description_prompt="x", **{field: "https://e.example/"}).callback_url == "https://e.example/"
    assert refused(lambda: b(gpt_description_prompt="x", **{field: "nope"})).keys() == {f"input.{field}"}


def test_placeholder_and_private_callbacks_are_accepted_at_submit() -> None:
    for url in ("https://example.com/cb", "https://localhost/callback", "http://10.0.0.1:5000/x", "http://[::1]/"):
        assert a(prompt="x", callback_url=url).callback_url == url
    exactly = "http://e.example/" + "a" * (2048 - 17)
    assert a(prompt="x", callback_url=exactly).callback_url == exactly
    assert refused(lambda: a(prompt="x", callback_url=exactly + "a")).keys() == {"callback_url"}
