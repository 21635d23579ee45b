"""The render's own processes: one job's heavy steps on both cores.

Unlike `multiprocessing.Pool`, which waits for ever for the result of a worker that was killed, this pool notices: it
raises `BrokenProcessPool`, and the child that leads the render gives itself up to be replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class RenderPool:
    """`size` processes that stay warm between jobs."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._executor = ProcessPoolExecutor(size, mp_context=get_context("spawn"))

    def submit(self, func: Callable[[Item], Result], item: Item, /) -> Future[Result]:
        """The result to come; it raises BrokenProcessPool when a process died, else whatever `func` raised."""
        return self._executor.submit(func, item)

    def imap_unordered(self, func: Callable[[Item], Result], iterable: Iterable[Item]) -> Iterator[Result]:
        """Results as they come. Raises BrokenProcessPool when a process died, and whatever `func` raised."""
        waiting = {self._executor.submit(func, item) for item in iterable}
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes; for programs that end themselves."""
        self._executor.shutdown()
