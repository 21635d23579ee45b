"""The operator's word filter refuses before anything is charged, and is not fooled by spelling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from songwright.core.errors import ConfigurationError, ContentRefused
from songwright.core.task import Order
from songwright.tasks import load_word_filter
from songwright.tasks.screening import WordFilter


@pytest.fixture
def words(tmp_path: Path) -> WordFilter:
    path = tmp_path / "words.txt"
    path.write_text("# names\nVoldemort\nhe who must not be named\nStraße\n\nre: \\bb[o0]mb\\w*\n", encoding="utf-8")
    return load_word_filter(path)


@pytest.mark.parametrize(
    "text",
    [
        "a song for voldemort",
        "VOLDEMORT!",
        "Ｖｏｌｄｅｍｏｒｔ",
        "Vol\u200bde\u00admort",
        "he  who\nmust not\tbe named",
        "STRASSE",
        "b0mbing",
    ],
)
def test_listed_words_are_found_however_they_are_written(words: WordFilter, order: Any, text: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        words.check(order(text))
    assert (refused.value.status, refused.value.type, refused.value.param) == (400, "moderation", "prompt")
    assert "voldemort" not in refused.value.message.lower()


@pytest.mark.parametrize("text", ["voldemorts", "a tomb", "the one who must be named", "street"])
def test_other_words_pass(words: WordFilter, order: Any, text: str) -> None:
    words.check(order(text))


def test_every_text_of_an_order_is_looked_at(words: WordFilter, order: Any) -> None:
    from dataclasses import replace

    body = {"input": {"tags": ["fine", {"deep": "Voldemort"}]}}
    with pytest.raises(ContentRefused):
        words.check(replace(order("fine"), body=body))


def test_a_refused_order_is_no_task_and_costs_nothing(
    house: Any, order: Callable[..., Order], words: WordFilter
) -> None:
    caller = house.customer()
    with pytest.raises(ContentRefused):
        asyncio.run(house.lifecycle(words=words).submit(caller, order("Voldemort")))
    assert house.balance(caller) == (100, 0, 0)
    assert house.db.read("SELECT 1 FROM task") == []


def test_a_bad_pattern_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("fine\nre: (\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 2"):
        load_word_filter(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_word_filter(tmp_path / "none.txt")
