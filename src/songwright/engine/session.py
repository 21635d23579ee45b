"""The recording session: every line is sung, in the order in which listeners need it, and previews are played between.

Lines of the first minute come in the order of the song, so that it can be heard early; the others follow the longest
first, so that no process is left with a long one at the end. Order and previews change nothing in what is sung.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import Any, Protocol, TypeVar

from songwright.engine.material import Assets, Score
from songwright.engine.preview import PlayedStretch, Preview, play_stretch
from songwright.engine.voice import Singer, SungTake, Take, sing_take

Item = TypeVar("Item")
Result = TypeVar("Result")

EARLY_S = 50.0  #: lines that begin within this time are sung in their order
AHEAD_S = 8.0  #: how much more than has been listened to is played while there are lines to sing
_FINISHING_SHARE = 0.8  #: how long finishing takes at most, of the time up to then ...
_FINISHING_RATE = 0.1  #: ... and at least, of the length of the song


class Workers(Protocol):
    """Processes that work on what is submitted, in order."""

    size: int

    def submit(self, func: Callable[[Item], Result], item: Item, /) -> Future[Result]:
        """The result to come."""
        ...


class Session:
    """One task's recording session."""

    def __init__(
        self,
        workers: Workers,
        previews: Sequence[Preview],
        lengths_s: Sequence[float],
        report: Callable[[float], None],
        on_audio: Callable[[Preview], None],
    ) -> None:
        self._workers = workers
        self._previews = previews
        self._lengths_s = lengths_s
        self._report = report
        self._on_audio = on_audio
        self._began_s = time.monotonic()
        self._left: list[tuple[Take, Callable[[], Future[SungTake]]]] = []
        self._missing: frozenset[tuple[int, int]] = frozenset()
        self._sung: list[SungTake] = []
        self._under_way: dict[Future[Any], Callable[[Any], None]] = {}

    def record(
        self, takes: Sequence[Take], scores: Sequence[Score], singer: Singer | None, assets: Assets, runtime: str
    ) -> list[SungTake]:
        """Sing every take, and play previews until they last as long as finishing will take.

        Raises whatever a take raises.
        """
        if singer is not None:
            ordered = in_order_of_need(takes, scores)
            self._left = [(t, partial(self._workers.submit, _sing_one, (t, singer, assets, runtime))) for t in ordered]
        self._missing = frozenset().union(*map(uses_of, takes))
        try:
            while self._keep_busy(len(takes)):
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    self._under_way.pop(future)(future.result())
        finally:
            for future in self._under_way:
                future.cancel()
        return self._sung

    def _keep_busy(self, count: int) -> bool:
        """Submit what is to be done next, one job more than there are processes; False when nothing is left."""
        while len(self._under_way) <= self._workers.size:
            preview = next(filter(self._wants_more, self._previews), None)
            if preview is not None:
                future = self._workers.submit(play_stretch, preview.next_job(self._sung))
                self._under_way[future] = partial(self._played, preview)
            elif self._left:
                take, submit = self._left.pop(0)
                self._under_way[submit()] = partial(self._recorded, take, count)
            else:
                break
        return bool(self._under_way)

    def _recorded(self, take: Take, count: int, sung: SungTake) -> None:
        self._sung.append(sung)
        self._missing -= uses_of(take)
        self._report(len(self._sung) / count)

    def _played(self, preview: Preview, stretch: PlayedStretch | None) -> None:
        if preview.take_in(stretch):
            self._on_audio(preview)

    def _wants_more(self, preview: Preview) -> bool:
        if not preview.is_ready(self._missing):
            return False
        if preview.started_s is None:
            return True
        now_s = time.monotonic()
        ahead_s = preview.end_s - (now_s - preview.started_s)
        return ahead_s < (AHEAD_S if self._missing else self._finishing_s(now_s))

    def _finishing_s(self, now_s: float) -> float:
        """About how long it will be until a finished recording is there, judged by how long it has been up to now."""
        return max(_FINISHING_SHARE * (now_s - self._began_s), _FINISHING_RATE * max(self._lengths_s))


def uses_of(take: Take) -> frozenset[tuple[int, int]]:
    """Every (clip, line) in which the take is heard."""
    return frozenset(use for melody in take.melodies for use in melody.uses)


def in_order_of_need(takes: Sequence[Take], scores: Sequence[Score]) -> list[Take]:
    """Takes that are heard early by their time, then the others by their length."""

    def need(take: Take) -> tuple[float, float]:
        first_s = min(_start_s(scores[clip], line) for clip, line in uses_of(take))
        return min(first_s, EARLY_S), -take.cost_s

    return sorted(takes, key=need)


def _start_s(score: Score, line: int) -> float:
    return score.seconds(min(note.start_beats for note in score.lines[line].notes))


def _sing_one(job: tuple[Take, Singer, Assets, str]) -> SungTake:
    return sing_take(*job)
