"""Each transcript is one exchange: what came in, what it was read as, what goes out. A change of a byte shows here.

`SONGWRIGHT_UPDATE_GOLDEN=1 pytest tests/golden` writes the transcripts anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import kinds
import msgspec
import pytest

from songwright.catalog import load_catalog
from songwright.core.errors import FieldError, InsufficientCredits, InvalidRequest, NotFound, SongwrightError
from songwright.core.song import Clip, ClipStatus, FileKind
from songwright.core.task import Order, Task, TaskStatus
from songwright.dialects import apione, goapi
from songwright.dialects.apione import account, wire
from songwright.dialects.apione import errors as errors_a
from songwright.dialects.base import parse_object
from songwright.dialects.goapi import errors as errors_b
from songwright.dialects.goapi import wire as wire_b
from songwright.ledger import Balance

HERE = Path(__file__).parent
URL = "http://127.0.0.1:8080"
CATALOG = load_catalog()
LYRICS = "[Verse]\nLeaves whisper\nTrees sway\n\n[Chorus]\nBlowin' in the breeze"
SUMMER = {
    "model": "chirp-v4-5",
    "prompt": "A cheerful pop song about summer days, with catchy melody and upbeat rhythm",
    "style": "pop, upbeat",
    "make_instrumental": False,
    "title": "Summer Days",
}
SUNSHINE = {
    "custom_mode": False,
    "mv": "chirp-v3-5",
    "input": {"gpt_description_prompt": "sunshine", "make_instrumental": False},
}
ELECTRIC = {
    "custom_mode": True,
    "input": {
        "prompt": "[Verse]\nTesla riding\nBatteries flying\n\n[Chorus]\nHe's the man with electric dreams",
        "title": "Electric Dreams",
        "tags": "epic reggae",
        "continue_at": 0,
        "continue_clip_id": "",
    },
}
FILES = frozenset(kind.value for kind in FileKind)


def _task(order: Order, status: TaskStatus, clips: tuple[Clip, ...], **changes: Any) -> Task:
    model = CATALOG.find(order.request.model)
    assert model is not None
    return Task(
        id="56ea8da3-8507-4118-9f1e-111111111111",
        account_id="account",
        key_id="key",
        dialect=order.dialect,
        kind=order.kind,
        request=order.request,
        body=order.body,
        ignored_fields=order.ignored_fields,
        status=status,
        price_credits=model.credits,
        clips=clips,
        created_at_s=1713450571.76,
        **changes,
    )


def _clips(*statuses: ClipStatus) -> tuple[Clip, ...]:
    made: list[Clip] = []
    for number, status in enumerate(statuses):
        clip = Clip(
            id=f"e0fe8bba-fac8-460b-bf1c-11111111111{number}",
            media_token=f"media-token-of-clip-{number}",
            created_at_s=1713450571.76 + number / 1000,
            status=status,
        )
        if status in (ClipStatus.TEXT, ClipStatus.FIRST, ClipStatus.COMPLETE):
            clip = replace(clip, title="Blowin' in the Breeze", lyrics=LYRICS, style="acoustic folk ballad")
        if status in (ClipStatus.FIRST, ClipStatus.COMPLETE):
            clip = replace(clip, duration_s=108.8 - number * 5.6, files=FILES, metadata={"bpm": 92, "key": "G major"})
        made.append(clip)
    return tuple(made)


Q, T, C, F = ClipStatus.QUEUED, ClipStatus.TEXT, ClipStatus.COMPLETE, ClipStatus.FAILED
STATES: dict[str, Callable[[Order], Task]] = {
    "pending": lambda order: _task(order, TaskStatus.PENDING, _clips(Q, Q)),
    "text": lambda order: _task(order, TaskStatus.PROCESSING, _clips(T, T), progress_percent=10, stage="score"),
    "first": lambda order: _task(order, TaskStatus.PROCESSING, _clips(C, T), progress_percent=60, stage="mix"),
    "complete": lambda order: _task(
        order,
        TaskStatus.COMPLETED,
        _clips(C, C),
        progress_percent=100,
        stage="done",
        consumed_credits=10,
        finished_at_s=1713450601.5,
    ),
    "partial": lambda order: _task(
        order, TaskStatus.COMPLETED, _clips(C, F), progress_percent=100, consumed_credits=5, finished_at_s=1713450601.5
    ),
    "failed": lambda order: _task(
        order,
        TaskStatus.FAILED,
        _clips(T, T),
        error_code="moderation",
        error_message="The prompt was refused.",
        finished_at_s=1713450580.0,
    ),
    "cancelled": lambda order: _task(order, TaskStatus.CANCELLED, _clips(Q, Q), finished_at_s=1713450580.0),
}
ERRORS: dict[str, SongwrightError] = {
    "400": InvalidRequest(
        fields=[FieldError("model", "there is no such model"), FieldError("seed", "must be int >= 0")]
    ),
    "402": InsufficientCredits("Insufficient credits: this costs 10, the account has 4."),
    "404": NotFound("No such task."),
}


def _read_a(body: dict[str, Any]) -> Order:
    return wire.read_music(parse_object(json.dumps(body).encode()), CATALOG)


def _read_b(body: dict[str, Any]) -> Order:
    return wire_b.read_music(parse_object(json.dumps(body).encode()), CATALOG)


def _transcripts() -> dict[str, dict[str, Any]]:
    summer, sunshine, electric = _read_a(SUMMER), _read_b(SUNSHINE), _read_b(ELECTRIC)
    made: dict[str, dict[str, Any]] = {}
    for name, sent, order, accepted in (
        ("apione/create", SUMMER, summer, wire.render_accepted),
        ("goapi/create-description", SUNSHINE, sunshine, wire_b.render_accepted),
        ("goapi/create-custom", ELECTRIC, electric, wire_b.render_accepted),
    ):
        answer = accepted(STATES["pending"](order))
        made[name] = {"request": sent, "read_as": msgspec.to_builtins(order.request), "answer": json.loads(answer)}
    to_a, to_b = apione.callback_renderer(CATALOG, URL), goapi.callback_renderer(CATALOG, URL)
    for state, build in STATES.items():
        made[f"apione/task-{state}"] = {"answer": json.loads(wire.render_task(build(summer), URL))}
        made[f"apione/feed-{state}"] = {"answer": json.loads(wire.render_feed(build(summer), URL))}
        made[f"goapi/task-{state}"] = {"answer": json.loads(wire_b.render_task(build(sunshine), CATALOG, URL))}
    for stage in ("text", "first", "complete", "failed"):
        made[f"apione/callback-{stage}"] = {"body": json.loads(to_a(STATES[stage](summer), stage) or b"null")}
        made[f"goapi/callback-{stage}"] = {"body": json.loads(to_b(STATES[stage](sunshine), stage) or b"null")}
    made["apione/feed-of-the-other-dialect"] = {
        "answer": json.loads(wire.render_feed(STATES["complete"](electric), URL))
    }
    made["goapi/task-of-the-other-dialect"] = {
        "answer": json.loads(wire_b.render_task(STATES["complete"](summer), CATALOG, URL))
    }
    for status, error in ERRORS.items():
        made[f"apione/error-{status}"] = {"answer": json.loads(errors_a.render_error(error, URL))}
        made[f"goapi/error-{status}"] = {"answer": json.loads(errors_b.render_error(error))}
    made["apione/credits"] = {"answer": json.loads(account.render_credits(Balance(195, 10, 5)))}
    made |= kinds.transcripts(STATES["complete"](summer), _clips)
    made["apione/models"] = {"answer": json.loads(account.render_models(CATALOG))}
    return made


TRANSCRIPTS = _transcripts()


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_the_exchange_is_as_written(name: str) -> None:
    path = HERE / f"{name}.json"
    now = json.dumps(TRANSCRIPTS[name], indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("SONGWRIGHT_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def test_no_transcript_is_left_over() -> None:
    written = {str(path.relative_to(HERE).with_suffix("")) for path in HERE.rglob("*.json")}
    assert written - {"goapi/document"} == TRANSCRIPTS.keys()


def _shape(value: object) -> object:
    """Keys and types, with ids taken for any key and every number for a number."""
    if isinstance(value, dict):
        if value and all(len(key) == 36 and key.count("-") == 4 for key in value):
            return {"<id>": _shape(next(iter(value.values())))}
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_second_documents_example_has_the_shape_we_send() -> None:
    """Every field of the document with the type it has there; what we add beside them is listed here."""
    document = _shape(json.loads((HERE / "goapi" / "document.json").read_text(encoding="utf-8")))
    ours = _shape(TRANSCRIPTS["goapi/task-complete"]["answer"])
    assert isinstance(ours, dict) and isinstance(document, dict)
    added = {name: ours["data"].pop(name) for name in ("progress", "error_message", "metadata")}
    assert ours == document and list(ours["data"]) == list(document["data"])
    assert added.keys() == {"progress", "error_message", "metadata"}
    sent = json.loads((HERE / "goapi" / "document.json").read_text(encoding="utf-8"))["data"]["input"]
    assert list(json.loads(TRANSCRIPTS["goapi/task-complete"]["answer"]["data"]["input"])) != []
    assert set(json.loads(TRANSCRIPTS["goapi/task-complete"]["answer"]["data"]["input"])) == set(json.loads(sent))
