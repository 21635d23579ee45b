"""What everything costs, as the documents and the contract say."""

from __future__ import annotations

import pytest

from songwright.catalog import load_catalog
from songwright.core.task import CLIPS, REQUEST_TYPES, TaskKind

CATALOG = load_catalog()
CREATE = {
    "chirp-v3-0": 5,
    "chirp-v3-5": 5,
    "chirp-v4-0": 8,
    "suno": 10,
    "chirp-v4.5": 10,
    "chirp-v5": 12,
    "chirp-v5-5": 12,
}


@pytest.mark.parametrize(("name", "credits"), CREATE.items())
def test_the_documents_prices(name: str, credits: int) -> None:
    model = CATALOG.find(name)
    assert model is not None
    price = {kind: CATALOG.price(kind, model) for kind in TaskKind}
    assert price[TaskKind.MUSIC] == price[TaskKind.EXTEND] == price[TaskKind.REPLACE_SECTION] == credits
    assert price[TaskKind.UPLOAD_COVER] == max(8, credits)
    fixed = {TaskKind.COVER_IMAGE: 1, TaskKind.TIMESTAMPED_LYRICS: 2, TaskKind.LYRICS: 1, TaskKind.UPLOAD: 1}
    assert {kind: price[kind] for kind in fixed} == fixed
    assert (price[TaskKind.CONCAT], price[TaskKind.SEPARATE]) == (0, 2)


def test_every_kind_has_a_request_and_a_number_of_clips() -> None:
    assert REQUEST_TYPES.keys() == CLIPS.keys() == set(TaskKind)
