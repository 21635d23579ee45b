"""The list of stages: style -> lyrics -> score -> voice -> arrangement -> instruments -> mix -> files.

A task is rendered as a whole: its clips share words and singer, so that every unique line is sung by the model once
and laid on both melodies. The heavy steps are handed to a `Pool` of processes; everything else runs here. Where
somebody wants to listen, each clip's beginning is played while the rest is made (`preview`).

Conventions: see `material.py`. The same briefs and engine version give the same files on the same CPU class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import format_exception
from typing import Any, Protocol, TypeVar

from songwright.engine.arrangement import arrange
from songwright.engine.finishing import MASTER, FinishedClip, FinishOrder, finish_clip
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Arrangement, Assets, Brief, Lyrics, Report, Score, Style
from songwright.engine.mix import TAIL_S
from songwright.engine.preview import Preview, PreviewClip
from songwright.engine.score import compose
from songwright.engine.session import Session, Workers
from songwright.engine.splicing import Splice
from songwright.engine.styles import understand_style
from songwright.engine.voice import (
    NoVoice,
    Singer,
    SungTake,
    Take,
    choose_runtime,
    choose_singer,
    load_model,
    plan_takes,
    with_adlibs,
)

Item = TypeVar("Item")
Result = TypeVar("Result")

TOGETHER_UP_TO_S = 260.0  #: longer clips are mixed one at a time: a mix holds about 3.5 MB a second of music
PREVIEW = "stream.mp3"  #: what grows in a clip's folder while it is made, when somebody wants to listen
INSTRUMENTAL_RANGE = (55, 76)  #: where an instrument carries the tune when nobody sings


class Pool(Workers, Protocol):
    """Where heavy steps run: processes, or, with `SerialPool`, right here."""

    def imap_unordered(self, func: Callable[[Item], Result], iterable: Iterable[Item]) -> Iterator[Result]:
        """Results in any order."""
        ...


class SerialPool:
    """Runs everything here, one after the other."""

    size = 1

    def submit(self, func: Callable[[Item], Result], item: Item, /) -> Future[Result]:
        """Do it now. Raises what `func` raises."""
        done: Future[Result] = Future()
        done.set_result(func(item))
        return done

    def imap_unordered(self, func: Callable[[Item], Result], iterable: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items."""
        return map(func, iterable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipText:
    """What is known of a clip before a note has sounded."""

    title: str
    lyrics: str
    style: str
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One clip on paper."""

    brief: Brief
    style: Style
    lyrics: Lyrics
    singer: Singer | None
    score: Score
    arrangement: Arrangement
    notes: tuple[str, ...] = ()
    splice: Splice | None = None  #: the old recording that the new part belongs to
    facts: dict[str, Any] = field(default_factory=dict[str, Any])  #: how it was made from another recording


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a task: finished clips by index, and for each clip that failed a sentence."""

    clips: dict[int, FinishedClip]
    failures: dict[int, str]


def render(
    briefs: Sequence[Brief],
    folders: Sequence[Path],
    assets: Assets,
    *,
    pool: Pool | None = None,
    report: Report = lambda _share, _stage: None,
    on_text: Callable[[int, ClipText], None] = lambda _index, _text: None,
    on_clip: Callable[[int, FinishedClip], None] = lambda _index, _clip: None,
    on_audio: Callable[[int, Path], None] | None = None,
    with_video: bool = True,
    with_stems: bool = False,
    only: Collection[int] = (),
    runtime: str | None = None,
) -> Rendered:
    """Make one song per brief, each into its folder. Briefs of one task differ only in `take`.

    `on_audio` is told of each clip's growing MP3 as soon as it can be heard; without it there is none. With `only`, the
    clips of these indices are finished, as they would be among the others. `runtime` overrules the fastest for the CPU.

    Raises whatever a stage raises while the songs are still on paper; afterwards a clip fails alone.
    """
    pool = pool or SerialPool()
    plans = _plan(briefs, assets, pool, report, on_text)
    return render_plans(
        plans,
        folders,
        assets,
        pool=pool,
        report=report,
        on_clip=on_clip,
        on_audio=on_audio,
        with_video=with_video,
        with_stems=with_stems,
        only=only,
        runtime=runtime,
    )


def render_plans(
    plans: Sequence[Plan],
    folders: Sequence[Path],
    assets: Assets,
    *,
    pool: Pool,
    report: Report = lambda _share, _stage: None,
    on_clip: Callable[[int, FinishedClip], None] = lambda _index, _clip: None,
    on_audio: Callable[[int, Path], None] | None = None,
    with_video: bool = True,
    with_stems: bool = False,
    only: Collection[int] = (),
    runtime: str | None = None,
) -> Rendered:
    """Sing, play and write what stands on paper; the plans of one task share singer and style. See `render`."""
    previews = [] if on_audio is None else _previews(plans, folders, assets)
    try:
        sung = _sing(plans, assets, pool, report, previews, on_audio, runtime)
        orders = _orders(plans, folders, sung, with_video=with_video, with_stems=with_stems, runtime=runtime)
        wanted = [order for order in orders if not only or order.index in only]
        for preview, folder in zip(previews, folders, strict=False):
            preview.follow(folder / MASTER)
        return _finish(wanted, assets, pool, report, on_clip, previews)
    finally:
        for preview in previews:
            preview.close(complete=False)


def warm_up(pool: Pool, assets: Assets) -> None:
    """Have every process of the pool load the singing model now, so that the next song need not wait for it."""
    for _ in range(pool.size):
        pool.submit(_load, (assets, choose_runtime()))


def _load(job: tuple[Assets, str]) -> None:
    assets, runtime = job
    if (assets.kokoro / "model_int8.onnx").is_file():
        load_model(assets, runtime)


def _previews(plans: Sequence[Plan], folders: Sequence[Path], assets: Assets) -> list[Preview]:
    clips = [
        PreviewClip(
            index=index,
            score=plan.score,
            style=plan.style,
            arrangement=plan.arrangement,
            singer=plan.singer,
            seed=plan.brief.seed,
        )
        for index, plan in enumerate(plans)
    ]
    return [Preview(clip, folder / PREVIEW, assets) for clip, folder in zip(clips, folders, strict=True)]


def _orders(
    plans: Sequence[Plan],
    folders: Sequence[Path],
    sung: Sequence[SungTake],
    *,
    with_video: bool,
    with_stems: bool,
    runtime: str | None,
) -> list[FinishOrder]:
    return [
        FinishOrder(
            index=index,
            clips=len(plans),
            brief=plan.brief,
            style=plan.style,
            lyrics=plan.lyrics,
            singer=plan.singer,
            score=plan.score,
            arrangement=plan.arrangement,
            sung=tuple(sung),
            notes=plan.notes,
            folder=folder,
            with_video=with_video,
            with_stems=with_stems,
            runtime=runtime or choose_runtime(),
            splice=plan.splice,
            facts=plan.facts,
        )
        for index, (plan, folder) in enumerate(zip(plans, folders, strict=True))
    ]


def _plan(
    briefs: Sequence[Brief], assets: Assets, pool: Pool, report: Report, on_text: Callable[[int, ClipText], None]
) -> list[Plan]:
    report(0.0, "lyrics")
    styles = [at_depth(understand_style(brief), brief.depth) for brief in briefs]
    briefs = [replace(b, instrumental=b.instrumental or s.instrumental) for b, s in zip(briefs, styles, strict=True)]
    lyrics = write_lyrics(briefs[0], styles[0], assets)
    singer, notes = engage_singer(briefs[0], styles[0], lyrics, assets)
    if singer is None:
        briefs = [replace(brief, instrumental=True) for brief in briefs]
    for index, style in enumerate(styles):
        on_text(index, ClipText(title=lyrics.title, lyrics=lyrics.text, style=style.description or style.name))
    report(0.03, "score")
    voice_range = (singer.low_midi, singer.high_midi) if singer else INSTRUMENTAL_RANGE
    jobs = [
        (index, lyrics, style, brief, voice_range)
        for index, (style, brief) in enumerate(zip(styles, briefs, strict=True))
    ]
    scores = dict(pool.imap_unordered(_compose, jobs))
    report(0.08, "voice")
    return [
        Plan(
            brief=brief,
            style=styles[i],
            lyrics=lyrics,
            singer=singer,
            score=scores[i][0],
            arrangement=scores[i][1],
            notes=notes,
        )
        for i, brief in enumerate(briefs)
    ]


def at_depth(style: Style, depth: int) -> Style:
    """The style with as many voices as the model that was ordered stands for."""
    if depth >= 3:
        return style
    harmonies = style.vocal.harmonies if depth == 2 else ()
    adlibs = style.vocal.adlibs if depth == 2 else "none"
    return replace(style, vocal=replace(style.vocal, doubles="none", harmonies=harmonies, adlibs=adlibs))


def engage_singer(brief: Brief, style: Style, lyrics: Lyrics, assets: Assets) -> tuple[Singer | None, tuple[str, ...]]:
    """The singer, or None for an instrumental; with sentences for the metadata when it is not what was asked for."""
    if not lyrics.sections:
        return None, lyrics.notes
    try:
        singer = choose_singer(brief, style, lyrics.language, assets)
    except NoVoice as missing:
        return None, (*lyrics.notes, str(missing))
    return singer, (*lyrics.notes, singer.fallback) if singer.fallback else lyrics.notes


def _compose(
    job: tuple[int, Lyrics, Style, Brief, tuple[int, int]],
) -> tuple[int, tuple[Score, Arrangement]]:
    index, lyrics, style, brief, voice_range = job
    score = compose(lyrics, style, room_for_music(brief), voice_range)
    score = with_adlibs(score, style, voice_range, brief.rng("adlibs"))
    return index, (score, arrange(score, style, brief))


def room_for_music(brief: Brief) -> Brief:
    """The length asked for is the recording's; its last seconds belong to what rings on after the last bar."""
    wanted_s = None if brief.duration_s is None else brief.duration_s - TAIL_S
    return replace(brief, duration_s=wanted_s, max_duration_s=brief.max_duration_s - TAIL_S)


def _sing(
    plans: Sequence[Plan],
    assets: Assets,
    pool: Pool,
    report: Report,
    previews: Sequence[Preview],
    on_audio: Callable[[int, Path], None] | None,
    runtime: str | None,
) -> list[SungTake]:
    singer, scores = plans[0].singer, [plan.score for plan in plans]
    takes = _heard(plans, plan_takes(scores, singer, plans[0].style)) if singer else ()
    session = Session(
        pool,
        previews,
        [score.duration_s for score in scores],
        lambda share: report(0.08 + 0.47 * share, "voice"),
        lambda preview: on_audio(preview.index, preview.path) if on_audio else None,
    )
    return session.record(takes, scores, singer, assets, runtime or choose_runtime())


def _heard(plans: Sequence[Plan], takes: Iterable[Take]) -> tuple[Take, ...]:
    """The takes without what lies in the kept parts of old recordings."""

    def needed(use: tuple[int, int]) -> bool:
        splice = plans[use[0]].splice
        return splice is None or splice.is_heard(plans[use[0]].score.lines[use[1]].notes[0].start_beats)

    kept: list[Take] = []
    for take in takes:
        melodies = [replace(m, uses=tuple(filter(needed, m.uses))) for m in take.melodies]
        if heard := tuple(melody for melody in melodies if melody.uses):
            kept.append(replace(take, melodies=heard))
    return tuple(kept)


def _finish(
    orders: Sequence[FinishOrder],
    assets: Assets,
    pool: Pool,
    report: Report,
    on_clip: Callable[[int, FinishedClip], None],
    previews: Sequence[Preview],
) -> Rendered:
    report(0.55, "instruments")
    done = Rendered({}, {})
    for index, clip, failure in _finished(orders, assets, pool):
        for preview in previews:
            if preview.index == index:  # whole before the clip is: who listens hears it to its end
                preview.close(complete=clip is not None)
        if clip is None:
            done.failures[index] = failure
        else:
            done.clips[index] = clip
            on_clip(index, clip)
        report(0.55 + 0.45 * (len(done.clips) + len(done.failures)) / len(orders), "encode")
    return done


def _finished(
    orders: Sequence[FinishOrder], assets: Assets, pool: Pool
) -> Iterator[tuple[int, FinishedClip | None, str]]:
    """Clips as they get ready: side by side, or one after the other where two mixes at once would need too much."""
    together = max(order.score.duration_s for order in orders) <= TOGETHER_UP_TO_S
    for group in [orders] if together else [[order] for order in orders]:
        yield from pool.imap_unordered(_finish_one, [(order, assets) for order in group])


def _finish_one(job: tuple[FinishOrder, Assets]) -> tuple[int, FinishedClip | None, str]:
    order, assets = job
    try:
        return order.index, finish_clip(order, assets), ""
    except Exception as error:
        return order.index, None, "".join(format_exception(error))
