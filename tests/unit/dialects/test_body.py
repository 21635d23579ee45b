"""The gate for bodies: what gets in is a JSON object of sane depth, numbers and text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songwright.core.errors import InvalidRequest
from songwright.dialects.base import parse_object

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=6), st.booleans())
def test_every_sane_object_gets_in_unchanged(value: dict[str, object], escaped: bool) -> None:
    assert parse_object(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_clear_refusal(raw: bytes) -> None:
    try:
        assert isinstance(parse_object(raw), dict)
    except InvalidRequest as error:
        assert error.message


def test_a_key_that_comes_twice_is_named() -> None:
    with pytest.raises(InvalidRequest, match="'style' appears twice") as refused:
        parse_object(b'{"style": 1, "x": {"style": 2}, "style": 3}')
    assert refused.value.param == "style"


def test_brackets_in_text_are_no_nesting() -> None:
    lyrics = "[Verse]\n" * 400 + '\\"{[' * 100
    assert parse_object(json.dumps({"prompt": lyrics}).encode()) == {"prompt": lyrics}


@pytest.mark.parametrize("depth", [32, 33])
def test_depth_is_counted_exactly(depth: int) -> None:
    raw = b'{"x":' * (depth - 2) + b"[[]]" + b"}" * (depth - 2)
    if depth == 32:
        assert parse_object(raw)
    else:
        with pytest.raises(InvalidRequest, match="nested"):
            parse_object(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'"' + b'\\"' * 500_000,
        b'{"' + b'\\"[' * 300_000,
        b'{"a":"' + b"\\u0041" * 160_000 + b'"}',
        b"{" + b",".join(b'"%d":0' % i for i in range(100_000)) + b',"7":0}',
    ],
)
def test_a_megabyte_of_malice_is_quickly_dealt_with(raw: bytes) -> None:
    began_s = time.process_time()
    try:
        parse_object(raw)
    except InvalidRequest as error:
        assert error.message
    assert time.process_time() - began_s < 2.0
