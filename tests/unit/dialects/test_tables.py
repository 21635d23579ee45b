"""Tables of a dialect are complete: no status of ours is without a word of theirs."""

from __future__ import annotations

import pytest

from songwright.core.song import ClipStatus
from songwright.core.task import TaskStatus
from songwright.dialects.apione import wire as apione
from songwright.dialects.base import dialect_rooms
from songwright.dialects.goapi import wire as goapi


@pytest.mark.parametrize("wire", [apione, goapi])
def test_every_status_has_a_word(wire: object) -> None:
    assert wire.STATUS.keys() == set(TaskStatus)  # type: ignore[attr-defined]
    assert wire.CLIP_STATUS.keys() == set(ClipStatus)  # type: ignore[attr-defined]


def test_only_documented_words_are_sent() -> None:
    assert set(apione.STATUS.values()) == {"pending", "processing", "completed", "failed", "cancelled"}
    assert apione.FEED_TYPE.keys() == set(TaskStatus)
    assert set(apione.FEED_TYPE.values()) == {"IN_PROGRESS", "SUCCESS", "FAILED"}
    assert set(goapi.STATUS.values()) == {"pending", "processing", "completed", "failed"}
    assert apione.EXTRA_MESSAGE.keys() == set(ClipStatus)
    assert apione.EXTRA_MESSAGE[ClipStatus.TEXT] == "Text generated successfully."
    assert apione.EXTRA_MESSAGE[ClipStatus.COMPLETE] == "All generated successfully."


def test_dialects_are_found_by_their_folders() -> None:
    assert [room.NAME for room in dialect_rooms()] == ["apione", "goapi"]
