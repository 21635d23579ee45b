"""What the lifecycle does for every kind of order alike: sources, sent files, quotes, refusals, results at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from test_perform import Scripted, both, perform_all

from songwright.catalog import load_catalog
from songwright.core.errors import InvalidRequest, NotFound, NotSupported, ProviderError
from songwright.core.requests import (
    AudioSource,
    CoverImageRequest,
    LyricsRequest,
    SeparateRequest,
    TimestampedLyricsRequest,
    UploadRequest,
)
from songwright.core.song import ClipStatus
from songwright.core.task import Order, TaskKind, TaskStatus
from songwright.providers.base import MadeClip, Outcome
from songwright.tasks import Filter

MODEL = "chirp-v4-5"


def an_order(kind: TaskKind, request, **more) -> Order:
    return Order(dialect="apione", kind=kind, request=request, body={"kind": kind.value}, **more)


def made(house, life, caller, wish):
    """Submit, perform everything, and the task as it is then."""

    async def run():
        task = (await life.submit(caller, wish)).task
        await perform_all(life)
        return life.get(caller.account_id, task.id)

    return asyncio.run(run())


def test_a_job_gets_its_sources_with_their_files(house, order) -> None:
    scripted = Scripted(both)
    ada, life = house.customer(), house.lifecycle(scripted)
    song = made(house, life, ada, order())
    source = song.clips[1].id
    made(house, life, ada, an_order(TaskKind.SEPARATE, SeparateRequest(model=MODEL, source_clip_ids=(source,))))
    (given,) = scripted.jobs[-1].sources.values()
    assert (given.clip_id, given.index, given.seed, given.title) == (source, 1, song.seed, "T")
    assert given.files["song.mp3"].read_bytes() == b"sound" and given.request == song.request


def test_a_source_that_is_gone_fails_the_task_and_costs_nothing(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(both))
    song = made(house, life, ada, order())
    (house.folder / "media" / "clips" / song.clips[0].id / "song.mp3").unlink()
    before = house.balance(ada)
    request = SeparateRequest(model=MODEL, source_clip_ids=(song.clips[0].id,))
    task = made(house, life, ada, an_order(TaskKind.SEPARATE, request))
    assert (task.status, task.error_code) == (TaskStatus.FAILED, "source_gone")
    assert house.balance(ada) == before and house.wrong_in_books() == []


def test_clips_of_others_are_not_found(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle(Scripted(both))
    song = made(house, life, ada, order())
    assert life.records.own_clip(ada.account_id, song.clips[0].id).task.id == song.id
    for account_id, clip_id in ((ben.account_id, song.clips[0].id), (ada.account_id, "no uuid")):
        with pytest.raises(NotFound):
            life.records.own_clip(account_id, clip_id)


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_sent_file_is_there_for_the_job_and_gone_with_the_task(house, tmp_path: Path, ends_well: bool) -> None:
    seen: list[bytes] = []

    async def look(job, report) -> Outcome:
        seen.append(job.audio.read_bytes())
        if not ends_well:
            raise ProviderError("No audio.", code="invalid_audio")
        return Outcome(clips=(MadeClip(index=0, title="T", lyrics="", style=""),))

    ada, life = house.customer(), house.lifecycle(Scripted(look))
    sent = tmp_path / "sent"
    sent.write_bytes(b"RIFF")
    request = UploadRequest(model=MODEL, audio=AudioSource(file_name="a.wav"))
    task = made(house, life, ada, an_order(TaskKind.UPLOAD, request, attachment=sent))
    assert seen == [b"RIFF"] and not sent.exists()
    assert task.status is (TaskStatus.COMPLETED if ends_well else TaskStatus.FAILED)
    assert not [path for path in (house.folder / "media").rglob("*") if path.is_file()]


def test_a_refused_order_leaves_no_file_behind(house, tmp_path: Path) -> None:
    poor, life = house.customer(credits=0), house.lifecycle()
    sent = tmp_path / "sent"
    sent.write_bytes(b"RIFF")
    request = UploadRequest(model=MODEL, audio=AudioSource(file_name="a.wav"))
    with pytest.raises(Exception, match="Insufficient"):
        asyncio.run(life.submit(poor, an_order(TaskKind.UPLOAD, request, attachment=sent)))
    assert not [path for path in (house.folder / "media").rglob("*") if path.is_file()]


def test_what_the_provider_cannot_make_is_refused_before_a_credit_is_reserved(house) -> None:
    provider = Scripted(both)
    provider.kinds = frozenset({TaskKind.MUSIC})
    ada, life = house.customer(), house.lifecycle(provider)
    with pytest.raises(NotSupported, match="lyrics"):
        asyncio.run(life.submit(ada, an_order(TaskKind.LYRICS, LyricsRequest(model=MODEL, description="x"))))
    with pytest.raises(NotSupported, match="upload"):
        asyncio.run(life.submit(ada, an_order(TaskKind.UPLOAD, UploadRequest(model=MODEL, audio=AudioSource(url="u")))))
    assert house.balance(ada) == (100, 0, 0)


def test_a_known_result_is_reserved_and_paid_in_one_step(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(both))
    song = made(house, life, ada, order())
    request = TimestampedLyricsRequest(model=MODEL, source_task_id=song.id, source_clip_ids=(song.clips[0].id,))
    wish = an_order(TaskKind.TIMESTAMPED_LYRICS, request, idempotency_key="k")
    first, again = (asyncio.run(life.submit(ada, wish, known_result=True)) for _ in range(2))
    assert again.replayed and again.task.id == first.task.id
    task = life.get(ada.account_id, first.task.id)
    assert (task.status, task.clips[0].status) == (TaskStatus.COMPLETED, ClipStatus.COMPLETE)
    assert house.balance(ada) == (88, 0, 12) and house.wrong_in_books() == []


def test_one_set_of_pictures_a_song_however_many_ask_at_once(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(both))
    song = made(house, life, ada, order())
    request = CoverImageRequest(model=MODEL, source_task_id=song.id)

    async def ask():
        wishes = [an_order(TaskKind.COVER_IMAGE, replace(request, title=str(n)), quote_id="") for n in range(5)]
        wishes = [replace(wish, body={"n": n}) for n, wish in enumerate(wishes)]
        return await asyncio.gather(*(life.submit(ada, wish) for wish in wishes), return_exceptions=True)

    answers = asyncio.run(ask())
    refused = [answer for answer in answers if isinstance(answer, InvalidRequest)]
    assert len(refused) == 4 and {error.message for error in refused} == {"Cover already exists for this task"}
    assert house.balance(ada)[1] == 1


def test_a_quote_binds_for_its_own_account_kind_and_model(house, order) -> None:
    ada, ben, life = house.customer("ada"), house.customer("ben"), house.lifecycle()
    model = load_catalog().find("suno")
    quote = asyncio.run(life.quote(ada, TaskKind.MUSIC, model))
    house.db.write_blocking(lambda c: c.execute("UPDATE quote SET credits = 3"))
    task = asyncio.run(
        life.submit(ada, replace(order(seed=1), request=replace(order().request, model=MODEL), quote_id=quote.id))
    ).task
    assert task.price_credits == 3 and house.balance(ada) == (97, 3, 0)
    other = replace(order(), request=replace(order().request, model="chirp-v5"))
    for caller, wish in ((ben, order()), (ada, other), (ada, replace(order(), quote_id="unknown"))):
        with pytest.raises(InvalidRequest) as refused:
            asyncio.run(life.submit(caller, replace(wish, quote_id=wish.quote_id or quote.id)))
        assert refused.value.param == "quote_id"


def test_measured_seconds_and_usage_come_from_what_was_made(house, order) -> None:
    ada, life = house.customer(), house.lifecycle(Scripted(both))
    assert life.records.seconds_taken(TaskKind.MUSIC) is None
    first = made(house, life, ada, order())
    assert life.records.seconds_taken(TaskKind.MUSIC) == first.finished_at_s - first.started_at_s
    (row,) = life.records.usage(ada.account_id, Filter(kind=TaskKind.MUSIC)).rows
    assert (row.task_id, row.credits, row.model, row.status) == (first.id, 10, "suno", TaskStatus.COMPLETED)
    assert life.records.usage(ada.account_id, Filter(until_s=first.created_at_s)).rows == ()
