"""The list of stages: style -> lyrics -> score -> voice -> arrangement -> instruments -> mix -> files.

A task is rendered as a whole: its clips share words and singer, so that every unique line is sung by the model once
and laid on both melodies. The heavy steps are handed to a `Pool` of processes; everything else runs here.

Conventions: see `material.py`. The same briefs and engine version give the same files on the same CPU class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import format_exception
from typing import Any, Protocol, TypeVar

from songwright.engine.arrangement import arrange
from songwright.engine.finishing import FinishedClip, FinishOrder, finish_clip
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Assets, Brief, Lyrics, Report, Score, Style
from songwright.engine.mix import TAIL_S
from songwright.engine.score import compose
from songwright.engine.styles import understand_style
from songwright.engine.voice import (
    NoVoice,
    Singer,
    SungTake,
    Take,
    choose_runtime,
    choose_singer,
    plan_takes,
    sing_take,
    with_adlibs,
)

Item = TypeVar("Item")
Result = TypeVar("Result")

TOGETHER_UP_TO_S = 260.0  #: longer clips are mixed one at a time: a mix holds about 3.5 MB a second of music
INSTRUMENTAL_RANGE = (55, 76)  #: where an instrument carries the tune when nobody sings


class Pool(Protocol):
    """Where heavy steps run; `multiprocessing.Pool` has this method, and so has `SerialPool`."""

    def imap_unordered(self, func: Callable[[Item], Result], iterable: Iterable[Item]) -> Iterator[Result]:
        """Results in any order."""
        ...


class SerialPool:
    """Runs everything here, one after the other."""

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
    notes: tuple[str, ...] = ()


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
    with_video: bool = True,
    with_stems: bool = False,
) -> Rendered:
    """Make one song per brief, each into its folder. Briefs of one task differ only in `take`.

    Raises whatever a stage raises while the songs are still on paper; afterwards a clip fails alone.
    """
    pool = pool or SerialPool()
    plans = _plan(briefs, assets, pool, report, on_text)
    sung = _sing(plans, assets, pool, report)
    orders = [
        FinishOrder(
            index=index,
            brief=plan.brief,
            style=plan.style,
            lyrics=plan.lyrics,
            singer=plan.singer,
            score=plan.score,
            arrangement=arrange(plan.score, plan.style, plan.brief),
            sung=tuple(sung),
            notes=plan.notes,
            folder=folder,
            with_video=with_video,
            with_stems=with_stems,
        )
        for index, (plan, folder) in enumerate(zip(plans, folders, strict=True))
    ]
    return _finish(orders, assets, pool, report, on_clip)


def _plan(
    briefs: Sequence[Brief], assets: Assets, pool: Pool, report: Report, on_text: Callable[[int, ClipText], None]
) -> list[Plan]:
    report(0.0, "lyrics")
    styles = [_at_depth(understand_style(brief), brief.depth) for brief in briefs]
    briefs = [replace(b, instrumental=b.instrumental or s.instrumental) for b, s in zip(briefs, styles, strict=True)]
    lyrics = write_lyrics(briefs[0], styles[0], assets)
    singer, notes = _engage_singer(briefs[0], styles[0], lyrics, assets)
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
        Plan(brief=brief, style=styles[i], lyrics=lyrics, singer=singer, score=scores[i], notes=notes)
        for i, brief in enumerate(briefs)
    ]


def _at_depth(style: Style, depth: int) -> Style:
    """The style with as many voices as the model that was ordered stands for."""
    if depth >= 3:
        return style
    harmonies = style.vocal.harmonies if depth == 2 else ()
    adlibs = style.vocal.adlibs if depth == 2 else "none"
    return replace(style, vocal=replace(style.vocal, doubles="none", harmonies=harmonies, adlibs=adlibs))


def _engage_singer(brief: Brief, style: Style, lyrics: Lyrics, assets: Assets) -> tuple[Singer | None, tuple[str, ...]]:
    """The singer, or None for an instrumental; with sentences for the metadata when it is not what was asked for."""
    if not lyrics.sections:
        return None, lyrics.notes
    try:
        singer = choose_singer(brief, style, lyrics.language, assets)
    except NoVoice as missing:
        return None, (*lyrics.notes, str(missing))
    return singer, (*lyrics.notes, singer.fallback) if singer.fallback else lyrics.notes


def _compose(job: tuple[int, Lyrics, Style, Brief, tuple[int, int]]) -> tuple[int, Score]:
    index, lyrics, style, brief, voice_range = job
    score = compose(lyrics, style, _room_for_music(brief), voice_range)
    return index, with_adlibs(score, style, voice_range, brief.rng("adlibs"))


def _room_for_music(brief: Brief) -> Brief:
    """The length asked for is the recording's; its last seconds belong to what rings on after the last bar."""
    wanted_s = None if brief.duration_s is None else brief.duration_s - TAIL_S
    return replace(brief, duration_s=wanted_s, max_duration_s=brief.max_duration_s - TAIL_S)


def _sing(plans: Sequence[Plan], assets: Assets, pool: Pool, report: Report) -> list[SungTake]:
    singer = plans[0].singer
    if singer is None:
        return []
    runtime = choose_runtime()
    takes = plan_takes([plan.score for plan in plans], singer, plans[0].style)
    sung: list[SungTake] = []
    jobs = [(take, singer, assets, runtime) for take in sorted(takes, key=lambda take: -take.cost_s)]
    for take in pool.imap_unordered(_sing_one, jobs):
        sung.append(take)
        report(0.08 + 0.47 * len(sung) / len(takes), "voice")
    return sung


def _sing_one(job: tuple[Take, Singer, Assets, str]) -> SungTake:
    return sing_take(*job)


def _finish(
    orders: Sequence[FinishOrder],
    assets: Assets,
    pool: Pool,
    report: Report,
    on_clip: Callable[[int, FinishedClip], None],
) -> Rendered:
    report(0.55, "instruments")
    done = Rendered({}, {})
    for index, clip, failure in _finished(orders, assets, pool):
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
