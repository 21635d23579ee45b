"""Ranges and file names, as pure functions."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from songwright.web.media import RangeNotSatisfiable, disposition, read_range


@given(st.integers(1, 10**7), st.text("0123456789-=,bytes ", max_size=30).map(lambda text: "bytes=" + text))
def test_a_range_lies_inside_the_file_or_is_none(size: int, header: str) -> None:
    try:
        span = read_range(header, size)
    except RangeNotSatisfiable:
        return
    assert span is None or 0 <= span.first <= span.last < size


@given(st.text(max_size=300))
def test_no_title_breaks_out_of_the_header(title: str) -> None:
    header = disposition(title, "cover.png")
    assert header.isascii() and header.isprintable()
    match = re.fullmatch(r"inline; filename=\"([^\"\\/]+) cover\.png\"; filename\*=UTF-8''([\w.~%-]+)", header)
    assert match is not None and not match[1].startswith(".")
